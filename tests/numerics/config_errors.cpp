// Every way a chip file can be wrong, with the one line the user reads.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/chip_config_loader.h"

BOOST_AUTO_TEST_SUITE(config_errors)

using namespace sliver::config;

namespace {

struct Case {
    std::string yaml;
    std::string message;
    std::vector<std::string> overrides = {};
};

std::string message_of(const Case& c) {
    try {
        parse_chip(c.yaml, "x.yaml", c.overrides);
    } catch (const sliver::InputError& error) {
        return error.what();
    }
    return "(accepted)";
}

void check(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        BOOST_TEST_CONTEXT(c.yaml) {
            BOOST_TEST(message_of(c) == c.message);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_document) {
    check({
        {"", "x.yaml:1:1: the file is empty: a chip needs at least a name"},
        {"# only a comment\n", "x.yaml:1:1: the file is empty: a chip needs at least a name"},
        {"- name\n", "x.yaml:1:1: value [name]: a chip file is a mapping of keys, such as `name: isaac`"},
        // yaml-cpp alone would read documents from this for ever.
        {"# comment\n,name: n\n",
         "x.yaml:2:1: unexpected text: a file holds one document, and it ended before this"},
        {"[" + std::string(5000, '['), "x.yaml:1:1: nested deeper than 16 levels"},
        {"isaac", "x.yaml:1:1: value isaac: a chip file is a mapping of keys, such as `name: isaac`"},
        {"name: n\n---\nname: m\n",
         "x.yaml:2:1: unexpected text: a file holds one document, and it ended before this"},
        {"name: n\narray: {rows: 128\n", "x.yaml:3:1: not YAML: end of map flow not found"},
        {"name: n\n\tarray: 1\n", "x.yaml:2:1: not YAML: illegal tab when looking for indentation"},
        {std::string("name: n\n# \x01\n"), "x.yaml:2:3: byte 0x01: the file must be printable UTF-8 text"},
        {"name: n\nsummary: caf\xE9\n", "x.yaml:2:13: byte 0xe9: the file must be printable UTF-8 text"},
        {std::string("name: n\0", 8), "x.yaml:1:8: byte 0x00: the file must be printable UTF-8 text"},
        {std::string(1024 * 1024 + 1, '#'), "x.yaml:1:1: longer than 1048576 bytes"},
        {"name: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n", "x.yaml:1:22: nested deeper than 16 levels"},
    });
}

BOOST_AUTO_TEST_CASE(yaml_that_a_configuration_has_no_use_for) {
    check({
        {"name: n\narray:\n  rows: 64\n  rows: 128\n",
         "x.yaml:4:3: key 'rows': given twice, first at x.yaml:3:3"},
        {"name: n\nadc: {}\nname: m\n", "x.yaml:3:1: key 'name': given twice, first at x.yaml:1:1"},
        {"name: &n isaac\n",
         "x.yaml:1:7: anchor: anchors and aliases are not supported, write the value out"},
        {"name: n\narray: &a {rows: 64}\ntile: *a\n",
         "x.yaml:2:8: anchor: anchors and aliases are not supported, write the value out"},
        {"name: n\ntile:\n  <<: {buffer: 1 KiB}\n",
         "x.yaml:3:3: key '<<': merge keys are not supported, write the keys out"},
        {"name: !!str n\n", "x.yaml:1:7: tag 'tag:yaml.org,2002:str': tags are not supported"},
        {"name: n\n? [a, b]\n: 1\n", "x.yaml:2:3: a key must be a word, not a list or a mapping"},
        {"name: n\n~: 1\n", "x.yaml:2:1: a key must be a word, not nothing"},
    });
}

BOOST_AUTO_TEST_CASE(keys) {
    check({
        {"array:\n  rows: 128\n",
         "x.yaml:1:1: name: missing: must be a name: lower-case letters, digits, '.', '_' and '-', a letter "
         "first, at "
         "most 64"},
        {"name: n\nadc:\n  bitz: 8\n", "x.yaml:3:3: adc.bitz: unknown key: did you mean adc.bits?"},
        {"name: n\nadcs:\n  bits: 8\n", "x.yaml:2:1: adcs: unknown key: did you mean adc?"},
        {"name: n\narray: {collumns: 64}\n",
         "x.yaml:2:9: array.collumns: unknown key: did you mean array.columns?"},
        {"name: n\nfrobnicate: 8\n",
         "x.yaml:2:1: frobnicate: unknown key; docs/configuration.md lists the keys"},
        {"name: n\nadc: 8\n", "x.yaml:2:6: adc: value 8: must be a mapping of keys"},
        {"name: n\nadc:\narray: {}\n", "x.yaml:2:1: adc: value (nothing): must be a mapping of keys"},
        {"name: n\nadc: [bits]\n", "x.yaml:2:6: adc: value [bits]: must be a mapping of keys"},
    });
}

BOOST_AUTO_TEST_CASE(numbers) {
    const std::string rows = "must be a whole number from 16 to 512";
    check({
        {"name: n\narray:\n  rows: 15\n", "x.yaml:3:9: array.rows: value 15: " + rows},
        {"name: n\narray:\n  rows: 0200\n", "x.yaml:3:9: array.rows: value 0200: " + rows},
        {"name: n\narray:\n  rows: 0x80\n", "x.yaml:3:9: array.rows: value 0x80: " + rows},
        {"name: n\narray:\n  rows: 128.0\n", "x.yaml:3:9: array.rows: value 128.0: " + rows},
        {"name: n\narray:\n  rows: many\n", "x.yaml:3:9: array.rows: value many: " + rows},
        {"name: n\narray:\n  rows:\n", "x.yaml:3:3: array.rows: value (nothing): " + rows},
        {"name: n\narray:\n  rows: [128]\n", "x.yaml:3:9: array.rows: value [128]: " + rows},
        {"name: n\narray:\n  rows: {a: 1}\n", "x.yaml:3:9: array.rows: value {...}: " + rows},
        {"name: n\nreplication: {mode: balance, target_interval_cycles: .inf}\n",
         "x.yaml:2:54: replication.target_interval_cycles: value .inf: must be a number from 0 to 1e9"},
        {"name: n\nadc: {slice_widths: [8, 8, 8, 13]}\n",
         "x.yaml:2:31: adc.slice_widths: value 13: must be a list of whole numbers from 1 to 12"},
        {"name: n\nadc: {slice_widths: 8}\n",
         "x.yaml:2:21: adc.slice_widths: value 8: must be a list of whole numbers from 1 to 12"},
        {"name: n\nadc: {layer_widths: [8]}\n",
         "x.yaml:2:21: adc.layer_widths: value [8]: must be a mapping from layer name to list of whole "
         "numbers from 1 to "
         "12"},
        {"name: n\nadc:\n  layer_widths:\n    conv1: [8, 8, 8, 0]\n",
         "x.yaml:4:22: adc.layer_widths.conv1: value 0: must be a list of whole numbers from 1 to 12"},
    });
}

BOOST_AUTO_TEST_CASE(quantities) {
    const std::string cycle = "must be a time with a unit (ps, ns, us, ms or s), from 1 ns to 1 ms";
    check({
        {"name: n\narray: {cycle: 100}\n", "x.yaml:2:16: array.cycle: value 100: " + cycle},
        {"name: n\narray: {cycle: 100 GHz}\n", "x.yaml:2:16: array.cycle: value 100 GHz: " + cycle},
        {"name: n\narray: {cycle: 100 NS}\n", "x.yaml:2:16: array.cycle: value 100 NS: " + cycle},
        {"name: n\narray: {cycle: 0 ns}\n", "x.yaml:2:16: array.cycle: value 0 ns: " + cycle},
        {"name: n\narray: {cycle: -100 ns}\n", "x.yaml:2:16: array.cycle: value -100 ns: " + cycle},
        {"name: n\narray: {cycle: nan s}\n", "x.yaml:2:16: array.cycle: value nan s: " + cycle},
        {"name: n\narray: {cycle: unlimited}\n", "x.yaml:2:16: array.cycle: value unlimited: " + cycle},
        {"name: n\nadc: {rate: 1.28e9}\n",
         "x.yaml:2:13: adc.rate: value 1.28e9: must be a sample rate with a unit (S/s, kS/s, MS/s or GS/s), "
         "from 1 MS/s "
         "to 100 GS/s"},
        {"name: n\nmesh: {clock: 1}\n",
         "x.yaml:2:15: mesh.clock: value 1: must be a frequency with a unit (Hz, kHz, MHz or GHz), from 1 "
         "MHz to 100 "
         "GHz"},
        {"name: n\nhost: {bandwidth: 25.6 Gb/s}\n",
         "x.yaml:2:19: host.bandwidth: value 25.6 Gb/s: must be a bandwidth with a unit (B/s, kB/s, MB/s, "
         "GB/s or TB/s), "
         "from 1 MB/s to 10 TB/s, or unlimited"},
        {"name: n\ntile: {buffer: 64 KB}\n",
         "x.yaml:2:16: tile.buffer: value 64 KB: must be a whole number of bytes with a unit (B, KiB, MiB or "
         "GiB), from "
         "256 B to 1 GiB, or unlimited"},
        {"name: n\ncost: {technology: 32}\n",
         "x.yaml:2:20: cost.technology: value 32: must be a length with a unit (nm), from 7 nm to 130 nm"},
        {"name: n\ncost: {energy_overrides: {adc: 1.5}}\n",
         "x.yaml:2:32: cost.energy_overrides.adc: value 1.5: must be an energy with a unit (aJ, fJ, pJ, nJ, "
         "uJ, mJ or J), "
         "from 0 J to 1 mJ"},
        {"name: n\ncost: {energy_overrides: {ADC: 1 pJ}}\n",
         "x.yaml:2:27: cost.energy_overrides.ADC: an action name must be a name: lower-case letters, digits, "
         "'.', '_' "
         "and '-', a letter first, at most 64"},
    });
}

BOOST_AUTO_TEST_CASE(words_and_texts) {
    check({
        {"name: n\npipeline: {pipelined: yes}\n",
         "x.yaml:2:23: pipeline.pipelined: value yes: must be true or false"},
        {"name: n\nmesh: {kind: bus}\n",
         "x.yaml:2:14: mesh.kind: value bus: must be mesh, crossbar-switch or ideal"},
        {"name: n\nmesh: {enabled: false}\n",
         "x.yaml:2:8: mesh.enabled: is no key any more: write mesh.kind: ideal for `false`, mesh for `true`"},
        {"name: n\nmesh: {multicast: broadcast}\n",
         "x.yaml:2:19: mesh.multicast: value broadcast: must be unicast or tree"},
        {"name: n\nadc: {policy: worst_case}\n",
         "x.yaml:2:15: adc.policy: value worst_case: must be fixed, worst-case, profiled, percentile or "
         "accuracy"},
        {"name: n\nadc: {conversion_time: 3}\n",
         "x.yaml:2:24: adc.conversion_time: value 3: must be fixed or per-bit"},
        {"name: n\nweights: {encoding: [offset]}\n",
         "x.yaml:2:21: weights.encoding: value [offset]: must be differential or offset"},
        {"name: n\nweights: {packing: xcs}\n",
         "x.yaml:2:20: weights.packing: value xcs: must be none, channels, columns, rows or fewest"},
        {"name: n\nweights: {column_order: sorted}\n",
         "x.yaml:2:25: weights.column_order: value sorted: must be natural, light-first or heavy-first"},
        {"name: My Chip\n",
         "x.yaml:1:7: name: value My Chip: must be a name: lower-case letters, digits, '.', '_' and '-', a "
         "letter first, "
         "at most 64"},
        {"name: n\nsummary: \"two\\nlines\"\n",
         "x.yaml:2:10: summary: value two?lines: must be one line of text, at most 200 bytes"},
        {"name: n\nadc: {law: " + std::string(70, 'x') + "}\n",
         "x.yaml:2:12: adc.law: value " + std::string(60, 'x') +
             "...: must be a name: lower-case letters, digits, '.', '_' and '-', a letter first, at most 64"},
    });
}

BOOST_AUTO_TEST_CASE(rules_between_keys) {
    check({
        {"name: n\nweights: {flip_columns: true}\n",
         "x.yaml:2:25: weights.flip_columns: value true: only with weights.encoding: offset"},
        {"name: n\nweights: {encoding: offset, packing: rows}\n",
         "x.yaml:2:38: weights.packing: value rows: only with weights.encoding: differential (offset cells "
         "of "
         "zero weights are not zero)"},
        {"name: n\nadc: {margin: 2}\n", "x.yaml:2:15: adc.margin: value 2: only with adc.policy: profiled"},
        {"name: n\nadc: {percentile: 99}\n",
         "x.yaml:2:19: adc.percentile: value 99: only with adc.policy: percentile"},
        {"name: n\nadc: {policy: percentile}\n",
         "x.yaml:1:1: adc.percentile: adc.policy: percentile needs a share above 0"},
        {"name: n\nadc: {accuracy_loss: 1}\n",
         "x.yaml:2:22: adc.accuracy_loss: value 1: only with adc.policy: accuracy"},
        {"name: n\nadc: {granularity: chip}\n",
         "x.yaml:2:20: adc.granularity: value chip: not with adc.policy: fixed (its lists say what is as "
         "wide "
         "as what)"},
        {"name: n\nweights: {encoding: offset}\nadc: {policy: worst-case, granularity: layer-slice-sign}\n",
         "x.yaml:3:40: adc.granularity: value layer-slice-sign: offset weights have no arrays by sign"},
        {"name: n\nweights: {encoding: offset}\nadc: {negative_layer_widths: {fc: [8, 8, 8, 8, 8]}}\n",
         "x.yaml:3:30: adc.negative_layer_widths: value {...}: only with weights.encoding: differential"},
        {"name: n\nadc: {policy: profiled, slice_drops: [1, 1, 1, 1]}\n",
         "x.yaml:2:38: adc.slice_drops: value [1, 1, 1, 1]: only with adc.policy: fixed (the other policies "
         "find "
         "the widths)"},
        {"name: n\nadc: {layer_drops: {fc: [1, 1, 1, 1, 1]}}\n",
         "x.yaml:2:25: adc.layer_drops.fc: value [1, 1, 1, 1, 1]: must have one entry a slice of the layer: "
         "at most 4 (8 weight bits in cells of 2)"},
        {"name: n\nadc: {overflow: split, slice_drops: [1, 0, 0, 0]}\n",
         "x.yaml:2:17: adc.overflow: value split: split reads are exact: not with converters that leave low "
         "bits "
         "out"},
        {"name: n\nadc: {policy: accuracy, overflow: split}\n",
         "x.yaml:2:35: adc.overflow: value split: not with adc.policy: accuracy (nothing is lost that it "
         "could "
         "search)"},
        {"name: n\nadc: {slice_widths: [8, 8, 8]}\n",
         "x.yaml:2:21: adc.slice_widths: value [8, 8, 8]: must have one entry a slice: 4 (8 weight bits in "
         "cells of 2)"},
        {"name: n\nweights: {encoding: offset}\nadc: {layer_widths: {fc: [8, 8, 8, 8, 8, 8]}}\n",
         "x.yaml:3:26: adc.layer_widths.fc: value [8, 8, 8, 8, 8, 8]: must have one entry a slice of the "
         "layer: at most 5 (8 weight bits and 1 for the bias in cells of 2)"},
        {"name: n\nadc: {policy: profiled, slice_widths: [8, 8, 8, 8]}\n",
         "x.yaml:2:39: adc.slice_widths: value [8, 8, 8, 8]: only with adc.policy: fixed (the other policies "
         "find the "
         "widths)"},
        {"name: n\nadc: {policy: worst-case, layer_widths: {fc: [8, 8, 8, 8]}}\n",
         "x.yaml:2:41: adc.layer_widths: value {...}: only with adc.policy: fixed (the other policies find "
         "the widths)"},
        {"name: n\nadc: {arrays_per_adc: 3}\n",
         "x.yaml:2:23: adc.arrays_per_adc: value 3: must divide tile.arrays_per_pe, which is 8"},
        {"name: n\ntile: {arrays_per_pe: 4}\nadc: {arrays_per_adc: 8}\n",
         "x.yaml:3:23: adc.arrays_per_adc: value 8: must divide tile.arrays_per_pe, which is 4"},
        {"name: n\nmesh: {concentration: 8}\n",
         "x.yaml:2:23: mesh.concentration: value 8: must be a square number: 1, 4, 9 or 16"},
        {"name: n\nreplication: {mode: list}\n",
         "x.yaml:1:1: replication.copies: replication.mode: list needs one entry a matrix layer"},
        {"name: n\nreplication: {copies: [1, 2]}\n",
         "x.yaml:2:23: replication.copies: value [1, 2]: only with replication.mode: list"},
        {"name: n\nreplication: {mode: balance}\n",
         "x.yaml:1:1: replication.target_interval_cycles: replication.mode: balance needs an interval above "
         "0"},
        {"name: n\nreplication: {target_interval_cycles: 5}\n",
         "x.yaml:2:39: replication.target_interval_cycles: value 5: only with replication.mode: balance"},
    });
}

BOOST_AUTO_TEST_CASE(overrides) {
    const std::string good = "name: n\n";
    check({
        {good, "--set adc.bits=13: adc.bits: value 13: must be a whole number from 1 to 12", {"adc.bits=13"}},
        {good,
         "--set adc.bits=: adc.bits: value (nothing): must be a whole number from 1 to 12",
         {"adc.bits="}},
        {good, "--set adc.bits: must be KEY=VALUE, such as adc.bits=6", {"adc.bits"}},
        {good, "--set =6: must be KEY=VALUE, such as adc.bits=6", {"=6"}},
        {good, "--set adc.bit=6: adc.bit: unknown key: did you mean adc.bits?", {"adc.bit=6"}},
        {good,
         "--set adc={bits: 6}: adc: is a section: name one key of it, as in adc.bits",
         {"adc={bits: 6}"}},
        {good, "--set adc.bits=7: adc.bits: given twice", {"adc.bits=6", "adc.bits=7"}},
        {good,
         "--set adc.slice_widths=[8: not YAML: end of sequence flow not found",
         {"adc.slice_widths=[8"}},
        {good,
         "--set array.cycle=50: array.cycle: value 50: must be a time with a unit (ps, ns, us, ms or s), "
         "from 1 ns to 1 "
         "ms",
         {"array.cycle=50"}},
        // The file was right until the override changed what its widths must match.
        {"name: n\nadc: {slice_widths: [8, 8, 8, 8]}\n",
         "x.yaml:2:21: adc.slice_widths: value [8, 8, 8, 8]: must have one entry a slice: 8 (8 weight bits "
         "in cells of "
         "1)",
         {"array.cell_bits=1"}},
    });
}

BOOST_AUTO_TEST_CASE(files) {
    const auto message = [](const std::filesystem::path& path) -> std::string {
        try {
            load_chip(path);
        } catch (const sliver::InputError& error) {
            return error.what();
        }
        return "(accepted)";
    };
    BOOST_TEST(message("/no/such/chip.yaml") == "/no/such/chip.yaml: no such file");
    BOOST_TEST(message("/tmp") == "/tmp: is a folder; a file is wanted");
    const std::filesystem::path file = std::filesystem::path(SLIVER_BINARY_DIR) / "config_errors_chip.yaml";
    std::ofstream(file) << "name: n\nadc:\n  bits: 0\n";
    BOOST_TEST(message(file) ==
               file.string() + ":3:9: adc.bits: value 0: must be a whole number from 1 to 12");
    std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(shares_of_stuck_cells_may_be_all_of_them) {
    const std::string yaml = "name: n\ncells: {kind: resistive, stuck_on: 0.25, stuck_off: ";
    BOOST_TEST(message_of({yaml + "0.75}\n", ""}) == "(accepted)");
    BOOST_TEST(message_of({yaml + "0.76}\n", ""}) ==
               "x.yaml:2:36: cells.stuck_on: value 0.25: together with cells.stuck_off at most 1");
}

BOOST_AUTO_TEST_SUITE_END()
