// The wire network's solvers: exact vectors, physical laws, limits, and the fast solver against the oracle.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "base/error.h"
#include "base/size.h"
#include "device/effective_conductance.h"
#include "device/nodal_solver.h"

BOOST_AUTO_TEST_SUITE(device_wires)

using namespace sliver;
using device::CellConductances;
using device::IdleRows;
using device::NodalSolution;
using device::NodalSolver;
using device::WireResistances;

namespace {

constexpr double kVectorTolerance = 1e-9;  // relative, of the published vectors

CellConductances from_ohms(int rows, int columns, const std::vector<double>& ohms) {
    CellConductances cells(rows, columns);
    for (std::size_t i = 0; i < ohms.size(); ++i) cells.values[i] = 1 / ohms[i];
    return cells;
}

/// Multilevel cells between `off_ohm` and `on_ohm`.
CellConductances random_cells(int rows, int columns, double on_ohm, double off_ohm, std::mt19937& random) {
    CellConductances cells(rows, columns);
    for (double& cell : cells.values)
        cell = 1 / off_ohm + static_cast<double>(random() % 4) / 3 * (1 / on_ohm - 1 / off_ohm);
    return cells;
}

std::vector<double> random_volts(int rows, std::mt19937& random) {
    std::vector<double> volts;
    for (int row = 0; row < rows; ++row) volts.push_back(0.2 * static_cast<double>(random() % 2));
    return volts;
}

double sum(const std::vector<double>& values) {
    double total = 0;
    for (const double value : values) total += value;
    return total;
}

/// Largest difference, relative to the largest expected value.
double distance(const std::vector<double>& got, const std::vector<double>& want) {
    double difference = 0, scale = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        difference = std::max(difference, std::abs(got[i] - want[i]));
        scale = std::max(scale, std::abs(want[i]));
    }
    return scale == 0 ? difference : difference / scale;
}

/// One array of hardware-parameters.md 5.4.
struct Vector {
    CellConductances cells;
    std::vector<double> volts;
    WireResistances wires;
    std::vector<double> currents_a;
};

