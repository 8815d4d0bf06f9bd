// OutputRegister: the output register of one processing element.
//
// Models: one 32-bit accumulator for each output of each column block that the processing element has arrays
// of; in halves, so that a window may begin while the sums of the one before are read: as many as windows are
// between their first plane and the tile's reading, of which the loosely timed style needs one. Counts an
// access for every read whose codes are added. Takes no time of its own: its stage is the processing
// element's. Called by ShiftAdd, which adds, and by ProcessingElement, through whose socket the tile reads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_vector.h"
#include "cost/actions.h"

namespace sliver::model {

class OutputRegister {
  public:
    /// `outputs`: of each column block.
    explicit OutputRegister(const std::vector<int>& outputs) {
        for (const int count : outputs) first_.push_back(first_.back() + static_cast<std::size_t>(count));
        halves_.emplace_back(first_.back(), 0);
    }

    /// A read is added to a column block.
    void access() { ++accesses_; }
    /// Those of column block `block`: as many as outputs().
    [[nodiscard]] std::int32_t* accumulators(std::size_t half, std::size_t block) {
        return halves_[half].data() + first_[block];
    }
    [[nodiscard]] const std::int32_t* read(std::size_t half, std::size_t block) const {
        return halves_[half].data() + first_[block];
    }
    [[nodiscard]] std::size_t outputs(std::size_t block) const { return first_[block + 1] - first_[block]; }
    /// A new window begins.
    void clear(std::size_t half) {
        if (halves_.size() <= half) halves_.resize(half + 1, halves_[0]);
        std::fill(halves_[half].begin(), halves_[half].end(), 0);
    }
    void reset() {
        for (std::size_t half = 0; half < halves_.size(); ++half) clear(half);
        accesses_ = 0;
    }
    /// Appends the addresses of the first half's accumulators, for ProcessingElement::fetch_ahead().
    void list_hot(std::vector<const void*>& addresses) const {
        for (std::size_t at = 0; at < halves_[0].size(); at += kCacheLine / sizeof(std::int32_t))
            addresses.push_back(halves_[0].data() + at);
    }
    void count(cost::Actions& actions) const { actions.output_register_accesses += accesses_; }

  private:
    std::vector<std::size_t> first_{0};  ///< accumulator of each column block; their number
    std::vector<AlignedVector<std::int32_t>> halves_;
    std::uint64_t accesses_ = 0;
};

}  // namespace sliver::model
