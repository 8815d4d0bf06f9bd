// The results of a sweep as files: results.csv and results.sqlite for other programs, sweep.json for the
// report.
//
// results.csv has one row a point: number, id, simulation, state, feasible, front, the axes, all metrics (an
// empty field where a point has none), message. results.sqlite has the same as table `points`, with tables
// `axes`, `objectives` and `components` beside it and `sweep` for names; columns of axes and metrics have
// their names. Same results, same bytes. Called by `sliver sweep` and `sliver front`.
#pragma once

#include <filesystem>
#include <string>

#include "sweep/sweep_results.h"

namespace sliver::sweep {

std::string results_csv(const SweepResults& results);
std::string results_json(const SweepResults& results);
/// The points of the front, best first, with what they were judged by; the baseline and the chosen one by
/// their numbers.
std::string front_json(const SweepResults& results);
/// The bytes of the database.
std::string results_sqlite(const SweepResults& results);
/// What results_sqlite() made, without components. InputError for a file that is none, whatever it does
/// instead (views that never end, values that no sweep has).
SweepResults read_sqlite(const std::filesystem::path& file);
/// The same from the bytes of such a file; `file` stands in messages.
SweepResults read_sqlite_bytes(std::string bytes, const std::filesystem::path& file);

}  // namespace sliver::sweep
