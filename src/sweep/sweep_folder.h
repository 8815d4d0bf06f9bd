// The folder of a sweep: what is finished, what failed, how long it took.
//
//     sweep.yaml            the file as it was given
//     points/ID/            a results folder as `sliver run` leaves it; there when it is complete
//     failed/ID.txt         why a point has none
//     log/SIMULATION.json   seconds that a simulation took, on this machine: not part of the results
//     prescreen.json        estimates, and which points they dropped; only after --prescreen
//     results.csv, results.sqlite, sweep.json, sweep.txt, and their digests: collected.sha256
//
// One process works in it, or several, on several machines too, that run parts of the sweep (--only):
// everything appears by renaming, and equal points have equal bytes. A point's results count only if its mark
// names the point (its id is the hash of configuration, network, images and seed), its files are as they were
// written, configuration, network, seed and counts in them are the point's, and pricing the counts again
// gives all of stats.json again.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/staging.h"
#include "results/result_folder.h"
#include "sweep/sweep_plan.h"

namespace sliver::sweep {

/// What the mark of a point's folder says that its results are of.
std::string mark_of(const PlannedPoint& point);

class SweepFolder {
  public:
    explicit SweepFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Makes the folder, or takes it up again, and keeps it until the result ends: alone, or as one of
    /// several that run parts of the sweep. InputError where it holds something else, another sweep or,
    /// without `resume`, finished points, where another process has it, and, `alone`, where a table was
    /// edited. Removes what killed processes left half-written.
    [[nodiscard]] Descriptor open(const SweepPlan& plan, bool resume, bool alone) const;
    /// InputError where the folder holds something else or another sweep; changes nothing.
    void check(const SweepPlan& plan) const;
    /// InputError unless it is the folder of this sweep.
    void require(const SweepPlan& plan) const;

    /// InputError where the point's folder holds something else than this point's results, as they were
    /// written.
    [[nodiscard]] bool is_done(const PlannedPoint& point) const;
    [[nodiscard]] std::optional<std::string> failure(const PlannedPoint& point) const;
    void forget_failure(const PlannedPoint& point) const;
    void fail(const PlannedPoint& point, const std::string& why) const;
    [[nodiscard]] std::filesystem::path point_folder(const PlannedPoint& point) const;
    void note_time(const SweepTask& task, double seconds) const;
    /// Mean seconds of the simulations that were timed; nothing where none was.
    [[nodiscard]] std::optional<double> mean_seconds() const;

    /// Keeps estimates, and which points they dropped. `kept`: by point.
    void note_screening(const SweepResults& screened, const std::vector<bool>& kept) const;
    /// A run without screening: no point of an earlier one is dropped any more. Estimates stay.
    void drop_nothing() const;

    /// Values and components of all finished points, with the estimates there are, judged and explained.
    [[nodiscard]] SweepResults collect(const SweepPlan& plan) const;
    /// Writes results.csv, results.sqlite, sweep.json and sweep.txt. InputError where one of them is
    /// not as it was written (sweep_tables.h).
    void write(const SweepResults& results) const;
    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

  private:
    /// Whether the point has results; InputError where they are not its own, or one of `files` is not as it
    /// was written.
    [[nodiscard]] bool is_there(const PlannedPoint& point, const std::vector<std::string>& files) const;

    std::filesystem::path folder_;
    /// Points that is_done() has looked at and found right: results do not change any more.
    mutable std::set<std::string> done_;
};

}  // namespace sliver::sweep
