// The wire network's oracle against another program: ngspice, in batch mode, on random arrays.
//
// Skipped, visibly, where ngspice is not installed. It is told nothing but resistors and sources; the netlist
// follows hardware-parameters.md 5.1.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "base/size.h"
#include "device/nodal_solver.h"

BOOST_AUTO_TEST_SUITE(device_ngspice)

using namespace sliver;
using device::CellConductances;
using device::IdleRows;
using device::NodalSolution;
using device::NodalSolver;
using device::WireResistances;
namespace fs = std::filesystem;

namespace {

constexpr double kTolerance = 1e-6;  // relative

struct Array {
    CellConductances cells;
    WireResistances wires;
    IdleRows idle = IdleRows::grounded;
    std::vector<bool> driven;
    std::vector<double> volts;
};

double log_uniform(double least, double most, std::mt19937& random) {
    const double share = static_cast<double>(random()) / static_cast<double>(std::mt19937::max());
    return least * std::pow(most / least, share);
}

Array random_array(int rows, int columns, IdleRows idle, std::mt19937& random) {
    Array array;
    array.idle = idle;
    array.cells = CellConductances(rows, columns);
    for (double& cell : array.cells.values) cell = random() % 16 == 0 ? 0 : log_uniform(1e-6, 1e-3, random);
    for (int row = 0; row < rows; ++row)
        array.cells.at(row, static_cast<int>(random() % size(columns))) = 1e-4;
    for (double* ohm :
         {&array.wires.driver_ohm, &array.wires.row_ohm, &array.wires.column_ohm, &array.wires.sense_ohm})
        *ohm = log_uniform(0.1, 1000, random);
    for (int row = 0; row < rows; ++row) {
        array.driven.push_back(random() % 3 != 0);
        array.volts.push_back(array.driven.back() ? log_uniform(0.05, 0.5, random) : 0);
        if (random() % 4 == 0) array.volts.back() *= -1;
    }
    return array;
}

/// One node for each end of each resistor; sources measure the currents into the virtual grounds.
std::string netlist(const Array& array) {
    std::ostringstream text;
    text.precision(17);
    const int rows = array.cells.rows, columns = array.cells.columns;
    text << "a crossbar with its wires\n.options reltol=1e-9 abstol=1e-18 vntol=1e-15\n";
    for (int i = 0; i < rows; ++i) {
        const bool idle = !array.driven[size(i)];
        if (!idle || array.idle != IdleRows::floating) {
            text << "vd" << i << " d" << i << " 0 " << array.volts[size(i)] << "\n";
            text << "rd" << i << " d" << i << " r" << i << "_0 " << array.wires.driver_ohm << "\n";
        }
        for (int j = 0; j < columns; ++j) {
            const std::string at = std::to_string(i) + "_" + std::to_string(j);
            const std::string right = std::to_string(i) + "_" + std::to_string(j + 1);
            const std::string below = std::to_string(i + 1) + "_" + std::to_string(j);
            if (j + 1 < columns)
                text << "rr" << at << " r" << at << " r" << right << " " << array.wires.row_ohm << "\n";
            if (i + 1 < rows)
                text << "rc" << at << " c" << at << " c" << below << " " << array.wires.column_ohm << "\n";
            if (array.cells.at(i, j) != 0 && !(idle && array.idle == IdleRows::gated))
                text << "rg" << at << " r" << at << " c" << at << " " << 1 / array.cells.at(i, j) << "\n";
        }
    }
    for (int j = 0; j < columns; ++j) {
        text << "rs" << j << " c" << rows - 1 << "_" << j << " g" << j << " " << array.wires.sense_ohm
             << "\n";
        text << "vs" << j << " g" << j << " 0 0\n";
    }
    text << ".control\nset numdgt=15\nop\nprint all\nquit 0\n.endc\n.end\n";
    return text.str();
}

/// "name = value" lines of ngspice's output.
std::map<std::string, double> simulate(const Array& array) {
    const fs::path file =
        fs::temp_directory_path() / ("sliver-ngspice-" + std::to_string(::getpid()) + ".cir");
    std::ofstream(file) << netlist(array);
    // -n: whatever the user's .spiceinit says.
    std::FILE* pipe = ::popen(("ngspice -n -b '" + file.string() + "' 2>/dev/null").c_str(), "r");
    BOOST_REQUIRE(pipe != nullptr);
    std::map<std::string, double> values;
    char line[512];
    while (std::fgets(line, sizeof(line), pipe) != nullptr) {
        std::istringstream words(line);
        std::string name, equals;
        double value = 0;
        if (words >> name >> equals >> value && equals == "=") values[name] = value;
    }
    const int status = ::pclose(pipe);
    fs::remove(file);
    BOOST_REQUIRE_MESSAGE(status == 0 && !values.empty(), "ngspice ends with " << status);
    return values;
}

void agree(double got, double want, const std::string& what) {
    BOOST_TEST(std::abs(got - want) <= kTolerance * std::abs(want),
               what << ": " << got << ", ngspice has " << want);
}

void compare(const Array& array) {
    const NodalSolution solution =
        NodalSolver(array.cells, array.wires, array.idle, array.driven).solve(array.volts);
    const std::map<std::string, double> spice = simulate(array);
    const int rows = array.cells.rows, columns = array.cells.columns;
    for (int j = 0; j < columns; ++j)
        agree(solution.currents_a[size(j)], spice.at("vs" + std::to_string(j) + "#branch"),
              "current of column " + std::to_string(j));
    for (int i = 0; i < rows; ++i) {
        if (array.idle == IdleRows::gated && !array.driven[size(i)]) continue;  // at 0 V but for rounding
        for (int j = 0; j < columns; j += 5) {
            const std::string at = std::to_string(i) + "_" + std::to_string(j);
            agree(solution.row_volts[size(i) * size(columns) + size(j)], spice.at("r" + at),
                  "wordline " + at);
            agree(solution.column_volts[size(i) * size(columns) + size(j)], spice.at("c" + at),
                  "bitline " + at);
        }
    }
}

bool ngspice_there() {
    if (std::system("command -v ngspice >/dev/null") == 0) return true;
    std::puts("SKIPPED: ngspice is not installed (apt-get install ngspice)");
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_arrays_agree_with_ngspice) {
    if (!ngspice_there()) return;
    std::mt19937 random(5);
    for (const IdleRows idle : {IdleRows::grounded, IdleRows::floating, IdleRows::gated})
        for (int round = 0; round < 20; ++round) {
            const int rows = round == 0 ? 32 : 1 + static_cast<int>(random() % 32);
            const int columns = round == 0 ? 32 : 1 + static_cast<int>(random() % 32);
            const Array array = random_array(rows, columns, idle, random);
            BOOST_TEST_CONTEXT(rows << " x " << columns << ", idle " << static_cast<int>(idle) << ", round "
                                    << round)
            compare(array);
        }
}

BOOST_AUTO_TEST_SUITE_END()
