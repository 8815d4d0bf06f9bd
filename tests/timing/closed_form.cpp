// The closed forms of src/estimate against the chip: equality wherever nobody waits, bounds where somebody
// does.
#include "estimate/closed_form.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "any_nodes.h"
#include "base/error.h"
#include "results/run_result.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(timing_closed_form)

using namespace sliver;
using config::ChipConfig;
using network::QuantisedNetwork;
using results::ChipRecord;

namespace {

constexpr std::uint64_t kCycleFs = 100'000'000;

estimate::MappedNetwork mapped(const QuantisedNetwork& network, const ChipConfig& chip,
                               const std::vector<std::int32_t>& images) {
    return {std::make_shared<QuantisedNetwork>(network), chip,
            std::make_shared<estimate::Activity>(estimate::measure_activity(
                network, images, images.size() / network.nodes.front().shape.size(), chip.inputs.dac_bits,
                chip.skip.zero_planes))};
}

/// Chips side by side, each with its estimate.
struct Pairs {
    tb::ChipBench bench;
    std::vector<ChipRecord> estimates;
    std::vector<std::string> names;

    void add(const std::string& name, const QuantisedNetwork& network, const ChipConfig& chip,
             std::size_t images = 1, bool streamed = true) {
        const std::vector<std::int32_t> codes = support::random_images(network, images, 2);
        estimates.push_back(estimate::estimate_run(mapped(network, chip, codes), chip, images).record);
        tb::ChipBench::Options options;
        options.images = images;
        bench.add(network, chip, codes, streamed ? tb::ChipBench::Options::streamed(images) : options);
        names.push_back(name);
    }
    /// Every count that is charged, and what there is.
    void check_counts() {
        for (std::size_t i = 0; i < estimates.size(); ++i) {
            BOOST_TEST_CONTEXT(names[i]) {
                const ChipRecord &is = estimates[i], &should = bench.record(i);
                BOOST_TEST(is.crossbars == should.crossbars);
                BOOST_TEST(is.crossbars_unpacked == should.crossbars_unpacked);
                BOOST_TEST(is.processing_elements == should.processing_elements);
                BOOST_TEST(is.tiles == should.tiles);
                BOOST_TEST(is.inventory.adcs == should.inventory.adcs, boost::test_tools::per_element());
                BOOST_TEST(is.inventory.index_bytes == should.inventory.index_bytes);
                BOOST_TEST(is.inventory.tiles == should.inventory.tiles);
                cost::Actions a = results::total_actions(is), b = results::total_actions(should);
                // Counted where they are charged.
                if (a.conducting_cells == 0) {
                    b.conducting_cells = b.conductance_driven = 0;
                    b.cells_by_level = {};
                }
                BOOST_TEST(b.clipped == 0U);
                cost::for_each_action(b, [&](const cost::ActionInfo& info, const auto& value) {
                    if (info.count != nullptr)
                        BOOST_TEST((a.*info.count) == (b.*info.count), std::string(info.name));
                    else if (info.by_width != nullptr)
                        BOOST_TEST((a.*info.by_width == b.*info.by_width), std::string(info.name));
                    else
                        BOOST_TEST((a.*info.by_level == b.*info.by_level), std::string(info.name));
                    (void)value;
                });
            }
        }
    }
    void check_times() {
        for (std::size_t i = 0; i < estimates.size(); ++i) {
            BOOST_TEST_CONTEXT(names[i]) {
                const ChipRecord &is = estimates[i], &should = bench.record(i);
                BOOST_TEST(is.latency_fs() == should.latency_fs());
                BOOST_TEST(is.interval_fs().value() == should.interval_fs().value());
                BOOST_TEST(is.elapsed_fs == should.elapsed_fs);
                for (std::size_t layer = 0; layer < is.layers.size(); ++layer) {
                    BOOST_TEST(is.layers[layer].first_start_fs == should.layers[layer].first_start_fs);
                    BOOST_TEST(is.layers[layer].last_start_fs == should.layers[layer].last_start_fs);
                    BOOST_TEST(is.layers[layer].done_fs == should.layers[layer].done_fs);
                    BOOST_TEST(is.layers[layer].interval_fs == should.layers[layer].interval_fs);
                }
            }
        }
    }
};

/// Widths that cut nothing: the activity of the golden executor is then the chip's.
ChipConfig lossless(ChipConfig chip) {
    chip.adc.policy = config::AdcPolicy::worst_case;
    return chip;
}

ChipConfig on_a_mesh() {
    ChipConfig chip;  // isaac
    chip.name = "isaac";
    chip.mesh.columns = chip.mesh.rows = 20;
    return lossless(chip);
}

QuantisedNetwork pooled_image() {
    support::NetworkBuilder build({3, 8, 8}, {true, 8, -6}, 5);
    const network::NodeId x = build.max_pool(support::NetworkBuilder::kInput, 2, 2);
    build.linear(build.flatten(build.convolution(x, 40, 3, 1, 1)), 12);
    return build.finish();
}

}  // namespace

