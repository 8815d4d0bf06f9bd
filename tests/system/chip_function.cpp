// The chip computes: against the golden executor where converters are lossless or arrays are read in parts,
// against a plain reference without bit planes where they clip or round, and against the functional engine.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "bitline_reference.h"
#include "chip_checks.h"
#include "engine/functional_engine.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_function)

namespace {

using bitline_reference::Dice;
using namespace chip_trials;
using namespace sliver;
using tb::ChipBench;

void check_protocol(const ChipBench& bench) {
    for (const std::string& violation : bench.violations()) BOOST_ERROR(violation);
    BOOST_TEST(bench.transactions() > 0U);
}

}  // namespace

BOOST_AUTO_TEST_CASE(lossless_is_golden) {
    Dice dice(11);
    ChipBench bench;
    std::vector<std::vector<std::int32_t>> expected;
    for (int i = 0; i < 60; ++i) {
        Trial t = random_trial(dice);
        if (!make_lossless(t)) continue;
        expected.push_back(golden_logits(t.network, t.images, t.count));
        bench.add(t.network, t.chip, t.images, {t.count, {}, &t.widths});
    }
    BOOST_TEST(expected.size() > 40U);
    bench.run();
    for (std::size_t i = 0; i < expected.size(); ++i) {
        BOOST_TEST_CONTEXT("chip " << i) {
            BOOST_TEST(bench.record(i).logits == expected[i], boost::test_tools::per_element());
            for (const auto& layer : bench.record(i).layers) BOOST_TEST(layer.actions.clipped == 0U);
        }
    }
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(clipping_is_the_plain_reference) {
    Dice dice(12);
    ChipBench bench;
    std::vector<Trial> trials;
    for (int i = 0; i < 60; ++i) {
        Trial t = random_trial(dice);
        const int widest = dice.one_of<int>({2, 4, 7, 12});
        t.widths.bits = random_widths(t, 1, widest, dice);
        bench.add(t.network, t.chip, t.images, {t.count, {}, &t.widths});
        trials.push_back(std::move(t));
    }
    bench.run();
    std::uint64_t clipped = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            const auto want = bitline_reference::run(t.network, t.setting, t.widths, t.images, t.count);
            const engine::FunctionalEngine engine(bench.network(i), bench.mapping(i), t.chip.inputs.dac_bits,
                                                  {bitline::best_instruction_set(), 1, false});
            const auto functional = engine.run(t.images.data(), t.count, t.widths);
            const results::ChipRecord& record = bench.record(i);
            BOOST_TEST(record.logits == want.logits, boost::test_tools::per_element());
            BOOST_TEST(functional.logits == want.logits, boost::test_tools::per_element());
            for (std::size_t layer = 0; layer < record.layers.size(); ++layer) {
                for (std::size_t slice = 0; slice < t.widths.bits[layer].size(); ++slice) {
                    BOOST_TEST(record.layers[layer].clipped[slice] == want.statistics[layer][slice].clipped);
                    BOOST_TEST(record.layers[layer].largest_sums[slice] ==
                               want.statistics[layer][slice].largest_sum);
                    BOOST_TEST(functional.statistics[layer][slice].clipped ==
                               want.statistics[layer][slice].clipped);
                    clipped += want.statistics[layer][slice].clipped;
                }
            }
        }
    }
    BOOST_TEST(clipped > 10000U);
    check_protocol(bench);
}

// Steps of more than one and widths by sign, each chip with one of them or both.
BOOST_AUTO_TEST_CASE(steps_and_signs_are_the_plain_reference) {
    Dice dice(13);
    ChipBench bench;
    std::vector<Trial> trials;
    for (int i = 0; i < 60; ++i) {
        Trial t = random_trial(dice);
        const bool drops = i % 3 != 0;
        const bool signs = i % 3 != 1 && t.setting.encoding == config::Encoding::differential;
        const int widest = dice.one_of<int>({2, 4, 7, 12});
        t.widths.bits = random_widths(t, 1, widest, dice);
        if (signs) t.widths.negative_bits = random_widths(t, 1, widest, dice);
        if (drops) t.widths.drops = random_widths(t, 0, dice.one_of<int>({1, 3, 8}), dice);
        bench.add(t.network, t.chip, t.images, {t.count, {}, &t.widths});
        trials.push_back(std::move(t));
    }
    bench.run();
    std::uint64_t clipped = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            clipped += check_against_reference(t, bench.record(i));
        }
    }
    BOOST_TEST(clipped > 10000U);
    check_protocol(bench);
}

