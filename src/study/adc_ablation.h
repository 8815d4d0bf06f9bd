// What sparsity saves, effect by effect: array energy, ADC width, conversions, cycles (design.md, 8).
//
// Counts from the golden executor's maps what the arrays of a network would do on given images if hardware
// looked at nothing, and what each of four effects takes away:
//   conducting cells  only cells with a level other than zero draw current
//   column sums       narrower converters: the allocation's instead of the baseline's
//   empty columns     columns without any such cell are not converted
//   empty planes      reads in which no row is driven are left out; of the others only driven rows count
// Effects are applied one after the other in this order, so their savings add up to the whole; each is also
// given alone. Everything but the arrays and what hangs on their columns is left out (buffers, mesh, pooling
// are the same with and without). The chip model itself converts empty columns and planes; what leaving them
// out would give is a result of this count. Called by the ADC study.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cost/actions.h"
#include "mapping/adc_widths.h"

namespace sliver::study {

/// The columns of one layer, slice and sign, summed over row blocks and images.
struct ColumnActivity {
    std::uint64_t conversions = 0;    ///< of used columns
    std::uint64_t empty_columns = 0;  ///< of these, columns without a conducting cell
    std::uint64_t empty_planes = 0;   ///< of these, in reads that drive no row
    std::uint64_t empty_both = 0;     ///< of these, both
};

/// One layer, all its arrays, over all images. Unit columns (offset encoding) are left out: no effect touches
/// them.
struct LayerActivity {
    std::uint64_t reads = 0, empty_reads = 0;    ///< of arrays; without a driven row
    std::uint64_t planes = 0, empty_planes = 0;  ///< of windows; without a driven row in the whole layer
    std::uint64_t row_drives = 0, row_drives_driven = 0;
    std::uint64_t cells = 0;             ///< used rows x used columns, a read
    std::uint64_t cells_conducting = 0;  ///< of these, level not zero
    std::uint64_t cells_in_driven_rows = 0;
    std::uint64_t cells_driven = 0;                     ///< conducting and in a driven row
    std::vector<std::array<ColumnActivity, 2>> slices;  ///< [slice][sign]
};

/// Activity of `images` (input codes each) by layer. Time: one golden run an image.
std::vector<LayerActivity> count_activity(const network::QuantisedNetwork& network,
                                          const mapping::NetworkMapping& mapping,
                                          const std::vector<std::vector<std::int32_t>>& images);

struct Effects {
    bool conducting_cells = false, column_sums = false, empty_columns = false, empty_planes = false;
};
inline constexpr std::array<std::string_view, 4> kEffectNames = {"conducting cells", "column sums",
                                                                 "empty columns", "empty planes"};
/// The first `count` effects in the order above.
Effects first_effects(std::size_t count);
/// Effect number `index` alone.
Effects one_effect(std::size_t index);

/// What is charged for under accounting `used` when those effects are taken: conversions at the baseline's
/// widths, or the allocation's with `column_sums`.
cost::Actions actions_with(const std::vector<LayerActivity>& layers, const Effects& effects,
                           const mapping::AdcWidths& baseline, const mapping::AdcWidths& allocation);

}  // namespace sliver::study