BOOST_AUTO_TEST_CASE(oracle_is_exact) {
    Pairs pairs;
    const ChipConfig chip = lossless(support::oracle_chip());
    pairs.add("vgg", support::small_vgg(3), chip);
    pairs.add("unsigned inputs", support::small_vgg(4, 8, 8, false), chip);
    pairs.add("resnet", support::small_resnet(3), chip);
    pairs.add("pool on the image", pooled_image(), chip);
    ChipConfig sequential = chip;
    sequential.pipeline.pipelined = false;
    pairs.add("one layer after the other", support::small_vgg(3), sequential);
    ChipConfig wide = chip;
    wide.inputs.dac_bits = 2;
    wide.array.rows = wide.array.columns = 64;
    wide.pipeline.overhead_cycles = 9;
    pairs.add("two bits a digit", support::small_vgg(3), wide);
    pairs.bench.run();
    pairs.check_counts();
    pairs.check_times();
}

// Tables, scales, products, concats, gathers, zero points, factors, dilated windows, 32-bit sums at the end:
// counts are exact on any chip, times where nobody waits.
BOOST_AUTO_TEST_CASE(nodes_of_any_kind) {
    Pairs pairs;
    ChipConfig exact = lossless(support::oracle_chip());
    exact.skip.zero_planes = false;
    ChipConfig meshed = on_a_mesh();
    meshed.tile.processing_elements = 2;
    meshed.tile.arrays_per_pe = 2;
    meshed.skip.zero_planes = meshed.skip.empty_columns = true;
    meshed.cost.accounting = config::Accounting::conducting;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        any_nodes::Dice dice(seed);
        const QuantisedNetwork network = any_nodes::any_network(8, 8, false, dice);
        if (network.matrix_nodes().size() > 6) continue;
        pairs.add("exact " + std::to_string(seed) + ": " + load_trials::to_text(network), network, exact, 2,
                  false);
        meshed.mesh.multicast = seed % 2 == 0 ? config::Multicast::tree : config::Multicast::unicast;
        pairs.add("mesh " + std::to_string(seed) + ": " + load_trials::to_text(network), network, meshed, 2,
                  false);
    }
    pairs.bench.run();
    pairs.check_counts();
    for (std::size_t i = 0; i < pairs.estimates.size(); i += 2) BOOST_TEST_CONTEXT(pairs.names[i]) {
            const ChipRecord &is = pairs.estimates[i], &should = pairs.bench.record(i);
            BOOST_TEST(is.completed_fs == should.completed_fs, boost::test_tools::per_element());
            for (std::size_t layer = 0; layer < is.layers.size(); ++layer) {
                BOOST_TEST(is.layers[layer].first_start_fs == should.layers[layer].first_start_fs);
                BOOST_TEST(is.layers[layer].last_start_fs == should.layers[layer].last_start_fs);
                BOOST_TEST(is.layers[layer].done_fs == should.layers[layer].done_fs);
            }
        }
    BOOST_TEST(pairs.bench.violations().empty());
}

