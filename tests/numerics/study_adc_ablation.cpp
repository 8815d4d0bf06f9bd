// The ablation from runs of the chip: energies by hand, effects in their order, what each saves alone.
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "cost/adc_laws.h"
#include "study/adc_ablation.h"

BOOST_AUTO_TEST_SUITE(study_adc_ablation)

using namespace sliver;
using study::AblationRun;

namespace {

constexpr double kRelative = 1e-12;

/// Prices that tell every action from every other.
cost::UnitCosts prices() {
    cost::UnitCosts units;
    units.row_drive_j = 1;
    units.cell_read_j = 1e9;  // of Table I: no part of the ablation
    units.sample_j = 8;
    units.input_register_access_j = 64;
    units.output_register_access_j = 512;
    units.shift_add_j = 4096;
    units.column_mask_read_j = 32768;
    units.zero_check_j = 262144;
    units.add_j = units.buffer_read_byte_j = units.bus_byte_j = units.flit_hop_j = units.pool_j = 1e9;
    units.cells.volt_squared_seconds = 2;
    units.cells.siemens = {0.25, 0.5, 0.75, 1};
    return units;
}

/// On 1 ohm, 2 V for 4.5 s under the largest digit, 3: 18 J a cell at the highest level.
config::ChipConfig chip() {
    config::ChipConfig chip;
    chip.cells.on_ohm = 1;
    chip.cost.read_voltage_v = 2;
    chip.cost.read_pulse_s = 4.5;
    return chip;
}

AblationRun run(std::uint64_t scale, std::size_t bits) {
    AblationRun run;
    cost::Actions& a = run.actions;
    a.crossbar_reads = a.input_register_accesses = a.output_register_accesses = 2 * scale;
    a.conversions_used[bits] = a.samples_used = a.shift_adds_used = 30 * scale;
    a.row_drives_used = 20 * scale;
    a.row_drives_driven = 10 * scale;
    a.cells_used = 600 * scale;
    a.cells_driven = 300 * scale;
    a.cells_by_level = {200 * scale, 50 * scale, 30 * scale, 20 * scale};
    // What is the same with and without.
    a.add_ops = a.buffer_bytes_read = a.bus_bytes = a.flit_hops = a.pool_ops = 7;
    a.planes_skipped = 100 * scale;
    run.latency_s = 1000. / static_cast<double>(scale);
    run.interval_s = 100. / static_cast<double>(scale);
    return run;
}

double hanging(std::uint64_t scale, double conversion_j) {
    return static_cast<double>(scale) * (30 * (conversion_j + 8 + 4096) + 2 * (64 + 512));
}
double baseline_j(std::uint64_t scale, double conversion_j) {
    return hanging(scale, conversion_j) + static_cast<double>(scale) * (20 + 600 * 18);
}
double conducting_j(std::uint64_t scale, double conversion_j) {
    return hanging(scale, conversion_j) +
           static_cast<double>(scale) * (10 + 2 * (200 * 0.25 + 50 * 0.5 + 30 * 0.75 + 20 * 1.));
}

}  // namespace

BOOST_AUTO_TEST_CASE(by_hand) {
    const auto law = cost::make_adc_law("isaac", {});
    const double wide_j = law->energy_j(8), narrow_j = law->energy_j(3);
    std::vector<AblationRun> runs = {run(16, 8), run(16, 3), run(8, 3), run(4, 3), run(11, 8), run(5, 8)};
    for (const std::size_t masked : {2, 3, 4}) runs[masked].actions.mask_reads = 3;
    for (const std::size_t detecting : {3, 5}) runs[detecting].actions.zero_checks = 5;
    runs[2].skip_area_mm2 = 0.5;
    runs[3].skip_area_mm2 = 0.75;
    runs[3].shared_interval_s = 7;
    const double mask_j = 3 * 32768, detector_j = 5 * 262144;

    const study::Ablation ablation = study::ablation_of(runs, chip(), prices(), *law);
    const auto same = [](double is, double should) {
        BOOST_TEST(is == should, boost::test_tools::tolerance(kRelative));
    };
    same(ablation.baseline.energy_j, baseline_j(16, wide_j));
    const std::vector<double> left_j = {conducting_j(16, wide_j), conducting_j(16, narrow_j),
                                        conducting_j(8, narrow_j) + mask_j,
                                        conducting_j(4, narrow_j) + mask_j + detector_j};
    const std::vector<double> alone_j = {conducting_j(16, wide_j), baseline_j(16, narrow_j),
                                         baseline_j(11, wide_j) + mask_j, baseline_j(5, wide_j) + detector_j};
    const std::vector<std::string> effects = {"conducting cells", "column sums", "empty columns",
                                              "zero planes"};
    BOOST_REQUIRE(ablation.steps.size() == effects.size());
    double before_j = baseline_j(16, wide_j);
    for (std::size_t i = 0; i < effects.size(); ++i) {
        BOOST_TEST_CONTEXT(effects[i]) {
            const study::AblationStep& step = ablation.steps[i];
            BOOST_TEST(step.effect == effects[i]);
            same(step.state.energy_j, left_j[i]);
            same(step.saved_j, before_j - left_j[i]);
            same(step.alone_j, baseline_j(16, wide_j) - alone_j[i]);
            before_j = left_j[i];
        }
    }
    BOOST_TEST(ablation.baseline.skip_logic_j == 0);
    BOOST_TEST(ablation.steps[2].state.skip_logic_j == mask_j);
    BOOST_TEST(ablation.steps[3].state.skip_logic_j == mask_j + detector_j);
    BOOST_TEST(ablation.steps[2].state.skip_area_mm2 == 0.5);
    BOOST_TEST(ablation.steps[3].state.skip_area_mm2 == 0.75);
    // Conducting cells are a way to charge: the baseline's time.
    BOOST_TEST(ablation.steps[0].state.latency_s == ablation.baseline.latency_s);
    BOOST_TEST(ablation.steps[2].state.interval_s.value() == 100. / 8);
    BOOST_TEST(ablation.steps[3].state.latency_s == 1000. / 4);
    BOOST_TEST(ablation.steps[3].state.shared_interval_s.value() == 7);
    BOOST_TEST(!ablation.steps[2].state.shared_interval_s.has_value());
    BOOST_TEST(ablation.reads == 8U);
    BOOST_TEST(ablation.planes_skipped == 400U);
}

// The chips that the study runs: one effect more each, then the new ones alone.
BOOST_AUTO_TEST_CASE(chips) {
    const std::vector<std::vector<bool>> wanted = {{false, false, false}, {true, false, false},
                                                   {true, true, false},   {true, true, true},
                                                   {false, true, false},  {false, false, true}};
    BOOST_REQUIRE(study::kAblationChips.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const study::AblationChip& own = study::kAblationChips[i];
        config::ChipConfig before;
        before.skip.empty_columns = before.skip.zero_planes = i % 2 == 0;
        const config::ChipConfig after = own.of(before);
        BOOST_TEST(own.column_sums == wanted[i][0]);
        BOOST_TEST(after.skip.empty_columns == wanted[i][1]);
        BOOST_TEST(after.skip.zero_planes == wanted[i][2]);
    }
    BOOST_CHECK_THROW(
        static_cast<void>(study::ablation_of({}, chip(), prices(), *cost::make_adc_law("isaac", {}))),
        std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
