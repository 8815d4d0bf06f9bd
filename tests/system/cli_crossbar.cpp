// sliver crossbar solve: published arrays through the program, several inputs, its folder, its page, its
// refusals.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "../numerics/report_oracle.h"
#include "base/sha256.h"
#include "cli_support.h"
#include "device/nodal_solver.h"
#include "network/npy.h"

BOOST_AUTO_TEST_SUITE(cli_crossbar)

using namespace cli_support;
using namespace report_oracle;
using namespace sliver;
using network::npy_bytes;
using network::NpyArray;

namespace {

constexpr double kVectorTolerance = 1e-9;  // relative, of the published vectors
const std::vector<std::string> kOneOhm = {"--r-driver", "1", "--r-row",   "1",
                                          "--r-col",    "1", "--r-sense", "1"};

std::vector<double> numbers(const NpyArray& array) {
    std::vector<double> values;
    for (std::size_t i = 0; i < array.size(); ++i) values.push_back(array.number(i));
    return values;
}

struct Crossbar : Sandbox {
    /// "cells.npy", "volts.npy"; cells in siemens.
    void give(int rows, int columns, const std::vector<double>& siemens,
              const std::vector<double>& volts) const {
        give_cells(npy_bytes({std::size_t(rows), std::size_t(columns)}, siemens));
        give_volts(npy_bytes({volts.size()}, volts));
    }
    void give_cells(const std::string& bytes) const { write(folder / "cells.npy", bytes); }
    void give_volts(const std::string& bytes) const { write(folder / "volts.npy", bytes); }

