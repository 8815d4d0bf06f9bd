// All crossbars of a network programmed with the devices of a chip: what the functional engine and the chip
// read.
//
// For each crossbar of the mapping: its levels, programmed and behind their wires (device/array_model.h), the
// gain and offset of the converters behind it, and the gain that calibrates them. Each is drawn from the seed
// and the crossbar's own name, so that neither order nor threads change anything. Every layer has one copy
// here. Called by the program before images run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "config/chip_config.h"
#include "device/array_model.h"
#include "engine/functional_engine.h"
#include "mapping/layer_mapping.h"
#include "network/quantised_network.h"

namespace sliver::engine {

/// The chip's cells and wires as device/ has them.
device::ArrayModel array_model(const config::ChipConfig& chip);

struct ProgrammingRequest {
    const network::QuantisedNetwork& network;
    const mapping::NetworkMapping& mapping;
    const config::ChipConfig& chip;  ///< cells.kind: resistive
    std::uint64_t seed = 1;
    int threads = 1;
    InstructionSet instruction_set = InstructionSet::portable;
    const device::ConductanceCache* cache = nullptr;
    /// Called now and then by the calling thread with the arrays that are done, and all.
    std::function<void(std::size_t, std::size_t)> progress;
};

std::shared_ptr<const bitline::AnalogNetwork> program_arrays(const ProgrammingRequest& request);

/// Cells behind their wires, converters without calibration; and their currents, means over all arrays.
struct ProgrammedNetwork {
    std::shared_ptr<bitline::AnalogNetwork> arrays;
    device::ArrayCurrents currents;
};
ProgrammedNetwork program_uncalibrated(const ProgrammingRequest& request);

/// `arrays`, made by program_uncalibrated() of the same request, with gains fitted as `calibration` says.
std::shared_ptr<const bitline::AnalogNetwork> calibrated(const bitline::AnalogNetwork& arrays,
                                                         const ProgrammingRequest& request,
                                                         config::AdcCalibration calibration);

/// The gain that brings an array's sums, or each column's, nearest to those of its levels: least squares of
/// what is left over random inputs with half of the rows driven. A gain mends losses, no offsets: where cells
/// are few and the reference leaves off current over, it shrinks what it should raise. 1 for columns without
/// cells. `levels`: of the cells, as `array` has its effective ones; digits of `digit_bits`.
std::vector<float> calibration_gains(const bitline::AnalogArray& array,
                                     const std::vector<std::uint8_t>& levels,
                                     config::AdcCalibration calibration, int digit_bits, std::uint64_t seed,
                                     const device::ArrayName& name);

}  // namespace sliver::engine
