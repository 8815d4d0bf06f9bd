#include <algorithm>
#include <array>

#include "base/error.h"
#include "mapping/layer_mapping.h"

namespace sliver::mapping {
namespace {

constexpr int kMaxAdcBits = 12;

constexpr std::size_t kLanesPerWord = 4;
constexpr int kLaneBits = 16;  // 512 rows of 15 levels need 13 bits
constexpr std::size_t kMaxSlices = 9;

/// The levels of all slices of one stored code, 16 bits each, so that a column's sums over all slices add up
/// together.
using SliceLanes = std::array<std::uint64_t, (kMaxSlices + kLanesPerWord - 1) / kLanesPerWord>;

std::uint32_t lane(const SliceLanes& lanes, std::size_t slice) {
    return static_cast<std::uint32_t>(lanes[slice / kLanesPerWord] >> (kLaneBits * (slice % kLanesPerWord)) &
                                      0xFFFFU);
}

/// Lanes by weight code, for the array of one sign: entry [code + 2^weight_bits].
std::vector<SliceLanes> lane_table(const CellFormat& format, Sign sign) {
    const int largest = 1 << format.weight_bits;
    std::vector<SliceLanes> table(static_cast<std::size_t>(2 * largest));
    for (int code = 1 - largest; code < largest; ++code)
        for (std::size_t slice = 0; slice < static_cast<std::size_t>(format.slices()); ++slice)
            table[static_cast<std::size_t>(code + largest)][slice / kLanesPerWord] |=
                static_cast<std::uint64_t>(cell_level(format, code, SliceIndex(slice), sign))
                << (kLaneBits * (slice % kLanesPerWord));
    return table;
}

/// Largest sum of levels over the rows of one block, by slice, over all columns and signs of a layer.
std::vector<std::uint32_t> largest_level_sums(const network::MatrixWeights& weights, const CellFormat& format,
                                              const LayerMapping& layer) {
    const std::size_t slices = static_cast<std::size_t>(format.slices());
    const std::vector<bool> flipped = flipped_columns(weights, format, layer.rows_per_block);
    const int bias = 1 << format.weight_bits;
    std::vector<std::uint32_t> largest(slices, 0);
    for (int sign = 0; sign < format.signs(); ++sign) {
        const std::vector<SliceLanes> table = lane_table(format, sign == 0 ? Sign::positive : Sign::negative);
        for (int output = 0; output < weights.outputs; ++output) {
            const std::int16_t* codes =
                &weights.codes[static_cast<std::size_t>(output) * static_cast<std::size_t>(weights.rows)];
            for (int block = 0; block < layer.row_blocks; ++block) {
                const int first = block * layer.rows_per_block;
                const int rows = layer.block_rows(RowBlockIndex(static_cast<std::size_t>(block)));
                SliceLanes sums{};
                for (int row = first; row < first + rows; ++row) {
                    const SliceLanes& levels = table[static_cast<std::size_t>(codes[row] + bias)];
                    for (std::size_t word = 0; word < sums.size(); ++word) sums[word] += levels[word];
                }
                for (std::size_t slice = 0; slice < slices; ++slice) {
                    const std::size_t flag = (static_cast<std::size_t>(block) * slices + slice) *
                                                 static_cast<std::size_t>(weights.outputs) +
                                             static_cast<std::size_t>(output);
                    const std::uint32_t sum = lane(sums, slice);
                    const std::uint32_t range = static_cast<std::uint32_t>(rows * format.highest_level());
                    largest[slice] = std::max(largest[slice], flipped[flag] ? range - sum : sum);
                }
            }
        }
    }
    return largest;
}

AdcWidths fixed_widths(const NetworkMapping& mapping, const config::AdcConfig& adc) {
    const std::size_t slices = static_cast<std::size_t>(mapping.format.slices());
    for (const auto& entry : adc.layer_widths) {
        const bool known = std::any_of(mapping.layers.begin(), mapping.layers.end(),
                                       [&](const LayerMapping& layer) { return layer.name == entry.first; });
        if (known) continue;
        std::string names;
        for (const LayerMapping& layer : mapping.layers) names += (names.empty() ? "" : ", ") + layer.name;
        refuse("adc.layer_widths: the network has no layer '{}'; its layers are {}", entry.first, names);
    }
    AdcWidths widths;
    for (const LayerMapping& layer : mapping.layers) {
        const auto named = adc.layer_widths.find(layer.name);
        std::vector<int> bits = named != adc.layer_widths.end() ? named->second : adc.slice_widths;
        if (bits.empty()) bits.assign(slices, adc.bits);
        if (bits.size() != slices)
            refuse("adc widths of layer {}: {} given, the chip has {} slices (least significant first)",
                   layer.name, bits.size(), slices);
        widths.bits.push_back(std::move(bits));
    }
    return widths;
}

}  // namespace

int lossless_bits(std::uint32_t sum) {
    int bits = 1;
    while (sum >> bits != 0) ++bits;
    return bits;
}

std::vector<std::vector<std::uint32_t>> worst_case_sums(const network::QuantisedNetwork& network,
                                                        const NetworkMapping& mapping, int dac_bits) {
    std::vector<std::vector<std::uint32_t>> sums;
    for (const LayerMapping& layer : mapping.layers) {
        const network::Node& node = network.nodes[layer.node];
        int digit_bits = 0;
        for (const InputPlane& plane : layer.planes) digit_bits = std::max(digit_bits, plane.bits);
        digit_bits = std::min(digit_bits, dac_bits);
        std::vector<std::uint32_t> largest = largest_level_sums(node.weights, mapping.format, layer);
        for (std::uint32_t& sum : largest) sum *= (1U << digit_bits) - 1U;
        sums.push_back(std::move(largest));
    }
    return sums;
}

AdcWidths allocate_from_sums(const std::vector<std::vector<std::uint32_t>>& sums, int margin) {
    AdcWidths widths;
    for (const auto& layer : sums) {
        std::vector<int> bits;
        for (const std::uint32_t sum : layer) {
            bits.push_back(lossless_bits(sum + static_cast<std::uint32_t>(margin)));
            if (bits.back() > kMaxAdcBits)
                refuse(
                    "adc.policy: a column sum of {} needs {} bits, and converters end at {}; use fewer rows, "
                    "cell bits "
                    "or DAC bits",
                    sum + static_cast<std::uint32_t>(margin), bits.back(), kMaxAdcBits);
        }
        widths.bits.push_back(std::move(bits));
    }
    return widths;
}

AdcWidths allocate_adcs(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                        const config::ChipConfig& chip) {
    switch (chip.adc.policy) {
        case config::AdcPolicy::fixed:
            return fixed_widths(mapping, chip.adc);
        case config::AdcPolicy::worst_case:
            return allocate_from_sums(worst_case_sums(network, mapping, chip.inputs.dac_bits), 0);
        case config::AdcPolicy::profiled:
            break;
    }
    refuse("adc.policy: profiled widths come from column sums seen on images; none were given");
}

}  // namespace sliver::mapping
