// A sweep's points, resolved: which chip, which network, which images, what each is called and which of them
// one simulation serves.
//
// A point's id is the hash of everything its results depend on: version, resolved chip, digest of the
// network's file, images, counts, seed. Its simulation is the hash of the same without prices (adc.law and
// cost.*), which decide nothing of what happens: points that differ only there are simulated once and priced
// each. (Under adc.policy: accuracy the law chooses the widths, so nothing is shared.)
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/progress.h"
#include "run/chip_run.h"
#include "sweep/space.h"
#include "sweep/sweep_results.h"

namespace sliver::sweep {

struct PlannedPoint {
    std::size_t number = 0;  ///< in the order of the sweep, from 1
    std::string id, simulation;
    std::string network_sha256;
    Point point;
    run::RunRequest options;
    config::ChipConfig chip;  ///< resolved; where there is a refusal: none
    bool dropped = false;     ///< by pre-screening: not to be run
    std::string refusal;      ///< why it cannot be run; empty: it can
};

/// Points that one simulation serves, the first simulated, all of them priced. Places in SweepPlan::points.
struct SweepTask {
    std::string simulation;
    std::vector<std::size_t> points;
};

struct SweepPlan {
    SweepFile file;
    std::string text;  ///< of the file
    std::vector<PlannedPoint> points;
    std::vector<SweepTask> tasks;  ///< in the order of their first points
};

/// Reads `file` (a path or a shipped study's name): the plan without points.
SweepPlan read_plan(const std::string& file);
/// Reads `file` and resolves all points. InputError for what is wrong with
/// the file, and where no point can have a certain value of an axis: that is a slip, not a point that fails.
/// More than kManyPoints only with `many`, and never more than memory has room for.
SweepPlan plan_sweep(const std::string& file, bool many, app::Progress& progress);
constexpr std::uint64_t kManyPoints = 10'000;

/// The plan as results without any point done.
SweepResults empty_results(const SweepPlan& plan);

}  // namespace sliver::sweep
