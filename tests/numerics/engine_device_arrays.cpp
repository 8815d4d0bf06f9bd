// Networks on non-ideal crossbars: programmed alike by any number of threads, exact where devices are, and
// nearer to the ideal column sums where gains are calibrated.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "bitline_reference.h"
#include "device/effective_conductance.h"
#include "engine/device_arrays.h"
#include "timing/stored_levels.h"

BOOST_AUTO_TEST_SUITE(engine_device_arrays)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;

namespace {

struct Case {
    config::ChipConfig chip;
    network::QuantisedNetwork network;
    mapping::NetworkMapping mapping;
};

Case a_case(Dice& dice) {
    Case c;
    Setting setting;
    setting.array_rows = 64;
    c.chip = setting.chip(8);
    c.chip.array.columns = 64;
    c.chip.cells.kind = config::CellKind::resistive;
    c.network = bitline_reference::random_network(8, 8, dice);
    c.mapping = mapping::map_network(c.network, c.chip);
    return c;
}

std::shared_ptr<const bitline::AnalogNetwork> programmed(const Case& c, int threads, std::uint64_t seed = 1) {
    return engine::program_arrays(
        {c.network, c.mapping, c.chip, seed, threads, best_instruction_set(), nullptr, {}});
}

/// Root mean square of (gain x sum + offset - ideal sum) over random half-driven inputs, in levels.
double residual(const bitline::AnalogArray& array, const std::vector<std::uint8_t>& levels, Dice& dice) {
    double total = 0;
    int count = 0;
    for (int read = 0; read < 50; ++read) {
        std::vector<double> ideal(static_cast<std::size_t>(array.columns), 0), real(ideal);
        for (int row = 0; row < array.rows; ++row) {
            if (dice.chance(50)) continue;
            for (int column = 0; column < array.columns; ++column) {
                const auto at = static_cast<std::size_t>(column);
                ideal[at] += levels[static_cast<std::size_t>(row * array.columns + column)];
                real[at] +=
                    static_cast<double>(array.levels[static_cast<std::size_t>(row * array.stride + column)]);
            }
        }
        for (std::size_t column = 0; column < ideal.size(); ++column) {
            const double error = static_cast<double>(array.gain[column]) * real[column] +
                                 static_cast<double>(array.offset[column]) - ideal[column];
            total += error * error;
            ++count;
        }
    }
    return std::sqrt(total / count);
}

}  // namespace

BOOST_AUTO_TEST_CASE(resistive_cells_without_errors_hold_their_levels) {
    Dice dice(1);
    const Case c = a_case(dice);
    const auto arrays = programmed(c, 2);
    for (std::size_t layer = 0; layer < arrays->size(); ++layer) {
        const mapping::LayerMapping& mapped = c.mapping.layers[LayerIndex(layer)];
        const auto& weights = c.network.nodes[mapped.node].weights;
        const std::vector<bool> flipped = mapping::flipped_columns(weights, mapped);
        for (std::size_t crossbar = 0; crossbar < mapped.crossbars.size(); ++crossbar) {
            const mapping::CrossbarSlot& slot = mapped.crossbars[CrossbarIndex(crossbar)];
            const mapping::CellArray cells = mapping::program_cells(weights, mapped, slot, flipped);
            const bitline::AnalogArray& array = (*arrays)[layer][crossbar];
            BOOST_TEST(array.rows == slot.rows);
            BOOST_TEST(array.columns == slot.used_columns());
            for (int row = 0; row < slot.rows; ++row)
                for (int column = 0; column < array.columns; ++column)
                    BOOST_REQUIRE(array.levels[static_cast<std::size_t>(row * array.stride + column)] ==
                                  static_cast<float>(cells.level(row, column)));
        }
    }
}

BOOST_AUTO_TEST_CASE(threads_change_nothing_and_seeds_do) {
    Dice dice(2);
    Case c = a_case(dice);
    c.chip.cells.variation = device::variation_named("gaussian-range");
    c.chip.cells.sigma = 0.05;
    c.chip.wires.kind = config::WireKind::exact;
    c.chip.adc.calibration = config::AdcCalibration::column;
    c.chip.adc.gain_sigma = 0.01;
    c.chip.adc.offset_sigma = 0.5;
    const auto one = programmed(c, 1), three = programmed(c, 3), other = programmed(c, 1, 2);
    bool same = true, differs = false;
    for (std::size_t layer = 0; layer < one->size(); ++layer)
        for (std::size_t crossbar = 0; crossbar < (*one)[layer].size(); ++crossbar) {
            const bitline::AnalogArray &a = (*one)[layer][crossbar], &b = (*three)[layer][crossbar],
                                       &d = (*other)[layer][crossbar];
            same = same && a.levels == b.levels && a.gain == b.gain && a.offset == b.offset;
            differs = differs || a.levels != d.levels;
        }
    BOOST_TEST(same);
    BOOST_TEST(differs);
}