// hardware-parameters.md 8.3, without a chip.
BOOST_AUTO_TEST_CASE(vgg11_by_the_table) {
    const QuantisedNetwork network = support::vgg11(3, 1);
    const ChipConfig chip = support::oracle_chip();
    const estimate::MappedNetwork arrays = mapped(network, chip, support::random_images(network, 1, 2));
    const ChipRecord record = estimate::estimate_run(arrays, chip, 1).record;
    BOOST_TEST(record.latency_fs() == 8718 * kCycleFs);
    BOOST_TEST(record.interval_fs().value() == 8192 * kCycleFs);
    const cost::Actions total = results::total_actions(record);
    BOOST_TEST(total.crossbar_reads == 630848U);
    BOOST_TEST(cost::sum(total.conversions_all) == 80748544U);
    BOOST_TEST(cost::sum(total.conversions_used) == 80742912U);
    BOOST_TEST(record.crossbars == 4516U);
    BOOST_TEST(record.processing_elements == 565U);
    BOOST_TEST(record.tiles == 50U);
    const std::vector<std::uint64_t> done = {8198, 8348, 8434, 8520, 8574, 8628, 8666, 8704, 8718};
    for (std::size_t i = 0; i < done.size(); ++i) BOOST_TEST(record.layers[i].done_fs == done[i] * kCycleFs);

    ChipConfig copies = chip;
    copies.mesh.columns = copies.mesh.rows = 20;
    copies.replication.mode = config::ReplicationMode::balance;
    copies.replication.target_interval_cycles = 32;
    const ChipRecord fast = estimate::estimate_run(arrays, copies, 1).record;
    BOOST_TEST(fast.crossbars == 19720U);
    BOOST_TEST(fast.interval_fs().value() == 32 * kCycleFs);
    BOOST_TEST(fast.latency_fs() == 230 * kCycleFs);
    copies.pipeline.pipelined = false;
    copies.replication.mode = config::ReplicationMode::none;
    BOOST_TEST(estimate::estimate_run(arrays, copies, 1).record.latency_fs() == 11646 * kCycleFs);
}

BOOST_AUTO_TEST_CASE(copies_sharing_and_offset) {
    Pairs pairs;
    ChipConfig chip = lossless(support::oracle_chip());
    chip.replication.mode = config::ReplicationMode::list;
    chip.replication.copies = {5, 3, 1, 2, 1};
    chip.tile.processing_elements = 3;
    pairs.add("copies", support::small_vgg(3), chip);
    ChipConfig offset = lossless(support::oracle_chip());
    offset.weights.encoding = config::Encoding::offset;
    offset.weights.bits = 7;
    offset.tile.arrays_per_pe = 2;
    offset.tile.processing_elements = 2;
    pairs.add("offset", support::small_vgg(3, 7), offset);
    ChipConfig grouped = lossless(support::oracle_chip());
    grouped.weights.slices = config::SlicePlacement::grouped;
    grouped.adc.granularity = config::AdcGranularity::layer_slice_sign;
    pairs.add("grouped", support::small_vgg(3), grouped);
    pairs.bench.run();
    pairs.check_counts();
    pairs.check_times();
}

BOOST_AUTO_TEST_CASE(images_in_a_row) {
    Pairs pairs;
    ChipConfig chip = lossless(support::oracle_chip());
    pairs.add("three", support::small_vgg(3), chip, 3);
    chip.host.bytes_per_s = 1e8;
    pairs.add("slow host", support::small_vgg(3), chip, 1);
    pairs.bench.run();
    pairs.check_counts();
    BOOST_TEST(pairs.estimates[0].latency_fs() == pairs.bench.record(0).latency_fs());
    BOOST_TEST(pairs.estimates[0].interval_fs().value() == pairs.bench.record(0).interval_fs().value());
    BOOST_TEST(pairs.estimates[0].elapsed_fs == pairs.bench.record(0).elapsed_fs);
    BOOST_TEST(pairs.estimates[1].latency_fs() == pairs.bench.record(1).latency_fs());
}

