// `--trace` and `--vcd` of sliver run: what is recorded, and the files it goes to.
//
// What is wrong with the options or the files is refused before the simulation, in one line (InputError).
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "results/timeline_record.h"

namespace sliver::cli {

/// Events that viewers open with ease; signals come from events, but their file is small.
constexpr std::size_t kTraceLimit = 200'000, kVcdLimit = 2'000'000;

struct TimelineOptions {
    std::string trace, vcd;  ///< files; empty: none
    std::vector<std::string> layers;
    std::optional<std::string> from, to;  ///< times with units; none: the run's
    std::size_t limit = 0;                ///< 0: kTraceLimit, or kVcdLimit without a trace
};

void add_timeline_options(CLI::App& command, TimelineOptions& options);

/// What the run is to record; none where no file is asked for.
std::optional<results::TimelineRequest> timeline_request(const TimelineOptions& options);

class TimelineFiles {
  public:
    /// Begins the files beside their places. `folder`: of --out, which is replaced as a whole. `rules`: of
    /// the run; maker, option and kind are the files' own.
    TimelineFiles(const TimelineOptions& options, const std::string& folder, const OutputRules& rules);

    void write(const results::TimelineRecord& timeline, const results::TimelineSource& source);
    /// After write(): puts the files in place.
    void commit();
    /// What a user should know of the files, a line each.
    [[nodiscard]] std::string summary(const results::TimelineRecord& timeline) const;

  private:
    std::optional<OutputFile> trace_, vcd_;
};

}  // namespace sliver::cli
