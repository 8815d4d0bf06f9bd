// What the chip is made of: instances, their area, their static and their nameplate power, its peak
// throughput.
//
// Counts come from the chip's shape (make_inventory) or from a run that knows better, e.g. converters of
// several widths. Areas in mm2, powers in W. Nameplate power = every unit busy in every cycle: reproduces
// ISAAC's Table I (24.08 mW an IMA, 330 mW a tile, 65.8 W and 85.4 mm2 a chip;
// hardware-parameters.md 1.1, 1.4). Called by results/ and studies.
#pragma once

#include <cstdint>

#include "cost/actions.h"
#include "cost/adc_law.h"
#include "cost/components.h"
#include "cost/unit_costs.h"

namespace sliver::cost {

/// The defaults are ISAAC-CE.
struct ChipShape {
    std::uint64_t tiles = 168;
    std::uint64_t tiles_per_router = 4;
    bool central_switch = false;  ///< in place of the routers: one switch for all tiles and the host
    std::uint64_t processing_elements_per_tile = 12;
    std::uint64_t arrays_per_processing_element = 8;
    std::uint64_t rows = 128, columns = 128;  ///< of an array
    /// Columns of an array beside `columns`: 1 for offset encoding with its unit column. Table I leaves it
    /// out.
    std::uint64_t unit_columns = 0;
    std::uint64_t arrays_per_adc = 1;
    std::uint64_t adcs_per_bank = 1;  ///< converters that `arrays_per_adc` arrays share
    int adc_bits = 8;
    std::uint64_t buffer_bytes_per_tile = 65536;  ///< 0: unlimited, a study's fiction without area
    std::uint64_t host_links = 4;
    bool column_masks = false, zero_detectors = false;  ///< of every array, every row block
    std::uint64_t digit_bits = 1;                       ///< of an input digit
};

struct ChipInventory {
    std::uint64_t tiles = 0, processing_elements = 0, arrays = 0;
    WidthCounts adcs{};  ///< by width; a converter is as wide as the widest column it serves
    std::uint64_t dac_rows = 0, cells = 0, sample_holds = 0;
    std::uint64_t shift_adders = 0;
    std::uint64_t input_register_bytes = 0, output_register_bytes = 0;
    std::uint64_t buffer_bytes = 0, buses = 0, routers = 0, host_links = 0;
    std::uint64_t activation_units = 0, pool_units = 0, tile_adders = 0, tile_output_register_bytes = 0;
    std::uint64_t index_bytes = 0;  ///< tables of what is packed or sorted; made by the chip's own count
    std::uint64_t mask_bytes = 0;   ///< a bit a column of every array
    std::uint64_t zero_detector_digits = 0;  ///< bits of all rows' digits
};

/// ISAAC's proportions: half a shift-adder an array; 2 B of input register a row; 2 B of output register a
/// column of one array for the whole processing element, and the same again for each of them in the tile.
/// InputError for a shape without tiles, arrays, rows or columns, or with a converter outside of 1 to
/// kMaxAdcBits.
ChipInventory make_inventory(const ChipShape& shape);

PerComponent area_by_component(const ChipInventory& chip, const UnitCosts& costs, const AdcLaw& law);

/// Power with every array read each `cycle_s` and every converter at `rate_hz`. The law's leakage comes on
/// top.
PerComponent nameplate_power_by_component(const ChipInventory& chip, const UnitCosts& costs,
                                          const AdcLaw& law, double cycle_s = 100e-9,
                                          double rate_hz = 1.28e9);

/// Power that flows whether or not anything is computed. Energy = this x elapsed time; never part of
/// energy.h's.
PerComponent static_power_by_component(const ChipInventory& chip, const UnitCosts& costs, const AdcLaw& law);

/// Operations a second (a multiply-accumulate is two) with every array busy: weights of `slices` cells,
/// `signs` arrays a weight (differential 2, offset 1), inputs that take `planes` cycles.
double peak_ops_per_s(const ChipShape& shape, int slices, int signs, int planes, double cycle_s = 100e-9);

}  // namespace sliver::cost