/// Layers on several small tiles, in the end with copies, which `chip` keeps.
void add_on_small_tiles(Pairs& pairs, ChipConfig& chip) {
    chip.tile.processing_elements = 2;
    chip.tile.arrays_per_pe = 4;
    pairs.add("vgg", support::small_vgg(3), chip);
    pairs.add("resnet", support::small_resnet(3), chip);
    pairs.add("pool on the image", pooled_image(), chip);
    chip.replication.mode = config::ReplicationMode::list;
    chip.replication.copies = {5, 3, 1, 2, 1};
    pairs.add("copies", support::small_vgg(3), chip);
}

// Waiting changes when packets travel, not how far.
BOOST_AUTO_TEST_CASE(counts_are_exact_on_a_mesh) {
    Pairs pairs;
    ChipConfig chip = on_a_mesh();
    add_on_small_tiles(pairs, chip);
    ChipConfig central = on_a_mesh();
    central.mesh.kind = config::MeshKind::crossbar_switch;
    add_on_small_tiles(pairs, central);
    chip.adc.arrays_per_adc = 2;
    chip.mesh.concentration = 1;
    pairs.add("shared converters", support::small_vgg(3), chip, 2);
    pairs.bench.run();
    pairs.check_counts();
}

// Packets that fork: counts are exact, copies take fewer flits than packets of their own, and the first
// image's latency stays within the stated error.
BOOST_AUTO_TEST_CASE(trees) {
    Pairs pairs;
    for (const config::Multicast multicast : {config::Multicast::unicast, config::Multicast::tree}) {
        ChipConfig chip = on_a_mesh();
        chip.mesh.multicast = multicast;
        add_on_small_tiles(pairs, chip);
        chip.mesh.concentration = 1;
        chip.weights.column_order = config::ColumnOrder::light_first;
        pairs.add("sorted copies", support::small_vgg(3), chip, 2);
        chip.mesh.clock_hz = 1e8;                    // a link is the busiest of all
        chip.replication.copies = {24, 3, 1, 2, 1};  // that from the host, for its many readers
        pairs.add("slow links", support::small_vgg(3), chip);
    }
    pairs.bench.run();
    pairs.check_counts();
    const std::size_t kinds = pairs.names.size() / 2;
    for (std::size_t i = 0; i < pairs.names.size(); ++i)
        BOOST_TEST_CONTEXT(pairs.names[i] << (i < kinds ? ", unicast" : ", tree")) {
            const ChipRecord &is = pairs.estimates[i], &should = pairs.bench.record(i);
            BOOST_TEST(is.steady.resources.front().need_fs == should.steady.resources.front().need_fs);
            BOOST_TEST(is.steady.resources.front().kind == should.steady.resources.front().kind);
            if (i % kinds != kinds - 1) {  // nobody waits long
                const double ratio =
                    static_cast<double>(is.latency_fs()) / static_cast<double>(should.latency_fs());
                BOOST_TEST(std::abs(ratio - 1) < 0.05, ratio);
                BOOST_TEST(is.interval_fs().value() == should.interval_fs().value_or(0));
            }
            if (i < kinds) continue;
            const ChipRecord& apart = pairs.bench.record(i - kinds);
            BOOST_TEST(results::total_actions(should).flit_hops < results::total_actions(apart).flit_hops);
            BOOST_TEST(should.mesh.packets < apart.mesh.packets);
            BOOST_TEST(should.mesh.delivered == apart.mesh.packets);
            BOOST_TEST(should.mesh.delivered == apart.mesh.delivered);
        }
    const auto busiest = [&](std::size_t i) { return pairs.bench.record(i).steady.resources.front(); };
    BOOST_TEST(busiest(kinds - 1).kind == "mesh link");
    BOOST_TEST(busiest(2 * kinds - 1).kind == "mesh link");
    BOOST_TEST(busiest(2 * kinds - 1).need_fs < busiest(kinds - 1).need_fs);
    BOOST_TEST(pairs.bench.violations().empty());
}