    [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& more,
                                                   const char* cells = "--conductances") const {
        std::vector<std::string> arguments = {"crossbar",        "solve",      cells,
                                              path("cells.npy"), "--voltages", path("volts.npy")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    /// With all wires at 1 ohm and more options; `parts` must all stand in the one line.
    void refused(std::vector<std::string> arguments, const std::vector<std::string>& parts) const {
        arguments.insert(arguments.end(), {"--out", path("out")});
        const Outcome outcome = run(arguments);
        BOOST_TEST(outcome.code == 2, outcome.err);
        BOOST_TEST(outcome.err.rfind("sliver: ", 0) == 0U, outcome.err);
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1, outcome.err);
        BOOST_TEST(outcome.out == "");
        for (const std::string& part : parts)
            BOOST_TEST(outcome.err.find(part) != std::string::npos, outcome.err << "lacks " << part);
        BOOST_TEST(!fs::exists(folder / "out"));
    }
    void refused_cells(const std::string& bytes, const std::vector<std::string>& parts,
                       const char* option = "--conductances") const {
        give_cells(bytes);
        refused(command(kOneOhm, option), parts);
    }
    void refused_volts(const std::string& bytes, const std::vector<std::string>& parts) const {
        give_volts(bytes);
        refused(command(kOneOhm), parts);
    }
    [[nodiscard]] std::vector<double> result(const std::string& name) const {
        return numbers(network::read_npy(folder / "out" / name));
    }
    [[nodiscard]] json solved() const { return json::parse(read(folder / "out/solve.json")); }
};

struct Published {
    std::vector<double> ohms, volts;
    std::vector<std::string> wires;
    std::vector<double> currents_a;
};

/// T1 to T3 of hardware-parameters.md 5.4.
std::vector<Published> published() {
    const std::vector<double> two = {1000, 20000, 20000, 1000};
    return {{{1000}, {0.2}, kOneOhm, {0.2 / 1002}},
            {two, {0.2, 0.2}, kOneOhm, {2.093609610823e-4, 2.093599633754e-4}},
            {two,
             {0.2, 0},
             {"--r-driver", "10", "--r-row", "0.005 kohm", "--r-col", "2 ohm", "--r-sense", "1"},
             {1.973258646416e-4, 9.882789804992e-6}}};
}

/// 5 x 3 cells and four inputs: the second all idle, two with the same rows idle.
constexpr int kRows = 5, kColumns = 3;
constexpr std::size_t kInputs = 4;

std::vector<double> several_cells() {
    std::mt19937 random(1);
    std::vector<double> siemens;
    for (int i = 0; i < kRows * kColumns; ++i) siemens.push_back(1e-4 / (1 + static_cast<double>(i % 7)));
    siemens[4] = 0;
    return siemens;
}

std::vector<double> several_volts() {
    std::vector<double> volts(kInputs * kRows, 0.0);
    for (std::size_t i = 0; i < volts.size(); ++i)
        if (i / kRows != 1 && i % 3 != 0) volts[i] = i % 2 == 0 ? 0.2 : -0.1;
    return volts;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(published_currents_to_1e_9, Crossbar) {
    for (const Published& array : published()) {
        const std::size_t lines = array.volts.size();
        std::vector<double> siemens;
        for (const double ohm : array.ohms) siemens.push_back(1 / ohm);
        for (const char* option : {"--resistances", "--conductances"}) {
            give_cells(
                npy_bytes({lines, lines}, std::string(option) == "--resistances" ? array.ohms : siemens));
            give_volts(npy_bytes({lines}, array.volts));
            std::vector<std::string> arguments = command(array.wires, option);
            arguments.insert(arguments.end(), {"--out", path("out"), "--force"});
            good(arguments);
            const std::vector<double> currents = result("currents.npy");
            BOOST_REQUIRE_EQUAL(currents.size(), lines);
            for (std::size_t j = 0; j < lines; ++j)
                BOOST_TEST(currents[j] == array.currents_a[j],
                           boost::test_tools::tolerance(kVectorTolerance));
            const json input = solved().at("inputs").at(0);
            BOOST_TEST((input.at("current_a").get<std::vector<double>>() == currents));
            const std::vector<double> effective = result("g_eff.npy");
            for (std::size_t j = 0; j < lines; ++j) {
                double ideal = 0, current = 0;
                for (std::size_t i = 0; i < lines; ++i) {
                    ideal += siemens[i * lines + j] * array.volts[i];
                    current += effective[i * lines + j] * array.volts[i];
                }
                BOOST_TEST(current == array.currents_a[j], boost::test_tools::tolerance(kVectorTolerance));
                BOOST_TEST(result("nf.npy")[j] == 1 - array.currents_a[j] / ideal,
                           boost::test_tools::tolerance(1e-6));
            }
        }
    }
}

BOOST_FIXTURE_TEST_CASE(published_node_voltages, Crossbar) {
    give_cells(npy_bytes({2, 2}, std::vector<std::int32_t>{1000, 20000, 20000, 1000}));
    give_volts(npy_bytes({2}, std::vector<double>{0.2, 0.2}));
    std::vector<std::string> arguments = command(kOneOhm, "--resistances");
    arguments.insert(arguments.end(), {"--out", path("out")});
    good(arguments);
    const std::vector<double> rows = {0.1997906400, 0.1997806620, 0.1997906390, 0.1995912571};
    const std::vector<double> columns = {0.0004087429, 0.0002193380, 0.0002093610, 0.0002093600};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        BOOST_TEST(std::abs(result("row_volts.npy")[i] - rows[i]) < 1e-10);
        BOOST_TEST(std::abs(result("column_volts.npy")[i] - columns[i]) < 1e-10);
        BOOST_TEST(solved().at("maps").at("row_volts").at(i / 2).at(i % 2).get<double>() ==
                   result("row_volts.npy")[i]);
    }
}

// The folder says what went in, and what each file holds.
BOOST_FIXTURE_TEST_CASE(several_inputs_are_solved_one_by_one, Crossbar) {
    give(kRows, kColumns, several_cells(), {});
    give_volts(npy_bytes({kInputs, kRows}, several_volts()));
    const device::WireResistances wires{100, 3, 1, 50};
    device::CellConductances cells(kRows, kColumns);
    cells.values = several_cells();
    for (const auto& [word, idle, sets] : {std::tuple{"grounded", device::IdleRows::grounded, 1},
                                           {"floating", device::IdleRows::floating, 3},
                                           {"gated", device::IdleRows::gated, 3}}) {
        const std::string text =
            good(command({"--r-driver", "100", "--r-row", "3", "--r-col", "1", "--r-sense", "50", "--idle",
                          word, "--out", path("out"), "--force"}));
        BOOST_TEST(text.find("4 inputs of") != std::string::npos);
        BOOST_TEST(text.find("sets of idle rows factored: " + std::to_string(sets)) != std::string::npos);
        const NpyArray currents = network::read_npy(folder / "out/currents.npy"),
                       nodes = network::read_npy(folder / "out/row_volts.npy");
        BOOST_TEST((currents.type == network::NpyType::float64));
        BOOST_TEST((currents.shape == std::vector<std::size_t>{kInputs, kColumns}));
        BOOST_TEST((nodes.shape == std::vector<std::size_t>{kInputs, kRows, kColumns}));
        BOOST_TEST((network::read_npy(folder / "out/nf.npy").shape == currents.shape));
        BOOST_TEST((network::read_npy(folder / "out/column_volts.npy").shape == nodes.shape));
        BOOST_TEST(fs::exists(folder / "out/g_eff.npy") == (idle == device::IdleRows::grounded));
        const json all = solved();
        BOOST_TEST(all.at("idle_rows") == word);
        BOOST_TEST(all.at("factorisations") == sets);
        BOOST_TEST(all.at("cells").at("sha256") == sha256(read(folder / "cells.npy")));
        BOOST_TEST(all.at("voltages").at("sha256") == sha256(read(folder / "volts.npy")));
        BOOST_TEST(all.at("wires").at("sense_ohm") == 50.0);
        for (std::size_t input = 0; input < kInputs; ++input) {
            const std::vector<double> every = several_volts();
            const auto first = every.begin() + static_cast<std::ptrdiff_t>(input * kRows);
            const std::vector<double> volts(first, first + kRows);
            std::vector<bool> driven;
            for (const double v : volts) driven.push_back(v != 0);
            const device::NodalSolution want = device::NodalSolver(cells, wires, idle, driven).solve(volts);
            double ideal_sum = 0, driver_sum = 0;
            for (const double a : device::ideal_currents(cells, volts)) ideal_sum += a;
            for (const double a : want.driver_a) driver_sum += a;
            for (std::size_t j = 0; j < kColumns; ++j)
                BOOST_TEST(std::abs(currents.number(input * kColumns + j) - want.currents_a[j]) < 1e-15);
            for (std::size_t i = 0; i < want.row_volts.size(); ++i)
                BOOST_TEST(std::abs(nodes.number(input * want.row_volts.size() + i) - want.row_volts[i]) <
                           1e-12);
            const json& entry = all.at("inputs").at(input);
            BOOST_TEST(entry.at("driven_rows") == std::count(driven.begin(), driven.end(), true));
            BOOST_TEST(std::abs(entry.at("ideal_sum_a").get<double>() - ideal_sum) < 1e-15);
            BOOST_TEST(std::abs(entry.at("driver_sum_a").get<double>() - driver_sum) < 1e-15);
            BOOST_TEST(std::abs(entry.at("current_sum_a").get<double>() - driver_sum) < 1e-15);
            BOOST_TEST(entry.at("imbalance").get<double>() < 1e-9);
            BOOST_TEST(entry.at("mean_factor").is_null() == (input == 1));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(wide_arrays_show_first_last_and_worst_columns, Crossbar) {
    // Column 100 carries most current and loses most; of the others the last do, farthest from the drivers.
    std::vector<double> siemens(2 * 150, 1e-6);
    siemens[100] = siemens[250] = 1e-2;
    give(2, 150, siemens, {0.2, 0.2});
    const std::string text = good(command(kOneOhm));
    BOOST_TEST(text.find("141 of 150 columns left out: shown are the first, the last and the worst 4") !=
               std::string::npos);
    BOOST_TEST(text.find("\n     100  ") != std::string::npos);
    BOOST_TEST(text.find("\n     149  ") != std::string::npos);
    BOOST_TEST(text.find("\n      50  ") == std::string::npos);
    BOOST_TEST(text.find("column 100\n") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_page_shows_the_numbers_of_solve_json, Crossbar) {
    give(kRows, kColumns, several_cells(), {});
    give_volts(npy_bytes({kInputs, kRows}, several_volts()));
    for (const std::string idle : {"grounded", "gated"}) {
        std::vector<std::string> arguments = command(kOneOhm);
        arguments.insert(arguments.end(), {"--idle", idle, "--out", path("out"), "--force"});
        good(arguments);
        const Outcome outcome = run({"report", path("out")});
        BOOST_REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        const std::string page = read(folder / "out/report.html");
        BOOST_TEST(check_tables(page, solved()) > 40U);
        const auto charts = charts_of(page);
        BOOST_TEST(charts.size() == (idle == "grounded" ? 4U : 3U));
        for (const auto& [name, spec] : charts) BOOST_TEST(check_chart(spec, solved()) > 0U, name);
        check_self_contained(page);
        BOOST_TEST(page.find("mean over a block") == std::string::npos);
    }
}

BOOST_FIXTURE_TEST_CASE(maps_of_large_arrays_are_block_means, Crossbar) {
    constexpr std::size_t kManyRows = 130, kManyColumns = 300;
    std::vector<double> siemens(kManyRows * kManyColumns);
    for (std::size_t i = 0; i < siemens.size(); ++i) siemens[i] = 1e-6 * static_cast<double>(1 + i % 11);
    give(kManyRows, kManyColumns, siemens, std::vector<double>(kManyRows, 0.2));
    std::vector<std::string> arguments = command(kOneOhm);
    arguments.insert(arguments.end(), {"--out", path("out")});
    good(arguments);
    const json all = solved(), maps = all.at("maps");
    BOOST_TEST(maps.at("rows_per_block") == 2);
    BOOST_TEST(maps.at("columns_per_block") == 3);
    for (const char* key : {"row_volts", "column_volts", "conductance_s", "effective_s"}) {
        BOOST_TEST(maps.at(key).size() == 65U);
        BOOST_TEST(maps.at(key).at(64).size() == 100U);
    }
    const std::vector<double> effective = result("g_eff.npy");
    double total = 0;
    for (const std::size_t row : {128, 129})
        for (const std::size_t column : {3, 4, 5}) total += effective[row * kManyColumns + column];
    BOOST_TEST(std::abs(maps.at("effective_s").at(64).at(1).get<double>() - total / 6) < 1e-15);
    BOOST_REQUIRE(run({"report", path("out")}).code == 0);
    const std::string page = read(folder / "out/report.html");
    BOOST_TEST(page.find("mean over a block of 2 rows and 3 columns") != std::string::npos);
    for (const auto& [name, spec] : charts_of(page)) BOOST_TEST(check_chart(spec, all) > 0U, name);
}

BOOST_FIXTURE_TEST_CASE(an_edited_folder_is_refused_in_one_line, Crossbar) {
    give(2, 2, {1e-4, 1e-4, 1e-4, 1e-4}, {0.2, 0.2});
    std::vector<std::string> arguments = command(kOneOhm);
    arguments.insert(arguments.end(), {"--out", path("out")});
    good(arguments);
    const json whole = solved();
    const auto edited = [&](const char* place, const json& value, const std::string& part) {
        json solve = whole;
        solve[json::json_pointer(place)] = value;
        write(folder / "out/solve.json", solve.dump());
        const Outcome outcome = run({"report", path("out")});
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(outcome.err.find(part) != std::string::npos, outcome.err);
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1, outcome.err);
    };
    edited("/kind", "other", "/kind: must be 'crossbar', not 'other'");
    edited("/schema", 2, "/schema: this version reads schema 1, the file has 2");
    edited("/worst_input", 1, "/worst_input: must be the number of an input");
    edited("/worst_input", -1, "/worst_input: must be the number of an input");
    edited("/inputs/0/factor/1", "much", "/inputs/0/factor/1: must be a number");
    edited("/maps/row_volts/1/0", nullptr, "/maps/row_volts/1/0: must be a number");
    edited("/maps/rows_per_block", {}, "/maps/rows_per_block: must be a number");
    write(folder / "out/stats.json", "{}");
    BOOST_TEST(run({"report", path("out")}).err.find("holds stats.json and solve.json") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_same_input_gives_the_same_folder, Crossbar) {
    give(kRows, kColumns, several_cells(), {0.2, 0, 0.1, 0.2, -0.2});
    std::string first;
    for (const char* set : {"portable", ""}) {
        std::vector<std::string> arguments = command(kOneOhm);
        arguments.insert(arguments.end(), {"--out", path("out"), "--force"});
        good(arguments, set);
        const std::string now = snapshot(folder / "out");
        if (first.empty()) first = now;
        BOOST_TEST((now == first));
    }
    const Outcome again = run(
        command({"--r-driver", "1", "--r-row", "1", "--r-col", "1", "--r-sense", "1", "--out", path("out")}));
    BOOST_TEST(again.code == 2);
    BOOST_TEST(again.err.find("--force") != std::string::npos);
    BOOST_TEST((snapshot(folder / "out") == first));
}

BOOST_FIXTURE_TEST_CASE(arrays_that_cannot_be_solved_are_refused, Crossbar) {
    const double infinity = std::numeric_limits<double>::infinity(), nan = std::nan("");
    const std::string good_cells = npy_bytes({2, 3}, std::vector<double>(6, 1e-4)),
                      good_volts = npy_bytes({2}, std::vector<double>{0.2, 0});
    give_volts(good_volts);
    for (const double wrong : {-1e-6, infinity, -infinity, nan, 1e4, 1e-31}) {
        std::vector<double> values(6, 1e-4);
        values[5] = wrong;
        refused_cells(npy_bytes({2, 3}, values),
                      {"cells.npy: row 1, column 2: value ", " S: must be 0 or from 1e-30 to 1000"});
    }
    for (const double wrong : {-1000.0, 0.0, -infinity, nan, 1e-4, 1e31}) {
        std::vector<double> values(6, 1e4);
        values[1] = wrong;
        refused_cells(npy_bytes({2, 3}, values),
                      {"cells.npy: row 0, column 1: value ", " ohm: must be from 0.001 to 1e+30, or inf"},
                      "--resistances");
    }
    refused_cells(npy_bytes({6}, std::vector<double>(6, 1e-4)),
                  {"cells.npy: shape (6): must be (rows, columns)"});
    refused_cells(npy_bytes({1, 2, 3}, std::vector<double>(6, 1e-4)), {"shape (1, 2, 3)"});
    refused_cells(npy_bytes({0, 3}, std::vector<double>()), {"shape (0, 3)"});
    refused_cells(npy_bytes({1025, 1}, std::vector<float>(1025, 1e-4F)),
                  {"cells.npy: 1025 x 1 cells: at most 1024 x 1024"});
    refused_cells(npy_bytes({1, 1025}, std::vector<float>(1025, 1e-4F)), {"at most 1024 x 1024"});
    refused_cells("no array\n", {"cells.npy: is not a .npy file"});
    refused_cells(good_cells.substr(0, 150), {"cells.npy"});
    fs::remove(folder / "cells.npy");
    refused(command(kOneOhm), {"cells.npy: no such file"});
    give_cells(good_cells);
    refused_volts(npy_bytes({3}, std::vector<double>(3, 0.2)),
                  {"volts.npy: shape (3): must be (2) or (inputs, 2)"});
    refused_volts(npy_bytes({2, 3}, std::vector<double>(6, 0.2)), {"shape (2, 3)"});
    refused_volts(npy_bytes({1, 1, 2}, std::vector<double>(2, 0.2)), {"shape (1, 1, 2)"});
    refused_volts(npy_bytes({0, 2}, std::vector<double>()), {"shape (0, 2)"});
    refused_volts(npy_bytes({}, std::vector<double>{0.2}), {"shape ()"});
    refused_volts(npy_bytes({4097, 2}, std::vector<float>(8194, 0.2F)), {"4097 inputs: at most 4096"});
    refused_volts("", {"volts.npy"});
    for (const double wrong : {infinity, nan, 1e7, -1e7, 1e-13}) {
        refused_volts(npy_bytes({2}, std::vector<double>{0.2, wrong}),
                      {"volts.npy: row 1: value ", " V: must be 0 or of a size from 1e-12 to 1"});
        refused_volts(npy_bytes({2, 2}, std::vector<double>{0.2, 0.2, wrong, 0.2}),
                      {"volts.npy: input 1, row 0: value "});
    }
    give_cells(npy_bytes({128, 128}, std::vector<float>(16384, 1e-5F)));
    refused_volts(npy_bytes({1025, 128}, std::vector<float>(131200, 0.2F)),
                  {"--out: 1025 inputs on 128 x 128 cells"});
}

BOOST_FIXTURE_TEST_CASE(options_that_make_no_sense_are_refused, Crossbar) {
    give(1, 1, {1e-4}, {0.2});
    for (const std::size_t option : {0, 2, 4, 6}) {
        for (const char* wrong :
             {"0", "-1", "1e10", "0.0001", "nan", "inf", "x", "1 ohms", "1 V", "", "1,5"}) {
            std::vector<std::string> wires = kOneOhm;
            wires[option + 1] = wrong;
            refused(command(wires), {kOneOhm[option]});
        }
        std::vector<std::string> wires = kOneOhm;
        wires.erase(wires.begin() + static_cast<std::ptrdiff_t>(option),
                    wires.begin() + static_cast<std::ptrdiff_t>(option) + 2);
        refused(command(wires), {kOneOhm[option], "required"});
    }
    const auto with = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments = command(kOneOhm);
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    refused(with({"--idle", "open"}), {"--idle: value open: must be grounded, floating or gated"});
    refused(with({"--resistances", path("cells.npy")}), {"--conductances, --resistances: one of the two"});
    refused(with({"--r-wire", "1"}), {"--r-wire"});
    std::vector<std::string> none = with({});
    none.erase(none.begin() + 2, none.begin() + 4);
    refused(none, {"--conductances, --resistances: one of the two"});
    none = with({});
    none.erase(none.begin() + 4, none.begin() + 6);
    refused(none, {"--voltages", "required"});
    const Outcome bare = run({"crossbar"});
    BOOST_TEST(bare.code == 2);
    const Outcome unknown = run({"crossbar", "slove"});
    BOOST_TEST(unknown.code == 2);
    BOOST_TEST(unknown.err.find("did you mean solve?") != std::string::npos);
    BOOST_TEST(good({"crossbar", "solve", "--help"}).find("a row at exactly 0 is idle") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
