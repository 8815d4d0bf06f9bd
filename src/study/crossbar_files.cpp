#include "study/crossbar_files.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "network/npy.h"

namespace sliver::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

Json input_json(const CrossbarInputSolution& input) {
    Json json = {{"driven_rows", input.driven_rows},
                 {"ideal_sum_a", input.ideal_sum_a},
                 {"current_sum_a", input.current_sum_a},
                 {"driver_sum_a", input.driver_sum_a},
                 {"imbalance", input.imbalance},
                 {"mean_factor", nullptr},
                 {"largest_factor", nullptr},
                 {"worst_column", nullptr}};
    if (input.worst_column) {
        json["mean_factor"] = *input.mean_factor;
        json["largest_factor"] = input.factor[*input.worst_column];
        json["worst_column"] = *input.worst_column;
    }
    json["ideal_a"] = input.ideal_a;
    json["current_a"] = input.current_a;
    json["factor"] = input.factor;
    json["driver_a"] = input.driver_a;
    return json;
}

Json maps_json(const CrossbarResult& result) {
    const int rows = result.cells.rows, columns = result.cells.columns;
    const std::size_t first = result.solution.worst_input * result.cells.values.size();
    const auto means = [&](const double* values) { return block_means(values, rows, columns).means; };
    const BlockMap wordlines = block_means(&result.solution.row_volts[first], rows, columns);
    Json json = {{"rows_per_block", wordlines.rows_per_block},
                 {"columns_per_block", wordlines.columns_per_block},
                 {"row_volts", wordlines.means},
                 {"column_volts", means(&result.solution.column_volts[first])}};
    if (result.effective) {
        json["conductance_s"] = means(result.cells.values.data());
        json["effective_s"] = means(result.effective->values.data());
    }
    return json;
}

std::string solve_json(const CrossbarResult& result) {
    Json json = {{"kind", "crossbar"},
                 {"schema", kSchema},
                 {"version", result.version},
                 {"rows", result.cells.rows},
                 {"columns", result.cells.columns},
                 {"cells",
                  {{"file", result.cells_file.path},
                   {"sha256", result.cells_file.sha256},
                   {"given_as", result.given_as_resistances ? "resistances" : "conductances"}}},
                 {"voltages", {{"file", result.voltages_file.path}, {"sha256", result.voltages_file.sha256}}},
                 {"wires",
                  {{"driver_ohm", result.wires.driver_ohm},
                   {"row_ohm", result.wires.row_ohm},
                   {"column_ohm", result.wires.column_ohm},
                   {"sense_ohm", result.wires.sense_ohm}}},
                 {"idle_rows", word_of(result.idle)},
                 {"factorisations", result.solution.factorisations}};
    json["inputs"] = Json::array();
    for (const CrossbarInputSolution& input : result.solution.inputs)
        json["inputs"].push_back(input_json(input));
    json["worst_input"] = result.solution.worst_input;
    json["maps"] = maps_json(result);
    return json.dump(1, ' ', false, decltype(json)::error_handler_t::replace) + "\n";
}

}  // namespace

device::IdleRows idle_rows(const char* option, const std::string& word) {
    for (const device::IdleRows idle :
         {device::IdleRows::grounded, device::IdleRows::floating, device::IdleRows::gated})
        if (word == word_of(idle)) return idle;
    refuse("{}: value {}: must be grounded, floating or gated", option, word);
}

const char* word_of(device::IdleRows idle) {
    switch (idle) {
        case device::IdleRows::grounded:
            return "grounded";
        case device::IdleRows::floating:
            return "floating";
        case device::IdleRows::gated:
            break;
    }
    return "gated";
}

void write_crossbar(const OutputFolder& folder, const CrossbarResult& result) {
    const CrossbarSolution& solution = result.solution;
    const auto rows = static_cast<std::size_t>(result.cells.rows),
               columns = static_cast<std::size_t>(result.cells.columns);
    const auto shape = [&](std::vector<std::size_t> of_one) {
        if (!result.one_input_list) of_one.insert(of_one.begin(), solution.inputs.size());
        return of_one;
    };
    const auto by_column = [&](std::vector<double> CrossbarInputSolution::*member) {
        std::vector<double> all;
        for (const CrossbarInputSolution& input : solution.inputs)
            all.insert(all.end(), (input.*member).begin(), (input.*member).end());
        return network::npy_bytes(shape({columns}), all);
    };
    folder.write("solve.json", solve_json(result));
    folder.write("currents.npy", by_column(&CrossbarInputSolution::current_a));
    folder.write("nf.npy", by_column(&CrossbarInputSolution::factor));
    folder.write("row_volts.npy", network::npy_bytes(shape({rows, columns}), solution.row_volts));
    folder.write("column_volts.npy", network::npy_bytes(shape({rows, columns}), solution.column_volts));
    if (result.effective)
        folder.write("g_eff.npy", network::npy_bytes({rows, columns}, result.effective->values));
}

}  // namespace sliver::study