BOOST_AUTO_TEST_CASE(banks_and_parts) {
    Pairs pairs;
    ChipConfig chip = lossless(support::oracle_chip());
    chip.adc.bank = config::AdcBank::per_slice;
    chip.adc.time = config::ConversionTime::per_bit;
    chip.adc.arrays_per_adc = 4;
    pairs.add("bank", support::small_vgg(3), chip);
    chip.weights.slices = config::SlicePlacement::grouped;
    pairs.add("bank of grouped slices", support::small_vgg(3), chip);
    ChipConfig split = support::oracle_chip();
    split.adc.overflow = config::AdcOverflow::split;
    split.adc.bits = 5;
    pairs.add("parts", support::small_vgg(3), split);
    split.adc.arrays_per_adc = 4;
    pairs.add("parts of shared converters", support::small_vgg(3), split);
    pairs.bench.run();
    pairs.check_counts();
    for (std::size_t i = 0; i < pairs.estimates.size(); ++i)
        for (std::size_t layer = 0; layer < pairs.estimates[i].layers.size(); ++layer)
            BOOST_TEST(pairs.estimates[i].layers[layer].interval_fs ==
                           pairs.bench.record(i).layers[layer].interval_fs,
                       pairs.names[i]);
}

BOOST_AUTO_TEST_CASE(packed_and_sorted) {
    Pairs pairs;
    ChipConfig chip = on_a_mesh();
    chip.weights.column_order = config::ColumnOrder::light_first;
    pairs.add("sorted", support::small_vgg(3), chip);
    chip.weights.packing = config::Packing::columns;
    chip.array.rows = chip.array.columns = 64;
    support::NetworkBuilder build({3, 8, 8}, {true, 8, -6}, 5);
    build.set_density(0.05);
    build.linear(build.flatten(build.convolution(build.convolution(0, 40, 3, 1, 1), 24, 3, 2, 1)), 12);
    const QuantisedNetwork sparse = build.finish();
    pairs.add("packed", sparse, chip);
    chip.weights.packing = config::Packing::none;
    chip.weights.slices = config::SlicePlacement::grouped;
    for (const auto digits :
         {config::DigitColumns::packed, config::DigitColumns::planes, config::DigitColumns::shared}) {
        chip.weights.digits = digits;
        pairs.add("digits", sparse, chip);
    }
    pairs.bench.run();
    pairs.check_counts();
}

