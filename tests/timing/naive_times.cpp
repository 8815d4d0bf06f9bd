// Where nobody waits, the chip's windows start and its logits arrive when docs/time.md says: random networks
// and chips against recurrences that know neither, to the femtosecond.
#include "naive_times.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <vector>

#include "any_nodes.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_naive_times)

namespace {

using load_trials::Dice;
using load_trials::Trial;
using naive_times::Times;
using namespace sliver;

Times times_of(const network::QuantisedNetwork& network, const config::ChipConfig& chip,
               const mapping::AdcWidths& widths, const std::vector<std::int32_t>& image) {
    const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
    const mapping::Placement placement =
        mapping::place_network(network, mapped, mapping::replication(network, mapped, chip, widths), chip);
    return naive_times::times_of(network, mapped, placement, widths, chip, image);
}

/// A random chip on which nobody waits. Rates: every conversion takes whole femtoseconds.
Trial unhindered(std::uint64_t seed, load_trials::MakeNetwork make) {
    Trial trial = load_trials::random_trial(seed, 1, make);
    Dice dice(seed);
    trial.chip.weights.packing = config::Packing::none;
    trial.chip.weights.column_order = config::ColumnOrder::natural;
    trial.chip.adc.rate_hz = trial.chip.adc.time == config::ConversionTime::fixed
                                 ? dice.one_of<double>({1.28e9, 3.2e8, 1e8})
                                 : dice.one_of<double>({1e9, 2.5e8, 8e7});
    trial.chip.array.cycle_s = dice.one_of<double>({100e-9, 100e-9, 30e-9});
    trial.chip.tile.buffer_bytes.reset();
    trial.chip.tile.bus_bytes_per_s = trial.chip.tile.buffer_port_bytes_per_s = 0;
    trial.chip.tile.postprocessor_hz = 0;
    trial.chip.tile.output_queue_packets = 1024;  // logits may wait for the host, windows not for them
    trial.chip.mesh.kind = config::MeshKind::ideal;
    trial.chip.host.bytes_per_s = dice.one_of<double>({0, 0, 1e9, 1e7});
    return trial;
}

/// Whether a layer has windows that lie in the padding altogether.
bool reads_padding_only(const network::QuantisedNetwork& network) {
    const auto beside = [](int kernel, int stride, int pad, int length, int windows) {
        return kernel <= pad || (windows - 1) * stride - pad >= length;
    };
    return std::any_of(network.nodes.begin(), network.nodes.end(), [&](const network::Node& node) {
        if (node.kind != network::NodeKind::matrix) return false;
        const network::Window& w = node.window;
        const network::Shape& map = network.nodes[node.inputs.front()].shape;
        return beside(w.kernel_height, w.stride_y, w.pad_top, map.height, node.shape.height) ||
               beside(w.kernel_width, w.stride_x, w.pad_left, map.width, node.shape.width);
    });
}

/// The first `chips` seeds whose networks `belong`.
void check(std::size_t chips, const std::function<bool(const network::QuantisedNetwork&)>& belong,
           load_trials::MakeNetwork make = load_trials::random_network) {
    tb::ChipBench bench;
    std::vector<Times> expected;
    std::vector<std::vector<std::int32_t>> golden;
    std::vector<std::string> texts;
    for (std::uint64_t seed = 1; expected.size() < chips; ++seed) {
        const Trial trial = unhindered(seed, make);
        if (!belong(trial.network)) continue;
        expected.push_back(times_of(trial.network, trial.chip, trial.widths, trial.images));
        golden.push_back(network::run_golden(trial.network, trial.images));
        texts.push_back("seed " + std::to_string(seed) + ": " + load_trials::to_text(trial.chip) + " | " +
                        load_trials::to_text(trial.network));
        bench.add(trial.network, trial.chip, trial.images, {1, {}, &trial.widths});
    }
    bench.run();
    for (std::size_t i = 0; i < chips; ++i) {
        BOOST_TEST_CONTEXT(texts[i]) {
            const results::ChipRecord& record = bench.record(i);
            for (std::size_t layer = 0; layer < record.layers.size(); ++layer) {
                BOOST_TEST_CONTEXT(record.layers[layer].name) {
                    const naive_times::LayerTimes& times = expected[i].layers[layer];
                    BOOST_TEST(record.layers[layer].first_start_fs == times.first_start);
                    BOOST_TEST(record.layers[layer].last_start_fs == times.last_start);
                    BOOST_TEST(record.layers[layer].done_fs == times.done);
                }
            }
            BOOST_TEST(record.completed_fs.front() == expected[i].completed);
            BOOST_TEST(record.logits == golden[i], boost::test_tools::per_element());
        }
    }
}

}  // namespace

// hardware-parameters.md 8.3: the recurrences themselves, without a chip.
BOOST_AUTO_TEST_CASE(recurrences_of_vgg11) {
    const network::QuantisedNetwork network = support::vgg11(3, 1);
    config::ChipConfig chip = support::oracle_chip();
    const mapping::AdcWidths widths =
        mapping::allocate_adcs(network, mapping::map_network(network, chip), chip);
    constexpr std::uint64_t kCycleFs = 100'000'000;
    const std::vector<std::int32_t> image = support::random_images(network, 1, 2);
    BOOST_TEST(times_of(network, chip, widths, image).completed == 8718 * kCycleFs);
    chip.pipeline.pipelined = false;
    BOOST_TEST(times_of(network, chip, widths, image).completed == 11646 * kCycleFs);
}

// Random networks and chips on which nobody waits.
BOOST_AUTO_TEST_CASE(random_chips) {
    check(100, [](const auto& network) { return !reads_padding_only(network); });
}

// Layers with windows that lie in the padding altogether: those have all their inputs from the beginning.
BOOST_AUTO_TEST_CASE(windows_in_the_padding) {
    check(20, reads_padding_only);
}

// Tables, products, concats, gathers, zero points, dilated windows, sums at the end.
BOOST_AUTO_TEST_CASE(nodes_of_any_kind) {
    check(
        100, [](const auto&) { return true; }, any_nodes::any_network);
}

BOOST_AUTO_TEST_SUITE_END()
