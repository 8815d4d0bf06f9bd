// The folder of a sweep: what is finished, what failed, how long it took.
//
//     sweep.yaml            the file as it was given
//     points/ID/            a results folder as `sliver run` leaves it; there when it is complete
//     failed/ID.txt         why a point has none
//     log/SIMULATION.json   seconds that a simulation took, on this machine: not part of the results
//     prescreen.json        estimates, and which points they dropped; only after --prescreen
//     results.csv, results.sqlite, sweep.json, sweep.txt
//
// Several processes, on several machines too, may work in one folder: everything appears by renaming, and
// equal points have equal bytes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/sweep_plan.h"
#include "results/result_folder.h"

namespace sliver::cli {

class SweepFolder {
  public:
    explicit SweepFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Makes the folder, or takes it up again. InputError where it holds something else, another sweep or,
    /// without `resume`, finished points. Removes what killed processes of this machine left half-written.
    void open(const SweepPlan& plan, bool resume) const;
    /// InputError where the folder holds something else or another sweep; changes nothing.
    void check(const SweepPlan& plan) const;
    /// InputError unless it is the folder of this sweep.
    void require(const SweepPlan& plan) const;

    [[nodiscard]] bool is_done(const PlannedPoint& point) const;
    [[nodiscard]] std::optional<std::string> failure(const PlannedPoint& point) const;
    void forget_failure(const PlannedPoint& point) const;
    void fail(const PlannedPoint& point, const std::string& why) const;
    [[nodiscard]] std::filesystem::path point_folder(const PlannedPoint& point) const;
    void note_time(const SweepTask& task, double seconds) const;
    /// Mean seconds of the simulations that were timed; nothing where none was.
    [[nodiscard]] std::optional<double> mean_seconds() const;

    /// Keeps estimates, and which points they dropped. `kept`: by point.
    void note_screening(const sweep::SweepResults& screened, const std::vector<bool>& kept) const;
    /// A run without screening: no point of an earlier one is dropped any more. Estimates stay.
    void drop_nothing() const;

    /// Values and components of all finished points, with the estimates there are, judged and explained.
    [[nodiscard]] sweep::SweepResults collect(const SweepPlan& plan) const;
    /// Writes results.csv, results.sqlite, sweep.json and sweep.txt.
    void write(const sweep::SweepResults& results) const;
    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

  private:
    std::filesystem::path folder_;
};

}  // namespace sliver::cli
