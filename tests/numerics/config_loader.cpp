// Chip files that are right: defaults, every key, overrides, the way there and back.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "base/error.h"
#include "config/chip_config_loader.h"
#include "config/chip_words.h"

namespace boost::test_tools::tt_detail {
template <>
struct print_log_value<sliver::config::ChipConfig> {
    void operator()(std::ostream& out, const sliver::config::ChipConfig& chip) {
        out << '\n' << sliver::config::to_yaml(chip);
    }
};
}  // namespace boost::test_tools::tt_detail

BOOST_AUTO_TEST_SUITE(config_loader)

using namespace sliver::config;

namespace {

ChipConfig named(const char* name) {
    ChipConfig chip;
    chip.name = name;
    return chip;
}

const char* const kEveryKey = R"(# every key away from its default
name: every-key
summary: "a \"quoted\" line: # no comment"
array:
  rows: 64
  columns: 256
  cell_bits: 3
  cycle: 50 ns
weights:
  bits: 6
  rounding: floor
  encoding: offset
  flip_columns: false
  slices: interleaved
  column_order: heavy-first
  groups: dense
inputs: {bits: 7, dac_bits: 2}
adc:
  bits: 9
  policy: fixed
  slice_widths: [5, 6, 7]
  layer_widths:
    conv1: [1, 2, 3]
    "odd: name/2": [12, 12, 12]
  slice_drops: [2, 1, 0]
  layer_drops: {conv1: [0, 0, 8]}
  bank: per-slice
  conversion_time: per-bit
  rate: 640 MS/s
  arrays_per_adc: 3
  law: saberi
tile:
  processing_elements: 5
  arrays_per_pe: 6
  buffer: unlimited
  bus: 10.24 GB/s
  output_queue_packets: 7
mesh:
  kind: crossbar-switch
  columns: 3
  rows: 2
  concentration: 9
  link_bits: 64
  clock: 500 MHz
  router_cycles: 0
  link_cycles: 2
  multicast: tree
host:
  bandwidth: unlimited
pipeline:
  pipelined: false
  overhead_cycles: 5
replication:
  mode: list
  copies: [4, 2, 1]
cost:
  accounting: whole
  technology: 22 nm
  energy_overrides: {adc_conversion: 1.5625 pJ, dac-drive: 400 fJ}
)";

ChipConfig every_key() {
    ChipConfig c = named("every-key");
    c.summary = "a \"quoted\" line: # no comment";
    c.array = {64, 256, 3, 50e-9};
    c.weights = {6,
                 Rounding::floor,
                 Encoding::offset,
                 false,
                 SlicePlacement::interleaved,
                 Packing::none,
                 ColumnOrder::heavy_first,
                 GroupPlacement::dense};
    c.inputs = {7, 2};
    c.adc.bits = 9;
    c.adc.slice_widths = {5, 6, 7};
    c.adc.layer_widths = {{"conv1", {1, 2, 3}}, {"odd: name/2", {12, 12, 12}}};
    c.adc.slice_drops = {2, 1, 0};
    c.adc.layer_drops = {{"conv1", {0, 0, 8}}};
    c.adc.bank = AdcBank::per_slice;
    c.adc.time = ConversionTime::per_bit;
    c.adc.rate_hz = 640e6;
    c.adc.arrays_per_adc = 3;
    c.adc.law = "saberi";
    c.tile = {5, 6, std::nullopt, 10.24e9, 7};
    c.mesh = {MeshKind::crossbar_switch, 3, 2, 9, 64, 500e6, 0, 2, Multicast::tree};
    c.host.bytes_per_s = 0;
    c.pipeline.pipelined = false;
    c.pipeline.overhead_cycles = 5;
    c.replication.mode = ReplicationMode::list;
    c.replication.copies = {4, 2, 1};
    c.cost.accounting = Accounting::whole;
    c.cost.technology_nm = 22;
    c.cost.energy_overrides_j = {{"adc_conversion", 1.5625e-12}, {"dac-drive", 400e-15}};
    return c;
}