// What the chip leaves out, and what cells at their levels draw: every count of every kind of array.
BOOST_AUTO_TEST_CASE(skipped_and_conducting_counts) {
    support::NetworkBuilder build({3, 8, 8}, {true, 8, -6}, 5);
    build.set_density(0.1);
    build.linear(build.flatten(build.convolution(build.convolution(0, 40, 3, 1, 1), 24, 3, 2, 1)), 12);
    const QuantisedNetwork sparse = build.finish();
    ChipConfig plain = on_a_mesh();
    plain.cost.accounting = config::Accounting::conducting;
    plain.tile.processing_elements = 2;
    plain.tile.arrays_per_pe = 4;
    ChipConfig offset = plain;
    offset.weights.encoding = config::Encoding::offset;
    ChipConfig flipped = offset;
    flipped.weights.flip_columns = true;
    ChipConfig wide = plain;
    wide.inputs.dac_bits = 2;
    wide.array.rows = wide.array.columns = 64;
    ChipConfig bank = plain;
    bank.adc.bank = config::AdcBank::per_slice;
    bank.adc.arrays_per_adc = 4;
    bank.weights.slices = config::SlicePlacement::grouped;
    ChipConfig split = plain;
    split.adc.policy = config::AdcPolicy::fixed;
    split.adc.overflow = config::AdcOverflow::split;
    split.adc.bits = 5;
    ChipConfig split_wide = split;
    split_wide.inputs.dac_bits = 2;
    ChipConfig packed = wide;
    packed.weights.packing = config::Packing::rows;
    packed.weights.column_order = config::ColumnOrder::light_first;
    ChipConfig digits = plain;
    digits.weights.digits = config::DigitColumns::packed;
    digits.weights.slices = config::SlicePlacement::grouped;
    ChipConfig shared = digits;
    shared.weights.digits = config::DigitColumns::shared;
    ChipConfig copies = plain;
    copies.replication.mode = config::ReplicationMode::list;
    copies.replication.copies = {5, 3, 1};
    Pairs pairs;
    for (const auto& [name, chip] :
         {std::pair{"plain", plain}, std::pair{"offset", offset}, std::pair{"flipped", flipped},
          std::pair{"two bits a digit", wide}, std::pair{"bank", bank}, std::pair{"parts", split},
          std::pair{"parts, two bits", split_wide}, std::pair{"packed", packed}, std::pair{"copies", copies},
          std::pair{"digits", digits}, std::pair{"shared digits", shared}})
        for (const auto& [columns, planes] : {std::pair{false, false}, std::pair{true, false},
                                              std::pair{false, true}, std::pair{true, true}}) {
            ChipConfig own = chip;
            own.skip.empty_columns = columns;
            own.skip.zero_planes = planes;
            pairs.add(std::string(name) + (columns ? ", masks" : "") + (planes ? ", detectors" : ""), sparse,
                      own, 2, false);
        }
    pairs.bench.run();
    pairs.check_counts();
    std::uint64_t skipped = 0, columns = 0;
    for (const ChipRecord& record : pairs.estimates) {
        skipped += results::total_actions(record).planes_skipped;
        columns += results::total_actions(record).conversions_skipped;
        BOOST_TEST(results::total_actions(record).conducting_cells > 0U);
    }
    BOOST_TEST(skipped > 0U);
    BOOST_TEST(columns > 0U);
}

// Where nobody waits times are exact with both keys, too: windows of different lengths, several images in
// turn, bursts of the columns that are left.
BOOST_AUTO_TEST_CASE(skipped_times_are_exact) {
    Pairs pairs;
    ChipConfig chip = lossless(support::oracle_chip());
    chip.skip.zero_planes = true;
    pairs.add("vgg", support::small_vgg(3), chip);
    pairs.add("three images", support::small_vgg(3), chip, 3);
    pairs.add("unsigned inputs", support::small_vgg(4, 8, 8, false), chip);
    pairs.add("resnet", support::small_resnet(3), chip);
    chip.skip.empty_columns = true;
    pairs.add("masks", support::small_vgg(3), chip);
    ChipConfig slow = chip;
    slow.adc.rate_hz = 5e8;
    pairs.add("converters that make reads wait", support::small_vgg(3), slow);
    ChipConfig shared = chip;
    shared.adc.arrays_per_adc = 4;
    pairs.add("shared converters", support::small_vgg(3), shared);
    shared.adc.bank = config::AdcBank::per_slice;
    shared.adc.time = config::ConversionTime::per_bit;
    pairs.add("banks", support::small_vgg(3), shared);
    ChipConfig sequential = chip;
    sequential.pipeline.pipelined = false;
    pairs.add("one layer after the other", support::small_vgg(3), sequential);
    ChipConfig small_units = chip;
    small_units.tile.arrays_per_pe = 2;
    pairs.add("many processing elements", support::small_vgg(3), small_units);
    ChipConfig masks = chip;
    masks.skip.zero_planes = false;
    masks.adc.arrays_per_adc = 8;
    pairs.add("masks alone", support::small_vgg(3), masks);
    pairs.bench.run();
    pairs.check_counts();
    pairs.check_times();
}

