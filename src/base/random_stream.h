// Random numbers that belong to a place, not to a sequence: a stream is named by a seed and by what it is for
// (layer, crossbar, purpose), so that neither the order in which crossbars are programmed nor the number of
// threads can change a cell.
//
// splitmix64 (Steele, Lea and Flood 2014): a counter through a mixing function; good for simulation, not for
// secrets.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace sliver {

class RandomStream {
  public:
    RandomStream(std::uint64_t seed, std::initializer_list<std::uint64_t> place);

    std::uint64_t next();
    double uniform();   ///< in [0, 1), multiples of 2^-53
    double gaussian();  ///< mean 0, standard deviation 1; Marsaglia's polar method

  private:
    std::uint64_t state_;
    double spare_ = 0;
    bool has_spare_ = false;
};

}  // namespace sliver