// skip.empty_columns: whatever their cells leak and their converters add, empty columns read zero; all others
// are as they were.
BOOST_AUTO_TEST_CASE(columns_that_nobody_converts_are_silent) {
    Dice dice(5);
    int silent = 0;
    for (int round = 0; round < 4; ++round) {
        Case c = a_case(dice);
        for (network::Node& node : c.network.nodes)  // no weight above 15: the upper slices are empty
            for (std::int16_t& code : node.weights.codes) code = static_cast<std::int16_t>(code % 16);
        c.mapping = mapping::map_network(c.network, c.chip);
        c.chip.cells.variation = device::variation_named("gaussian-range");
        c.chip.cells.sigma = 0.05;
        c.chip.cells.read_noise = 0.05;
        c.chip.cells.stuck_on = 0.01;
        c.chip.adc.offset_sigma = 0.5;
        c.chip.adc.gain_sigma = 0.02;
        if (round % 2 == 1) c.chip.adc.calibration = config::AdcCalibration::column;
        const auto before = programmed(c, 2);
        c.chip.skip.empty_columns = true;
        const auto after = programmed(c, 2);
        for (std::size_t layer = 0; layer < after->size(); ++layer)
            for (std::size_t crossbar = 0; crossbar < (*after)[layer].size(); ++crossbar) {
                const mapping::LayerMapping& mapped = c.mapping.layers[LayerIndex(layer)];
                const stored_levels::Levels levels = stored_levels::levels_of(
                    c.network.nodes[mapped.node].weights, c.chip, mapped.crossbars[CrossbarIndex(crossbar)]);
                const bitline::AnalogArray &was = (*before)[layer][crossbar], &is = (*after)[layer][crossbar];
                for (int column = 0; column < is.columns; ++column) {
                    const auto at = static_cast<std::size_t>(column);
                    const bool empty = std::all_of(levels.begin(), levels.end(),
                                                   [&](const auto& row) { return row[at] == 0; });
                    silent += empty ? 1 : 0;
                    BOOST_REQUIRE(is.gain[at] == was.gain[at]);
                    BOOST_REQUIRE(is.offset[at] == (empty ? 0 : was.offset[at]));
                    for (int row = 0; row < is.rows; ++row) {
                        const auto place = static_cast<std::size_t>(row * is.stride + column);
                        BOOST_REQUIRE(is.levels[place] == (empty ? 0 : was.levels[place]));
                        BOOST_REQUIRE(is.variances[place] == (empty ? 0 : was.variances[place]));
                    }
                }
            }
    }
    BOOST_TEST(silent > 0);
}

// What a row's cells draw behind wires: the solver's conductances, summed here. With ideal wires nobody asks.
BOOST_AUTO_TEST_CASE(rows_draw_what_was_solved) {
    Dice dice(6);
    for (const config::Encoding encoding : {config::Encoding::differential, config::Encoding::offset}) {
        Case c = a_case(dice);
        c.chip.array.rows = c.chip.array.columns = 32;
        c.chip.weights.encoding = encoding;
        c.mapping = mapping::map_network(c.network, c.chip);
        BOOST_TEST((*programmed(c, 2))[0][0].row_nanosiemens.empty());
        c.chip.wires = {config::WireKind::exact, 100, 3.13, 1.04, 50};
        const auto arrays = programmed(c, 2);
        const device::CellDevice cell = engine::array_model(c.chip).cell;
        for (std::size_t layer = 0; layer < arrays->size(); ++layer)
            for (std::size_t crossbar = 0; crossbar < (*arrays)[layer].size(); ++crossbar) {
                const mapping::LayerMapping& mapped = c.mapping.layers[LayerIndex(layer)];
                const mapping::CrossbarSlot& slot = mapped.crossbars[CrossbarIndex(crossbar)];
                const stored_levels::Levels levels =
                    stored_levels::levels_of(c.network.nodes[mapped.node].weights, c.chip, slot);
                device::CellConductances cells(32, 32, cell.siemens(0));
                const int first_row = 32 - slot.rows;  // at the converters' end
                for (int row = 0; row < slot.rows; ++row)
                    for (int column = 0; column < slot.used_columns(); ++column)
                        cells.at(first_row + row, column) = cell.siemens(
                            levels[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)]);
                const device::CellConductances solved =
                    device::effective_conductances(cells, {100, 3.13, 1.04, 50}, best_instruction_set());
                const std::vector<std::uint64_t>& drawn = (*arrays)[layer][crossbar].row_nanosiemens;
                BOOST_REQUIRE(drawn.size() == static_cast<std::size_t>(slot.rows));
                for (int row = 0; row < slot.rows; ++row) {
                    double siemens = encoding == config::Encoding::offset ? cell.siemens(1) : 0;
                    for (int column = 0; column < slot.used_columns(); ++column)
                        siemens += solved.at(first_row + row, column);
                    // To the nearest nanosiemens, of conductances in single precision.
                    BOOST_TEST(std::abs(static_cast<double>(drawn[static_cast<std::size_t>(row)]) -
                                        siemens * 1e9) < 0.6);
                }
            }
    }
}

