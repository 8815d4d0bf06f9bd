// Chance for tests: the same draws for a seed on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace test {

/// Draws the same on every platform: std::uniform_int_distribution would not.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    int between(int lowest, int highest) {
        return lowest + static_cast<int>(engine_() % static_cast<std::uint64_t>(highest - lowest + 1));
    }
    bool chance(int percent) { return between(1, 100) <= percent; }
    template <typename T>
    T one_of(const std::vector<T>& choices) {
        return choices[static_cast<std::size_t>(between(0, static_cast<int>(choices.size()) - 1))];
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace test
