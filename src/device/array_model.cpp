#include "device/array_model.h"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/output_file.h"
#include "base/own_folder.h"
#include "base/sha256.h"
#include "base/size.h"
#include "base/staging.h"
#include "device/effective_conductance.h"

namespace sliver::device {
namespace {

/// Of the computation and of the file: another number makes all kept files strangers.
constexpr std::string_view kFormat = "sliver-geff-1";

std::string_view bytes_of(const void* data, std::size_t bytes) {
    return {static_cast<const char*>(data), bytes};
}

/// Everything that Geff depends on.
std::string key_of(const ArrayModel& model, const CellConductances& cells) {
    Sha256 hash;
    hash.update(kFormat);
    hash.update(fmt::format("/{}/{}x{}/", static_cast<int>(model.wire_model), cells.rows, cells.columns));
    const double wires[] = {model.wires.driver_ohm, model.wires.row_ohm, model.wires.column_ohm,
                            model.wires.sense_ohm};
    hash.update(bytes_of(wires, sizeof wires));
    hash.update(bytes_of(cells.values.data(), cells.values.size() * sizeof(double)));
    return hash.finish();
}

std::string file_bytes(const std::string& key, const std::vector<float>& values) {
    std::string bytes = fmt::format("{} {} {}\n", kFormat, key, values.size());
    bytes += bytes_of(values.data(), values.size() * sizeof(float));
    return bytes + sha256(bytes);
}

/// Geff in siemens, single precision.
std::vector<float> behind_wires(const ArrayModel& model, const CellConductances& cells, InstructionSet set,
                                const ConductanceCache* cache) {
    const bool cached = cache != nullptr && model.wire_model == WireModel::exact;
    std::string key;
    if (cached) {
        key = key_of(model, cells);
        if (auto found = cache->find(key, cells.values.size())) return *std::move(found);
    }
    std::vector<float> values;
    const CellConductances effective = model.wire_model == WireModel::exact
                                           ? effective_conductances(cells, model.wires, set)
                                           : separable_conductances(cells, model.wires);
    for (const double siemens : effective.values) values.push_back(static_cast<float>(siemens));
    if (cached) cache->keep(key, values);
    return values;
}

}  // namespace

void check(const ArrayModel& model) {
    check(model.cell);
    if (model.wire_model != WireModel::ideal) check(model.wires);
    if (model.rows < 1 || model.columns < 1)
        refuse("array: {} x {} cells: must have at least one row and one column", model.rows, model.columns);
}

ConductanceCache::ConductanceCache(std::filesystem::path folder) : folder_(std::move(folder)) {
    claim_folder(folder_, "conductance cache", folder_.string());
    remove_leftovers(folder_);
}

std::filesystem::path ConductanceCache::file_of(const std::string& key) const {
    return folder_ / (key + ".geff");
}

std::optional<std::vector<float>> ConductanceCache::find(const std::string& key, std::size_t values) const {
    std::string bytes;
    try {
        bytes = read_file(file_of(key), kDataFile);
    } catch (const std::runtime_error&) {
        return std::nullopt;  // not there, or not to be read: it is computed
    }
    const std::size_t head = bytes.find('\n') + 1;
    if (head == 0 || bytes.size() < head + values * sizeof(float)) return std::nullopt;
    std::vector<float> result(values);
    std::memcpy(result.data(), bytes.data() + head, values * sizeof(float));
    if (bytes != file_bytes(key, result)) return std::nullopt;
    return result;
}

void ConductanceCache::keep(const std::string& key, const std::vector<float>& values) const {
    const std::lock_guard<std::mutex> lock(writing_);
    try {
        write_file(file_of(key), file_bytes(key, values), Durability::when_read_checked);
    } catch (const MachineError&) {
        // The disk is full or read-only; the run goes on without.
    }
}

std::vector<float> effective_levels(const ArrayModel& model, const ArrayLevels& used, std::uint64_t seed,
                                    const ArrayName& name, InstructionSet set, const ConductanceCache* cache,
                                    ArrayCurrents* currents) {
    check(model);
    const bool has_reference = model.reference == Reference::column && !model.exact();
    if (used.rows > model.rows || used.columns > model.columns)
        refuse("array: {} x {} levels: the array has {} x {} cells", used.rows, used.columns, model.rows,
               model.columns);
    if (used.levels.size() != size(used.rows) * size(used.columns))
        refuse("array: {} levels given for {} x {} cells", used.levels.size(), used.rows, used.columns);
    const int columns = model.columns + (has_reference ? 1 : 0), first_row = model.rows - used.rows;
    std::vector<std::uint8_t> levels(size(model.rows) * size(columns), 0);
    for (int row = 0; row < used.rows; ++row)
        for (int column = 0; column < used.columns; ++column)
            levels[size(first_row + row) * size(columns) + size(column)] =
                used.levels[size(row) * size(used.columns) + size(column)];
    const CellConductances cells = program(model.cell, model.rows, columns, levels, seed, name);
    std::vector<float> real;
    if (model.wire_model != WireModel::ideal) real = behind_wires(model, cells, set, cache);
    const auto siemens = [&](int row, int column) {
        const std::size_t place = size(first_row + row) * size(columns) + size(column);
        return model.wire_model == WireModel::ideal ? cells.values[place] : static_cast<double>(real[place]);
    };
    const double step = model.cell.step_siemens();
    if (currents != nullptr) {
        *currents = {};
        currents->steps.resize(used.levels.size());
        for (int column = 0; column < used.columns; ++column) {
            double ideal = 0, real_sum = 0;
            for (int row = 0; row < used.rows; ++row) {
                ideal += model.cell.siemens(used.levels[size(row) * size(used.columns) + size(column)]);
                real_sum += siemens(row, column);
                currents->steps[size(row) * size(used.columns) + size(column)] =
                    static_cast<float>(siemens(row, column) / model.cell.step_siemens());
            }
            currents->nonideality += (ideal - real_sum) / ideal / used.columns;
            currents->mean_siemens += ideal / used.rows / used.columns;
        }
    }
    std::vector<float> result;
    result.reserve(used.levels.size());
    for (int row = 0; row < used.rows; ++row) {
        const double excess =
            has_reference ? (siemens(row, columns - 1) - model.cell.off_siemens()) / step : 0.0;
        for (int column = 0; column < used.columns; ++column) {
            const int level = used.levels[size(row) * size(used.columns) + size(column)];
            const double error = (siemens(row, column) - model.cell.siemens(level)) / step;
            result.push_back(static_cast<float>(level + (error - excess)));
        }
    }
    return result;
}

}  // namespace sliver::device
