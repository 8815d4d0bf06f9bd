// Which converter reads which columns: width and step by layer, slice and sign, and the policies that choose
// them.
//
// A converter of b bits that leaves the d lowest bits out turns a column sum S into the code
//   code = min((S + half) >> d, 2^b - 1), half = 2^(d-1) (0 for d = 0), and stands for the value code << d:
// d = 0 is the unit-step converter, exact up to 2^b - 1; d > 0 spans 2^d times as much, rounds to the nearest
// step (half a step up) and is what a SAR converter does that skips its last d decisions. Policies that need
// sums seen on images take them as plain numbers (ColumnProfile); measuring them is bitline's. Called by the
// program, the studies and the tests; no time, no cost here.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mapping/column_profile.h"
#include "mapping/layer_mapping.h"

namespace sliver::mapping {

constexpr int kMaxConverterBits = 12;

struct Converter {
    int bits = 8;  ///< 1..kMaxConverterBits
    int drop = 0;  ///< low bits left out: the step is 2^drop
    /// Largest column sum that is not cut: sums above it lose more than the rounding to a step.
    [[nodiscard]] std::uint32_t range() const {
        return (((1U << static_cast<unsigned>(bits)) - 1U) << static_cast<unsigned>(drop)) +
               (drop == 0 ? 0U : (1U << static_cast<unsigned>(drop - 1)) - 1U);
    }
};
inline bool operator==(const Converter& a, const Converter& b) {
    return a.bits == b.bits && a.drop == b.drop;
}
inline bool operator!=(const Converter& a, const Converter& b) {
    return !(a == b);
}

/// What the shift-add unit receives for column sum `sum`.
[[nodiscard]] inline std::uint32_t converted(const Converter& converter, std::uint32_t sum) {
    const auto drop = static_cast<unsigned>(converter.drop);
    const std::uint32_t half = drop == 0 ? 0U : 1U << (drop - 1U);
    const std::uint32_t code = (sum + half) >> drop,
                        last = (1U << static_cast<unsigned>(converter.bits)) - 1U;
    return (code < last ? code : last) << drop;
}

/// Converters by layer, slice and sign.
struct AdcWidths {
    std::vector<std::vector<int>> bits{};           ///< [layer][slice]; of the positive arrays
    std::vector<std::vector<int>> negative_bits{};  ///< of the negative ones; empty: as `bits`
    std::vector<std::vector<int>> drops{};          ///< low bits left out, for both signs; empty: none
    /// Arrays whose sums pass their converter's range are read a part of their rows at a time (row_parts.h):
    /// no conversion is ever cut, and none may leave bits out.
    bool split_rows = false;

    [[nodiscard]] Converter at(LayerIndex layer, SliceIndex slice, Sign sign = Sign::positive) const {
        const auto& by_sign = sign == Sign::negative && !negative_bits.empty() ? negative_bits : bits;
        Converter converter;
        converter.bits = by_sign[layer.value()][slice.value()];
        if (!drops.empty()) converter.drop = drops[layer.value()][slice.value()];
        return converter;
    }
};
bool operator==(const AdcWidths& a, const AdcWidths& b);

/// Largest column sum of each layer, slice and sign with every input digit at its highest value, and the
/// column that has it (the first of equals, by row block, then output). What `worst-case` converters must
/// hold. Offset encoding has no negative arrays: zeros there.
ByColumnGroup<ColumnExtreme> worst_case_columns(const network::QuantisedNetwork& network,
                                                const NetworkMapping& mapping, int dac_bits);

/// The larger of both signs, by layer and slice.
std::vector<std::vector<std::uint32_t>> largest_sums(const ByColumnGroup<ColumnExtreme>& columns);
/// largest_sums() of worst_case_columns().
std::vector<std::vector<std::uint32_t>> worst_case_sums(const network::QuantisedNetwork& network,
                                                        const NetworkMapping& mapping, int dac_bits);

/// Bits of the narrowest lossless unit-step converter: ceil(log2(sum + 1)), at least 1.
int lossless_bits(std::uint32_t sum);

/// Width of the converter of offset encoding's unit column: as wide as a read of `rows` rows in `parts` parts
/// asks for, every digit of `digit_bits` bits at its largest.
int unit_column_bits(int rows, int parts, int digit_bits);

/// Which columns share a width: those whose layer, slice and sign give the same number.
std::size_t sharing_group(config::AdcGranularity granularity, std::size_t layer, std::size_t slice,
                          std::size_t sign);

/// Unit-step widths that hold `sums`, every one raised to the largest of those that share its width.
/// InputError for a width above kMaxConverterBits.
AdcWidths allocate_from_sums(const ByColumnGroup<std::uint32_t>& sums, config::AdcGranularity granularity);

/// Widths of a policy that needs no images: `fixed` (tables or the default width) and `worst-case`.
/// InputError for the other policies, and for a table that names an unknown layer or has not one entry a
/// slice.
AdcWidths allocate_adcs(const network::QuantisedNetwork& network, const NetworkMapping& mapping,
                        const config::ChipConfig& chip);

/// Widths from sums seen on images: `profiled` (the largest, plus the margin) and `percentile` (the smallest
/// sum that holds the configured share of the conversions of the columns that share a width).
AdcWidths allocate_from_profile(const ColumnProfile& profile, const config::ChipConfig& chip);

/// `chip` with its policy's result written down as fixed tables: a run of it has these very converters.
config::ChipConfig with_fixed_widths(const config::ChipConfig& chip, const NetworkMapping& mapping,
                                     const AdcWidths& widths);

}  // namespace sliver::mapping
