// A chip, resolved: every value present, checked, in SI units or plain counts. Made by config::load_chip()
// from YAML (configs/chips/*.yaml), const afterwards, written back into the results as config.yaml.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cost/accounting.h"
#include "device/variation_laws.h"

namespace sliver::config {

enum class Encoding { differential, offset };  ///< signs: two arrays, or ISAAC's bias with a unit column
enum class SlicePlacement {
    grouped,
    interleaved
};  ///< each slice its own arrays, or all slices side by side
/// Groups of a grouped convolution: block-diagonal on shared arrays, or as one matrix with zeros between
/// them.
enum class GroupPlacement { packed, dense };
/// Which bits of a layer's weights its columns hold (mapping/digits.h).
enum class DigitColumns { slices, packed, planes, shared };
/// T of arXiv 2201.05229: which zeros take no array (mapping/packing.h).
enum class Packing { none, channels, columns, rows, fewest };
/// R of the same paper: the order of columns, by the mean of |w|.
enum class ColumnOrder { natural, light_first, heavy_first };
enum class Rounding { nearest, floor };
enum class ConversionTime { fixed, per_bit };  ///< SAR time a conversion: constant, or proportional to width
using cost::Accounting;                        ///< what a crossbar read is charged for, see docs/cost.md
enum class AdcPolicy {
    fixed,
    worst_case,
    profiled,
    percentile,
    accuracy
};  ///< where the ADC widths come from
/// What shares one width where a policy finds the widths.
enum class AdcGranularity { chip, slice, layer_slice, layer_slice_sign };
/// What becomes of a column sum beyond the converter's range: cut, or its array read a part of the rows at a
/// time.
enum class AdcOverflow { clip, split };
enum class AdcBank { single, per_slice };  ///< converters that serve the same arrays: one, or one a slice
/// What connects the tiles and the host: routers in a grid, one central switch, or nothing that takes time.
enum class MeshKind { mesh, crossbar_switch, ideal };
/// A pixel that several tiles want: a packet for each, or one that forks on its way.
enum class Multicast { unicast, tree };
enum class ReplicationMode { none, list, balance };
enum class CellKind { ideal, resistive };   ///< whole levels, or conductances that deviate from them
enum class OffReference { ideal, column };  ///< what takes away the current of cells at level 0
enum class WireKind { ideal, separable, exact };
enum class AdcCalibration { none, array, column };  ///< what shares one gain

struct ArrayConfig {
    int rows = 128;           ///< 16..512
    int columns = 128;        ///< 16..512
    int cell_bits = 2;        ///< 1..4
    double cycle_s = 100e-9;  ///< one read: drive, settle, sample
};

struct WeightConfig {
    int bits = 8;  ///< magnitude bits, 1..8; the sign comes on top
    Rounding rounding = Rounding::nearest;
    Encoding encoding = Encoding::differential;
    bool flip_columns = true;  ///< offset only: ISAAC's flipped columns
    SlicePlacement slices = SlicePlacement::grouped;
    Packing packing = Packing::none;  ///< differential only
    ColumnOrder column_order = ColumnOrder::natural;
    GroupPlacement groups = GroupPlacement::packed;
    DigitColumns digits = DigitColumns::slices;  ///< others: differential only
};

struct InputConfig {
    int bits = 8;      ///< 1..8
    int dac_bits = 1;  ///< 1..4: input bits a cycle
};

struct AdcConfig {
    int bits = 8;  ///< 1..12, the width where `widths` says nothing
    AdcPolicy policy = AdcPolicy::fixed;
    AdcGranularity granularity = AdcGranularity::layer_slice;  ///< not under `fixed`
    int margin = 0;         ///< profiled only: added to the largest sum seen
    double percentile = 0;  ///< percentile only, and then above 0: share of conversions that must fit, in %
    double accuracy_loss = 0;  ///< accuracy only: top-1 that may be lost, in points
    AdcOverflow overflow = AdcOverflow::clip;
    /// Width by slice (index 0 = least significant) for layers that `layer_widths` does not name. Empty:
    /// `bits`.
    std::vector<int> slice_widths;
    /// Width by slice for single layers, by layer name.
    std::map<std::string, std::vector<int>> layer_widths;
    /// The same for the arrays of negative weights, where they differ from `layer_widths`.
    std::map<std::string, std::vector<int>> negative_layer_widths;
    /// Low bits a converter leaves out, by slice: its step is 2^that. Empty: none.
    std::vector<int> slice_drops;
    std::map<std::string, std::vector<int>> layer_drops;  ///< likewise for single layers
    ConversionTime time = ConversionTime::fixed;
    double rate_hz = 1.28e9;  ///< conversions a second at 8 bits (fixed: at any width)
    int arrays_per_adc = 1;   ///< 1..8
    AdcBank bank = AdcBank::single;
    std::string law = "isaac";                          ///< cost law, see cost/adc_laws.h
    AdcCalibration calibration = AdcCalibration::none;  ///< not ideal cells only
    double gain_sigma = 0, offset_sigma = 0;            ///< of the converters of an array; offset in levels
};

struct CellConfig {
    CellKind kind = CellKind::ideal;
    double on_ohm = 25e3, off_ohm = 500e3;
    device::Variation variation = device::Variation::none;
    double sigma = 0;
    double stuck_on = 0, stuck_off = 0;
    double drift_exponent = 0, drift_s = 1;
    double read_noise = 0;
    OffReference reference = OffReference::ideal;
};

struct WireConfig {
    WireKind kind = WireKind::ideal;
    double driver_ohm = 100, row_ohm = 3.13, column_ohm = 1.04, sense_ohm = 50;
};

struct TileConfig {
    int processing_elements = 12;
    int arrays_per_pe = 8;
    std::optional<std::int64_t> buffer_bytes = 65536;  ///< eDRAM; none: unlimited
    double bus_bytes_per_s = 0;          ///< 0: a window's bytes arrive in the cycle before its first plane
    int output_queue_packets = 4;        ///< windows of a copy on their way out of a tile
    double buffer_port_bytes_per_s = 0;  ///< of the eDRAM, both directions together; 0: without end
    double postprocessor_hz = 0;         ///< values a second; 0: as many as come
};

struct MeshConfig {
    MeshKind kind = MeshKind::mesh;
    int columns = 14, rows = 12;  ///< tiles
    int concentration = 4;        ///< tiles a router (2x2)
    int link_bits = 32;
    double clock_hz = 1e9;
    int router_cycles = 3;
    int link_cycles = 1;
    Multicast multicast = Multicast::unicast;

