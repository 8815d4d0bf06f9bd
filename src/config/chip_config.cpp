#include "config/chip_config.h"

#include <tuple>

namespace sliver::config {
namespace {

// One overload a struct. The structured bindings name every field: a field that is added to a struct stops
// the compiler here, so that equality cannot forget it.
auto fields(const ArrayConfig& c) {
    const auto& [rows, columns, cell_bits, cycle] = c;
    return std::tie(rows, columns, cell_bits, cycle);
}
auto fields(const CellConfig& c) {
    const auto& [kind, on, off, variation, sigma, stuck_on, stuck_off, drift, time, noise, reference] = c;
    return std::tie(kind, on, off, variation, sigma, stuck_on, stuck_off, drift, time, noise, reference);
}
auto fields(const WireConfig& c) {
    const auto& [kind, driver, row, column, sense] = c;
    return std::tie(kind, driver, row, column, sense);
}
auto fields(const WeightConfig& c) {
    const auto& [bits, rounding, encoding, flip_columns, slices, packing, column_order, groups, digits] = c;
    return std::tie(bits, rounding, encoding, flip_columns, slices, packing, column_order, groups, digits);
}
auto fields(const InputConfig& c) {
    const auto& [bits, dac_bits] = c;
    return std::tie(bits, dac_bits);
}
auto fields(const AdcConfig& c) {
    const auto& [bits, policy, granularity, margin, percentile, loss, overflow, slice_widths, layer_widths,
                 negative_layer_widths, slice_drops, layer_drops, time, rate, arrays_per_adc, bank, law,
                 calibration, gain, offset] = c;
    return std::tie(bits, policy, granularity, margin, percentile, loss, overflow, slice_widths, layer_widths,
                    negative_layer_widths, slice_drops, layer_drops, time, rate, arrays_per_adc, bank, law,
                    calibration, gain, offset);
}
auto fields(const TileConfig& c) {
    const auto& [processing_elements, arrays_per_pe, buffer, bus, output_queue, port, finisher] = c;
    return std::tie(processing_elements, arrays_per_pe, buffer, bus, output_queue, port, finisher);
}
auto fields(const MeshConfig& c) {
    const auto& [kind, columns, rows, concentration, link_bits, clock, router_cycles, link_cycles,
                 multicast] = c;
    return std::tie(kind, columns, rows, concentration, link_bits, clock, router_cycles, link_cycles,
                    multicast);
}
auto fields(const HostConfig& c) {
    const auto& [bandwidth] = c;
    return std::tie(bandwidth);
}
auto fields(const PipelineConfig& c) {
    const auto& [pipelined, overhead] = c;
    return std::tie(pipelined, overhead);
}
auto fields(const ReplicationConfig& c) {
    const auto& [mode, copies, target] = c;
    return std::tie(mode, copies, target);
}
auto fields(const SkipConfig& c) {
    const auto& [empty_columns, zero_planes] = c;
    return std::tie(empty_columns, zero_planes);
}
auto fields(const CostConfig& c) {
    const auto& [accounting, voltage, pulse, technology, overrides] = c;
    return std::tie(accounting, voltage, pulse, technology, overrides);
}

}  // namespace

bool operator==(const ChipConfig& a, const ChipConfig& b) {
    const auto sections = [](const ChipConfig& c) {
        const auto& [name, summary, array, cells, wires, weights, inputs, adc, tile, mesh, host, pipeline,
                     replication, skip, cost] = c;
        return std::tuple_cat(std::tie(name, summary), fields(array), fields(cells), fields(wires),
                              fields(weights), fields(inputs), fields(adc), fields(tile), fields(mesh),
                              fields(host), fields(pipeline), fields(replication), fields(skip),
                              fields(cost));
    };
    return sections(a) == sections(b);
}

}  // namespace sliver::config
