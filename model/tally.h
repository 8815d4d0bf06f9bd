// Tally: the sum of what the parts of a chip have counted, kept up to date by those that have worked.
//
// A part says changed() whenever it may have counted something; total() asks only the parts that have said so
// since the last call. So a look at the counters costs what has happened since the last look, not what the
// chip is large: software may poll them. Plain C++, no time. Filled by Tile, read by Chip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "cost/actions.h"

namespace sliver::model {

class Tally {
  public:
    /// Adds what the part has done since the beginning.
    using Count = std::function<void(cost::Actions&)>;

    /// Before the simulation. Returns the part's number.
    std::size_t add(Count count) {
        parts_.push_back({std::move(count), {}, false});
        return parts_.size() - 1;
    }
    void changed(std::size_t part) {
        if (std::exchange(parts_[part].is_changed, true)) return;
        changed_.push_back(part);
    }
    [[nodiscard]] const cost::Actions& total() {
        for (const std::size_t number : changed_) {
            Part& part = parts_[number];
            cost::Actions now;
            part.count(now);
            total_ += now;
            total_ -= part.counted;
            part.counted = now;
            part.is_changed = false;
        }
        counts_ += changed_.size();
        changed_.clear();
        return total_;
    }
    /// How often a part was asked.
    [[nodiscard]] std::uint64_t counts() const { return counts_; }

  private:
    struct Part {
        Count count;
        cost::Actions counted;  ///< as it is in total_
        bool is_changed = false;
    };
    std::vector<Part> parts_;
    std::vector<std::size_t> changed_;
    cost::Actions total_;
    std::uint64_t counts_ = 0;
};

}  // namespace sliver::model