// The stated error: docs/sweeps.md.
BOOST_AUTO_TEST_CASE(times_are_near_on_a_mesh) {
    Pairs pairs;
    ChipConfig chip = on_a_mesh();
    chip.tile.processing_elements = 2;
    pairs.add("vgg", support::small_vgg(3), chip);
    pairs.add("resnet", support::small_resnet(3), chip);
    ChipConfig central = chip;
    central.mesh.kind = config::MeshKind::crossbar_switch;
    pairs.add("central switch", support::small_vgg(3), central);
    chip.adc.arrays_per_adc = 4;
    pairs.add("shared converters", support::small_vgg(3), chip);
    chip.replication.mode = config::ReplicationMode::list;
    chip.replication.copies = {5, 3, 1, 2, 1};
    pairs.add("copies", support::small_vgg(3), chip);
    pairs.bench.run();
    for (std::size_t i = 0; i < pairs.estimates.size(); ++i) {
        const auto is = static_cast<double>(pairs.estimates[i].latency_fs()),
                   should = static_cast<double>(pairs.bench.record(i).latency_fs());
        BOOST_TEST(std::abs(is / should - 1) < 0.05, pairs.names[i] << ": " << is << " for " << should);
        BOOST_TEST(pairs.estimates[i].interval_fs().value() == pairs.bench.record(i).interval_fs().value());
    }
}

// What a tile works off one after the other: the closed form knows what an image needs of it.
BOOST_AUTO_TEST_CASE(needs_of_slow_tiles) {
    Pairs pairs;
    ChipConfig chip = lossless(support::oracle_chip());
    chip.tile.buffer_port_bytes_per_s = 1e7;
    pairs.add("port", support::small_vgg(3), chip);
    pairs.add("port, residuals", support::small_resnet(3), chip);
    chip.tile.buffer_port_bytes_per_s = 0;
    chip.tile.postprocessor_hz = 1e6;
    pairs.add("post-processor", support::small_vgg(3), chip);
    pairs.add("post-processor, residuals", support::small_resnet(3), chip);
    pairs.bench.run();
    pairs.check_counts();
    for (std::size_t i = 0; i < pairs.estimates.size(); ++i) {
        const results::SteadyRecord &is = pairs.estimates[i].steady, &should = pairs.bench.record(i).steady;
        BOOST_TEST(is.resources.front().kind == should.resources.front().kind, pairs.names[i]);
        BOOST_TEST(is.resources.front().need_fs == should.resources.front().need_fs, pairs.names[i]);
    }
}

BOOST_AUTO_TEST_CASE(refusals_are_those_of_a_run) {
    const QuantisedNetwork network = support::small_vgg(3);
    const std::vector<std::int32_t> images = support::random_images(network, 1, 2);
    const auto said = [](const std::function<void()>& attempt) -> std::string {
        try {
            attempt();
        } catch (const InputError& error) {
            return error.what();
        }
        return "nothing";
    };
    ChipConfig tiny = support::oracle_chip();
    tiny.mesh.columns = tiny.mesh.rows = 1;
    ChipConfig full = support::oracle_chip();
    full.tile.buffer_bytes = 40;
    for (const ChipConfig& chip : {tiny, full}) {
        const std::string estimated =
            said([&] { (void)estimate::estimate_run(mapped(network, chip, images), chip, 1); });
        tb::ChipBench bench;
        const std::string run = said([&] { bench.add(network, chip, images, {}); });
        BOOST_TEST(estimated == run);
        BOOST_TEST(estimated != "nothing");
    }
}

BOOST_AUTO_TEST_SUITE_END()
