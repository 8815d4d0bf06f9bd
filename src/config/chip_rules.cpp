#include "config/chip_rules.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace sliver::config {
namespace {

void check_widths(const ChipConfig& chip, const Complaint& complain) {
    const auto expected = static_cast<std::size_t>(chip.slices());
    const std::string slices = fmt::format(
        "{} ({} weight bits{} in cells of {})", expected, chip.weights.bits,
        chip.weights.encoding == Encoding::offset ? " and 1 for the bias" : "", chip.array.cell_bits);
    const std::string rule = "must have one entry a slice: " + slices;
    // Layers of fewer bits have fewer slices; the mapper knows them.
    const std::string layer_rule = "must have one entry a slice of the layer: at most " + slices;
    const AdcConfig& adc = chip.adc;
    const bool fixed = adc.policy == AdcPolicy::fixed;
    const auto by_slice = [&](const std::string& key, const std::vector<int>& values) {
        if (values.empty()) return;
        if (!fixed) complain(key, "only with adc.policy: fixed (the other policies find the widths)");
        if (values.size() != expected) complain(key, rule);
    };
    const auto by_layer = [&](const std::string& key, const std::map<std::string, std::vector<int>>& values) {
        if (!values.empty() && !fixed)
            complain(key, "only with adc.policy: fixed (the other policies find the widths)");
        for (const auto& [layer, widths] : values)
            if (widths.empty() || widths.size() > expected)
                complain(fmt::format("{}.{}", key, layer), layer_rule);
    };
    by_slice("adc.slice_widths", adc.slice_widths);
    by_layer("adc.layer_widths", adc.layer_widths);
    by_layer("adc.negative_layer_widths", adc.negative_layer_widths);
    by_slice("adc.slice_drops", adc.slice_drops);
    by_layer("adc.layer_drops", adc.layer_drops);
    if (!adc.negative_layer_widths.empty() && chip.weights.encoding == Encoding::offset)
        complain("adc.negative_layer_widths", "only with weights.encoding: differential");
}

void check_policy(const ChipConfig& chip, const Complaint& complain) {
    const AdcConfig& adc = chip.adc;
    if (adc.granularity != AdcGranularity::layer_slice && adc.policy == AdcPolicy::fixed)
        complain("adc.granularity", "not with adc.policy: fixed (its lists say what is as wide as what)");
    if (adc.granularity == AdcGranularity::layer_slice_sign && chip.weights.encoding == Encoding::offset)
        complain("adc.granularity", "offset weights have no arrays by sign");
    if (adc.margin != 0 && adc.policy != AdcPolicy::profiled)
        complain("adc.margin", "only with adc.policy: profiled");
    if (adc.percentile != 0 && adc.policy != AdcPolicy::percentile)
        complain("adc.percentile", "only with adc.policy: percentile");
    if (adc.percentile == 0 && adc.policy == AdcPolicy::percentile)
        complain("adc.percentile", "adc.policy: percentile needs a share above 0");
    if (adc.accuracy_loss != 0 && adc.policy != AdcPolicy::accuracy)
        complain("adc.accuracy_loss", "only with adc.policy: accuracy");
    if (adc.overflow == AdcOverflow::split) {
        if (adc.policy == AdcPolicy::accuracy)
            complain("adc.overflow", "not with adc.policy: accuracy (nothing is lost that it could search)");
        if (!adc.slice_drops.empty() || !adc.layer_drops.empty())
            complain("adc.overflow", "split reads are exact: not with converters that leave low bits out");
    }
}

/// Keys that nothing would look at are refused, as everywhere.
void check_devices(const ChipConfig& chip, const Complaint& complain) {
    const CellConfig& cells = chip.cells;
    const CellConfig ideal_cells;
    const WireConfig& wires = chip.wires;
    const WireConfig ideal_wires;
    const auto only = [&](const char* key, bool as_default, const char* rule) {
        if (!as_default) complain(key, rule);
    };
    if (cells.kind == CellKind::ideal) {
        constexpr const char* kRule = "only with cells.kind: resistive";
        only("cells.variation", cells.variation == ideal_cells.variation, kRule);
        only("cells.stuck_on", cells.stuck_on == 0, kRule);
        only("cells.stuck_off", cells.stuck_off == 0, kRule);
        only("cells.drift_exponent", cells.drift_exponent == 0, kRule);
        only("cells.read_noise", cells.read_noise == 0, kRule);
        only("cells.reference", cells.reference == ideal_cells.reference, kRule);
        only("wires.kind", wires.kind == WireKind::ideal, kRule);
        only("adc.calibration", chip.adc.calibration == AdcCalibration::none, kRule);
        only("adc.gain_sigma", chip.adc.gain_sigma == 0, kRule);
        only("adc.offset_sigma", chip.adc.offset_sigma == 0, kRule);
    } else {
        if (cells.stuck_on + cells.stuck_off > 1)
            complain("cells.stuck_on", "together with cells.stuck_off at most 1");
        if (chip.adc.overflow == AdcOverflow::split)
            complain("adc.overflow", "rows are not split with cells.kind: resistive");
    }
    if (cells.on_ohm >= cells.off_ohm) complain("cells.on", "must be below cells.off");
    if (cells.sigma != 0 && !device::law_of(cells.variation).needs_sigma)
        complain("cells.sigma", "only with cells.variation: " + device::names_of_sigma_laws());
    only("cells.drift_time", cells.drift_s == 1 || cells.drift_exponent != 0,
         "only with a cells.drift_exponent above 0");
    if (wires.kind != WireKind::ideal) return;
    constexpr const char* kWireRule = "only with wires.kind: separable or exact";
    only("wires.driver", wires.driver_ohm == ideal_wires.driver_ohm, kWireRule);
    only("wires.row", wires.row_ohm == ideal_wires.row_ohm, kWireRule);
    only("wires.column", wires.column_ohm == ideal_wires.column_ohm, kWireRule);
    only("wires.sense", wires.sense_ohm == ideal_wires.sense_ohm, kWireRule);
}

void check_replication(const ReplicationConfig& replication, const Complaint& complain) {
    const bool list = replication.mode == ReplicationMode::list;
    const bool balance = replication.mode == ReplicationMode::balance;
    if (list && replication.copies.empty())
        complain("replication.copies", "replication.mode: list needs one entry a matrix layer");
    if (!list && !replication.copies.empty())
        complain("replication.copies", "only with replication.mode: list");
    if (balance && replication.target_interval_cycles <= 0)
        complain("replication.target_interval_cycles", "replication.mode: balance needs an interval above 0");
    if (!balance && replication.target_interval_cycles != 0)
        complain("replication.target_interval_cycles", "only with replication.mode: balance");
}

void check_digits(const ChipConfig& chip, const Complaint& complain) {
    const WeightConfig& weights = chip.weights;
    if (weights.digits == DigitColumns::slices) return;
    if (weights.encoding != Encoding::differential)
        complain(
            "weights.digits",
            "not `slices` only with weights.encoding: differential (offset cells of zero weights are not "
            "zero)");
    if (weights.packing != Packing::none)
        complain("weights.packing",
                 "only with weights.digits: slices (digit columns are packed without it; use `none`)");
    if (weights.slices != SlicePlacement::grouped)
        complain("weights.slices",
                 "only `grouped` where weights.digits is not `slices`: an array holds columns of any shift");
    if (chip.adc.bank != AdcBank::single)
        complain("adc.bank",
                 "only `single` where weights.digits is not `slices`: an array holds columns of any shift");
}

}  // namespace

void check_rules(const ChipConfig& chip, const Complaint& complain) {
    check_widths(chip, complain);
    check_policy(chip, complain);
    check_devices(chip, complain);
    if (chip.weights.packing != Packing::none && chip.weights.encoding == Encoding::offset)
        complain("weights.packing",
                 "only with weights.encoding: differential (offset cells of zero weights are not zero)");
    check_digits(chip, complain);
    const int arrays = chip.tile.arrays_per_pe;
    if (arrays % chip.adc.arrays_per_adc != 0)
        complain("adc.arrays_per_adc", fmt::format("must divide tile.arrays_per_pe, which is {}", arrays));
    const auto side = static_cast<int>(std::lround(std::sqrt(chip.mesh.concentration)));
    if (side * side != chip.mesh.concentration)
        complain("mesh.concentration", "must be a square number: 1, 4, 9 or 16");
    check_replication(chip.replication, complain);
}

}  // namespace sliver::config
