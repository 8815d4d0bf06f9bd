// A timeline as a handful of signals (value change dump, IEEE 1364), for GTKWave.
//
// How many stages, processing elements, converters and links are busy, how many stages wait and for what, how
// many bytes the buffers hold, how many images are finished: of the chip, and of each layer in a scope of its
// own. Time unit 1 fs, no date: same timeline, same bytes. The file begins at the request's `from` and ends
// at its `to` or with the run; where events were left out, all signals are x. Called by the command line.
#pragma once

#include "base/file_seal.h"
#include "results/chrome_trace.h"
#include "results/timeline_record.h"

namespace sliver::results {

/// How the file ends: a comment.
constexpr FileSeal kVcdSeal{"$comment sliver run --vcd, sha256 ", " $end\n"};

/// Hands the file on piece by piece; it ends with the blank seal.
void write_vcd(const TimelineRecord& timeline, const TimelineSource& source, const TextSink& sink);

}  // namespace sliver::results