// hardware-parameters.md 5.5: one gain for a column leaves far less than one gain for an array.
BOOST_AUTO_TEST_CASE(gains_by_column_mend_what_wires_do) {
    Dice dice(3);
    config::ChipConfig chip;
    chip.array.rows = chip.array.columns = 64;
    chip.cells.kind = config::CellKind::resistive;
    chip.wires = {config::WireKind::exact, 100, 3.13, 1.04, 50};
    device::ArrayLevels used{64, 64, {}};
    for (int i = 0; i < 64 * 64; ++i) used.levels.push_back(static_cast<std::uint8_t>(dice.between(0, 3)));
    bitline::AnalogArray array(
        64, 64, device::effective_levels(engine::array_model(chip), used, 1, {}, best_instruction_set()));
    const double none = residual(array, used.levels, dice);
    array.gain = [&] {
        const auto gains =
            engine::calibration_gains(array, used.levels, config::AdcCalibration::array, 1, 1, {});
        return AlignedVector<float>(gains.begin(), gains.end());
    }();
    const double by_array = residual(array, used.levels, dice);
    std::fill(array.gain.begin(), array.gain.end(), 1.0F);
    array.gain = [&] {
        const auto gains =
            engine::calibration_gains(array, used.levels, config::AdcCalibration::column, 1, 1, {});
        return AlignedVector<float>(gains.begin(), gains.end());
    }();
    const double by_column = residual(array, used.levels, dice);
    BOOST_TEST_MESSAGE("residual in levels: " << none << ", by array " << by_array << ", by column "
                                              << by_column);
    BOOST_TEST(by_array < none / 2);
    BOOST_TEST(by_column < by_array / 4);
}

BOOST_AUTO_TEST_CASE(gains_may_be_fitted_afterwards) {
    Dice dice(6);
    Case c = a_case(dice);
    c.chip.cells.variation = device::variation_named("gaussian-level");
    c.chip.cells.sigma = 0.1;
    c.chip.wires.kind = config::WireKind::separable;
    c.chip.wires.driver_ohm = 2e3;
    c.chip.adc.gain_sigma = 0.01;
    const engine::ProgrammingRequest request{c.network, c.mapping, c.chip, 4, 2, best_instruction_set(),
                                             nullptr,   {}};
    const engine::ProgrammedNetwork plain = engine::program_uncalibrated(request);
    BOOST_TEST(plain.currents.nonideality > 0);
    BOOST_TEST(plain.currents.mean_siemens > 1 / c.chip.cells.off_ohm);
    BOOST_TEST(plain.currents.mean_siemens < 1 / c.chip.cells.on_ohm);
    for (const config::AdcCalibration kind :
         {config::AdcCalibration::none, config::AdcCalibration::array, config::AdcCalibration::column}) {
        config::ChipConfig chip = c.chip;
        chip.adc.calibration = kind;
        const auto at_once =
            engine::program_arrays({c.network, c.mapping, chip, 4, 1, best_instruction_set(), nullptr, {}});
        const auto later = engine::calibrated(*plain.arrays, request, kind);
        bool same = true;
        for (std::size_t layer = 0; layer < at_once->size(); ++layer)
            for (std::size_t crossbar = 0; crossbar < (*at_once)[layer].size(); ++crossbar)
                same = same && (*at_once)[layer][crossbar].levels == (*later)[layer][crossbar].levels &&
                       (*at_once)[layer][crossbar].gain == (*later)[layer][crossbar].gain;
        BOOST_TEST(same);
    }
}

BOOST_AUTO_TEST_SUITE_END()
