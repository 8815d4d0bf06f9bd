// Packed and sorted arrays compute what the others do: the golden executor's logits where nothing is clipped,
// the functional engine's where converters are narrow or cells are real. What index tables cost is counted
// again from the mapping.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/size.h"
#include "chip_trials.h"
#include "engine/device_arrays.h"
#include "engine/functional_engine.h"
#include "mapping/placement.h"
#include "structured_zeros.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_packing)

namespace {

using namespace chip_trials;
using namespace sliver;
using config::ColumnOrder;
using config::Packing;
using tb::ChipBench;

/// A trial with zeros of every structure, packed (differential only) and sorted at random.
Trial packed_trial(Dice& dice) {
    Trial t = random_trial(dice);
    while (t.setting.encoding == config::Encoding::offset && dice.chance(70)) t = random_trial(dice);
    config::ChipConfig& chip = t.chip;
    t.setting.array_rows = chip.array.rows = dice.one_of<int>({16, 16, 17, 32, 50, 128});
    chip.array.columns = dice.one_of<int>({16, 16, 17, 32, 64});
    const bool interleaved = chip.weights.slices == config::SlicePlacement::interleaved;
    const int outputs = interleaved ? chip.array.columns / t.setting.slices() : chip.array.columns;
    for (const network::NodeId id : t.network.matrix_nodes()) {
        network::Node& node = t.network.nodes[id];
        structured_zeros::prune(node.weights, chip.array.rows, outputs,
                                node.window.kernel_height * node.window.kernel_width, dice);
    }
    if (t.setting.encoding == config::Encoding::differential)
        chip.weights.packing =
            dice.one_of<Packing>({Packing::none, Packing::channels, Packing::columns, Packing::columns,
                                  Packing::columns, Packing::rows, Packing::fewest});
    chip.weights.column_order =
        dice.one_of<ColumnOrder>({ColumnOrder::natural, ColumnOrder::light_first, ColumnOrder::heavy_first});
    return t;
}

ChipBench::Options options_of(const Trial& trial, const bitline::AnalogNetwork* devices = nullptr) {
    ChipBench::Options options;
    options.images = trial.count;
    options.widths = &trial.widths;
    options.devices = devices;
    options.count_sums = true;
    return options;
}

/// What trials had of packing, so that a test cannot pass on plain chips alone.
struct Coverage {
    int moved = 0, columns = 0, fewer = 0, sorted = 0, offset = 0;
    void add(const Trial& trial, const mapping::NetworkMapping& mapped) {
        bool left_out = false, in_order = true;
        for (const mapping::LayerMapping& layer : mapped.layers) {
            in_order = in_order && layer.outputs_in_runs;
            for (const mapping::CrossbarSlot& slot : layer.crossbars)
                left_out = left_out || slot.places != nullptr;
        }
        moved += mapped.rows_in_runs() ? 0 : 1;
        columns += mapped.rows_in_runs() && left_out ? 1 : 0;
        fewer += mapped.compression() > 1 ? 1 : 0;
        sorted += in_order ? 0 : 1;
        offset += trial.setting.encoding == config::Encoding::offset ? 1 : 0;
    }
    void check(int at_least) const {
        BOOST_TEST(moved >= at_least);
        BOOST_TEST(2 * columns >= at_least);
        BOOST_TEST(fewer >= at_least);
        BOOST_TEST(sorted >= at_least);
        BOOST_TEST(offset >= at_least);
    }
};

/// The functional engine on the cells of its arrays, one by one: works under every packing.
engine::FunctionalEngine engine_on_arrays(const ChipBench& bench, std::size_t chip, const Trial& trial,
                                          std::shared_ptr<const bitline::AnalogNetwork> arrays = nullptr) {
    const InstructionSet set =
        chip % 2 == 0 ? bitline::best_instruction_set() : bitline::InstructionSet::portable;
    if (arrays == nullptr)
        arrays = engine::program_arrays(
            {bench.network(chip), bench.mapping(chip), trial.chip, 1, 2, set, nullptr, {}});
    return {bench.network(chip), bench.mapping(chip), trial.chip.inputs.dac_bits, {set, 2, false}, arrays};
}

std::uint64_t total(const std::vector<std::uint64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// Look-ups and table entries of a layer, counted from its mapping and where its arrays lie.
struct Tables {
    std::uint64_t lookups = 0, entries = 0;
};

Tables tables_of(const mapping::LayerMapping& layer, const mapping::LayerPlacement& placed,
                 std::size_t windows, std::size_t images) {
    Tables tables;
    for (std::size_t copy = 0; copy < placed.copies.size(); ++copy) {
        // Windows copy, copy + copies, ...
        const std::size_t own = (windows + placed.copies.size() - 1 - copy) / placed.copies.size() * images;
        std::map<std::pair<std::size_t, std::size_t>, std::set<std::vector<int>>> rows_of_unit;
        for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
            const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
            const mapping::CrossbarPlace& place = placed.copies[copy][CrossbarIndex(i)];
            if (slot.row_list) rows_of_unit[{place.tile.value(), place.pe.value()}].insert(*slot.row_list);
            if (!slot.places) continue;
            tables.lookups += own * size(slot.outputs);
            tables.entries += size(slot.outputs);
        }
        for (const auto& unit : rows_of_unit)
            for (const std::vector<int>& rows : unit.second) {
                tables.lookups += own * rows.size();
                tables.entries += rows.size();
            }
    }
    if (layer.outputs_in_runs) return tables;
    tables.lookups += windows * images * size(layer.outputs);
    tables.entries += size(layer.outputs);
    return tables;
}

/// Conversions, histograms and tables of a chip against its mapping. `parts`: arrays may be read in parts.
void check_counts(const ChipBench& bench, std::size_t chip, const Trial& trial, bool parts = false) {
    const results::ChipRecord& record = bench.record(chip);
    const mapping::NetworkMapping& mapped = bench.mapping(chip);
    const network::QuantisedNetwork& network = bench.network(chip);
    const mapping::Placement placement =
        mapping::place_network(network, mapped, trial.chip.replication.copies, trial.chip);
    std::uint64_t entries = 0, crossbars = 0, unpacked = 0;
    for (std::size_t i = 0; i < record.layers.size(); ++i) {
        const results::LayerRecord& layer = record.layers[i];
        const mapping::LayerMapping& plan = mapped.layers[LayerIndex(i)];
        const std::size_t windows = mapping::windows_per_image(network.nodes[plan.node]);
        for (std::size_t slice = 0; slice < layer.conversions.size(); ++slice) {
            std::uint64_t columns = 0;
            for (const mapping::CrossbarSlot& slot : plan.crossbars)
                if (slot.first_slice() <= static_cast<int>(slice) &&
                    static_cast<int>(slice) < slot.first_slice() + slot.slices())
                    columns += size(slot.outputs);
            const std::uint64_t expected = trial.count * windows * plan.planes.size() * columns;
            BOOST_TEST((parts ? layer.conversions[slice] >= expected : layer.conversions[slice] == expected));
        }
        std::vector<std::uint64_t> seen(layer.conversions.size(), 0), beyond = seen;
        for (const results::ColumnHistogram& histogram : layer.column_sums) {
            seen[histogram.slice] += total(histogram.counts);
            for (std::size_t sum = histogram.range + 1; sum < histogram.counts.size(); ++sum)
                beyond[histogram.slice] += histogram.counts[sum];
        }
        BOOST_TEST(seen == layer.conversions, boost::test_tools::per_element());
        if (trial.chip.cells.kind == config::CellKind::ideal)
            BOOST_TEST(beyond == layer.clipped, boost::test_tools::per_element());
        const Tables tables = tables_of(plan, placement.layers[LayerIndex(i)], windows, trial.count);
        BOOST_TEST(layer.actions.index_lookups == tables.lookups);
        entries += tables.entries;
        crossbars += layer.crossbars;
        unpacked += plan.unpacked_crossbars * layer.copies;
    }
    BOOST_TEST(record.shared.index_lookups == 0U);
    BOOST_TEST(record.inventory.index_bytes == 2 * entries);
    BOOST_TEST(record.crossbars == crossbars);
    BOOST_TEST(record.crossbars_unpacked == unpacked);
}

void check_clips(const results::ChipRecord& record, const engine::BatchResult& engine) {
    for (std::size_t layer = 0; layer < engine.statistics.size(); ++layer)
        for (std::size_t slice = 0; slice < engine.statistics[layer].size(); ++slice)
            BOOST_TEST(record.layers[layer].clipped[slice] == engine.statistics[layer][slice].clipped);
}

/// The histograms of a layer are those of the engine's profile.
void check_profile(const results::LayerRecord& layer,
                   const std::vector<std::array<mapping::SumHistogram, 2>>& profile) {
    for (const results::ColumnHistogram& histogram : layer.column_sums)
        BOOST_TEST(histogram.counts == profile[histogram.slice][histogram.negative ? 1 : 0].counts,
                   boost::test_tools::per_element());
}

void check_protocol(const ChipBench& bench) {
    for (const std::string& violation : bench.violations()) BOOST_ERROR(violation);
    BOOST_TEST(bench.transactions() > 0U);
}

}  // namespace

