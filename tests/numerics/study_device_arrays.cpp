// Networks on non-ideal crossbars: programmed alike by any number of threads, exact where devices are, and
// nearer to the ideal column sums where gains are calibrated.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "bitline_reference.h"
#include "study/device_arrays.h"

BOOST_AUTO_TEST_SUITE(study_device_arrays)

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
    return study::program_arrays(
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
        const std::vector<bool> flipped =
            mapping::flipped_columns(weights, c.mapping.format, mapped.rows_per_block);
        for (std::size_t crossbar = 0; crossbar < mapped.crossbars.size(); ++crossbar) {
            const mapping::CrossbarSlot& slot = mapped.crossbars[CrossbarIndex(crossbar)];
            const mapping::CellArray cells =
                mapping::program_cells(weights, c.mapping.format, mapped, slot, flipped);
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
    c.chip.cells.variation = config::CellVariation::gaussian_range;
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
        64, 64, device::effective_levels(study::array_model(chip), used, 1, {}, best_instruction_set()));
    const double none = residual(array, used.levels, dice);
    array.gain = [&] {
        const auto gains =
            study::calibration_gains(array, used.levels, config::AdcCalibration::array, 1, 1, {});
        return AlignedVector<float>(gains.begin(), gains.end());
    }();
    const double by_array = residual(array, used.levels, dice);
    std::fill(array.gain.begin(), array.gain.end(), 1.0F);
    array.gain = [&] {
        const auto gains =
            study::calibration_gains(array, used.levels, config::AdcCalibration::column, 1, 1, {});
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
    c.chip.cells.variation = config::CellVariation::gaussian_level;
    c.chip.cells.sigma = 0.1;
    c.chip.wires.kind = config::WireKind::separable;
    c.chip.wires.driver_ohm = 2e3;
    c.chip.adc.gain_sigma = 0.01;
    const study::ProgrammingRequest request{c.network, c.mapping, c.chip, 4, 2, best_instruction_set(),
                                            nullptr,   {}};
    const study::ProgrammedNetwork plain = study::program_uncalibrated(request);
    BOOST_TEST(plain.currents.nonideality > 0);
    BOOST_TEST(plain.currents.mean_siemens > 1 / c.chip.cells.off_ohm);
    BOOST_TEST(plain.currents.mean_siemens < 1 / c.chip.cells.on_ohm);
    for (const config::AdcCalibration kind :
         {config::AdcCalibration::none, config::AdcCalibration::array, config::AdcCalibration::column}) {
        config::ChipConfig chip = c.chip;
        chip.adc.calibration = kind;
        const auto at_once =
            study::program_arrays({c.network, c.mapping, chip, 4, 1, best_instruction_set(), nullptr, {}});
        const auto later = study::calibrated(*plain.arrays, request, kind);
        bool same = true;
        for (std::size_t layer = 0; layer < at_once->size(); ++layer)
            for (std::size_t crossbar = 0; crossbar < (*at_once)[layer].size(); ++crossbar)
                same = same && (*at_once)[layer][crossbar].levels == (*later)[layer][crossbar].levels &&
                       (*at_once)[layer][crossbar].gain == (*later)[layer][crossbar].gain;
        BOOST_TEST(same);
    }
}

BOOST_AUTO_TEST_SUITE_END()
