// What can be asked of a finished point: numbers of its stats.json under one name each.
//
// Times and energies are for one image. Called by sweeps for constraints, objectives and results; nothing
// here computes what stats.json does not say (docs/results.md), but sums and ratios of its values.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sliver::sweep {

enum class Better { less, more };

struct Metric {
    std::string_view name, unit, description;
    Better better;
    /// Nothing where the run has no such value (accuracy without labels). std::exception where `stats` is not
    /// a stats.json.
    std::optional<double> (*of)(const nlohmann::json& stats);
};

const std::vector<Metric>& metrics();
/// Place of a metric of metrics() in it, and in lists of values by metric.
std::size_t place_of(const Metric& metric);
/// Null where there is none of that name.
const Metric* find_metric(std::string_view name);
/// The metric, or an InputError that begins with `where` and names the nearest.
const Metric& require_metric(const std::string& where, std::string_view name);

struct Objective {
    const Metric* metric = nullptr;
    Better better = Better::less;
};

enum class Comparison { below, at_most, above, at_least };

struct Constraint {
    const Metric* metric = nullptr;
    Comparison comparison = Comparison::below;
    double bound = 0;
    std::string text;  ///< as written
    [[nodiscard]] bool holds(double value) const;
};

/// "energy_per_image_j", "max top1" or "min area_mm2"; without a word, the metric's own direction.
Objective parse_objective(std::string_view text, const std::string& where);
/// "area_mm2 < 90", "top1 >= 0.9", "latency_s < 1 ms": METRIC < | <= | > | >= NUMBER, in the metric's unit or
/// with a unit of it.
Constraint parse_constraint(std::string_view text, const std::string& where);

}  // namespace sliver::sweep