BOOST_AUTO_TEST_CASE(lossless_is_golden) {
    Dice dice(41);
    ChipBench bench;
    std::vector<Trial> trials;
    Coverage coverage;
    while (trials.size() < 100) {
        Trial t = packed_trial(dice);
        if (!make_lossless(t)) continue;
        coverage.add(t, bench.mapping(bench.add(t.network, t.chip, t.images, options_of(t))));
        trials.push_back(std::move(t));
    }
    coverage.check(8);
    bench.run();
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            BOOST_TEST(bench.record(i).logits == golden_logits(t.network, t.images, t.count),
                       boost::test_tools::per_element());
            for (const auto& layer : bench.record(i).layers) BOOST_TEST(layer.actions.clipped == 0U);
            check_counts(bench, i, t);
            const auto profile = engine_on_arrays(bench, i, t).profile(t.images.data(), t.count);
            for (std::size_t layer = 0; layer < profile.groups.size(); ++layer)
                check_profile(bench.record(i).layers[layer], profile.groups[layer]);
            if (!bench.mapping(i).rows_in_runs()) continue;
            const engine::FunctionalEngine engine(bench.network(i), bench.mapping(i), t.chip.inputs.dac_bits,
                                                  {bitline::best_instruction_set(), 1, false});
            const auto integers = engine.profile(t.images.data(), t.count);
            for (std::size_t layer = 0; layer < profile.groups.size(); ++layer)
                check_profile(bench.record(i).layers[layer], integers.groups[layer]);
        }
    }
    check_protocol(bench);
}

