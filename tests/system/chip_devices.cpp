// The chip on non-ideal crossbars: with whole levels the ideal chip, with others what the functional engine
// computes.
#include <boost/test/unit_test.hpp>
#include <memory>

#include "chip_trials.h"
#include "engine/device_arrays.h"
#include "engine/functional_engine.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_devices)

using namespace sliver;
using chip_trials::Dice;
using chip_trials::random_trial;
using chip_trials::Trial;

namespace {

constexpr int kTrials = 25;

std::shared_ptr<const bitline::AnalogNetwork> programmed(const Trial& trial) {
    return engine::program_arrays({trial.network,
                                   mapping::map_network(trial.network, trial.chip),
                                   trial.chip,
                                   7,
                                   2,
                                   best_instruction_set(),
                                   nullptr,
                                   {}});
}

tb::ChipBench::Options options_of(const Trial& trial, const bitline::AnalogNetwork* devices) {
    tb::ChipBench::Options options;
    options.images = trial.count;
    options.widths = &trial.widths;
    options.devices = devices;
    options.count_sums = true;
    return options;
}

Trial resistive_trial(Dice& dice) {
    Trial trial = random_trial(dice);
    trial.chip.cells.kind = config::CellKind::resistive;
    trial.widths.bits = chip_trials::random_widths(trial, 2, 8, dice);
    if (dice.chance(50)) trial.widths.drops = chip_trials::random_widths(trial, 0, 2, dice);
    return trial;
}

}  // namespace

BOOST_AUTO_TEST_CASE(resistive_cells_without_errors_are_ideal_ones) {
    Dice dice(1);
    tb::ChipBench bench;
    std::vector<Trial> trials;
    std::vector<std::shared_ptr<const bitline::AnalogNetwork>> devices;
    trials.reserve(kTrials);
    for (int i = 0; i < kTrials; ++i) {
        const Trial& trial = trials.emplace_back(resistive_trial(dice));
        devices.push_back(programmed(trial));
        bench.add(trial.network, trial.chip, trial.images, options_of(trial, nullptr));
        bench.add(trial.network, trial.chip, trial.images, options_of(trial, devices.back().get()));
    }
    bench.run();
    BOOST_TEST(bench.violations().empty());
    for (std::size_t i = 0; i < kTrials; ++i) {
        const results::ChipRecord &ideal = bench.record(2 * i), &real = bench.record(2 * i + 1);
        BOOST_TEST(real.logits == ideal.logits, boost::test_tools::per_element());
        BOOST_TEST(real.elapsed_fs == ideal.elapsed_fs);
        for (std::size_t layer = 0; layer < ideal.layers.size(); ++layer) {
            BOOST_TEST(real.layers[layer].clipped == ideal.layers[layer].clipped,
                       boost::test_tools::per_element());
            BOOST_TEST(real.layers[layer].conversions == ideal.layers[layer].conversions,
                       boost::test_tools::per_element());
            BOOST_TEST_REQUIRE(real.layers[layer].column_sums.size() ==
                               ideal.layers[layer].column_sums.size());
            for (std::size_t k = 0; k < ideal.layers[layer].column_sums.size(); ++k)
                BOOST_TEST(
                    (real.layers[layer].column_sums[k].counts == ideal.layers[layer].column_sums[k].counts));
        }
    }
}

