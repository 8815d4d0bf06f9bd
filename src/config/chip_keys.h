// Every key of a chip file, once: path, field, accepted values, meaning.
//
// describe_chip() shows the keys to a visitor in the order in which files and documentation have them. The
// loader, the writer and the documentation are such visitors, so a key that is added here is read, refused,
// written and documented; nothing else lists keys. Private to this module. A visitor has one member function
// a kind of value:
//
//   text(path, std::string&, TextForm, meaning)               integers(path, std::vector<int>&, Range<int>,
//   meaning) integer(path, int&, Range<int>, meaning)                  layer_integers(path, map name -> list,
//   Range<int>, meaning) number(path, double&, Range<double>, meaning)             energies(path, map name ->
//   J, Range<double>, meaning) flag(path, bool&, meaning)                                bytes(path,
//   optional<int64>&, Range<int64>, meaning) choice(path, Enum&, meaning) quantity(path, double&, Dimension,
//   Range<double>,
//                                                                      Unlimited, meaning)
// Ranges include both ends. Rules between keys are check_rules()'s business (chip_rules.h).
#pragma once

#include <cstdint>

#include "config/chip_config.h"
#include "config/quantity.h"

namespace sliver::config {

template <typename T>
struct Range {
    T lowest;
    T highest;
};

enum class TextForm {
    name,      ///< lower-case letters, digits and . _ - after a first letter; the file must give it
    law_name,  ///< the same; has a default
    line,      ///< one line of text
};

/// Whether `unlimited` is a value; it is kept as 0.
enum class Unlimited { no, yes };

inline constexpr const char* kFlipColumnsKey = "weights.flip_columns";
inline constexpr Range<int> kAdcBits = {1, 12};
inline constexpr Range<int> kAdcDrops = {0, 8};

template <typename Visitor>
void describe_identity(Visitor& v, ChipConfig& c) {
    v.text("name", c.name, TextForm::name, "Name of the chip, as results carry it.");
    v.text("summary", c.summary, TextForm::line, "One line on what the chip is, for `sliver list chips`.");
}

template <typename Visitor>
void describe_array(Visitor& v, ArrayConfig& c) {
    v.integer("array.rows", c.rows, {16, 512}, "Rows (word lines) of one crossbar array.");
    v.integer("array.columns", c.columns, {16, 512}, "Columns (bit lines) of one crossbar array.");
    v.integer("array.cell_bits", c.cell_bits, {1, 4}, "Bits one cell stores: the width of a weight slice.");
    v.quantity("array.cycle", c.cycle_s, Dimension::time, {1e-9, 1e-3}, Unlimited::no,
               "One array read: drive, settle, sample. Pipeline cycles are counted in it.");
}

inline constexpr Range<double> kCellOhms = {1, 1e12};
inline constexpr Range<double> kWireOhms = {1e-3, 1e9};
inline constexpr Range<double> kShare = {0, 1};

template <typename Visitor>
void describe_devices(Visitor& v, CellConfig& c, WireConfig& w) {
    v.choice(
        "cells.kind", c.kind,
        "Cells that hold exactly their level, or conductances as the keys below say (docs/nonideal.md).");
    v.quantity(
        "cells.on", c.on_ohm, Dimension::resistance, kCellOhms, Unlimited::no,
        "Resistance of a cell at its highest level. Where cells are ideal it and the next one are what the "
        "accounting `conducting` charges; all other keys of cells: only with cells.kind: resistive.");
    v.quantity("cells.off", c.off_ohm, Dimension::resistance, kCellOhms, Unlimited::no,
               "Resistance of a cell at level 0; the levels between are linear in conductance.");
    v.choice("cells.variation", c.variation,
             "Spread of programmed conductances: a share of the range, of the level, of the logarithm, or a "
             "law of "
             "a device (docs/nonideal.md).");
    v.number("cells.sigma", c.sigma, kShare,
             "Standard deviation of the laws that follow it, as a share (docs/nonideal.md).");
    v.number("cells.stuck_on", c.stuck_on, kShare, "Share of cells stuck at the highest level.");
    v.number("cells.stuck_off", c.stuck_off, kShare, "Share of cells stuck at level 0.");
    v.number("cells.drift_exponent", c.drift_exponent, kShare,
             "Conductances fall with (time / 1 s)^-exponent after programming.");
    v.quantity("cells.drift_time", c.drift_s, Dimension::time, {1, 1e12}, Unlimited::no,
               "Time since programming.");
    v.number("cells.read_noise", c.read_noise, kShare,
             "Standard deviation of a cell's conductance from read to read, as a share of it.");
    v.choice(
        "cells.reference", c.reference,
        "What takes away the current of level 0: known exactly, or one more column of cells at level 0.");
    v.choice(
        "wires.kind", w.kind,
        "Wires without resistance, by the separable approximation, or solved exactly (docs/wires.md). Not "
        "`ideal` only with cells.kind: resistive.");
    v.quantity("wires.driver", w.driver_ohm, Dimension::resistance, kWireOhms, Unlimited::no,
               "Between a row's driver and its wire.");
    v.quantity("wires.row", w.row_ohm, Dimension::resistance, kWireOhms, Unlimited::no,
               "Of a row's wire from cell to cell.");
    v.quantity("wires.column", w.column_ohm, Dimension::resistance, kWireOhms, Unlimited::no,
               "Of a column's wire from cell to cell.");
    v.quantity("wires.sense", w.sense_ohm, Dimension::resistance, kWireOhms, Unlimited::no,
               "Between a column's wire and its virtual ground.");
}

template <typename Visitor>
void describe_operands(Visitor& v, WeightConfig& w, InputConfig& i) {
    v.integer("weights.bits", w.bits, {1, 8}, "Magnitude bits of a weight; the sign comes on top.");
    v.choice("weights.rounding", w.rounding, "How a weight becomes its integer code.");
    v.choice("weights.encoding", w.encoding,
             "Signs: positive and negative weights on separate arrays, or biased weights with a unit column "
             "(ISAAC).");
    v.flag(
        kFlipColumnsKey, w.flip_columns,
        "Columns whose worst-case sum passes half the range are stored complemented. Only under `offset`.");
    v.choice("weights.slices", w.slices,
             "Each slice on arrays of its own, or the slices of a weight side by side in one array.");
    v.choice(
        "weights.digits", w.digits,
        "Bits that columns hold: all slices of all weights; of these only columns with a bit (`packed`); "
        "only bit positions that the layer has (`planes`), or that the weights of the column have "
        "(`shared`; docs/digits.md). Not `slices` only with differential weights.");
    v.choice("weights.packing", w.packing,
             "Zeros that take no array: none, channels that are zero throughout, columns or rows that are "
             "zero in a block as wide as an array, or whichever of these takes the fewest arrays, layer by "
             "layer (docs/packing.md). Not `none` only with differential weights.");
    v.choice("weights.column_order", w.column_order,
             "Columns as the network has them, or sorted by their mean absolute weight; results are put back "
             "in order "
             "behind the converters (docs/packing.md).");
    v.choice(
        "weights.groups", w.groups,
        "Grouped and depthwise convolutions: as many whole groups on an array as fit, block-diagonal, or "
        "one matrix with zeros between the groups (docs/packing.md).");
    v.integer("inputs.bits", i.bits, {1, 8}, "Bits of an input activation.");
    v.integer("inputs.dac_bits", i.dac_bits, {1, 4}, "Input bits driven in one cycle.");
}

template <typename Visitor>
void describe_adc(Visitor& v, AdcConfig& c) {
    v.integer("adc.bits", c.bits, kAdcBits, "Width of the converters that no list below names.");
    v.choice(
        "adc.policy", c.policy,
        "Where widths come from: this file, the largest sum possible, the largest sum or a percentile of "
        "the sums seen in calibration, or a search within a loss of accuracy.");
    v.choice("adc.granularity", c.granularity,
             "What shares one width where a policy finds it: the chip, a slice, a layer's slice, or that by "
             "sign. Not under `fixed`.");
    v.integer("adc.margin", c.margin, {0, 115200},
              "Added to the largest sum seen before the width is taken. Only under `profiled`.");
    v.number("adc.percentile", c.percentile, {0, 100},
             "Share of the conversions of a width's columns that must fit, in percent. Only under "
             "`percentile`, which needs it.");
    v.number("adc.accuracy_loss", c.accuracy_loss, {0, 100},
             "Top-1 on the calibration images that converters may cost, in points. Only under `accuracy`.");
    v.choice("adc.overflow", c.overflow,
             "Column sums beyond a converter's range: cut, or the array's rows read in as many parts as it "
             "takes to fit.");
    v.integers("adc.slice_widths", c.slice_widths, kAdcBits,
               "Width by slice, slice 0 (least significant) first, one entry a slice. Only under `fixed`.");
    v.layer_integers(
        "adc.layer_widths", c.layer_widths, kAdcBits,
        "Width by slice for single layers, by the layer's name in the network. Only under `fixed`.");
    v.layer_integers("adc.negative_layer_widths", c.negative_layer_widths, kAdcBits,
                     "The same for the arrays of negative weights, where those differ. Only under `fixed`, "
                     "with differential weights.");
    v.integers("adc.slice_drops", c.slice_drops, kAdcDrops,
               "Low bits a converter leaves out, by slice: one step is 2^this. Only under `fixed`, and not "
               "with adc.overflow: split.");
    v.layer_integers("adc.layer_drops", c.layer_drops, kAdcDrops,
                     "Likewise for single layers, by name. Only under `fixed`.");
    v.choice(
        "adc.conversion_time", c.time,
        "Time of a conversion: the same at every width, or proportional to the width (8 bits take 1/rate).");
    v.quantity("adc.rate", c.rate_hz, Dimension::sample_rate, {1e6, 100e9}, Unlimited::no,
               "Conversions a second of one converter at 8 bits.");
    v.integer("adc.arrays_per_adc", c.arrays_per_adc, {1, 8},
              "Arrays that share one converter; divides `tile.arrays_per_pe`.");
    v.choice("adc.bank", c.bank,
             "Converters of arrays that share: one for all, or one for each of their slices.");
    v.text("adc.law", c.law, TextForm::law_name, "Cost law of the converter, one of `sliver list adc-laws`.");
    v.choice("adc.calibration", c.calibration,
             "What has a gain of its own, fitted after programming: nothing, an array, a column. Only with "
             "cells.kind: resistive, as the next two.");
    v.number("adc.gain_sigma", c.gain_sigma, kShare,
             "Standard deviation of the gain of the converters behind an array, as a share.");
    v.number("adc.offset_sigma", c.offset_sigma, {0, 1000},
             "Standard deviation of their offset, in units of one cell level.");
}

template <typename Visitor>
void describe_tile(Visitor& v, TileConfig& c) {
    v.integer("tile.processing_elements", c.processing_elements, {1, 64},
              "Processing elements (IMAs) a tile.");
    v.integer("tile.arrays_per_pe", c.arrays_per_pe, {1, 64}, "Arrays a processing element.");
    v.bytes("tile.buffer", c.buffer_bytes, {256, std::int64_t{1} << 30},
            "eDRAM of a tile: the input map of its arrays, operands of its pools and additions.");
    v.quantity("tile.bus", c.bus_bytes_per_s, Dimension::bandwidth, {1e6, 10e12}, Unlimited::yes,
               "Bus between buffer, processing elements and adders; `unlimited`: a window's bytes arrive in "
               "the cycle before its first plane, its results take no time.");
    v.quantity("tile.buffer_port", c.buffer_port_bytes_per_s, Dimension::bandwidth, {1e6, 10e12},
               Unlimited::yes,
               "Port of the eDRAM: windows that are read and packets that are written, one after the other.");
    v.quantity("tile.postprocessor", c.postprocessor_hz, Dimension::frequency, {1e6, 100e9}, Unlimited::yes,
               "Values a second that a tile requantises, pools and adds, one after the other.");
    v.integer(
        "tile.output_queue_packets", c.output_queue_packets, {1, 1024},
        "Windows of a layer's copy whose results may be on their way out of a tile; more wait to start.");
}

template <typename Visitor>
void describe_transport(Visitor& v, MeshConfig& m, HostConfig& h) {
    v.choice(
        "mesh.kind", m.kind,
        "What connects tiles and host: routers in a grid, one central switch with a link to and from each "
        "tile, or nothing that takes time or energy (docs/time.md).");
    v.integer("mesh.columns", m.columns, {1, 128}, "Tiles from left to right.");
    v.integer("mesh.rows", m.rows, {1, 128}, "Tiles from top to bottom.");
    v.integer("mesh.concentration", m.concentration, {1, 16},
              "Tiles that share a router of the grid: a square number.");
    v.integer("mesh.link_bits", m.link_bits, {8, 1024}, "Width of a link, and of a flit.");
    v.quantity("mesh.clock", m.clock_hz, Dimension::frequency, {1e6, 100e9}, Unlimited::no,
               "Clock of routers and links: one flit a cycle and link.");
    v.integer("mesh.router_cycles", m.router_cycles, {0, 1000},
              "Mesh cycles a flit head spends in a router, or in the central switch.");
    v.integer("mesh.link_cycles", m.link_cycles, {0, 1000}, "Mesh cycles a flit head spends on a link.");
    v.choice("mesh.multicast", m.multicast,
             "A pixel that several tiles want: a packet for each, or one packet that forks on its way.");
    v.quantity("host.bandwidth", h.bytes_per_s, Dimension::bandwidth, {1e6, 10e12}, Unlimited::yes,
               "Bytes a second between host and chip, each way; `unlimited`: transfers take no time.");
}

template <typename Visitor>
void describe_operation(Visitor& v, PipelineConfig& p, ReplicationConfig& r, SkipConfig& s, CostConfig& c) {
    v.flag("pipeline.pipelined", p.pipelined,
           "Layers start as soon as a window's inputs are there; `false`: one layer after the other.");
    v.integer(
        "pipeline.overhead_cycles", p.overhead_cycles, {1, 1000},
        "Array cycles a window takes around its bit-serial reads: fetch, ADC, shift-add, activation, write.");
    v.choice("replication.mode", r.mode,
             "Copies of layers: one each, as listed, or chosen to balance the pipeline.");
    v.integers("replication.copies", r.copies, {1, 65536},
               "Copies, one entry a matrix layer in the network's order. Only under `list`, which needs it.");
    v.number("replication.target_interval_cycles", r.target_interval_cycles, {0, 1e9},
             "Wanted array cycles between two images. Only under `balance`, which needs it.");
    v.flag("skip.empty_columns", s.empty_columns,
           "Converters visit only columns with a cell above level 0: a mask for each array says which.");
    v.flag("skip.zero_planes", s.zero_planes,
           "Reads that would drive no row are left out: a zero detector at the input register sees them.");
    v.choice("cost.accounting", c.accounting,
             "What an array read is charged for: every row and column, those that hold weights, of these the "
             "rows whose input digit is not zero, or the current that their cells draw at their levels.");
    v.quantity("cost.read_voltage", c.read_voltage_v, Dimension::voltage, {1e-3, 10}, Unlimited::no,
               "On a driven row, for the accounting `conducting`.");
    v.quantity("cost.read_pulse", c.read_pulse_s, Dimension::time, {1e-12, 1e-3}, Unlimited::no,
               "For how long a read drives its rows, likewise.");
    v.quantity("cost.technology", c.technology_nm, Dimension::node, {7, 130}, Unlimited::no,
               "Node to which energies and areas are scaled from 32 nm.");
    v.energies("cost.energy_overrides", c.energy_overrides_j, {0, 1e-3},
               "Unit energies that replace the ISAAC table's, by name, such as bus_byte_j (docs/cost.md).");
}

template <typename Visitor>
void describe_chip(Visitor& v, ChipConfig& c) {
    describe_identity(v, c);
    describe_array(v, c.array);
    describe_devices(v, c.cells, c.wires);
    describe_operands(v, c.weights, c.inputs);
    describe_adc(v, c.adc);
    describe_tile(v, c.tile);
    describe_transport(v, c.mesh, c.host);
    describe_operation(v, c.pipeline, c.replication, c.skip, c.cost);
}

}  // namespace sliver::config
