#include "study/crossbar_inputs.h"

#include <cmath>

#include "base/error.h"
#include "base/input_file.h"
#include "base/sha256.h"
#include "network/npy.h"

namespace sliver::study {
namespace {

// Beyond these a quotient of sums could leave the range of a double; no device comes near.
constexpr double kLeastSiemens = 1e-30, kMostSiemens = 1e3;
constexpr double kLeastOhm = 1e-3, kMostOhm = 1e30;
constexpr double kLeastVolts = 1e-12, kMostVolts = 1e6;

struct Array {
    NamedFile file;
    network::NpyArray values;
};

Array array_of(const std::string& npy, const std::string& name) {
    return {{name, sha256(npy)}, network::parse_npy(npy, name)};
}

std::string shape_text(const std::vector<std::size_t>& shape) {
    std::string text;
    for (const std::size_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return "(" + text + ")";
}

template <typename ToSiemens>
CrossbarCells cells_of(Array array, const ToSiemens& to_siemens) {
    const std::vector<std::size_t>& shape = array.values.shape;
    if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1)
        refuse("{}: shape {}: must be (rows, columns)", array.file.path, shape_text(shape));
    if (shape[0] > kMostCrossbarLines || shape[1] > kMostCrossbarLines)
        refuse("{}: {} x {} cells: at most {} x {} are solved", array.file.path, shape[0], shape[1],
               kMostCrossbarLines, kMostCrossbarLines);
    CrossbarCells result;
    result.cells = {static_cast<int>(shape[0]), static_cast<int>(shape[1])};
    for (std::size_t i = 0; i < array.values.size(); ++i)
        result.cells.values[i] =
            to_siemens(array.file.path, i / shape[1], i % shape[1], array.values.number(i));
    result.file = std::move(array.file);
    return result;
}

}  // namespace

CrossbarCells parse_conductances(const std::string& npy, const std::string& name) {
    return cells_of(array_of(npy, name),
                    [](const std::string& file, std::size_t row, std::size_t column, double siemens) {
                        const bool no_cell = std::fpclassify(siemens) == FP_ZERO;
                        if (!no_cell && !(siemens >= kLeastSiemens && siemens <= kMostSiemens))
                            refuse("{}: row {}, column {}: value {} S: must be 0 or from {} to {}", file, row,
                                   column, siemens, kLeastSiemens, kMostSiemens);
                        return no_cell ? 0.0 : siemens;
                    });
}

CrossbarCells parse_resistances(const std::string& npy, const std::string& name) {
    return cells_of(array_of(npy, name),
                    [](const std::string& file, std::size_t row, std::size_t column, double ohm) {
                        const bool no_cell = std::isinf(ohm) && ohm > 0;
                        if (!no_cell && !(ohm >= kLeastOhm && ohm <= kMostOhm))
                            refuse(
                                "{}: row {}, column {}: value {} ohm: must be from {} to {}, or inf for "
                                "no cell",
                                file, row, column, ohm, kLeastOhm, kMostOhm);
                        return no_cell ? 0.0 : 1 / ohm;
                    });
}

CrossbarVoltages parse_voltages(const std::string& npy, const std::string& name, int rows) {
    Array array = array_of(npy, name);
    const std::vector<std::size_t>& shape = array.values.shape;
    const auto wanted = static_cast<std::size_t>(rows);
    if (shape.empty() || shape.size() > 2 || shape.back() != wanted || array.values.size() == 0)
        refuse("{}: shape {}: must be ({}) or (inputs, {}): one voltage for each row of cells",
               array.file.path, shape_text(shape), rows, rows);
    const std::size_t inputs = array.values.size() / wanted;
    if (inputs > kMostCrossbarInputs)
        refuse("{}: {} inputs: at most {} are solved", array.file.path, inputs, kMostCrossbarInputs);
    CrossbarVoltages result;
    result.one_list = shape.size() == 1;
    for (std::size_t input = 0; input < inputs; ++input) {
        std::vector<double> volts;
        for (std::size_t row = 0; row < wanted; ++row) {
            const double value = array.values.number(input * wanted + row);
            const bool idle = std::fpclassify(value) == FP_ZERO;
            if (!idle && !(std::abs(value) >= kLeastVolts && std::abs(value) <= kMostVolts))
                refuse("{}: {}row {}: value {} V: must be 0 or of a size from {} to {}", array.file.path,
                       shape.size() == 2 ? fmt::format("input {}, ", input) : "", row, value, kLeastVolts,
                       kMostVolts);
            volts.push_back(value);
        }
        result.volts.push_back(std::move(volts));
    }
    result.file = std::move(array.file);
    return result;
}

CrossbarCells read_conductances(const std::filesystem::path& path) {
    return parse_conductances(read_unpacked(path, kDataFile), path.string());
}
CrossbarCells read_resistances(const std::filesystem::path& path) {
    return parse_resistances(read_unpacked(path, kDataFile), path.string());
}
CrossbarVoltages read_voltages(const std::filesystem::path& path, int rows) {
    return parse_voltages(read_unpacked(path, kDataFile), path.string(), rows);
}

}  // namespace sliver::study
