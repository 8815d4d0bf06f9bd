// Sweep files: what they say, and one line for whatever is wrong in them.
#include "sweep/sweep_file.h"

#include <boost/test/unit_test.hpp>

#include "base/error.h"

BOOST_AUTO_TEST_SUITE(sweep_file)

using namespace sliver;
using sweep::SweepFile;

namespace {

/// The parts of a good file, one of them replaced.
std::string file_with(const std::string& axes, const std::string& more = "",
                      const std::string& objectives = "objectives: [energy_per_image_j]") {
    return "name: test\nfixed: {chip: isaac, network: net.onnx}\naxes:\n" + axes + objectives + "\n" + more;
}

SweepFile parse(const std::string& text) {
    return sweep::parse_sweep(text, "s.yaml");
}

std::string refusal(const std::string& text) {
    try {
        parse(text);
    } catch (const InputError& error) {
        return error.what();
    }
    return "(accepted)";
}

std::vector<std::string> labels(const sweep::Axis& axis) {
    std::vector<std::string> all;
    for (const sweep::AxisValue& value : axis.values) all.push_back(value.label);
    return all;
}

using Labels = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(values_of_axes) {
    const SweepFile file =
        parse(file_with("  adc.bits: {from: 3, to: 9, step: 2}\n"
                        "  array.rows, array.columns: {from: 32, to: 128, times: 2}\n"
                        "  array.cycle: {from: 50 ns, to: 150 ns, count: 3}\n"
                        "  cells.sigma: {from: 0.1, to: 0.3, step: 0.1}\n"
                        "  adc.slice_widths: [[3, 3, 3, 1], []]\n"
                        "  copies: [{replication.mode: none}, {label: few, replication.mode: balance, "
                        "replication.target_interval_cycles: 99}]\n"
                        "  mesh.link_bits: {from: 8, to: 512, count: 4, scale: log}\n"));
    BOOST_TEST(labels(file.axes[0]) == (Labels{"3", "5", "7", "9"}), boost::test_tools::per_element());
    BOOST_TEST(labels(file.axes[1]) == (Labels{"32", "64", "128"}), boost::test_tools::per_element());
    BOOST_TEST(file.axes[1].values[2].set[1].key == "array.columns");
    BOOST_TEST(file.axes[1].values[2].set[1].value == "128");
    BOOST_TEST(labels(file.axes[2]) == (Labels{"50 ns", "100 ns", "150 ns"}),
               boost::test_tools::per_element());
    // 0.1 + 2 * 0.1 is 0.30000000000000004 in doubles; nobody wrote that.
    BOOST_TEST(labels(file.axes[3]) == (Labels{"0.1", "0.2", "0.3"}), boost::test_tools::per_element());
    BOOST_TEST(labels(file.axes[4]) == (Labels{"[3, 3, 3, 1]", "[]"}), boost::test_tools::per_element());
    BOOST_TEST(labels(file.axes[5]) == (Labels{"replication.mode=none", "few"}),
               boost::test_tools::per_element());
    BOOST_TEST(file.axes[5].values[1].set.size() == 2U);
    BOOST_TEST(labels(file.axes[6]) == (Labels{"8", "32", "128", "512"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ranges_are_taken_by_shares) {
    const SweepFile file =
        parse(file_with("  adc.bits: {from: 3, to: 6}\n"
                        "  array.cycle: {from: 10 ns, to: 1000 ns, scale: log}\n"
                        "  cells.sigma: {from: 0.0, to: 1.0}\n",
                        "sample: {kind: random, points: 7, seed: 3}\n"));
    BOOST_TEST(file.samples == 7U);
    // Four whole numbers, a quarter each.
    BOOST_TEST(file.axes[0].at(0.249).label == "3");
    BOOST_TEST(file.axes[0].at(0.25).label == "4");
    BOOST_TEST(file.axes[0].at(0.999).label == "6");
    BOOST_TEST(file.axes[2].at(0.12345678).label == "0.1235");
    // Half of the logarithm from 10 to (whole numbers) 1001.
    BOOST_TEST(file.axes[1].at(0.5).label == "100 ns");
}

BOOST_AUTO_TEST_CASE(objectives_and_constraints) {
    const SweepFile file = parse(file_with("  adc.bits: [3, 4]\n",
                                           "constraints: [area_mm2 < 90, latency_s <= 1.5 ms, top1 >= 0.9]\n"
                                           "baseline: {adc.bits: 4}\n",
                                           "objectives: [energy_per_image_j, max adc_bits_mean, top1]"));
    BOOST_TEST(file.objectives.size() == 3U);
    BOOST_CHECK(file.objectives[1].better == sweep::Better::more);
    BOOST_CHECK(file.objectives[2].better == sweep::Better::more);
    BOOST_TEST(!file.constraints[0].holds(90));
    BOOST_TEST(file.constraints[0].holds(89.99));
    BOOST_TEST(file.constraints[1].bound == 1.5e-3);
    BOOST_TEST(file.constraints[1].holds(1.5e-3));
    BOOST_TEST(file.constraints[2].holds(0.9));
    BOOST_TEST(!file.constraints[2].holds(0.89));
    BOOST_TEST(file.baseline.front() == "4");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_one_line) {
    const auto refused = [](const std::string& text, const std::string& message) {
        BOOST_TEST(refusal(text) == message);
    };
    const std::string good = "  adc.bits: [3, 4]\n";
    refused(file_with("  adc.bit: [3]\n"), "s.yaml:4:3: adc.bit: unknown key: did you mean adc.bits?");
    refused(file_with("  netwrk: [a]\n"), "s.yaml:4:3: netwrk: unknown key: did you mean network?");
    refused(file_with("  adc.bits: []\n"), "s.yaml:4:3: adc.bits: no values: the space is empty");
    refused("name: test\nfixed: {chip: isaac, network: n}\naxes: {}\nobjectives: [top1]\n",
            "s.yaml:3:7: axes: nothing varies: the space is empty");
    refused(file_with("  adc.bits: 3\n"),
            "s.yaml:4:13: adc.bits: value 3: must be a list of values or a range {from: A, to: B, step: C}");
    refused(file_with("  adc.bits: [3, 3]\n"), "s.yaml:4:17: adc.bits: value 3 is there twice");
    refused(file_with("  adc.bits: {from: 3, to: 9}\n"),
            "s.yaml:4:3: adc.bits: a grid needs steps: add step, times or count, or sample the space");
    refused(file_with("  adc.bits: {from: 9, to: 3, step: 1}\n"),
            "s.yaml:4:13: adc.bits: from must be below to");
    refused(file_with("  adc.bits: {from: 3, to: 9, step: 0}\n"),
            "s.yaml:4:30: step: value 0: must be above 0, in the unit of from and to");
    refused(file_with("  adc.bits: {from: 3, to: 9, stepp: 2}\n"),
            "s.yaml:4:30: adc.bits.stepp: unknown key: did you mean step?");
    refused(file_with("  array.cycle: {from: 50 ns, to: 1 us, count: 3}\n"),
            "s.yaml:4:16: array.cycle: from is in 'ns', to in 'us': must be one unit");
    refused(file_with("  array.cycle: {from: 50 ns, to: \"1\t\ts\", count: 3}\n"),
            "s.yaml:4:16: array.cycle: from is in 'ns', to in '??s': must be one unit");
    refused(file_with("  adc.bits: {from: 3, to: 4, count: 9}\n"),
            "s.yaml:4:13: adc.bits: gives 3 twice: fewer values, or ends with a decimal point");
    refused(file_with(good + "  adc.law, adc.bits: [x]\n"),
            "s.yaml:5:3: adc.bits: given twice, first at s.yaml:4:3");
    refused(file_with("  adc.layer_widths.conv1: [[3]]\n  adc.layer_widths: [{}]\n"),
            "s.yaml:5:22: a mapping of an axis must set a key");
    refused("name: test\nfixed: {chip: isaac}\naxes: {adc.bits: [3]}\nobjectives: [top1]\n",
            "s.yaml:1:1: network: missing: give it under fixed or as an axis");
    refused(file_with(good, "sample: {kind: sobol, points: 3}\n"),
            "s.yaml:6:16: sample.kind: value sobol: must be grid, random or latin-hypercube");
    refused(file_with(good, "constraints: [area < 90]\n"),
            "s.yaml:6:15: area: no such metric; sliver list metrics has them");
    refused(file_with(good, "constraints: [area_mm2 90]\n"),
            "s.yaml:6:15: constraint 'area_mm2 90': must be METRIC < NUMBER, or with <=, > or >=");
    refused(file_with(good, "constraints: [area_mm2 < big]\n"),
            "s.yaml:6:15: constraint 'area_mm2 < big': value 'big': must be a number, in mm2 or with a unit");
    refused(file_with(good, "", "objectives: [energy_per_imag_j]"),
            "s.yaml:5:14: energy_per_imag_j: no such metric: did you mean energy_per_image_j?");
    refused(file_with(good, "", "objectives: [top1, max top1]"),
            "s.yaml:5:20: objectives: top1 is there twice");
    refused(file_with(good, "", "objectives: []"),
            "s.yaml:5:13: objectives: value []: must be a list of 1 to 4 metrics");
    refused(file_with(good, "baseline: {adc.bits: 5}\n"),
            "s.yaml:6:22: baseline: adc.bits: value 5: is none of the axis");
    refused(file_with(good, "scenarios: [adc.bits]\n"),
            "s.yaml:6:12: scenarios: an axis must be left to choose from");
    refused(file_with(good, "scenarios: [adc.law]\n"), "s.yaml:6:13: scenarios: adc.law: no such axis");
    refused(file_with(good, "objectivs: [top1]\n"),
            "s.yaml:6:1: objectivs: unknown key: did you mean objectives?");
    refused("- 3\n", "s.yaml:1:1: value [3]: a sweep file is a mapping of keys, such as `name: adc-sharing`");
}

BOOST_AUTO_TEST_SUITE_END()
