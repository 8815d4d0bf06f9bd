// Works off a sweep: a process a simulation, as many at a time as asked for.
//
// A process simulates the first open point of its task, prices the others, and leaves a folder for each. A
// point that cannot be run, or whose process dies, keeps its message and stops nobody. A disk that cannot be
// written stops the sweep (MachineError), and so do SIGINT, SIGTERM, SIGHUP and SIGQUIT (Interrupted); what
// was finished stays, and at most the points in flight are lost: after kill -9, too.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/progress.h"
#include "sweep/sweep_folder.h"
#include "sweep/sweep_plan.h"

namespace sliver::sweep {

struct SweepWork {
    const SweepPlan& plan;
    const SweepFolder& folder;
    std::vector<std::size_t> tasks;  ///< places in plan.tasks, those with open points
    unsigned processes = 1;
    unsigned threads = 1;  ///< of a process
    std::string conductance_cache;
};

void work_off(const SweepWork& work, app::Progress& progress);

/// Open: with points that are neither finished, failed nor dropped.
bool is_open(const SweepPlan& plan, const SweepFolder& folder, const SweepTask& task);

}  // namespace sliver::sweep
