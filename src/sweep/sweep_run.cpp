#include "sweep/sweep_run.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <list>
#include <memory>
#include <stdexcept>
#include <thread>

#include "base/child_process.h"
#include "base/error.h"
#include "base/output_folder.h"
#include "base/staging.h"
#include "config/chip_config_loader.h"
#include "results/stored_run.h"

namespace sliver::sweep {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t interrupted = 0;

void note_interrupt(int signal) {
    interrupted = signal;
}

/// Signals of an orderly end set a flag while this lives; one that was ignored before (nohup) stays so.
class InterruptWatch {
  public:
    InterruptWatch() {
        interrupted = 0;
        struct sigaction action {};
        action.sa_handler = note_interrupt;  // no SA_RESTART: poll() shall return
        for (std::size_t i = 0; i < kSignals.size(); ++i) {
            ::sigaction(kSignals[i], nullptr, &before_[i]);
            if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
        }
    }
    ~InterruptWatch() {
        for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
    }
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

  private:
    static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    std::array<struct sigaction, kSignals.size()> before_{};
};

void write_point(const SweepWork& work, const PlannedPoint& point, const results::RunResult& result,
                 const results::PricedRun& priced, const std::vector<results::ResultFile>& files) {
    OutputRules rules;
    rules.wait = true;
    rules.belongs_to = mark_of(point);
    try {
        OutputFolder folder(work.folder.point_folder(point), rules);
        results::write_results(folder, result, priced, files);
        folder.commit();
    } catch (const InputError&) {
        // Another process that runs the same part may have been faster; it wrote the same bytes.
        if (!work.folder.is_done(point)) throw;
    }
}

/// Runs `attempt`; what is wrong with a point becomes its message. The disk's refusals come later and pass.
template <typename Attempt>
bool succeeds(const SweepWork& work, const PlannedPoint& point, const Attempt& attempt) {
    std::string why;
    try {
        attempt();
        return true;
    } catch (const MachineError&) {
        throw;  // not the point's fault
    } catch (const std::bad_alloc&) {
        why = "out of memory";
    } catch (const std::exception& error) {
        why = error.what();
    }
    work.folder.fail(point, why);
    return false;
}

/// The points of a task that are to be run, neither done nor failed.
std::vector<const PlannedPoint*> open_points(const SweepPlan& plan, const SweepFolder& folder,
                                             const SweepTask& task) {
    std::vector<const PlannedPoint*> open;
    for (const std::size_t place : task.points) {
        const PlannedPoint& point = plan.points[place];
        if (!point.dropped && !folder.is_done(point) && !folder.failure(point)) open.push_back(&point);
    }
    return open;
}

/// A finished run of the task, from which the others can be priced: its first point's, if that is done.
struct Simulated {
    results::RunResult result;
    std::vector<results::ResultFile> files;
};

void price_point(const SweepWork& work, const Simulated& run, const PlannedPoint& point) {
    results::RunResult result = run.result;
    results::PricedRun priced;
    const bool good = succeeds(work, point, [&] {
        result.chip = app::load_chip(point.options.chip);
        result.chip_yaml = config::to_yaml(result.chip);
        priced = results::price(result);
    });
    if (good) write_point(work, point, result, priced, run.files);
}

void run_task(const SweepWork& work, const SweepTask& task) {
    const auto start = Clock::now();
    std::vector<const PlannedPoint*> open = open_points(work.plan, work.folder, task);
    std::optional<Simulated> run;
    // A task that was cut short: its simulation is in the folder of a finished point.
    for (const std::size_t place : task.points)
        if (const PlannedPoint& point = work.plan.points[place]; !run && work.folder.is_done(point))
            run = Simulated{results::load_result(work.folder.point_folder(point)),
                            results::load_outcomes(work.folder.point_folder(point))};
    app::Progress quiet;
    for (const PlannedPoint* point : open) {
        if (!point->refusal.empty()) {
            work.folder.fail(*point, point->refusal);
            continue;
        }
        if (run) {
            price_point(work, *run, *point);
            continue;
        }
        run::RunOutcome outcome;
        const bool good = succeeds(work, *point, [&] {
            run::RunRequest options = point->options;
            options.threads = work.threads;
            options.conductance_cache = work.conductance_cache;
            outcome = run::run_chip(options, quiet);
        });
        if (!good) continue;
        write_point(work, *point, outcome.result, outcome.priced, outcome.files);
        work.folder.note_time(task, std::chrono::duration<double>(Clock::now() - start).count());
        run = Simulated{std::move(outcome.result), std::move(outcome.files)};
    }
}

struct Running {
    std::unique_ptr<ChildProcess> process;
    const SweepTask* task;
};

/// Which of them ended; none: it is time to look after progress, or a signal came.
std::list<Running>::iterator wait_for_one(std::list<Running>& running) {
    constexpr int kGlanceMs = 500;
    std::vector<pollfd> ends;
    for (const Running& one : running) ends.push_back({one.process->end_signal(), POLLIN, 0});
    const int ready = ::poll(ends.data(), ends.size(), kGlanceMs);
    if (ready < 0 && errno != EINTR) throw std::runtime_error("cannot wait for a process");
    if (ready <= 0) return running.end();
    auto one = running.begin();
    for (const pollfd& end : ends) {
        if (end.revents != 0) return one;
        ++one;
    }
    return running.end();
}

void finish(const SweepWork& work, const Running& ended) {
    try {
        ended.process->wait();
    } catch (const InputError&) {
        throw;  // the folder: a point's own errors are in it
    } catch (const MachineError&) {
        throw;
    } catch (const std::runtime_error& error) {
        // Who kills a whole group of processes, as a cluster does, may have got the child first: it is not
        // the point's fault, and we are gone before this is over.
        constexpr auto kGrace = std::chrono::seconds(1);
        std::this_thread::sleep_for(kGrace);
        if (interrupted != 0) return;
        for (const PlannedPoint* point : open_points(work.plan, work.folder, *ended.task))
            work.folder.fail(*point, error.what());
    }
}

std::size_t open_count(const SweepWork& work) {
    std::size_t count = 0;
    for (const std::size_t task : work.tasks)
        count += open_points(work.plan, work.folder, work.plan.tasks[task]).size();
    return count;
}

}  // namespace

bool is_open(const SweepPlan& plan, const SweepFolder& folder, const SweepTask& task) {
    return !open_points(plan, folder, task).empty();
}

void work_off(const SweepWork& work, app::Progress& progress) {
    const InterruptWatch watch;
    std::list<Running> running;
    std::size_t next = 0, done = 0;
    while ((next < work.tasks.size() || !running.empty()) && interrupted == 0) {
        while (running.size() < work.processes && next < work.tasks.size()) {
            const SweepTask& task = work.plan.tasks[work.tasks[next++]];
            running.push_back(
                {std::make_unique<ChildProcess>([&work, &task] { run_task(work, task); }), &task});
        }
        progress.count(work.plan.file.name, done, work.tasks.size(), "simulations");
        const auto ended = wait_for_one(running);
        if (ended == running.end()) continue;
        if (interrupted != 0) break;
        finish(work, *ended);
        running.erase(ended);
        ++done;
    }
    progress.clear();
    if (interrupted == 0) return;
    running.clear();
    throw Interrupted(interrupted, fmt::format("stopped by {}: points left: {}; go on with --resume",
                                               signal_name(interrupted), open_count(work)));
}

}  // namespace sliver::sweep
