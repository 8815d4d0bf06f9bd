// A timeline as a Chrome trace (JSON), for ui.perfetto.dev and chrome://tracing.
//
// Spans become complete events ("X"), levels counters ("C"). Spans of a lane that overlap go to as many rows
// (threads) as it takes, so that no two spans of a row overlap: viewers drop what does. Viewers count in
// whole nanoseconds and round start and duration each for itself, which would make spans overlap that meet
// inside one: ts and dur are start and end rounded to nanoseconds, and a span that is not whole has its exact
// start_fs and duration_fs among its args. Same timeline, same bytes. Keys: docs/trace.md. Called by the
// command line.
#pragma once

#include <functional>
#include <string_view>

#include "base/file_seal.h"
#include "results/timeline_record.h"

namespace sliver::results {

using TextSink = std::function<void(std::string_view)>;

/// How the file ends: another member of its object.
constexpr FileSeal kTraceSeal{",\n\"sliver run --trace, sha256\":\"", "\"}\n"};

/// Hands the file on piece by piece; it ends with the blank seal.
void write_chrome_trace(const TimelineRecord& timeline, const TimelineSource& source, const TextSink& sink);

}  // namespace sliver::results