// A chip with every field drawn at random from what the loader accepts.
class RandomChips {
  public:
    ChipConfig next() {
        ChipConfig c = named("drawn");
        c.summary = draw(0, 1) ? "caf\xC3\xA9 \\ \"#: -" : "";
        c.array = {draw(16, 512), draw(16, 512), draw(1, 4), log_uniform(1e-9, 1e-3)};
        const bool offset = draw(0, 1) == 1;
        c.weights = {draw(1, 8),
                     pick<Rounding>(),
                     offset ? Encoding::offset : Encoding::differential,
                     offset ? draw(0, 1) == 1 : WeightConfig{}.flip_columns,
                     pick<SlicePlacement>(),
                     offset ? Packing::none : pick<Packing>(),
                     pick<ColumnOrder>(),
                     pick<GroupPlacement>()};
        c.inputs = {draw(1, 8), draw(1, 4)};
        draw_adc(c);
        draw_devices(c);
        c.tile = {draw(1, 64), c.adc.arrays_per_adc * draw(1, 8), std::nullopt, 0, draw(1, 1024)};
        if (draw(0, 1)) c.tile.buffer_bytes = draw(256, 1 << 30);
        if (draw(0, 1)) c.tile.bus_bytes_per_s = log_uniform(1e6, 10e12);
        if (draw(0, 1)) c.tile.buffer_port_bytes_per_s = log_uniform(1e6, 10e12);
        if (draw(0, 1)) c.tile.postprocessor_hz = log_uniform(1e6, 100e9);
        const int side = draw(1, 4);
        c.mesh = {pick<MeshKind>(),       draw(1, 128),  draw(1, 128),  side * side,      draw(8, 1024),
                  log_uniform(1e6, 1e11), draw(0, 1000), draw(0, 1000), pick<Multicast>()};
        c.host.bytes_per_s = draw(0, 1) ? log_uniform(1e6, 10e12) : 0;
        c.pipeline.pipelined = draw(0, 1) == 1;
        c.pipeline.overhead_cycles = draw(1, 1000);
        draw_replication(c);
        c.cost.accounting = pick<Accounting>();
        c.cost.technology_nm = log_uniform(7, 130);
        for (int i = draw(0, 3); i > 0; --i)
            c.cost.energy_overrides_j["action" + std::to_string(i)] = log_uniform(1e-18, 1e-3);
        return c;
    }