// Converters of 2 to 5 bits on arrays of up to 512 rows: what does not fit is read in parts, and nothing is
// lost. Layers take as many reads as their arrays have parts.
BOOST_AUTO_TEST_CASE(split_is_golden) {
    Dice dice(14);
    ChipBench bench;
    std::vector<std::vector<std::int32_t>> expected;
    for (int i = 0; i < 60; ++i) {
        Trial t = random_trial(dice);
        const int digit = (1 << std::min(t.setting.dac_bits, t.input_bits)) - 1;
        const int narrowest =
            mapping::lossless_bits(static_cast<std::uint32_t>(((1 << t.setting.cell_bits) - 1) * digit));
        if (narrowest > 5) continue;  // one cell alone passes a converter of 5 bits
        const int lowest = std::max(2, narrowest);
        t.widths.bits = random_widths(t, lowest, 5, dice);
        if (t.setting.encoding == config::Encoding::differential && dice.chance(50))
            t.widths.negative_bits = random_widths(t, lowest, 5, dice);
        t.widths.split_rows = true;
        expected.push_back(golden_logits(t.network, t.images, t.count));
        bench.add(t.network, t.chip, t.images, {t.count, {}, &t.widths});
    }
    BOOST_TEST(expected.size() > 40U);
    bench.run();
    std::uint64_t split = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        BOOST_TEST_CONTEXT("chip " << i) {
            BOOST_TEST(bench.record(i).logits == expected[i], boost::test_tools::per_element());
            for (const results::LayerRecord& layer : bench.record(i).layers) {
                BOOST_TEST(layer.actions.clipped == 0U);
                cost::check_actions(layer.actions, layer.name);
                std::uint64_t reads = 0;
                for (std::size_t k = 0; k < layer.crossbars_by_parts.size(); ++k)
                    reads += layer.crossbars_by_parts[k] << k;
                // Copies that take windows in turn have the same arrays, but not always as many windows.
                if (layer.copies == 1)
                    BOOST_TEST(layer.actions.crossbar_reads == reads * layer.planes * layer.actions.windows);
                split += reads - layer.crossbars;
            }
        }
    }
    BOOST_TEST(split > 10000U);
    check_protocol(bench);
}

// One cell of the array that holds positive weights of slice 2, output 5, row 17: the logit of output 5 moves
// by delta * 4^2 * sum over windows' inputs in that row; nothing else does.
BOOST_AUTO_TEST_CASE(one_cell) {
    constexpr int kRow = 17, kOutput = 5, kSlice = 2;
    support::NetworkBuilder build({2, 6, 6}, {true, 8, -6}, 5);
    build.convolution(support::NetworkBuilder::kInput, 12, 3, 1, 1, false);
    const network::QuantisedNetwork network = build.finish();
    const auto images = support::random_images(network, 1, 6);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.policy = config::AdcPolicy::worst_case;
    chip.weights.slices = config::SlicePlacement::grouped;
    const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
    mapping::AdcWidths widths;
    widths.bits = {{12, 12, 12, 12}};
    CrossbarIndex target;
    for (std::size_t i = 0; i < mapped.layers[LayerIndex(0)].crossbars.size(); ++i) {
        const mapping::CrossbarSlot& slot = mapped.layers[LayerIndex(0)].crossbars[CrossbarIndex(i)];
        if (slot.first_slice() == kSlice && slot.sign == mapping::Sign::positive) target = CrossbarIndex(i);
    }
    const int code = network.nodes[1].weights.codes[kOutput * network.nodes[1].weights.rows + kRow];
    const int level =
        mapping::cell_level(mapped.layers[LayerIndex(0)].format, code,
                            mapped.layers[LayerIndex(0)].shift(kSlice), mapping::Sign::positive);
    const int edited = level == 3 ? 1 : 3;

    ChipBench bench;
    bench.add(network, chip, images, {1, {}, &widths});
    bench.add(network, chip, images,
              {1, {{LayerIndex(0), CopyIndex(0), target, kRow, kOutput, edited}}, &widths});
    bench.run();
    const auto& before = bench.record(0).logits;
    const auto& after = bench.record(1).logits;
    BOOST_TEST(before == golden_logits(network, images, 1), boost::test_tools::per_element());
    std::vector<std::int32_t> rows(static_cast<std::size_t>(network.nodes[1].weights.rows));
    int moved = 0;
    for (int channel = 0; channel < 12; ++channel) {
        for (int pixel = 0; pixel < 36; ++pixel) {
            network::gather_window(network.nodes[1], network.nodes[0], images.data(), pixel / 6, pixel % 6,
                                   rows.data());
            const std::size_t place = static_cast<std::size_t>(channel * 36 + pixel);
            const std::int32_t change = channel == kOutput ? (edited - level) * 16 * rows[kRow] : 0;
            BOOST_TEST(after[place] - before[place] == change);
            moved += change != 0 ? 1 : 0;
        }
    }
    BOOST_TEST(moved > 10);
}

