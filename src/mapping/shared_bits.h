// SWIS, shared weight bit sparsity (arXiv 2103.01308), on crossbars: the weights of a group get few bit
// positions in common, chosen so that rounding to them costs least.
//
// A group is what the columns of an array share: the weights of one row block, output and sign. Its digits
// are at most N windows of `cell_bits` bits at any positions (SWIS), or one window behind the other (SWIS-C);
// its mask is their union, and a magnitude can become any number whose bits lie in the mask, the nearest, of
// equal ones the larger. The cost of a mask is sum e^2 + a (sum e)^2 over the group's errors e: a = 0 (MSE),
// or a = 1 (MSE++), which keeps the mean. All masks are tried, on a histogram of the group's magnitudes, so
// the choice is exact. Scheduling gives each group its own N: sum of costs + lambda * sum of N is smallest,
// lambda by bisection so that a layer's mean N does not pass the target. The mean counts every group, those
// without weights too. What the digits cost in columns is the mapping's business (weights.digits: shared,
// digits.h). Plain integers, no network file: called by app/decompose.h.
#pragma once

#include <cstdint>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::mapping {

struct SharedBitsOptions {
    int cell_bits = 2;         ///< width of a window, 1..4
    int group_rows = 128;      ///< of a row block
    int most_digits = 0;       ///< windows a group may have; 0: as many as the bits take
    double average = 0;        ///< mean windows a group of each layer; 0: `most_digits` for every group
    bool consecutive = false;  ///< SWIS-C
    bool keeps_mean = true;    ///< MSE++
    int threads = 1;
};

/// Windows and masks of `bits` bits. Made once for all groups.
class WindowMasks {
  public:
    WindowMasks(int bits, int cell_bits, bool consecutive);
    /// Windows that the mask takes at least; -1: it is no union of windows.
    [[nodiscard]] int windows(std::uint32_t mask) const { return windows_[mask]; }
    /// The number within `mask` that is nearest to `magnitude`, of equal ones the larger.
    [[nodiscard]] int nearest(std::uint32_t mask, int magnitude) const {
        return nearest_[mask * masks_ + static_cast<std::uint32_t>(magnitude)];
    }
    [[nodiscard]] std::uint32_t masks() const { return masks_; }
    [[nodiscard]] int most_windows() const { return most_windows_; }

  private:
    std::uint32_t masks_;
    int most_windows_ = 0;
    std::vector<std::int8_t> windows_;
    std::vector<std::uint8_t> nearest_;
};

/// The cheapest mask for each number of windows: entry N is that of at most N; of equally cheap ones that of
/// fewer windows, then the smaller mask.
struct GroupChoice {
    std::uint32_t mask = 0;
    std::int64_t cost = 0;
};
std::vector<GroupChoice> best_masks(const std::vector<int>& magnitudes, const WindowMasks& masks,
                                    bool keeps_mean);

/// One layer's codes on shared bits.
struct SharedBits {
    std::vector<std::int16_t> codes;  ///< as MatrixWeights::codes
    std::vector<std::uint8_t> masks;  ///< [(row_block * 2 + sign) * outputs + output], sign 1: negative
    int row_blocks = 0;
    double average = 0;          ///< windows a group
    double squared_error = 0;    ///< sum over the weights, in units of the code
    double squared_weights = 0;  ///< likewise of the codes themselves
};

/// InputError where `options` asks for more windows than `weights.bits` has room for. Rows of a group of a
/// grouped convolution are cut into row blocks by themselves.
SharedBits share_bits(const network::MatrixWeights& weights, const SharedBitsOptions& options);

}  // namespace sliver::mapping
