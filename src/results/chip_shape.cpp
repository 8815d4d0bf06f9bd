#include "results/chip_shape.h"

namespace sliver::results {

cost::ChipShape chip_shape(const config::ChipConfig& chip) {
    cost::ChipShape shape;
    shape.tiles = static_cast<std::uint64_t>(chip.tiles());
    shape.tiles_per_router = static_cast<std::uint64_t>(chip.mesh.concentration);
    shape.central_switch = chip.mesh.kind == config::MeshKind::crossbar_switch;
    shape.processing_elements_per_tile = static_cast<std::uint64_t>(chip.tile.processing_elements);
    shape.arrays_per_processing_element = static_cast<std::uint64_t>(chip.tile.arrays_per_pe);
    shape.rows = static_cast<std::uint64_t>(chip.array.rows);
    shape.columns = static_cast<std::uint64_t>(chip.array.columns);
    shape.unit_columns = chip.weights.encoding == config::Encoding::offset ? 1 : 0;
    shape.arrays_per_adc = static_cast<std::uint64_t>(chip.adc.arrays_per_adc);
    const bool bank_by_slice = chip.adc.bank == config::AdcBank::per_slice &&
                               chip.weights.slices == config::SlicePlacement::interleaved;
    shape.adcs_per_bank = bank_by_slice ? static_cast<std::uint64_t>(chip.slices()) : 1;
    shape.adc_bits = chip.adc.bits;
    shape.buffer_bytes_per_tile =
        chip.tile.buffer_bytes ? static_cast<std::uint64_t>(*chip.tile.buffer_bytes) : 0;
    shape.column_masks = chip.skip.empty_columns;
    shape.zero_detectors = chip.skip.zero_planes;
    shape.digit_bits = static_cast<std::uint64_t>(chip.inputs.dac_bits);
    return shape;
}

}  // namespace sliver::results