BOOST_AUTO_TEST_CASE(images_in_a_row) {
    constexpr std::size_t kImages = 7;
    ChipBench bench;
    const auto network = support::small_vgg(3);
    const auto images = support::random_images(network, kImages, 4);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    bench.add(network, chip, images, ChipBench::Options::streamed(kImages));
    chip.mesh.kind = config::MeshKind::mesh;
    chip.host.bytes_per_s = 25.6e9;
    chip.replication.mode = config::ReplicationMode::list;
    chip.replication.copies = {3, 2, 1, 1, 1};
    bench.add(network, chip, images, ChipBench::Options::streamed(kImages));
    bench.run();
    const auto expected = golden_logits(network, images, kImages);
    for (const std::size_t i : {0, 1})
        BOOST_TEST(bench.record(i).logits == expected, boost::test_tools::per_element());
    // The first layer sets the pace: 72 windows of 8 planes.
    BOOST_TEST(bench.record(0).interval_fs().value() == std::uint64_t{72} * 8 * 100'000'000);
    BOOST_TEST(bench.record(1).interval_fs().value() < bench.record(0).interval_fs().value());
    // Conservation: every fragment's stage is busy, waiting, or behind its last window.
    for (const auto& layer : bench.record(0).layers)
        BOOST_TEST(layer.busy_fs + layer.waited_input_fs + layer.waited_output_fs <=
                   bench.record(0).elapsed_fs);
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(mesh_is_never_faster) {
    ChipBench bench;
    const auto network = support::small_vgg(8);
    const auto images = support::random_images(network, 2, 9);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    chip.tile.processing_elements = chip.tile.arrays_per_pe = 1;  // many tiles, much traffic
    chip.mesh.columns = chip.mesh.rows = 12;
    bench.add(network, chip, images, ChipBench::Options::streamed(2));
    chip.mesh.kind = config::MeshKind::mesh;
    bench.add(network, chip, images, ChipBench::Options::streamed(2));
    chip.mesh.link_bits = 8;
    chip.mesh.clock_hz = 1e8;
    bench.add(network, chip, images, ChipBench::Options::streamed(2));
    bench.run();
    for (const std::size_t i : {1, 2}) {
        BOOST_TEST(bench.record(i).logits == bench.record(0).logits);
        BOOST_TEST(bench.record(i).latency_fs() > bench.record(i - 1).latency_fs());
        BOOST_TEST(bench.record(i).mesh.waits > 0U);
        for (std::size_t layer = 0; layer < bench.record(i).layers.size(); ++layer)
            BOOST_TEST(bench.record(i).layers[layer].done_fs >= bench.record(0).layers[layer].done_fs);
    }
    BOOST_TEST(bench.record(0).mesh.waits == 0U);
    BOOST_TEST(bench.record(2).mesh.waited_fs > bench.record(1).mesh.waited_fs);
    check_protocol(bench);
}

// More tiles a router: fewer routers on the way, for every square number that the configuration takes.
BOOST_AUTO_TEST_CASE(concentration_shortens_paths) {
    ChipBench bench;
    const auto network = support::small_vgg(8);
    const auto images = support::random_images(network, 1, 9);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    chip.mesh.kind = config::MeshKind::mesh;
    chip.tile.processing_elements = chip.tile.arrays_per_pe = 1;
    chip.mesh.columns = chip.mesh.rows = 12;
    for (const int concentration : {1, 4, 9, 16}) {
        chip.mesh.concentration = concentration;
        bench.add(network, chip, images, {});
    }
    bench.run();
    std::uint64_t last = ~std::uint64_t{0};
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t hops = bench.record(i).shared.flit_hops;
        for (const auto& layer : bench.record(i).layers) hops += layer.actions.flit_hops;
        BOOST_TEST(hops < last);
        last = hops;
        BOOST_TEST(bench.record(i).logits == bench.record(0).logits);
    }
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(full_buffers_push_back) {
    ChipBench bench;
    const auto network = support::small_vgg(8);
    const auto images = support::random_images(network, 3, 9);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    for (const bool mesh : {false, true}) {
        chip.mesh.kind = mesh ? config::MeshKind::mesh : config::MeshKind::ideal;
        chip.tile.buffer_bytes.reset();
        bench.add(network, chip, images, {3});
        chip.tile.buffer_bytes = 503;
        bench.add(network, chip, images, {3});
    }
    bench.run();
    for (const std::size_t i : {0, 2}) {
        BOOST_TEST(bench.record(i + 1).logits == bench.record(i).logits);
        BOOST_TEST(bench.record(i + 1).elapsed_fs >= bench.record(i).elapsed_fs);
        std::uint64_t late = 0, late_unlimited = 0;
        for (const auto& layer : bench.record(i + 1).layers) {
            late += layer.room_waits;
            BOOST_TEST(layer.peak_buffer_bytes <= 503U);
        }
        for (const auto& layer : bench.record(i).layers) late_unlimited += layer.room_waits;
        BOOST_TEST(late > 0U);
        BOOST_TEST(late_unlimited == 0U);
    }
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(instruction_sets_agree) {
    ChipBench bench;
    const auto network = support::small_vgg(21);
    const auto images = support::random_images(network, 1, 22);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 4;
    std::size_t chips = 0;
    for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
        bench.add(network, chip, images, {1, {}, nullptr, set});
        ++chips;
    }
    bench.run();
    for (std::size_t i = 1; i < chips; ++i) {
        BOOST_TEST(bench.record(i).logits == bench.record(0).logits);
        for (std::size_t layer = 0; layer < bench.record(0).layers.size(); ++layer)
            BOOST_TEST((bench.record(i).layers[layer].actions == bench.record(0).layers[layer].actions));
    }
}

BOOST_AUTO_TEST_CASE(residual) {
    ChipBench bench;
    const auto network = support::small_resnet(31);
    const auto images = support::random_images(network, 3, 32);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    bench.add(network, chip, images, {3});
    chip.mesh.kind = config::MeshKind::mesh;
    chip.tile.buffer_bytes = 65536;
    chip.weights.slices = config::SlicePlacement::grouped;
    bench.add(network, chip, images, {3});
    bench.run();
    const auto expected = golden_logits(network, images, 3);
    for (const std::size_t i : {0, 1})
        BOOST_TEST(bench.record(i).logits == expected, boost::test_tools::per_element());
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(too_large_is_refused) {
    const auto network = support::small_vgg(8);
    const auto images = support::random_images(network, 1, 9);
    config::ChipConfig chip = support::oracle_chip();
    chip.mesh.columns = chip.mesh.rows = 1;
    ChipBench bench;
    BOOST_CHECK_EXCEPTION(bench.add(network, chip, images, {}), InputError, [](const InputError& error) {
        const std::string text = error.what();
        return text.find("needs 5 tiles") != std::string::npos &&
               text.find("the chip has 1") != std::string::npos;
    });
    chip = support::oracle_chip();
    chip.weights.encoding = config::Encoding::offset;
    chip.array.rows = 512;
    chip.inputs.dac_bits = 4;
    ChipBench unit;
    BOOST_CHECK_EXCEPTION(unit.add(network, chip, images, {}), InputError, [](const InputError& error) {
        return std::string(error.what()).find("the unit column of offset encoding would read 7680") !=
               std::string::npos;
    });
    chip = support::oracle_chip();
    chip.tile.buffer_bytes = 100;
    ChipBench other;
    BOOST_CHECK_EXCEPTION(other.add(network, chip, images, {}), InputError, [](const InputError& error) {
        return std::string(error.what()).find("tile.buffer: 100 bytes; a tile of layer layer1 needs") !=
               std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