  private:
    int draw(int lowest, int highest) { return std::uniform_int_distribution<int>(lowest, highest)(random_); }
    double log_uniform(double lowest, double highest) {
        const double log =
            std::uniform_real_distribution<double>(std::log(lowest), std::log(highest))(random_);
        return std::min(highest, std::max(lowest, std::exp(log)));
    }
    template <typename Choice>
    Choice pick() {
        const auto& words = words_of(Choice{});
        return words[static_cast<std::size_t>(draw(0, static_cast<int>(words.size()) - 1))].value;
    }
    std::vector<int> widths(const ChipConfig& c) {
        std::vector<int> bits;
        for (int slice = 0; slice < c.slices(); ++slice) bits.push_back(draw(1, 12));
        return bits;
    }
    void draw_adc(ChipConfig& c) {
        c.adc.bits = draw(1, 12);
        c.adc.policy = pick<AdcPolicy>();
        if (c.adc.policy == AdcPolicy::profiled) c.adc.margin = draw(0, 115200);
        if (c.adc.policy == AdcPolicy::percentile) c.adc.percentile = draw(1, 1000) / 10.0;
        if (c.adc.policy == AdcPolicy::accuracy) c.adc.accuracy_loss = draw(0, 1000) / 10.0;
        const bool signs = c.weights.encoding == Encoding::differential;
        if (c.adc.policy != AdcPolicy::fixed) do {
                c.adc.granularity = pick<AdcGranularity>();
            } while (!signs && c.adc.granularity == AdcGranularity::layer_slice_sign);
        if (c.adc.policy != AdcPolicy::accuracy) c.adc.overflow = pick<AdcOverflow>();
        if (c.adc.policy == AdcPolicy::fixed) {
            const auto layers = [&](std::map<std::string, std::vector<int>>& table, int most) {
                for (int i = draw(0, 2); i > 0; --i) {
                    std::vector<int>& values = table["layer/" + std::to_string(i)];
                    for (int slice = 0; slice < c.slices(); ++slice)
                        values.push_back(draw(most == 8 ? 0 : 1, most));
                }
            };
            if (draw(0, 1)) c.adc.slice_widths = widths(c);
            layers(c.adc.layer_widths, 12);
            if (signs) layers(c.adc.negative_layer_widths, 12);
            if (c.adc.overflow == AdcOverflow::clip) {
                layers(c.adc.layer_drops, 8);
                if (draw(0, 1))
                    for (int slice = 0; slice < c.slices(); ++slice) c.adc.slice_drops.push_back(draw(0, 8));
            }
        }
        c.adc.bank = pick<AdcBank>();
        c.adc.time = pick<ConversionTime>();
        c.adc.rate_hz = log_uniform(1e6, 100e9);
        c.adc.arrays_per_adc = draw(1, 8);
        c.adc.law = draw(0, 1) ? "isaac" : "puma";
    }
    void draw_devices(ChipConfig& c) {
        if (draw(0, 1) || c.adc.overflow == AdcOverflow::split) return;
        c.cells.kind = CellKind::resistive;
        c.cells.on_ohm = log_uniform(1, 1e5);
        c.cells.off_ohm = log_uniform(2e5, 1e12);
        c.cells.variation = pick<sliver::device::Variation>();
        if (sliver::device::law_of(c.cells.variation).needs_sigma) c.cells.sigma = draw(0, 100) / 100.0;
        c.cells.stuck_on = draw(0, 50) / 100.0;
        c.cells.stuck_off = draw(0, 50) / 100.0;
        if (draw(0, 1)) {
            c.cells.drift_exponent = draw(1, 100) / 1000.0;
            c.cells.drift_s = log_uniform(1, 1e12);
        }
        c.cells.reference = pick<OffReference>();
        c.wires.kind = pick<WireKind>();
        if (c.wires.kind != WireKind::ideal)
            c.wires = {c.wires.kind, log_uniform(1e-3, 1e9), log_uniform(1e-3, 1e9), log_uniform(1e-3, 1e9),
                       log_uniform(1e-3, 1e9)};
        c.adc.calibration = pick<AdcCalibration>();
        c.adc.gain_sigma = draw(0, 100) / 1000.0;
        c.adc.offset_sigma = draw(0, 100) / 10.0;
    }
    void draw_replication(ChipConfig& c) {
        c.replication.mode = pick<ReplicationMode>();
        if (c.replication.mode == ReplicationMode::list)
            c.replication.copies = {draw(1, 65536), draw(1, 65536)};
        if (c.replication.mode == ReplicationMode::balance)
            c.replication.target_interval_cycles = log_uniform(1, 1e9);
    }

    std::mt19937_64 random_{1909};
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_left_out_has_its_default) {
    BOOST_TEST(parse_chip("name: bare\n", "f") == named("bare"));
    BOOST_TEST(parse_chip("---\nname: bare\narray: {}\n...\n", "f") == named("bare"));
    BOOST_TEST(parse_chip("name: bare\r\ntile: {buffer: 64 KiB}\r\n", "f") == named("bare"));
}

