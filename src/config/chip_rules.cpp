#include "config/chip_rules.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace sliver::config {
namespace {

void check_widths(const ChipConfig& chip, const Complaint& complain) {
    const auto expected = static_cast<std::size_t>(chip.slices());
    const std::string rule = fmt::format(
        "must have one entry a slice: {} ({} weight bits{} in cells of {})", expected, chip.weights.bits,
        chip.weights.encoding == Encoding::offset ? " and 1 for the bias" : "", chip.array.cell_bits);
    const bool fixed = chip.adc.policy == AdcPolicy::fixed;
    if (!chip.adc.slice_widths.empty()) {
        if (!fixed)
            complain("adc.slice_widths", "only with adc.policy: fixed (the other policies find the widths)");
        if (chip.adc.slice_widths.size() != expected) complain("adc.slice_widths", rule);
    }
    for (const auto& [layer, widths] : chip.adc.layer_widths) {
        if (!fixed)
            complain("adc.layer_widths", "only with adc.policy: fixed (the other policies find the widths)");
        if (widths.size() != expected) complain("adc.layer_widths." + layer, rule);
    }
    if (chip.adc.margin != 0 && chip.adc.policy != AdcPolicy::profiled)
        complain("adc.margin", "only with adc.policy: profiled");
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

}  // namespace

void check_rules(const ChipConfig& chip, const Complaint& complain) {
    check_widths(chip, complain);
    const int arrays = chip.tile.arrays_per_pe;
    if (arrays % chip.adc.arrays_per_adc != 0)
        complain("adc.arrays_per_adc", fmt::format("must divide tile.arrays_per_pe, which is {}", arrays));
    const auto side = static_cast<int>(std::lround(std::sqrt(chip.mesh.concentration)));
    if (side * side != chip.mesh.concentration)
        complain("mesh.concentration", "must be a square number: 1, 4, 9 or 16");
    check_replication(chip.replication, complain);
}

}  // namespace sliver::config
