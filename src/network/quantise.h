// Float network to integers: the arithmetic contract of quantised_network.h, and where each exponent comes
// from.
//
//   weights      S = ceil(log2 max|w|) of the layer (max at least 1e-5), exponent S - weight_bits. Where the
//   file dequantises
//                the weights with a power-of-two step and 8 weight bits are wanted, that step is kept. Else
//                it is raised where a bias would not fit its 32 bits (a pruned layer, an input that
//                calibration saw as zero): to ceil(log2 max|bias|) - 30 - input exponent.
//   activations  a step that the file fixes (QuantizeLinear) comes first: a power of two is taken as it is;
//   another step s
//                stands for the range s * 255 (uint8) or s * 128 (int8). Otherwise the calibrated range. From
//                a range: S = ceil(log2 max|x|) (at least 1e-5), exponent S - bits where unsigned, S - bits +
//                1 where signed. Fewer input bits than the file's 8 raise the exponent: the range stays.
//   sign         unsigned behind ReLU, for the sum and the pooling of unsigned maps and for an input that was
//   never negative
//                in calibration; what the file fixes comes first.
//   kept         max pool and flatten keep the format of their input; average pool and ReLU its exponent,
//   unless the file
//                fixes their step.
//   output       a matrix or an addition leaves its accumulators: 32 bits, signed; any other node its codes.
#pragma once

#include "config/chip_config.h"
#include "network/activation_ranges.h"
#include "network/float_network.h"
#include "network/quantised_network.h"

namespace sliver::network {

struct QuantiseOptions {
    int weight_bits = 8;                                    ///< magnitude bits, 1..8
    int input_bits = 8;                                     ///< 1..8
    config::Rounding rounding = config::Rounding::nearest;  ///< of weights; floor: towards zero
};

/// InputError where a range is missing, a bias does not fit 32 bits at a step that the file fixes, or a
/// layer's accumulator could leave 32 bits.
[[nodiscard]] QuantisedNetwork quantise(const FloatNetwork& network, const QuantiseOptions& options,
                                        const ActivationRanges& ranges);

/// S: the smallest integer with 2^S >= max(maximum, 1e-5). Exact.
[[nodiscard]] int range_exponent(double maximum);

/// Largest magnitude the accumulator of `node` (bias included) can take when its input has `input` format.
[[nodiscard]] std::int64_t accumulator_bound(const Node& node, const Format& input);

}  // namespace sliver::network