BOOST_AUTO_TEST_CASE(every_key_reaches_its_field) {
    BOOST_TEST(parse_chip(kEveryKey, "f") == every_key());
    ChipConfig balanced = named("b");
    balanced.replication.mode = ReplicationMode::balance;
    balanced.replication.target_interval_cycles = 512.5;
    BOOST_TEST(parse_chip("name: b\nreplication: {mode: balance, target_interval_cycles: 512.5}", "f") ==
               balanced);
    ChipConfig profiled = named("p");
    profiled.adc.policy = AdcPolicy::profiled;
    profiled.adc.margin = 3;
    BOOST_TEST(parse_chip("name: p\nadc: {policy: profiled, margin: 3}", "f") == profiled);
    ChipConfig share = named("s");
    share.adc.policy = AdcPolicy::percentile;
    share.adc.percentile = 99.5;
    share.adc.granularity = AdcGranularity::slice;
    BOOST_TEST(parse_chip("name: s\nadc: {policy: percentile, percentile: 99.5, granularity: slice}", "f") ==
               share);
    ChipConfig searched = named("a");
    searched.adc.policy = AdcPolicy::accuracy;
    searched.adc.accuracy_loss = 0.5;
    BOOST_TEST(parse_chip("name: a\nadc: {policy: accuracy, accuracy_loss: 0.5}", "f") == searched);
    ChipConfig parts = named("r");
    parts.adc.overflow = AdcOverflow::split;
    parts.adc.negative_layer_widths = {{"conv1", {4, 3, 2, 1}}};
    BOOST_TEST(parse_chip("name: r\nadc: {overflow: split, negative_layer_widths: {conv1: [4, 3, 2, 1]}}",
                          "f") == parts);
    ChipConfig worst = named("w");
    worst.adc.policy = AdcPolicy::worst_case;
    BOOST_TEST(parse_chip("name: w\nadc: {policy: worst-case, slice_widths: [], layer_widths: {}}", "f") ==
               worst);
}

BOOST_AUTO_TEST_CASE(equality_sees_every_key) {
    // Each key of the full file, put back to its default by an override, must make the chip unequal to the
    // full one.
    const ChipConfig full = parse_chip(kEveryKey, "f");
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"name", "other"},
                                                          {"summary", "''"},
                                                          {"array.rows", "65"},
                                                          {"array.columns", "255"},
                                                          {"array.cycle", "51 ns"},
                                                          {"weights.rounding", "nearest"},
                                                          {"inputs.bits", "8"},
                                                          {"inputs.dac_bits", "1"},
                                                          {"weights.flip_columns", "true"},
                                                          {"weights.slices", "grouped"},
                                                          {"weights.column_order", "natural"},
                                                          {"weights.groups", "packed"},
                                                          {"adc.bits", "8"},
                                                          {"adc.slice_widths", "[]"},
                                                          {"adc.layer_widths", "{}"},
                                                          {"adc.rate", "641 MS/s"},
                                                          {"adc.conversion_time", "fixed"},
                                                          {"adc.law", "isaac"},
                                                          {"adc.arrays_per_adc", "1"},
                                                          {"tile.processing_elements", "6"},
                                                          {"tile.arrays_per_pe", "3"},
                                                          {"tile.buffer", "1 KiB"},
                                                          {"tile.bus", "unlimited"},
                                                          {"tile.output_queue_packets", "4"},
                                                          {"mesh.kind", "mesh"},
                                                          {"mesh.columns", "4"},
                                                          {"mesh.rows", "3"},
                                                          {"mesh.concentration", "4"},
                                                          {"mesh.link_bits", "32"},
                                                          {"mesh.clock", "1 GHz"},
                                                          {"mesh.router_cycles", "3"},
                                                          {"mesh.link_cycles", "1"},
                                                          {"mesh.multicast", "unicast"},
                                                          {"host.bandwidth", "1 GB/s"},
                                                          {"pipeline.pipelined", "true"},
                                                          {"pipeline.overhead_cycles", "6"},
                                                          {"replication.copies", "[1]"},
                                                          {"cost.accounting", "used"},
                                                          {"cost.technology", "32 nm"},
                                                          {"cost.energy_overrides", "{}"}})
        BOOST_TEST((parse_chip(kEveryKey, "f", {key + "=" + value}) != full), key);
    // Offset weights are not packed.
    BOOST_TEST((parse_chip("name: n\nweights: {packing: rows}", "f") != parse_chip("name: n", "f")));
}