std::vector<Vector> published_vectors() {
    const CellConductances two = from_ohms(2, 2, {1000, 20000, 20000, 1000});
    return {{from_ohms(1, 1, {1000}), {0.2}, {1, 1, 1, 1}, {0.2 / 1002}},
            {two, {0.2, 0.2}, {1, 1, 1, 1}, {2.093609610823e-4, 2.093599633754e-4}},
            {two, {0.2, 0}, {10, 5, 2, 1}, {1.973258646416e-4, 9.882789804992e-6}}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(published_vectors_to_1e_9) {
    for (const Vector& vector : published_vectors()) {
        const NodalSolution solution = NodalSolver(vector.cells, vector.wires).solve(vector.volts);
        for (std::size_t j = 0; j < vector.currents_a.size(); ++j)
            BOOST_TEST(solution.currents_a[j] == vector.currents_a[j],
                       boost::test_tools::tolerance(kVectorTolerance));
        for (const InstructionSet set : available_instruction_sets()) {
            const std::vector<double> currents = device::ideal_currents(
                device::effective_conductances(vector.cells, vector.wires, set), vector.volts);
            for (std::size_t j = 0; j < vector.currents_a.size(); ++j)
                BOOST_TEST(currents[j] == vector.currents_a[j],
                           boost::test_tools::tolerance(kVectorTolerance));
        }
    }
}

BOOST_AUTO_TEST_CASE(published_node_voltages) {
    const Vector second = published_vectors()[1];
    const NodalSolution solution = NodalSolver(second.cells, second.wires).solve(second.volts);
    const std::vector<double> rows = {0.1997906400, 0.1997806620, 0.1997906390, 0.1995912571};
    const std::vector<double> columns = {0.0004087429, 0.0002193380, 0.0002093610, 0.0002093600};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        BOOST_TEST(std::abs(solution.row_volts[i] - rows[i]) < 1e-10);
        BOOST_TEST(std::abs(solution.column_volts[i] - columns[i]) < 1e-10);
    }
}

BOOST_AUTO_TEST_CASE(currents_are_conserved_and_inputs_superpose) {
    std::mt19937 random(1);
    for (int round = 0; round < 20; ++round) {
        const int rows = 1 + static_cast<int>(random() % 20), columns = 1 + static_cast<int>(random() % 20);
        const CellConductances cells = random_cells(rows, columns, 5e3, 5e5, random);
        const NodalSolver solver(cells, {100, 3, 1, 50});
        const std::vector<double> a = random_volts(rows, random), b = random_volts(rows, random);
        std::vector<double> both(a);
        for (std::size_t i = 0; i < both.size(); ++i) both[i] = 2 * a[i] - 3 * b[i];
        const NodalSolution of_a = solver.solve(a), of_b = solver.solve(b), of_both = solver.solve(both);
        const double scale = sum(of_a.currents_a) + sum(of_b.currents_a) + 1e-12;
        BOOST_TEST(std::abs(sum(of_a.currents_a) - sum(of_a.driver_a)) < 1e-9 * scale);
        for (int j = 0; j < columns; ++j)
            BOOST_TEST(std::abs(of_both.currents_a[size(j)] - 2 * of_a.currents_a[size(j)] +
                                3 * of_b.currents_a[size(j)]) < 1e-11 * scale);
    }
}

BOOST_AUTO_TEST_CASE(the_fast_solver_is_the_oracle) {
    std::mt19937 random(2);
    const std::vector<WireResistances> all_wires = {
        {1, 1, 1, 1}, {1000, 5, 10, 1000}, {100, 3.13, 1.04, 50}, {0.001, 20, 0.01, 300}};
    for (int round = 0; round < 60; ++round) {
        const int rows = 1 + static_cast<int>(random() % 40), columns = 1 + static_cast<int>(random() % 40);
        const WireResistances& wires = all_wires[random() % all_wires.size()];
        CellConductances cells = random_cells(rows, columns, random() % 2 == 0 ? 2e3 : 1e5, 2e6, random);
        if (random() % 3 == 0)  // sparse, and cells that conduct nothing at all
            for (double& cell : cells.values)
                if (random() % 4 != 0) cell = 0;
        const NodalSolver oracle(cells, wires);
        const CellConductances first =
            device::effective_conductances(cells, wires, available_instruction_sets().front());
        std::vector<double> want;
        for (int row = 0; row < rows; ++row) {
            std::vector<double> volts(size(rows), 0.0);
            volts[size(row)] = 1;
            const NodalSolution solution = oracle.solve(volts);
            want.insert(want.end(), solution.currents_a.begin(), solution.currents_a.end());
        }
        BOOST_TEST_CONTEXT(rows << " x " << columns << " round " << round) {
            BOOST_TEST(distance(first.values, want) < 1e-9);
            for (const InstructionSet set : available_instruction_sets())
                BOOST_TEST((device::effective_conductances(cells, wires, set).values == first.values));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_full_array_agrees_too) {
    std::mt19937 random(3);
    const CellConductances cells = random_cells(128, 128, 2e3, 2e6, random);  // the stress preset
    const WireResistances wires{500, 3.13, 1.04, 200};
    const std::vector<double> volts = random_volts(128, random);
    const std::vector<double> want = NodalSolver(cells, wires).solve(volts).currents_a;
    const std::vector<double> got =
        device::ideal_currents(device::effective_conductances(cells, wires, best_instruction_set()), volts);
    BOOST_TEST(distance(got, want) < 1e-9);
}

BOOST_AUTO_TEST_CASE(without_wires_the_cells_remain) {
    std::mt19937 random(4);
    const CellConductances cells = random_cells(24, 40, 1e5, 1e6, random);
    double last = 1;
    for (const double ohm : {1.0, 0.1, 0.01, 0.001}) {
        const auto effective =
            device::effective_conductances(cells, {ohm, ohm, ohm, ohm}, best_instruction_set());
        const double loss = distance(effective.values, cells.values);
        BOOST_TEST(loss < last / 5);  // in proportion to the wires
        last = loss;
    }
    BOOST_TEST(last < 2e-5);
}

BOOST_AUTO_TEST_CASE(losses_vanish_with_the_cells_conductance) {
    std::mt19937 random(5);
    const WireResistances wires{10, 1, 1, 10};
    double last = 1;
    for (const double ohm : {1e4, 1e5, 1e6, 1e7}) {
        const CellConductances cells = random_cells(32, 32, ohm, 100 * ohm, random);
        const std::vector<double> volts(32, 0.2), ideal = device::ideal_currents(cells, volts);
        const std::vector<double> factors =
            device::non_ideality_factors(ideal, NodalSolver(cells, wires).solve(volts).currents_a);
        const double worst = *std::max_element(factors.begin(), factors.end());
        BOOST_TEST(worst < last / 5);
        BOOST_TEST(*std::min_element(factors.begin(), factors.end()) > 0);
        last = worst;
    }
}

// A single column is a ladder: its far cells see more wire. A single row likewise.
BOOST_AUTO_TEST_CASE(far_cells_lose_more) {
    const WireResistances wires{1, 10, 10, 1};
    const CellConductances column(8, 1, 1e-3), row(1, 8, 1e-3);
    const auto of_column = device::effective_conductances(column, wires, best_instruction_set());
    const auto of_row = device::effective_conductances(row, wires, best_instruction_set());
    for (int i = 1; i < 8; ++i) {
        BOOST_TEST(of_column.at(i, 0) > of_column.at(i - 1, 0));  // the last row lies at the sense end
        BOOST_TEST(of_row.at(0, i) < of_row.at(0, i - 1));        // the first column at the driver
    }
}

BOOST_AUTO_TEST_CASE(idle_rows_are_grounded_float_or_are_cut_off) {
    std::mt19937 random(6);
    const int rows = 16, columns = 12;
    const CellConductances cells = random_cells(rows, columns, 2e3, 2e5, random);
    const WireResistances wires{100, 3, 1, 50};
    std::vector<bool> driven(size(rows));
    std::vector<double> volts(size(rows), 0.0);
    for (int row = 0; row < rows; ++row) {
        driven[size(row)] = row % 3 != 0;
        volts[size(row)] = driven[size(row)] ? 0.2 : 0.0;
    }
    const auto solve = [&](IdleRows idle) { return NodalSolver(cells, wires, idle, driven).solve(volts); };
    const NodalSolution grounded = solve(IdleRows::grounded), floating = solve(IdleRows::floating),
                        gated = solve(IdleRows::gated);
    // Grounded rows draw current from the bitlines, floating ones hand on what they take, gated ones neither.
    BOOST_TEST(sum(grounded.currents_a) < sum(gated.currents_a));
    BOOST_TEST(grounded.driver_a[0] < 0);
    BOOST_TEST(floating.driver_a[0] == 0.0);
    BOOST_TEST(std::abs(sum(floating.currents_a) - sum(floating.driver_a)) < 1e-12);
    BOOST_TEST(std::abs(gated.driver_a[0]) < 1e-15);
    // Gated rows are an array without them.
    CellConductances without = cells;
    for (int row = 0; row < rows; row += 3)
        for (int column = 0; column < columns; ++column) without.at(row, column) = 0;
    BOOST_TEST(distance(gated.currents_a, NodalSolver(without, wires).solve(volts).currents_a) < 1e-12);
    // A floating row is one behind a resistance without end.
    BOOST_TEST(distance(grounded.currents_a, floating.currents_a) > 1e-4);
}

BOOST_AUTO_TEST_CASE(floating_rows_without_cells_are_no_trouble) {
    const CellConductances cells(3, 2, 0.0);
    const auto solution =
        NodalSolver(cells, {1, 1, 1, 1}, IdleRows::floating, {true, false, false}).solve({0.2, 0, 0});
    for (const double current : solution.currents_a) BOOST_TEST(current == 0.0);
}

// The error that effective_conductance.h states.
BOOST_AUTO_TEST_CASE(the_separable_form_is_near_for_weak_wires) {
    std::mt19937 random(7);
    const auto error = [&](double on_ohm, double off_ohm, const WireResistances& wires) {
        const CellConductances cells = random_cells(128, 128, on_ohm, off_ohm, random);
        const std::vector<double> volts = random_volts(128, random);
        const std::vector<double> want = device::ideal_currents(
            device::effective_conductances(cells, wires, best_instruction_set()), volts);
        const std::vector<double> got =
            device::ideal_currents(device::separable_conductances(cells, wires), volts);
        double difference = 0, scale = 0;
        for (std::size_t i = 0; i < want.size(); ++i) {
            difference += (got[i] - want[i]) * (got[i] - want[i]);
            scale += want[i] * want[i];
        }
        return std::sqrt(difference / scale);
    };
    BOOST_TEST(error(1e5, 1.7e6, {1, 1, 1, 1}) < 0.003);
    BOOST_TEST(error(1e4, 1e6, {1, 1, 1, 1}) < 0.04);
    BOOST_TEST(error(2e3, 2e6, {1, 1, 1, 1}) > 0.05);  // where it must not be trusted
}

// Where only one of the four resistances counts, one row or one column is a divider: closed forms.
BOOST_AUTO_TEST_CASE(the_separable_form_takes_each_resistance_for_what_it_is) {
    constexpr double kNone = 1e-3, kOhm = 1e3, kFirst = 1e-4, kSecond = 3e-4;
    CellConductances row(1, 2), column(2, 1);
    row.at(0, 0) = column.at(0, 0) = kFirst;
    row.at(0, 1) = column.at(1, 0) = kSecond;
    const auto near = [](double value, double wanted) { BOOST_TEST(std::abs(value / wanted - 1) < 1e-5); };
    const double shared = 1 + kOhm * (kFirst + kSecond);
    // Both cells of a row share its driver, both of a column what senses it; no cell alone is worth a share.
    CellConductances real = device::separable_conductances(row, {kOhm, kNone, kNone, kNone});
    near(real.at(0, 0), kFirst / shared);
    near(real.at(0, 1), kSecond / shared);
    real = device::separable_conductances(column, {kNone, kNone, kNone, kOhm});
    near(real.at(0, 0), kFirst / shared);
    near(real.at(1, 0), kSecond / shared);
    // A row's wire lies between its cells, and the driver is at the first; what senses is at the last row.
    real = device::separable_conductances(row, {kNone, kOhm, kNone, kNone});
    near(real.at(0, 0), kFirst);
    near(real.at(0, 1), kSecond / (1 + kOhm * kSecond));
    real = device::separable_conductances(column, {kNone, kNone, kOhm, kNone});
    near(real.at(0, 0), kFirst / (1 + kOhm * kFirst));
    near(real.at(1, 0), kSecond);
}

BOOST_AUTO_TEST_CASE(impossible_arrays_are_refused) {
    const CellConductances cells(2, 2, 1e-4);
    const double infinity = std::numeric_limits<double>::infinity(), nan = std::nan("");
    for (const double ohm : {0.0, -1.0, 1e-4, 1e10, infinity, nan}) {
        BOOST_CHECK_THROW(NodalSolver(cells, {ohm, 1, 1, 1}), InputError);
        BOOST_CHECK_THROW(NodalSolver(cells, {1, ohm, 1, 1}), InputError);
        BOOST_CHECK_THROW(device::effective_conductances(cells, {1, 1, ohm, 1}, InstructionSet::portable),
                          InputError);
        BOOST_CHECK_THROW(device::separable_conductances(cells, {1, 1, 1, ohm}), InputError);
    }
    for (const double siemens : {-1e-9, infinity, nan}) {
        CellConductances wrong = cells;
        wrong.at(1, 0) = siemens;
        BOOST_CHECK_THROW(NodalSolver(wrong, {1, 1, 1, 1}), InputError);
        BOOST_CHECK_THROW(device::effective_conductances(wrong, {1, 1, 1, 1}, InstructionSet::portable),
                          InputError);
    }
    BOOST_CHECK_THROW(NodalSolver(CellConductances(), {1, 1, 1, 1}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
