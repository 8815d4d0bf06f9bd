// How the inside of processing elements is simulated. Both give the same values, counts, times and waits.
#pragma once

namespace sliver::model {

enum class Style {
    /// Loosely timed: a window is one chain of calls, with delays annotated on the way.
    loosely_timed,
    /// Approximately timed: every read, burst and addition begins and ends as an event, with phases on the
    /// bitline protocol and on the tile's bus, and no delay is annotated.
    approximately_timed
};

}  // namespace sliver::model