BOOST_AUTO_TEST_CASE(the_ends_of_every_range_belong_to_it) {
    struct Bounds {
        const char* key;
        const char* below;
        const char* lowest;
        const char* highest;
        const char* above;
    };
    for (const Bounds& b : {
             Bounds{"array.rows", "15", "16", "512", "513"},
             Bounds{"array.columns", "15", "16", "512", "513"},
             Bounds{"array.cell_bits", "0", "1", "4", "5"},
             Bounds{"array.cycle", "0.999 ns", "1 ns", "1 ms", "1.001 ms"},
             Bounds{"weights.bits", "0", "1", "8", "9"},
             Bounds{"inputs.bits", "0", "1", "8", "9"},
             Bounds{"inputs.dac_bits", "0", "1", "4", "5"},
             Bounds{"adc.bits", "0", "1", "12", "13"},
             Bounds{"adc.rate", "0.99 MS/s", "1 MS/s", "100 GS/s", "101 GS/s"},
             Bounds{"adc.arrays_per_adc", "0", "1", "8", "9"},
             Bounds{"adc.slice_widths", "[8, 8, 8, 0]", "[1, 1, 1, 1]", "[12, 12, 12, 12]", "[13, 8, 8, 8]"},
             Bounds{"adc.layer_widths.x", "[0, 1, 1, 1]", "[1, 1, 1, 1]", "[12, 12, 12, 12]",
                    "[1, 1, 1, 13]"},
             Bounds{"adc.negative_layer_widths.x", "[0, 1, 1, 1]", "[1, 1, 1, 1]", "[12, 12, 12, 12]",
                    "[1, 1, 1, 13]"},
             Bounds{"adc.slice_drops", "[-1, 0, 0, 0]", "[0, 0, 0, 0]", "[8, 8, 8, 8]", "[9, 0, 0, 0]"},
             Bounds{"adc.layer_drops.x", "[-1, 0, 0, 0]", "[0, 0, 0, 0]", "[8, 8, 8, 8]", "[9, 0, 0, 0]"},
             Bounds{"tile.processing_elements", "0", "1", "64", "65"},
             Bounds{"tile.arrays_per_pe", "0", "1", "64", "65"},
             Bounds{"tile.buffer", "255 B", "256 B", "1 GiB", "1073741825 B"},
             Bounds{"tile.bus", "0.9 MB/s", "1 MB/s", "10 TB/s", "11 TB/s"},
             Bounds{"tile.output_queue_packets", "0", "1", "1024", "1025"},
             Bounds{"mesh.columns", "0", "1", "128", "129"},
             Bounds{"mesh.rows", "0", "1", "128", "129"},
             Bounds{"mesh.concentration", "0", "1", "16", "17"},
             Bounds{"mesh.link_bits", "7", "8", "1024", "1025"},
             Bounds{"mesh.clock", "0 Hz", "1 MHz", "100 GHz", "101 GHz"},
             Bounds{"mesh.router_cycles", "-1", "0", "1000", "1001"},
             Bounds{"mesh.link_cycles", "-1", "0", "1000", "1001"},
             Bounds{"host.bandwidth", "0 B/s", "1 MB/s", "10 TB/s", "11 TB/s"},
             Bounds{"pipeline.overhead_cycles", "0", "1", "1000", "1001"},
             Bounds{"cost.technology", "6.9 nm", "7 nm", "130 nm", "131 nm"},
             Bounds{"cost.energy_overrides.x", "-1 pJ", "0 pJ", "1 mJ", "1.1 mJ"},
         }) {
        const auto load = [&](const char* value) {
            return parse_chip("name: n", "f", {std::string(b.key) + "=" + value});
        };
        BOOST_CHECK_THROW(load(b.below), sliver::InputError);
        BOOST_CHECK_NO_THROW(load(b.lowest));
        BOOST_CHECK_NO_THROW(load(b.highest));
        BOOST_CHECK_THROW(load(b.above), sliver::InputError);
    }
}

