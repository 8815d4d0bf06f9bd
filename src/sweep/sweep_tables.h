// The tables that a sweep collects from its points, and the list that tells whether they are still those.
//
// collected.sha256, in the form that `sha256sum -c` reads, has the digests of results.csv, results.sqlite,
// sweep.json and sweep.txt, and of each point's stats.json that is in them. A table is replaced only while it
// is as listed: one that somebody edited is refused by name and stays. Called by SweepFolder, and by whoever
// reads a table.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "results/result_folder.h"

namespace sliver::sweep {

inline constexpr const char *kResultsCsv = "results.csv", *kResultsSqlite = "results.sqlite",
                            *kSweepJson = "sweep.json", *kSweepText = "sweep.txt";

/// InputError for a table in `folder` that may not be replaced: before the work.
void require_tables_unchanged(const std::filesystem::path& folder);

/// Replaces the tables of `folder`, all four. `points`: digests of what they were collected from, by path in
/// the folder. Stopped anywhere, it can be done again. InputError as above.
void write_tables(const std::filesystem::path& folder, const std::vector<results::ResultFile>& tables,
                  const std::map<std::string, std::string>& points);

/// For whoever shows a table of a sweep's folder: InputError where it was edited, or where a point is not
/// what it was when the table was made. A table that was copied out of its folder has no list to ask, and
/// points that were deleted cannot be compared.
void require_as_collected(const std::filesystem::path& folder, const std::string& table);

}  // namespace sliver::sweep
