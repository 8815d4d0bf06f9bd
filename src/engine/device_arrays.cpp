#include "engine/device_arrays.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include "base/random_stream.h"
#include "base/size.h"
#include "base/worker_team.h"

namespace sliver::engine {
namespace {

/// Random inputs that a calibration measures.
constexpr int kCalibrationReads = 32;
/// What random streams of an array are for, beside those of device/.
enum Purpose : std::uint64_t { kConverters = 101, kCalibration = 102, kReadNoise = 103 };

struct ArrayTask {
    const mapping::LayerMapping* layer = nullptr;
    std::size_t layer_index = 0, crossbar = 0;
};

/// Gain and offset errors of the converters of one array.
void set_converters(const config::AdcConfig& adc, std::uint64_t seed, const device::ArrayName& name,
                    bitline::AnalogArray& array) {
    if (!(adc.gain_sigma > 0 || adc.offset_sigma > 0)) return;
    RandomStream draws(seed, {name.layer, name.copy, name.crossbar, kConverters});
    const double gain = 1 + adc.gain_sigma * draws.gaussian(), offset = adc.offset_sigma * draws.gaussian();
    std::fill(array.gain.begin(), array.gain.end(), static_cast<float>(gain));
    std::fill(array.offset.begin(), array.offset.end(), static_cast<float>(offset));
}

void set_read_noise(double share, const std::vector<float>& steps, std::uint64_t seed,
                    const device::ArrayName& name, bitline::AnalogArray& array) {
    if (!(share > 0)) return;
    std::vector<float> variances;
    for (const float conductance : steps) {
        const double deviation = share * static_cast<double>(conductance);
        variances.push_back(static_cast<float>(deviation * deviation));
    }
    // Laid out and padded as the levels are.
    array.variances = bitline::AnalogArray(array.rows, array.columns, variances).levels;
    array.noise_seed = RandomStream(seed, {name.layer, name.copy, name.crossbar, kReadNoise}).next();
}

/// Columns that no converter visits read zero, whatever their cells leak.
void silence_empty_columns(const std::vector<std::uint8_t>& levels, bitline::AnalogArray& array) {
    for (int column = 0; column < array.columns; ++column) {
        bool empty = true;
        for (int row = 0; row < array.rows && empty; ++row)
            empty = levels[size(row * array.columns + column)] == 0;
        if (!empty) continue;
        array.offset[size(column)] = 0;
        for (int row = 0; row < array.rows; ++row) {
            array.levels[size(row * array.stride + column)] = 0;
            if (!array.variances.empty()) array.variances[size(row * array.stride + column)] = 0;
        }
    }
}

/// `steps`: conductances in steps from level to level, [row][column]. `unit_steps`: of the unit column's
/// cell, which no wires are solved for; 0: there is none.
void set_row_conductances(const std::vector<float>& steps, double unit_steps, double step_siemens,
                          bitline::AnalogArray& array) {
    constexpr double kNano = 1e-9;
    for (int row = 0; row < array.rows; ++row) {
        double sum = unit_steps;
        for (int column = 0; column < array.columns; ++column)
            sum += static_cast<double>(steps[size(row * array.columns + column)]);
        array.row_nanosiemens.push_back(static_cast<std::uint64_t>(std::llround(sum * step_siemens / kNano)));
    }
}

void calibrate(const ProgrammingRequest& request, config::AdcCalibration calibration,
               const std::vector<std::uint8_t>& levels, const device::ArrayName& name,
               bitline::AnalogArray& array) {
    if (calibration == config::AdcCalibration::none) return;
    const std::vector<float> gains =
        calibration_gains(array, levels, calibration, request.chip.inputs.dac_bits, request.seed, name);
    for (std::size_t column = 0; column < array.gain.size(); ++column) {
        array.gain[column] *= gains[column];
        array.offset[column] *= gains[column];
    }
}

/// Levels that the weights ask for.
device::ArrayLevels levels_of(const ProgrammingRequest& request, const ArrayTask& unit,
                              const std::vector<bool>& flipped) {
    const mapping::CrossbarSlot& slot = unit.layer->crossbars[CrossbarIndex(unit.crossbar)];
    const mapping::CellArray cells =
        mapping::program_cells(request.network.nodes[unit.layer->node].weights, *unit.layer, slot, flipped);
    device::ArrayLevels used;
    used.rows = slot.rows;
    used.columns = slot.used_columns();
    for (int row = 0; row < used.rows; ++row)
        for (int column = 0; column < used.columns; ++column)
            used.levels.push_back(static_cast<std::uint8_t>(cells.level(row, column)));
    return used;
}

device::ArrayName name_of(const ArrayTask& unit) {
    return {unit.layer_index, 0, unit.crossbar};
}

/// Every crossbar of a mapping, and the flipped columns of its layers.
struct Units {
    explicit Units(const ProgrammingRequest& request) {
        for (const mapping::LayerMapping& layer : request.mapping.layers) {
            for (std::size_t crossbar = 0; crossbar < layer.crossbars.size(); ++crossbar)
                units.push_back({&layer, flipped.size(), crossbar});
            flipped.push_back(mapping::flipped_columns(request.network.nodes[layer.node].weights, layer));
        }
    }
    [[nodiscard]] device::ArrayLevels levels(const ProgrammingRequest& request, const ArrayTask& unit) const {
        return levels_of(request, unit, flipped[unit.layer_index]);
    }
    std::vector<ArrayTask> units;
    std::vector<std::vector<bool>> flipped;
};

/// work(unit number) for all of them, on the request's threads.
template <typename Work>
void for_units(const ProgrammingRequest& request, std::size_t count, Work work) {
    std::atomic<std::size_t> done{0};
    in_parallel(count, request.threads, [&](std::size_t i, int worker) {
        work(i);
        ++done;
        if (worker == 0 && request.progress) request.progress(done, count);
    });
}

/// All arrays; `calibration`: of each as soon as it is programmed.
ProgrammedNetwork program_all(const ProgrammingRequest& request, config::AdcCalibration calibration) {
    const device::ArrayModel model = array_model(request.chip);
    device::check(model);
    const Units all(request);
    const bool has_unit = request.mapping.encoding == config::Encoding::offset;
    const double step = model.cell.step_siemens();
    ProgrammedNetwork result;
    result.arrays = std::make_shared<bitline::AnalogNetwork>();
    for (const mapping::LayerMapping& layer : request.mapping.layers)
        result.arrays->emplace_back(layer.crossbars.size());
    struct Currents {
        double nonideality = 0, mean_siemens = 0;
    };
    std::vector<Currents> currents(all.units.size());
    for_units(request, all.units.size(), [&](std::size_t i) {
        const ArrayTask& unit = all.units[i];
        const device::ArrayLevels used = all.levels(request, unit);
        const device::ArrayName name = name_of(unit);
        device::ArrayCurrents own;
        bitline::AnalogArray array(used.rows, used.columns,
                                   device::effective_levels(model, used, request.seed, name,
                                                            request.instruction_set, request.cache, &own));
        currents[i] = {own.nonideality, own.mean_siemens};
        set_read_noise(model.cell.read_noise, own.steps, request.seed, name, array);
        set_converters(request.chip.adc, request.seed, name, array);
        calibrate(request, calibration, used.levels, name, array);
        if (request.chip.skip.empty_columns) silence_empty_columns(used.levels, array);
        if (model.wire_model != device::WireModel::ideal)
            set_row_conductances(own.steps, has_unit ? model.cell.siemens(1) / step : 0, step, array);
        (*result.arrays)[unit.layer_index][unit.crossbar] = std::move(array);
    });
    for (const Currents& own : currents) {
        result.currents.nonideality += own.nonideality / static_cast<double>(currents.size());
        result.currents.mean_siemens += own.mean_siemens / static_cast<double>(currents.size());
    }
    return result;
}

}  // namespace

device::ArrayModel array_model(const config::ChipConfig& chip) {
    device::ArrayModel model;
    const config::CellConfig& cells = chip.cells;
    model.cell.cell_bits = chip.array.cell_bits;
    model.cell.on_ohm = cells.on_ohm;
    model.cell.off_ohm = cells.off_ohm;
    model.cell.variation = cells.variation;
    model.cell.sigma = cells.sigma;
    model.cell.stuck_on = cells.stuck_on;
    model.cell.stuck_off = cells.stuck_off;
    model.cell.drift_exponent = cells.drift_exponent;
    model.cell.drift_s = cells.drift_s;
    model.cell.read_noise = cells.read_noise;
    model.reference = cells.reference == config::OffReference::column ? device::Reference::column
                                                                      : device::Reference::ideal;
    model.wire_model = chip.wires.kind == config::WireKind::exact       ? device::WireModel::exact
                       : chip.wires.kind == config::WireKind::separable ? device::WireModel::separable
                                                                        : device::WireModel::ideal;
    model.wires = {chip.wires.driver_ohm, chip.wires.row_ohm, chip.wires.column_ohm, chip.wires.sense_ohm};
    model.rows = chip.array.rows;
    model.columns = chip.array.columns;
    return model;
}

std::vector<float> calibration_gains(const bitline::AnalogArray& array,
                                     const std::vector<std::uint8_t>& levels,
                                     config::AdcCalibration calibration, int digit_bits, std::uint64_t seed,
                                     const device::ArrayName& name) {
    RandomStream draws(seed, {name.layer, name.copy, name.crossbar, kCalibration});
    std::vector<double> products(size(array.columns), 0.0), squares(size(array.columns), 0.0);
    std::vector<double> ideal(size(array.columns)), real(size(array.columns));
    for (int read = 0; read < kCalibrationReads; ++read) {
        std::fill(ideal.begin(), ideal.end(), 0.0);
        std::fill(real.begin(), real.end(), 0.0);
        for (int row = 0; row < array.rows; ++row) {
            const std::uint64_t draw = draws.next();
            const auto digit =
                static_cast<int>(draw >> 1U & ((1U << static_cast<unsigned>(digit_bits)) - 1U));
            if ((draw & 1U) == 0) continue;
            // One-bit digits: a driven row is a one.
            const double factor = digit_bits == 1 ? 1 : digit;
            for (int column = 0; column < array.columns; ++column) {
                ideal[size(column)] += factor * levels[size(row * array.columns + column)];
                real[size(column)] +=
                    factor * static_cast<double>(array.levels[size(row * array.stride + column)]);
            }
        }
        for (std::size_t column = 0; column < ideal.size(); ++column) {
            const double seen = static_cast<double>(array.gain[column]) * real[column] +
                                static_cast<double>(array.offset[column]);
            products[column] += ideal[column] * seen;
            squares[column] += seen * seen;
        }
    }
    std::vector<float> gains(array.gain.size(), 1.0F);
    const auto gain_of = [](double product, double square) {
        return product > 0 && square > 0 ? static_cast<float>(product / square) : 1.0F;
    };
    if (calibration == config::AdcCalibration::array) {
        double product = 0, square = 0;
        for (std::size_t column = 0; column < products.size(); ++column) {
            product += products[column];
            square += squares[column];
        }
        std::fill(gains.begin(), gains.end(), gain_of(product, square));
    } else if (calibration == config::AdcCalibration::column) {
        for (std::size_t column = 0; column < products.size(); ++column)
            gains[column] = gain_of(products[column], squares[column]);
    }
    return gains;
}

std::shared_ptr<const bitline::AnalogNetwork> program_arrays(const ProgrammingRequest& request) {
    return program_all(request, request.chip.adc.calibration).arrays;
}

ProgrammedNetwork program_uncalibrated(const ProgrammingRequest& request) {
    return program_all(request, config::AdcCalibration::none);
}

std::shared_ptr<const bitline::AnalogNetwork> calibrated(const bitline::AnalogNetwork& arrays,
                                                         const ProgrammingRequest& request,
                                                         config::AdcCalibration calibration) {
    const Units all(request);
    auto result = std::make_shared<bitline::AnalogNetwork>(arrays);
    for_units(request, all.units.size(), [&](std::size_t i) {
        const ArrayTask& unit = all.units[i];
        calibrate(request, calibration, all.levels(request, unit).levels, name_of(unit),
                  (*result)[unit.layer_index][unit.crossbar]);
    });
    return result;
}

}  // namespace sliver::engine