BOOST_AUTO_TEST_CASE(overrides_stand_over_the_file) {
    const char* const file = "name: o\nadc:\n  bits: 8\n  layer_widths: {conv1: [8, 8, 8, 8]}\n";
    ChipConfig expected = named("o");
    expected.adc.bits = 6;
    expected.adc.slice_widths = {3, 3, 3, 1};
    expected.adc.layer_widths = {{"conv1", {7, 7, 7, 7}}, {"features.0/conv", {1, 2, 3, 4}}};
    expected.array.cycle_s = 50e-9;
    expected.cost.energy_overrides_j = {{"adc_conversion", 2e-12}};
    BOOST_TEST(
        parse_chip(file, "f",
                   {"adc.bits=6", "adc.slice_widths=[3, 3, 3, 1]", "adc.layer_widths.conv1=[7, 7, 7, 7]",
                    "adc.layer_widths.features.0/conv=[1, 2, 3, 4]", "array.cycle=50 ns",
                    "cost.energy_overrides.adc_conversion=2 pJ"}) == expected);
    // A key that an override makes meaningless can be put back by another.
    BOOST_TEST(parse_chip("name: o\nweights: {encoding: offset, flip_columns: true}", "f",
                          {"weights.encoding=differential", "weights.flip_columns=false"}) == named("o"));
    // An override may mend what the file has wrong: it is applied before anything is checked.
    BOOST_TEST(parse_chip("name: o\narray: {rows: 1}", "f", {"array.rows=128"}) == named("o"));
}

BOOST_AUTO_TEST_CASE(written_files_read_back_to_the_same_chip) {
    BOOST_TEST(parse_chip(to_yaml(named("bare")), "f") == named("bare"));
    BOOST_TEST(parse_chip(to_yaml(every_key()), "f") == every_key());
    RandomChips chips;
    for (int i = 0; i < 500; ++i) {
        const ChipConfig chip = chips.next();
        const std::string yaml = to_yaml(chip);
        BOOST_REQUIRE(parse_chip(yaml, "f") == chip);
        BOOST_REQUIRE_EQUAL(to_yaml(parse_chip(yaml, "f")), yaml);
    }
}

BOOST_AUTO_TEST_CASE(the_written_form_has_units_and_words) {
    const std::string yaml = to_yaml(every_key());
    for (const char* line :
         {"  cycle: 50 ns\n", "  rate: 640 MS/s\n", "  buffer: unlimited\n", "  bus: 10.24 GB/s\n",
          "  clock: 500 MHz\n", "  technology: 22 nm\n", "    \"adc_conversion\": 1.5625 pJ\n",
          "  conversion_time: per-bit\n", "  slice_widths: [5, 6, 7]\n",
          "    \"odd: name/2\": [12, 12, 12]\n", "  flip_columns: false\n"})
        BOOST_TEST(yaml.find(line) != std::string::npos, line);
    BOOST_TEST(to_yaml(named("d")).find("flip_columns") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(derived_counts) {
    ChipConfig chip = named("n");
    BOOST_TEST(chip.slices() == 4);
    chip.weights.encoding = Encoding::offset;
    BOOST_TEST(chip.slices() == 5);  // 8 bits and the bias in cells of 2
    chip.inputs = {8, 3};
    BOOST_TEST(chip.planes() == 3);
    BOOST_TEST(chip.tiles() == 168);
}

BOOST_AUTO_TEST_SUITE_END()
