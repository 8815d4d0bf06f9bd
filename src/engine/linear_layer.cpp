#include "engine/linear_layer.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/error.h"
#include "base/size.h"

namespace sliver::engine {
namespace {

/// A block's weights stay in the second-level cache while the windows of a tile pass: 256 KiB.
constexpr int kBlockOutputs = 128;

/// W' of a layer, [row][output].
std::vector<double> merged(const network::Node& node, const mapping::LayerMapping& layer,
                           const std::vector<bitline::AnalogArray>& arrays) {
    const mapping::CellFormat& format = layer.format;
    std::vector<double> weights(size(layer.rows) * size(layer.outputs), 0.0);
    const std::vector<bool> flipped = mapping::flipped_columns(node.weights, layer);
    for (std::size_t index = 0; index < arrays.size(); ++index) {
        const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(index)];
        const bitline::AnalogArray& array = arrays[index];
        if (!array.variances.empty())
            refuse("layer {}: read noise (cells.read_noise) is of single reads, linear converters have none",
                   layer.name);
        const double sign = slot.sign == mapping::Sign::negative ? -1 : 1;
        const mapping::ColumnRun* run = slot.runs.data();
        for (int column = 0; column < slot.used_columns(); ++column) {
            if (column == run->end()) ++run;
            if (array.offset[size(column)] != 0)
                refuse("layer {}: converters with an offset (adc.offset_sigma) are not linear", layer.name);
            const int output = slot.output(column);
            const bool flip = flipped[mapping::column_flag(layer, slot.row_block, run->slice, output)];
            const double weight = std::ldexp(sign, layer.shift(run->slice));
            const double gain = static_cast<double>(array.gain[size(column)]);
            for (int row = 0; row < slot.rows; ++row) {
                const double level =
                    gain * static_cast<double>(array.levels[size(row * array.stride + column)]);
                double& total = weights[size(slot.matrix_row(row)) * size(layer.outputs) + size(output)];
                total += weight * (flip ? format.highest_level() - level : level);
                if (run->slice == 0) total -= format.bias();  // by the unit column, once
            }
        }
    }
    return weights;
}

}  // namespace

LinearLayer::LinearLayer(const network::Node& node, const network::Format& input,
                         const mapping::LayerMapping& layer, const std::vector<bitline::AnalogArray>& arrays,
                         InstructionSet set)
    : kernels_(bitline::kernels(set)),
      sums_(bitline::analog_sums(set)),
      outputs_(layer.outputs),
      magnitude_bits_(input.is_signed ? input.bits - 1 : input.bits),
      signed_(input.is_signed) {
    if (arrays.size() != layer.crossbars.size())
        throw std::invalid_argument("LinearLayer: one array a crossbar");
    const std::vector<double> weights = merged(node, layer, arrays);
    for (int row = 0; row < layer.rows; row += bitline::kMostAnalogRows) {
        const int rows = std::min(bitline::kMostAnalogRows, layer.rows - row);
        for (int output = 0; output < outputs_; output += kBlockOutputs) {
            const int columns = std::min(kBlockOutputs, outputs_ - output);
            std::vector<float> own;
            for (int r = row; r < row + rows; ++r)
                for (int c = output; c < output + columns; ++c)
                    own.push_back(static_cast<float>(weights[size(r) * size(outputs_) + size(c)]));
            blocks_.push_back({row, output, bitline::AnalogArray(rows, columns, own)});
        }
    }
}

void LinearLayer::run(const std::int8_t* codes, std::size_t row_stride, int windows, LinearScratch& scratch,
                      std::vector<std::int32_t>& accumulators) const {
    const std::size_t width = size(outputs_);
    scratch.totals.assign(size(windows) * width, 0.0);
    const int sign_bits = signed_ ? 1 : 0;
    int packed_row = -1;
    for (const Block& block : blocks_) {
        const int words = (block.weights.rows + 63) / 64;
        const std::size_t places = size(magnitude_bits_ + sign_bits) * size(words);
        if (block.first_row != packed_row) {
            scratch.digits.assign(size(windows) * places, 0);
            for (int window = 0; window < windows; ++window) {
                const std::int8_t* rows = codes + size(window) * row_stride + block.first_row;
                std::uint64_t* digits = &scratch.digits[size(window) * places];
                if (magnitude_bits_ > 0)
                    kernels_.pack_digits(rows, block.weights.rows, words, 0, magnitude_bits_, digits);
                if (signed_)
                    kernels_.pack_digits(rows, block.weights.rows, words, magnitude_bits_, 1,
                                         digits + size(magnitude_bits_) * size(words));
            }
        }
        packed_row = block.first_row;
        scratch.sums.resize(size(block.weights.stride));
        const double sign_weight = std::ldexp(-1.0, magnitude_bits_);
        for (int window = 0; window < windows; ++window) {
            double* totals = &scratch.totals[size(window) * width + size(block.first_output)];
            const std::uint64_t* digits = &scratch.digits[size(window) * places];
            const auto add = [&](const std::uint64_t* of, int bits, double weight) {
                if (std::all_of(of, of + size(bits) * size(words), [](std::uint64_t w) { return w == 0; }))
                    return;
                sums_(block.weights, of, bits, scratch.sums.data());
                for (int column = 0; column < block.weights.columns; ++column)
                    totals[column] += weight * static_cast<double>(scratch.sums[size(column)]);
            };
            add(digits, magnitude_bits_, 1.0);
            if (signed_) add(digits + size(magnitude_bits_) * size(words), 1, sign_weight);
        }
    }
    accumulators.resize(scratch.totals.size());
    // Beyond the accumulator's range only devices could bring a sum: it saturates.
    constexpr double kMost = 2147483647.0;
    for (std::size_t i = 0; i < accumulators.size(); ++i)
        accumulators[i] =
            static_cast<std::int32_t>(std::floor(std::clamp(scratch.totals[i] + 0.5, -kMost, kMost)));
}

}  // namespace sliver::engine
