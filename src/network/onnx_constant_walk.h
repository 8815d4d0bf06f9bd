// Walking through a constant along other extents than its own: transposed or broadcast. Internal to the files
// that compute with constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "network/onnx_constant_inputs.h"

namespace sliver::network {

/// Walks a tensor of extents `dims` in order, with a step of its own along each axis through another tensor.
class Walk {
  public:
    Walk(const Dims& dims, std::vector<std::size_t> steps)
        : dims_(dims), steps_(std::move(steps)), at_(dims.size(), 0) {}
    /// Where the walk is in the other tensor; goes on to the next place.
    std::size_t next() {
        const std::size_t here = index_;
        for (std::size_t i = dims_.size(); i-- > 0;) {
            index_ += steps_[i];
            if (++at_[i] < static_cast<std::size_t>(dims_[i])) break;
            index_ -= steps_[i] * at_[i];
            at_[i] = 0;
        }
        return here;
    }

  private:
    const Dims& dims_;
    std::vector<std::size_t> steps_, at_;
    std::size_t index_ = 0;
};

}  // namespace sliver::network
