#include "cost/inventory.h"

#include "base/error.h"

namespace sliver::cost {
namespace {

double times(std::uint64_t count, double each) {
    return static_cast<double>(count) * each;
}

void require_positive(const char* what, std::uint64_t value) {
    if (value == 0) refuse("chip shape: {} = 0: must be positive", what);
}

// Sum over the converters of value(width).
template <typename Value>
double over_adcs(const WidthCounts& adcs, Value value) {
    double sum_of_all = 0;
    for (std::size_t bits = 0; bits < adcs.size(); ++bits)
        if (adcs[bits] != 0) sum_of_all += times(adcs[bits], value(static_cast<int>(bits)));
    return sum_of_all;
}

/// A switch with a port for each tile and the host, made of ISAAC's routers, which have 8 ports: a square of
/// them, since crosspoints grow with both sides.
std::uint64_t routers_of_switch(std::uint64_t tiles) {
    constexpr std::uint64_t kRouterPorts = 8;
    const std::uint64_t side = (tiles + 1 + kRouterPorts - 1) / kRouterPorts;
    return side * side;
}

}  // namespace

ChipInventory make_inventory(const ChipShape& shape) {
    require_positive("tiles", shape.tiles);
    require_positive("tiles_per_router", shape.tiles_per_router);
    require_positive("processing_elements_per_tile", shape.processing_elements_per_tile);
    require_positive("arrays_per_processing_element", shape.arrays_per_processing_element);
    require_positive("rows", shape.rows);
    require_positive("columns", shape.columns);
    require_positive("arrays_per_adc", shape.arrays_per_adc);
    require_positive("adcs_per_bank", shape.adcs_per_bank);
    if (shape.adc_bits < 1 || shape.adc_bits > kMaxAdcBits)
        refuse("chip shape: adc_bits = {}: a converter has 1 to {} bits", shape.adc_bits, kMaxAdcBits);

    const std::uint64_t columns = shape.columns + shape.unit_columns;
    const std::uint64_t arrays_per_pe = shape.arrays_per_processing_element;
    ChipInventory chip;
    chip.tiles = shape.tiles;
    chip.processing_elements = shape.tiles * shape.processing_elements_per_tile;
    chip.arrays = chip.processing_elements * arrays_per_pe;
    // Converters and shift-adders are shared within a processing element, never across.
    const std::uint64_t adcs_per_pe =
        (arrays_per_pe + shape.arrays_per_adc - 1) / shape.arrays_per_adc * shape.adcs_per_bank;
    chip.adcs[static_cast<std::size_t>(shape.adc_bits)] = chip.processing_elements * adcs_per_pe;
    chip.dac_rows = chip.arrays * shape.rows;
    chip.cells = chip.arrays * shape.rows * columns;
    chip.sample_holds = chip.arrays * columns;
    chip.shift_adders = chip.processing_elements * ((arrays_per_pe + 1) / 2);
    chip.input_register_bytes = chip.arrays * shape.rows * 2;
    chip.output_register_bytes = chip.processing_elements * shape.columns * 2;
    chip.buffer_bytes = shape.tiles * shape.buffer_bytes_per_tile;
    chip.buses = shape.tiles;
    chip.routers = shape.central_switch ? routers_of_switch(shape.tiles)
                                        : (shape.tiles + shape.tiles_per_router - 1) / shape.tiles_per_router;
    chip.host_links = shape.host_links;
    chip.activation_units = shape.tiles * 2;
    chip.pool_units = shape.tiles;
    chip.tile_adders = shape.tiles;
    chip.tile_output_register_bytes = chip.processing_elements * shape.columns * 2;
    constexpr std::uint64_t kByteBits = 8;
    if (shape.column_masks) chip.mask_bytes = chip.arrays * ((shape.columns + kByteBits - 1) / kByteBits);
    if (shape.zero_detectors) chip.zero_detector_digits = chip.dac_rows * shape.digit_bits;
    return chip;
}

PerComponent area_by_component(const ChipInventory& chip, const UnitCosts& costs, const AdcLaw& law) {
    PerComponent area;
    area[Component::adc] = over_adcs(chip.adcs, [&](int bits) { return law.area_mm2(bits); });
    area[Component::dac] = times(chip.dac_rows, costs.dac_row_mm2);
    area[Component::crossbar] = times(chip.cells, costs.cell_mm2);
    area[Component::sample_hold] = times(chip.sample_holds, costs.sample_hold_mm2);
    area[Component::input_register] = times(chip.input_register_bytes, costs.input_register_byte_mm2);
    area[Component::output_register] = times(chip.output_register_bytes, costs.output_register_byte_mm2);
    area[Component::shift_add] =
        times(chip.shift_adders, costs.shift_adder_mm2) + times(chip.tile_adders, costs.tile_adder_mm2);
    area[Component::buffer] = times(chip.buffer_bytes, costs.buffer_byte_mm2);
    area[Component::bus] = times(chip.buses, costs.bus_mm2);
    area[Component::router] = times(chip.routers, costs.router_mm2);
    area[Component::activation] = times(chip.activation_units, costs.activation_unit_mm2);
    area[Component::pooling] = times(chip.pool_units, costs.pool_unit_mm2);
    area[Component::tile_output_register] =
        times(chip.tile_output_register_bytes, costs.tile_output_register_byte_mm2);
    area[Component::host_link] = times(chip.host_links, costs.host_link_mm2);
    area[Component::index_table] = times(chip.index_bytes, costs.index_byte_mm2);
    area[Component::skip_logic] = times(chip.mask_bytes, costs.mask_byte_mm2) +
                                  times(chip.zero_detector_digits, costs.zero_detector_digit_mm2);
    return area;
}

PerComponent nameplate_power_by_component(const ChipInventory& chip, const UnitCosts& costs,
                                          const AdcLaw& law, double cycle_s, double rate_hz) {
    if (!(cycle_s > 0 && rate_hz > 0))
        refuse("nameplate power: cycle {} s and rate {} Hz must be positive", cycle_s, rate_hz);
    PerComponent power;
    power[Component::adc] =
        over_adcs(chip.adcs, [&](int bits) { return law.energy_j(bits) * rate_hz + law.leakage_w(bits); });
    power[Component::dac] = times(chip.dac_rows, costs.row_drive_j / cycle_s);
    power[Component::crossbar] = times(chip.cells, costs.cell_read_j / cycle_s);
    power[Component::sample_hold] = times(chip.sample_holds, costs.sample_j / cycle_s);
    power[Component::input_register] = times(chip.arrays, costs.input_register_access_j / cycle_s);
    power[Component::output_register] = times(chip.arrays, costs.output_register_access_j / cycle_s);
    power[Component::shift_add] = times(chip.sample_holds, costs.shift_add_j / cycle_s) +
                                  times(chip.tile_adders, costs.tile_adder_peak_w);
    power[Component::buffer] = times(chip.buffer_bytes, costs.buffer_byte_peak_w);
    power[Component::bus] = times(chip.buses, costs.bus_peak_w);
    power[Component::router] = times(chip.routers, costs.router_peak_w);
    power[Component::activation] = times(chip.activation_units, costs.activation_unit_peak_w);
    power[Component::pooling] = times(chip.pool_units, costs.pool_unit_peak_w);
    power[Component::tile_output_register] =
        times(chip.tile_output_register_bytes, costs.tile_output_register_byte_peak_w);
    power[Component::host_link] = times(chip.host_links, costs.host_link_peak_w);
    if (chip.mask_bytes != 0)
        power[Component::skip_logic] += times(chip.arrays, costs.column_mask_read_j / cycle_s);
    if (chip.zero_detector_digits != 0)
        power[Component::skip_logic] += times(chip.arrays, costs.zero_check_j / cycle_s);
    return power;
}

PerComponent static_power_by_component(const ChipInventory& chip, const UnitCosts& costs, const AdcLaw& law) {
    PerComponent power;
    power[Component::adc] = over_adcs(chip.adcs, [&](int bits) { return law.leakage_w(bits); });
    power[Component::buffer] = times(chip.buffer_bytes, costs.buffer_byte_static_w);
    power[Component::bus] = times(chip.buses, costs.bus_static_w);
    power[Component::router] = times(chip.routers, costs.router_static_w);
    power[Component::host_link] = times(chip.host_links, costs.host_link_static_w);
    return power;
}

double peak_ops_per_s(const ChipShape& shape, int slices, int signs, int planes, double cycle_s) {
    if (slices < 1 || signs < 1 || planes < 1 || !(cycle_s > 0))
        refuse("peak throughput: slices {}, signs {}, planes {} and cycle {} s must be positive", slices,
               signs, planes, cycle_s);
    const ChipInventory chip = make_inventory(shape);
    const std::uint64_t weights_a_row = shape.columns / static_cast<std::uint64_t>(slices);
    const double macs_a_window = times(chip.arrays, static_cast<double>(shape.rows * weights_a_row)) / signs;
    return 2 * macs_a_window / (planes * cycle_s);
}

}  // namespace sliver::cost