    /// Whether anything takes time and is counted.
    [[nodiscard]] bool is_ideal() const { return kind == MeshKind::ideal; }
    /// Whether a packet may have several receivers; where packets are there at once, each has one.
    [[nodiscard]] bool forms_trees() const { return !is_ideal() && multicast == Multicast::tree; }
};

struct HostConfig {
    double bytes_per_s = 25.6e9;  ///< HyperTransport, both ways; 0: at once
};

struct PipelineConfig {
    bool pipelined =
        true;  ///< layers start as soon as a window's inputs are there; else one layer after the other
    int overhead_cycles =
        6;  ///< stages around the bit-serial reads: eDRAM+IR, ADC, S+A, OR, activation, eDRAM write
};

struct ReplicationConfig {
    ReplicationMode mode = ReplicationMode::none;
    std::vector<int> copies;            ///< list: one a matrix layer
    double target_interval_cycles = 0;  ///< balance: wanted interval between images, in array cycles
};

/// What hardware leaves out because it would give zero.
struct SkipConfig {
    bool empty_columns = false;  ///< columns without a cell that conducts are not converted
    bool zero_planes = false;    ///< reads that would drive no row are not made
};

struct CostConfig {
    Accounting accounting = Accounting::driven;
    double read_voltage_v = 0.2,
           read_pulse_s = 10e-9;  ///< what a cell draws its current from, and for how long
    double technology_nm = 32;
    /// Unit energies and areas that differ from the ISAAC table: action name -> joule, see cost/unit_costs.h.
    std::map<std::string, double> energy_overrides_j;
};

struct ChipConfig {
    std::string name;
    std::string summary;
    ArrayConfig array;
    CellConfig cells;
    WireConfig wires;
    WeightConfig weights;
    InputConfig inputs;
    AdcConfig adc;
    TileConfig tile;
    MeshConfig mesh;
    HostConfig host;
    PipelineConfig pipeline;
    ReplicationConfig replication;
    SkipConfig skip;
    CostConfig cost;

    /// Shifts that columns have: ceil(stored bits / cell bits), the cells of a weight; offset encoding stores
    /// one bit more (the bias). Digits at any position have a shift for every bit.
    [[nodiscard]] int slices() const {
        const int stored = weights.bits + (weights.encoding == Encoding::offset ? 1 : 0);
        if (weights.digits == DigitColumns::planes || weights.digits == DigitColumns::shared) return stored;
        return (stored + array.cell_bits - 1) / array.cell_bits;
    }
    /// Cycles one window drives its inputs: ceil(input bits / DAC bits).
    [[nodiscard]] int planes() const { return (inputs.bits + inputs.dac_bits - 1) / inputs.dac_bits; }
    [[nodiscard]] int tiles() const { return mesh.columns * mesh.rows; }
};

/// Equal in every field, numbers to the last bit.
bool operator==(const ChipConfig& a, const ChipConfig& b);
inline bool operator!=(const ChipConfig& a, const ChipConfig& b) {
    return !(a == b);
}

}  // namespace sliver::config
