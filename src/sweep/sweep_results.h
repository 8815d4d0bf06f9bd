// What a sweep found: every point with its values, the front, what each axis does, the point one would
// choose.
//
// Plain data, filled from the results folders of the points (cli/sweep_folder.h) and shown by sweep_text.h,
// sweep_files.h and the report. Metrics are in their own units (metrics.h).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sweep/metrics.h"

namespace sliver::sweep {

enum class PointState {
    done,
    failed,   ///< its message says why
    open,     ///< not run, or killed on the way
    dropped,  ///< by pre-screening
};

struct ComponentCost {
    std::string name;
    double energy_per_image_j = 0, area_mm2 = 0;
};

struct PointResult {
    std::size_t number = 0;           ///< in the order of the sweep, from 1
    std::string id;                   ///< of the resolved configuration: the name of its folder
    std::string simulation;           ///< points with the same one differ only in prices
    std::vector<std::string> labels;  ///< by axis
    bool baseline = false;
    PointState state = PointState::open;
    std::string message;                           ///< of a failed point
    std::vector<std::optional<double>> values;     ///< by metrics(); empty unless done
    std::vector<std::optional<double>> estimates;  ///< the same by the closed forms, where asked for
    std::vector<ComponentCost> components;         ///< likewise
    bool feasible = false;  ///< done, with all objectives there and all constraints kept
    /// Feasible, and no feasible point of the same scenario is better in one objective and as good in all.
    bool front = false;

    [[nodiscard]] std::optional<double> value(const Metric& metric) const;
};

/// Mean of an objective over the points with one value of an axis.
struct ValueMean {
    std::string label;
    double mean = 0;
    std::size_t points = 0;
};

/// What an axis does to an objective, all else being what it is in the sweep.
struct Effect {
    /// Share of the objective's variance that lies between the values of the axis (eta squared), 0 to 1.
    double explained = 0;
    /// Mean of the objective by value of the axis; of a range, by quarter.
    std::vector<ValueMean> means;

    /// Values that were reached by unlike numbers of points: their means differ for that reason, too.
    [[nodiscard]] bool uneven() const;
};

struct AxisResult {
    std::string name;
    bool scenario = false;                       ///< an assumption: points compete only at equal values
    std::vector<std::string> labels;             ///< in the order of the file; empty: a range
    std::vector<std::optional<Effect>> effects;  ///< by objective; none where no two values were reached
};

struct SweepResults {
    std::string name, summary, version;
    std::string sampling;  ///< "grid", "latin-hypercube of 100, seed 1"
    std::string fixed;     ///< "chip isaac, network ..."
    std::vector<AxisResult> axes;
    std::vector<Objective> objectives;
    std::vector<Constraint> constraints;
    std::vector<PointResult> points;
    std::optional<std::size_t> baseline;  ///< place in `points`
    std::optional<std::size_t> chosen;    ///< place in `points`

    [[nodiscard]] std::size_t count(PointState state) const;
    /// Places in `points`, by scenario, then by the first objective, best first.
    [[nodiscard]] std::vector<std::size_t> front() const;
    /// Labels of a point on the axes that are scenarios, or on the others.
    [[nodiscard]] std::vector<std::string> labels_of(const PointResult& point, bool scenario) const;
};

/// A value of an objective so that smaller is better.
double loss(const Objective& objective, double value);
/// Whether losses `a` beat `b`: nowhere worse, somewhere better.
bool dominates(const std::vector<double>& a, const std::vector<double>& b);

/// Marks points feasible and on the front, and chooses one: on the front, the nearest to having the best of
/// every objective at once, each objective scaled from 0 (best on the front) to 1 (worst). Under several
/// scenarios the choice is made in that of the baseline, or of the first feasible point.
void judge(SweepResults& results);
/// Where a label lies on its axis: its place in the list, or the number of a range.
double place_of(const AxisResult& axis, const std::string& label);
/// Fills the effects of all axes. Over done points, feasible or not.
void explain(SweepResults& results);

}  // namespace sliver::sweep