// Every column that is stored is converted alone: where rows stay in their blocks, neither packing nor order
// changes what is cut.
BOOST_AUTO_TEST_CASE(narrow_converters_are_the_functional_engine) {
    Dice dice(42);
    ChipBench bench;
    std::vector<Trial> trials;
    Coverage coverage;
    for (int i = 0; i < 100; ++i) {
        Trial t = packed_trial(dice);
        const int widest = dice.one_of<int>({2, 4, 7});
        t.widths.bits = random_widths(t, 1, widest, dice);
        if (t.setting.encoding == config::Encoding::differential && dice.chance(50))
            t.widths.negative_bits = random_widths(t, 1, widest, dice);
        if (dice.chance(50)) t.widths.drops = random_widths(t, 0, 2, dice);
        coverage.add(t, bench.mapping(bench.add(t.network, t.chip, t.images, options_of(t))));
        trials.push_back(std::move(t));
    }
    coverage.check(8);
    bench.run();
    std::uint64_t clipped = 0, clipped_when_moved = 0;
    int moved_otherwise = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        const results::ChipRecord& record = bench.record(i);
        BOOST_TEST_CONTEXT("chip " << i) {
            const engine::FunctionalEngine on_arrays = engine_on_arrays(bench, i, t);
            const engine::BatchResult engine = on_arrays.run(t.images.data(), t.count, t.widths);
            BOOST_TEST(record.logits == engine.logits, boost::test_tools::per_element());
            check_clips(record, engine);
            check_counts(bench, i, t);
            // Nothing stands before the first layer that could cut its inputs.
            check_profile(record.layers[0], on_arrays.profile(t.images.data(), t.count).groups[0]);

            const auto plain = bitline_reference::run(t.network, t.setting, t.widths, t.images, t.count);
            const engine::EngineOptions options{bitline::best_instruction_set(), 1, false};
            if (!bench.mapping(i).rows_in_runs()) {
                BOOST_CHECK_THROW(engine::FunctionalEngine(bench.network(i), bench.mapping(i),
                                                           t.chip.inputs.dac_bits, options),
                                  std::invalid_argument);
                moved_otherwise += record.logits != plain.logits ? 1 : 0;
                for (const auto& layer : record.layers) clipped_when_moved += layer.actions.clipped;
                continue;
            }
            BOOST_TEST(record.logits == plain.logits, boost::test_tools::per_element());
            config::ChipConfig unpacked = t.chip;
            unpacked.weights.packing = Packing::none;
            unpacked.weights.column_order = ColumnOrder::natural;
            const mapping::NetworkMapping without = mapping::map_network(t.network, unpacked);
            for (const mapping::NetworkMapping* mapped : {&bench.mapping(i), &without}) {
                const engine::FunctionalEngine integers(bench.network(i), *mapped, t.chip.inputs.dac_bits,
                                                        options);
                const engine::BatchResult same = integers.run(t.images.data(), t.count, t.widths);
                BOOST_TEST(same.logits == engine.logits, boost::test_tools::per_element());
                check_clips(record, same);
            }
            for (const auto& layer : record.layers) clipped += layer.actions.clipped;
        }
    }
    BOOST_TEST(clipped > 10000U);
    BOOST_TEST(clipped_when_moved > 1000U);
    // Other rows share a column: other sums are cut.
    BOOST_TEST(moved_otherwise > 0);
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(real_devices_are_the_functional_engine) {
    Dice dice(43);
    ChipBench bench;
    std::vector<Trial> trials;
    std::vector<std::shared_ptr<const bitline::AnalogNetwork>> devices;
    Coverage coverage;
    trials.reserve(60);
    for (int i = 0; i < 60; ++i) {
        Trial& t = trials.emplace_back(packed_trial(dice));
        t.widths.bits = random_widths(t, 2, 8, dice);
        t.chip.cells.kind = config::CellKind::resistive;
        t.chip.cells.variation = device::variation_named("gaussian-level");
        t.chip.cells.sigma = 0.1;
        t.chip.cells.stuck_on = 0.01;
        t.chip.wires.kind = config::WireKind::separable;
        t.chip.adc.calibration =
            dice.chance(50) ? config::AdcCalibration::column : config::AdcCalibration::none;
        t.chip.adc.offset_sigma = 0.5;
        devices.push_back(engine::program_arrays({t.network,
                                                  mapping::map_network(t.network, t.chip),
                                                  t.chip,
                                                  7,
                                                  2,
                                                  best_instruction_set(),
                                                  nullptr,
                                                  {}}));
        coverage.add(
            t, bench.mapping(bench.add(t.network, t.chip, t.images, options_of(t, devices.back().get()))));
    }
    coverage.check(4);
    bench.run();
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            const engine::BatchResult engine =
                engine_on_arrays(bench, i, t, devices[i]).run(t.images.data(), t.count, t.widths);
            BOOST_TEST(bench.record(i).logits == engine.logits, boost::test_tools::per_element());
            check_clips(bench.record(i), engine);
            check_counts(bench, i, t);
        }
    }
    check_protocol(bench);
}

