#include "mapping/adc_widths.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/error.h"
#include "config/fixed_widths.h"

namespace sliver::mapping {
namespace {

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
std::vector<SliceLanes> lane_table(const CellFormat& format, const std::vector<int>& shifts, Sign sign) {
    const int largest = 1 << format.weight_bits;
    std::vector<SliceLanes> table(static_cast<std::size_t>(2 * largest));
    for (int code = 1 - largest; code < largest; ++code)
        for (std::size_t slice = 0; slice < shifts.size(); ++slice)
            table[static_cast<std::size_t>(code + largest)][slice / kLanesPerWord] |=
                static_cast<std::uint64_t>(cell_level(format, code, shifts[slice], sign))
                << (kLaneBits * (slice % kLanesPerWord));
    return table;
}

/// Keeps the larger sum; of equal ones the first by row block, then output.
void keep_largest(const ColumnExtreme& found, ColumnExtreme& largest) {
    const bool earlier = found.row_block < largest.row_block ||
                         (found.row_block == largest.row_block && found.output < largest.output);
    if (found.sum > largest.sum || (found.sum == largest.sum && found.sum != 0 && earlier)) largest = found;
}

/// Largest sum of levels over the rows of an array, by slice and sign, over all columns of a layer.
std::vector<std::array<ColumnExtreme, 2>> largest_level_sums(const network::MatrixWeights& weights,
                                                             const LayerMapping& layer) {
    const CellFormat& format = layer.format;
    const std::size_t slices = layer.shifts.size();
    const std::vector<bool> flipped = flipped_columns(weights, layer);
    const int bias = 1 << format.weight_bits;
    const std::array<std::vector<SliceLanes>, 2> tables = {lane_table(format, layer.shifts, Sign::positive),
                                                           lane_table(format, layer.shifts, Sign::negative)};
    std::vector<std::array<ColumnExtreme, 2>> largest(slices);
    std::vector<std::int16_t> room;
    // All slices of an output are summed together, at the first array that has the output in the row block.
    std::vector<bool> summed(static_cast<std::size_t>(layer.row_blocks * format.signs()) *
                             static_cast<std::size_t>(layer.outputs));
    for (const CrossbarSlot& slot : layer.crossbars) {
        const std::size_t sign = slot.sign == Sign::negative ? 1 : 0;
        const std::vector<SliceLanes>& table = tables[sign];
        const std::uint32_t range = static_cast<std::uint32_t>(slot.rows * format.highest_level());
        for (int column = 0; column < slot.outputs; ++column) {
            const int output = slot.output(column);
            const std::size_t place =
                (slot.row_block.value() * static_cast<std::size_t>(format.signs()) + sign) *
                    static_cast<std::size_t>(layer.outputs) +
                static_cast<std::size_t>(output);
            if (summed[place]) continue;
            summed[place] = true;
            const std::int16_t* codes = codes_on(weights, slot, output, room);
            SliceLanes sums{};
            for (int row = 0; row < slot.rows; ++row) {
                const SliceLanes& levels = table[static_cast<std::size_t>(codes[row] + bias)];
                for (std::size_t word = 0; word < sums.size(); ++word) sums[word] += levels[word];
            }
            for (std::size_t slice = 0; slice < slices; ++slice) {
                const int number = static_cast<int>(slice);
                if (!layer.stores(slot.row_block, number, slot.sign, output)) continue;
                const bool flip = flipped[column_flag(layer, slot.row_block, number, output)];
                const std::uint32_t sum = flip ? range - lane(sums, slice) : lane(sums, slice);
                keep_largest({sum, slot.row_block, output}, largest[slice][sign]);
            }
        }
    }
    return largest;
}

using LayerTable = std::map<std::string, std::vector<int>>;

void check_layer_names(const NetworkMapping& mapping, const char* key, const LayerTable& table) {
    for (const auto& entry : table) {
        const bool known = std::any_of(mapping.layers.begin(), mapping.layers.end(),
                                       [&](const LayerMapping& layer) { return layer.name == entry.first; });
        if (known) continue;
        std::string names;
        for (const LayerMapping& layer : mapping.layers) names += (names.empty() ? "" : ", ") + layer.name;
        refuse("{}: the network has no layer '{}'; its layers are {}", key, entry.first, names);
    }
}

/// The layer's own entry, else the one for all layers, else `otherwise` for each slice. The one for all has
/// entries for the chip's weight bits: a layer of fewer slices takes those of the lowest.
std::vector<int> by_slice(const LayerMapping& layer, std::size_t slices, const LayerTable& table,
                          const std::vector<int>& all_layers, int otherwise) {
    const auto named = table.find(layer.name);
    std::vector<int> values = named != table.end() ? named->second : all_layers;
    if (values.empty()) values.assign(slices, otherwise);
    if (named == table.end() && values.size() > slices) values.resize(slices);
    if (values.size() != slices)
        refuse("adc widths of layer {}: {} given, its weights have {} slices (least significant first)",
               layer.name, values.size(), slices);
    return values;
}

AdcWidths fixed_widths(const NetworkMapping& mapping, const config::AdcConfig& adc) {
    check_layer_names(mapping, "adc.layer_widths", adc.layer_widths);
    check_layer_names(mapping, "adc.negative_layer_widths", adc.negative_layer_widths);
    check_layer_names(mapping, "adc.layer_drops", adc.layer_drops);
    const bool drops = !adc.slice_drops.empty() || !adc.layer_drops.empty();
    AdcWidths widths;
    for (const LayerMapping& layer : mapping.layers) {
        const std::size_t slices = layer.shifts.size();
        widths.bits.push_back(by_slice(layer, slices, adc.layer_widths, adc.slice_widths, adc.bits));
        if (!adc.negative_layer_widths.empty())
            widths.negative_bits.push_back(
                by_slice(layer, slices, adc.negative_layer_widths, widths.bits.back(), adc.bits));
        if (drops) widths.drops.push_back(by_slice(layer, slices, adc.layer_drops, adc.slice_drops, 0));
    }
    return widths;
}

ByColumnGroup<std::uint32_t> sums_of(const ByColumnGroup<ColumnExtreme>& columns) {
    ByColumnGroup<std::uint32_t> sums;
    for (const auto& layer : columns) {
        sums.emplace_back();
        for (const auto& slice : layer) sums.back().push_back({slice[0].sum, slice[1].sum});
    }
    return sums;
}

/// Smallest sum that at least `percent` % of the counted conversions do not pass.
std::uint32_t percentile_sum(const std::vector<std::uint64_t>& counts, double percent) {
    std::uint64_t total = 0;
    for (const std::uint64_t count : counts) total += count;
    const double wanted = percent / 100 * static_cast<double>(total);
    std::uint64_t held = 0;
    for (std::size_t sum = 0; sum < counts.size(); ++sum) {
        held += counts[sum];
        if (static_cast<double>(held) >= wanted) return static_cast<std::uint32_t>(sum);
    }
    return counts.empty() ? 0 : static_cast<std::uint32_t>(counts.size() - 1);
}

}  // namespace

std::size_t sharing_group(config::AdcGranularity granularity, std::size_t layer, std::size_t slice,
                          std::size_t sign) {
    constexpr std::size_t kSigns = 2;
    switch (granularity) {
        case config::AdcGranularity::chip:
            return 0;
        case config::AdcGranularity::slice:
            return slice;
        case config::AdcGranularity::layer_slice:
            return layer * kMaxSlices + slice;
        case config::AdcGranularity::layer_slice_sign:
            break;
    }
    return (layer * kMaxSlices + slice) * kSigns + sign;
}

bool operator==(const AdcWidths& a, const AdcWidths& b) {
    return a.bits == b.bits && a.negative_bits == b.negative_bits && a.drops == b.drops &&
           a.split_rows == b.split_rows;
}

int lossless_bits(std::uint32_t sum) {
    int bits = 1;
    while (sum >> bits != 0) ++bits;
    return bits;
}

int unit_column_bits(int rows, int parts, int digit_bits) {
    const auto a_read = static_cast<std::uint32_t>((rows + parts - 1) / parts);
    return lossless_bits(a_read * ((1U << static_cast<unsigned>(digit_bits)) - 1U));
}

ByColumnGroup<ColumnExtreme> worst_case_columns(const network::QuantisedNetwork& network,
                                                const NetworkMapping& mapping, int dac_bits) {
    ByColumnGroup<ColumnExtreme> columns;
    for (const LayerMapping& layer : mapping.layers) {
        const network::Node& node = network.nodes[layer.node];
        int digit_bits = 0;
        for (const InputPlane& plane : layer.planes) digit_bits = std::max(digit_bits, plane.bits);
        digit_bits = std::min(digit_bits, dac_bits);
        columns.push_back(largest_level_sums(node.weights, layer));
        for (auto& slice : columns.back())
            for (ColumnExtreme& column : slice) column.sum *= (1U << digit_bits) - 1U;
    }
    return columns;
}

std::vector<std::vector<std::uint32_t>> largest_sums(const ByColumnGroup<ColumnExtreme>& columns) {
    std::vector<std::vector<std::uint32_t>> sums;
    for (const auto& layer : columns) {
        sums.emplace_back();
        for (const auto& slice : layer) sums.back().push_back(std::max(slice[0].sum, slice[1].sum));
    }
    return sums;
}

std::vector<std::vector<std::uint32_t>> worst_case_sums(const network::QuantisedNetwork& network,
                                                        const NetworkMapping& mapping, int dac_bits) {
    return largest_sums(worst_case_columns(network, mapping, dac_bits));
}

AdcWidths allocate_from_sums(const ByColumnGroup<std::uint32_t>& sums, config::AdcGranularity granularity) {
    std::map<std::size_t, std::uint32_t> largest;
    const auto each = [&](auto&& visit) {
        for (std::size_t layer = 0; layer < sums.size(); ++layer)
            for (std::size_t slice = 0; slice < sums[layer].size(); ++slice)
                for (std::size_t sign = 0; sign < 2; ++sign)
                    visit(layer, slice, sign, sharing_group(granularity, layer, slice, sign));
    };
    each([&](std::size_t layer, std::size_t slice, std::size_t sign, std::size_t group) {
        largest[group] = std::max(largest[group], sums[layer][slice][sign]);
    });
    AdcWidths widths;
    for (const auto& layer : sums) widths.bits.emplace_back(layer.size(), 0);
    if (granularity == config::AdcGranularity::layer_slice_sign) widths.negative_bits = widths.bits;
    each([&](std::size_t layer, std::size_t slice, std::size_t sign, std::size_t group) {
        const int bits = lossless_bits(largest[group]);
        if (bits > kMaxConverterBits)
            refuse(
                "adc.policy: a column sum of {} needs {} bits, and converters end at {}; use fewer rows, "
                "cell bits or DAC bits",
                largest[group], bits, kMaxConverterBits);
        auto& by_sign = sign == 1 && !widths.negative_bits.empty() ? widths.negative_bits : widths.bits;
        by_sign[layer][slice] = bits;
    });
    return widths;
}

AdcWidths allocate_adcs(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                        const config::ChipConfig& chip) {
    AdcWidths widths;
    switch (chip.adc.policy) {
        case config::AdcPolicy::fixed:
            widths = fixed_widths(mapping, chip.adc);
            break;
        case config::AdcPolicy::worst_case:
            widths = allocate_from_sums(sums_of(worst_case_columns(network, mapping, chip.inputs.dac_bits)),
                                        chip.adc.granularity);
            break;
        default:
            refuse("adc.policy: these widths come from column sums seen on images; none were given");
    }
    widths.split_rows = chip.adc.overflow == config::AdcOverflow::split;
    return widths;
}

AdcWidths allocate_from_profile(const ColumnProfile& profile, const config::ChipConfig& chip) {
    const config::AdcConfig& adc = chip.adc;
    const bool share = adc.policy == config::AdcPolicy::percentile;
    // Columns that share a width share a histogram: its percentile is not the largest of theirs.
    std::map<std::size_t, std::vector<std::uint64_t>> shared;
    ByColumnGroup<std::uint32_t> sums;
    for (std::size_t layer = 0; layer < profile.groups.size(); ++layer) {
        sums.emplace_back(profile.groups[layer].size());
        for (std::size_t slice = 0; slice < profile.groups[layer].size(); ++slice) {
            for (std::size_t sign = 0; sign < 2; ++sign) {
                const std::vector<std::uint64_t>& counts = profile.groups[layer][slice][sign].counts;
                add_counts(counts, shared[sharing_group(adc.granularity, layer, slice, sign)]);
            }
        }
    }
    for (std::size_t layer = 0; layer < sums.size(); ++layer)
        for (std::size_t slice = 0; slice < sums[layer].size(); ++slice)
            for (std::size_t sign = 0; sign < 2; ++sign) {
                const auto& counts = shared[sharing_group(adc.granularity, layer, slice, sign)];
                const auto largest = static_cast<std::uint32_t>(counts.empty() ? 0 : counts.size() - 1);
                sums[layer][slice][sign] = share ? percentile_sum(counts, adc.percentile)
                                                 : largest + static_cast<std::uint32_t>(adc.margin);
            }
    AdcWidths widths = allocate_from_sums(sums, adc.granularity);
    widths.split_rows = adc.overflow == config::AdcOverflow::split;
    return widths;
}

config::ChipConfig with_fixed_widths(const config::ChipConfig& chip, const NetworkMapping& mapping,
                                     const AdcWidths& widths) {
    std::vector<config::FixedLayerWidths> layers;
    for (std::size_t i = 0; i < widths.bits.size(); ++i) {
        config::FixedLayerWidths layer;
        layer.layer = mapping.layers[LayerIndex(i)].name;
        layer.bits = widths.bits[i];
        if (!widths.negative_bits.empty()) layer.negative_bits = widths.negative_bits[i];
        if (!widths.drops.empty()) layer.drops = widths.drops[i];
        layers.push_back(std::move(layer));
    }
    config::ChipConfig fixed = config::with_fixed_widths(chip, layers);
    fixed.adc.overflow = widths.split_rows ? config::AdcOverflow::split : config::AdcOverflow::clip;
    return fixed;
}

}  // namespace sliver::mapping