BOOST_AUTO_TEST_CASE(chip_and_functional_engine_agree_on_real_devices) {
    Dice dice(2);
    tb::ChipBench bench;
    std::vector<Trial> trials;
    std::vector<std::shared_ptr<const bitline::AnalogNetwork>> devices;
    trials.reserve(kTrials);
    for (int i = 0; i < kTrials; ++i) {
        Trial& trial = trials.emplace_back(resistive_trial(dice));
        config::ChipConfig& chip = trial.chip;
        chip.cells.variation = device::variation_named("gaussian-level");
        chip.cells.sigma = 0.1;
        chip.cells.stuck_on = 0.01;
        chip.cells.read_noise = dice.chance(50) ? 0.05 : 0;
        chip.cells.reference = dice.chance(50) ? config::OffReference::column : config::OffReference::ideal;
        chip.wires.kind = config::WireKind::separable;
        chip.adc.calibration =
            dice.chance(50) ? config::AdcCalibration::column : config::AdcCalibration::none;
        chip.adc.gain_sigma = 0.02;
        chip.adc.offset_sigma = 0.5;
        chip.skip.empty_columns = i % 2 == 1;
        chip.skip.zero_planes = i % 3 == 1;
        devices.push_back(programmed(trial));
        bench.add(trial.network, chip, trial.images, options_of(trial, devices.back().get()));
    }
    bench.run();
    BOOST_TEST(bench.violations().empty());
    bool differs = false;
    for (std::size_t i = 0; i < kTrials; ++i) {
        const Trial& trial = trials[i];
        engine::EngineOptions options;
        options.instruction_set = best_instruction_set();
        options.threads = 2;
        const engine::FunctionalEngine engine(bench.network(i), bench.mapping(i), trial.chip.inputs.dac_bits,
                                              options, devices[i]);
        const engine::FunctionalEngine ideal(bench.network(i), bench.mapping(i), trial.chip.inputs.dac_bits,
                                             options);
        const engine::BatchResult want = engine.run(trial.images.data(), trial.count, trial.widths);
        differs = differs || want.logits != ideal.run(trial.images.data(), trial.count, trial.widths).logits;
        BOOST_TEST(bench.record(i).logits == want.logits, boost::test_tools::per_element());
        for (std::size_t layer = 0; layer < want.statistics.size(); ++layer)
            for (std::size_t slice = 0; slice < want.statistics[layer].size(); ++slice)
                BOOST_TEST(bench.record(i).layers[layer].clipped[slice] ==
                           want.statistics[layer][slice].clipped);
    }
    BOOST_TEST(differs);
}

// Behind wires a driven row is charged for what was solved: summed here over the digits of the image.
BOOST_AUTO_TEST_CASE(conductances_of_driven_rows) {
    Dice dice(3);
    tb::ChipBench bench;
    std::vector<Trial> trials;
    std::vector<std::shared_ptr<const bitline::AnalogNetwork>> devices;
    for (int i = 0; i < 6; ++i) {
        Trial trial = resistive_trial(dice);
        support::NetworkBuilder build({90, 1, 1}, {i % 2 == 1, 8, 0}, 7, trial.setting.weight_bits);
        build.linear(support::NetworkBuilder::kInput, 5);
        trial.network = build.finish();
        trial.input_bits = trial.chip.inputs.bits = 8;
        trial.count = 2;
        trial.images = support::random_images(trial.network, 2, 4);
        trial.widths = {};
        trial.widths.bits = {std::vector<int>(static_cast<std::size_t>(trial.setting.slices()), 8)};
        trial.chip.replication = {};
        trial.chip.wires.kind = config::WireKind::separable;
        trial.chip.skip.zero_planes = i % 3 == 1;
        trials.push_back(trial);
        devices.push_back(programmed(trial));
        bench.add(trial.network, trial.chip, trial.images, options_of(trial, devices.back().get()));
    }
    bench.run();
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& trial = trials[i];
        const mapping::LayerMapping& layer = bench.mapping(i).layers[LayerIndex(0)];
        std::uint64_t nanosiemens = 0;
        for (const auto& digit :
             bitline_reference::digits_of(trial.network.nodes.front().format, trial.chip.inputs.dac_bits))
            for (std::size_t array = 0; array < layer.crossbars.size(); ++array)
                for (int row = 0; row < layer.crossbars[CrossbarIndex(array)].rows; ++row)
                    for (std::size_t image = 0; image < 2; ++image) {
                        const int code =
                            trial.images[image * 90 +
                                         static_cast<std::size_t>(
                                             layer.crossbars[CrossbarIndex(array)].matrix_row(row))];
                        const auto value =
                            static_cast<std::uint64_t>(code >> digit.shift & ((1 << digit.bits) - 1));
                        nanosiemens += value * value *
                                       (*devices[i])[0][array].row_nanosiemens[static_cast<std::size_t>(row)];
                    }
        BOOST_TEST(bench.record(i).layers[0].actions.conductance_driven == nanosiemens);
        BOOST_TEST(nanosiemens > 0U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