BOOST_AUTO_TEST_CASE(copies_on_a_mesh) {
    Dice dice(44);
    ChipBench bench;
    std::vector<Trial> trials;
    Coverage coverage;
    while (trials.size() < 50) {
        Trial t = packed_trial(dice);
        t.chip.mesh.kind = config::MeshKind::mesh;
        t.chip.tile.processing_elements = 1;
        for (int& copies : t.chip.replication.copies) copies = dice.between(2, 4);
        if (!make_lossless(t)) continue;
        coverage.add(t, bench.mapping(bench.add(t.network, t.chip, t.images, options_of(t))));
        trials.push_back(std::move(t));
    }
    coverage.check(4);
    bench.run();
    std::uint64_t packets = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            BOOST_TEST(bench.record(i).logits == golden_logits(t.network, t.images, t.count),
                       boost::test_tools::per_element());
            check_counts(bench, i, t);
            packets += bench.record(i).mesh.packets;
        }
    }
    BOOST_TEST(packets > 1000U);
    check_protocol(bench);
}

// Rows of packed arrays driven in parts: nothing is lost, and tables are asked once a window all the same.
BOOST_AUTO_TEST_CASE(parts_of_packed_arrays_are_golden) {
    Dice dice(45);
    ChipBench bench;
    std::vector<Trial> trials;
    std::uint64_t parts = 0;
    while (trials.size() < 50) {
        Trial t = packed_trial(dice);
        const int digit = (1 << std::min(t.setting.dac_bits, t.input_bits)) - 1;
        const int narrowest =
            mapping::lossless_bits(static_cast<std::uint32_t>(((1 << t.setting.cell_bits) - 1) * digit));
        if (narrowest > 5) continue;  // one cell alone passes a converter of 5 bits
        t.widths.bits = random_widths(t, std::max(2, narrowest), 5, dice);
        t.widths.split_rows = true;
        bench.add(t.network, t.chip, t.images, options_of(t));
        trials.push_back(std::move(t));
    }
    bench.run();
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const Trial& t = trials[i];
        BOOST_TEST_CONTEXT("chip " << i) {
            BOOST_TEST(bench.record(i).logits == golden_logits(t.network, t.images, t.count),
                       boost::test_tools::per_element());
            check_counts(bench, i, t, true);
            for (const auto& layer : bench.record(i).layers)
                if (bench.mapping(i).compression() > 1)
                    parts += layer.crossbars - layer.crossbars_by_parts[0];
        }
    }
    BOOST_TEST(parts > 100U);
    check_protocol(bench);
}

