// Float network to integers: the arithmetic contract of quantised_network.h, and where each exponent comes
// from.
//
//   weights      codes and steps that the file fixes are kept where the chip's weights have the bits for them
//                (eight bits of general steps also on seven: -128 is cut to -127). Else S = ceil(log2 max|w|)
//                of the layer, exponent S - weight_bits. It is raised where a bias would not fit its 32 bits
//                (a pruned layer, an input that calibration saw as zero): to ceil(log2 max|bias|) - 30 -
//                input exponent.
//   activations  step, zero point and limits that the file fixes (QuantizeLinear) come first. Otherwise the
//                calibrated range: S = ceil(log2 max|x|), exponent S - bits where unsigned, S - bits + 1
//                where signed. Fewer input bits than the file's codes have make the step coarser: the range
//                stays.
//   nothing      a range or a layer of zeros has S = -16.
//   sign         unsigned behind ReLU, for the sum and the pooling of unsigned maps and for what was never
//                negative in calibration (input, tables); what the file fixes comes first.
//   kept         max pool, flatten and gather keep the format of their input; average pool and ReLU its step,
//                unless the file fixes theirs.
//   output       a matrix or an addition leaves its accumulators: 32 bits, signed; an average pool the sums
//   of
//                its window, and the matrix or addition that only it reads its accumulators too. Any other
//                node its codes, and so does every node whose step the file fixes.
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

/// InputError where a range is missing, or a layer's accumulator or its biases could leave 32 bits.
[[nodiscard]] QuantisedNetwork quantise(const FloatNetwork& network, const QuantiseOptions& options,
                                        const ActivationRanges& ranges);

/// S: the smallest integer with 2^S >= maximum; -16 for 0. Exact.
[[nodiscard]] int range_exponent(double maximum);

/// Largest magnitude the accumulator of `node` (bias included) can take when its input has `input` format.
[[nodiscard]] std::int64_t accumulator_bound(const Node& node, const Format& input);
/// The same of one output.
[[nodiscard]] std::int64_t accumulator_bound(const MatrixWeights& weights, const Format& input, int output);

}  // namespace sliver::network
