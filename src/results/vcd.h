// A timeline as a handful of signals (value change dump, IEEE 1364), for GTKWave.
//
// How many stages, processing elements, converters and links are busy, how many stages wait and for what, how
// many bytes the buffers hold, how many images are finished: of the chip, and of each layer in a scope of its
// own. Time unit 1 fs, no date: same timeline, same bytes. The file begins at the request's `from` and ends
// at its `to` or with the run; where events were left out, all signals are x. Called by the command line.
#pragma once

#include "results/chrome_trace.h"
#include "results/timeline_record.h"

namespace sliver::results {

/// Whether a file with these first bytes is one that write_vcd() wrote.
bool is_vcd(std::string_view beginning, std::string_view end);

void write_vcd(const TimelineRecord& timeline, const TimelineSource& source, const TextSink& sink);

}  // namespace sliver::results