// Forty rows, six outputs, arrays of 16 rows and four outputs, all six in one processing element.
//   outputs 0..3: even rows 0..30, and rows 32 and 34 for outputs 0 and 2 only
//   outputs 4, 5: rows 3, 5 and 6
BOOST_AUTO_TEST_CASE(tables_by_hand) {
    support::NetworkBuilder build({40, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 6);
    network::QuantisedNetwork network = build.finish();
    std::vector<std::int16_t>& codes = network.nodes[1].weights.codes;
    std::fill(codes.begin(), codes.end(), std::int16_t{0});
    for (int output = 0; output < 4; ++output)  // heavier with the output's number
        for (int row = 0; row < 32; row += 2)
            codes[size(output * 40 + row)] = static_cast<std::int16_t>(10 + output);
    for (const int output : {0, 2})
        for (const int row : {32, 34}) codes[size(output * 40 + row)] = -1;
    for (const int output : {4, 5})
        for (const int row : {3, 5, 6}) codes[size(output * 40 + row)] = 200;
    constexpr std::size_t kImages = 3;
    const auto images = support::random_images(network, kImages, 5);
    config::ChipConfig chip = support::oracle_chip();
    chip.array.rows = chip.array.columns = 16;
    const auto add = [&](ChipBench& bench, Packing packing, ColumnOrder order) {
        chip.weights.packing = packing;
        chip.weights.column_order = order;
        ChipBench::Options options;
        options.images = kImages;
        bench.add(network, chip, images, options);
    };
    ChipBench bench;
    add(bench, Packing::none, ColumnOrder::natural);
    add(bench, Packing::none, ColumnOrder::heavy_first);
    add(bench, Packing::rows, ColumnOrder::natural);
    add(bench, Packing::rows, ColumnOrder::heavy_first);
    add(bench, Packing::columns, ColumnOrder::natural);
    bench.run();
    const auto check = [&](std::size_t chip_number, std::uint64_t arrays, std::uint64_t lookups_a_window,
                           std::uint64_t entries) {
        BOOST_TEST_CONTEXT("chip " << chip_number) {
            const results::ChipRecord& record = bench.record(chip_number);
            BOOST_TEST(record.crossbars == arrays);
            BOOST_TEST(record.crossbars_unpacked == 12U);
            BOOST_TEST(record.layers[0].actions.index_lookups == kImages * lookups_a_window);
            BOOST_TEST(record.inventory.index_bytes == 2 * entries);
            BOOST_TEST(record.logits == bench.record(0).logits, boost::test_tools::per_element());
        }
    };
    check(0, 12, 0, 0);
    // Six outputs put back in order.
    check(1, 12, 6, 6);
    // Rows: 16 + 2 + 3. Columns: 0 and 2 of four, on the arrays of both signs.
    check(2, 6, 21 + 4, 21 + 4);
    check(3, 6, 21 + 4 + 6, 21 + 4 + 6);
    // No list of rows. All six outputs are one block: rows 0..15 have six columns, in arrays of 4 and 2; rows
    // 16..31 hold 0..3, rows 32..39 0 and 2; both signs.
    check(4, 8, 2 * (4 + 2 + 4 + 2), 2 * (4 + 2 + 4 + 2));
    check_protocol(bench);
}

BOOST_AUTO_TEST_SUITE_END()
