// Whether a stream of images has come to a steady pace.
//
// What is timed is deterministic, so a chip in a steady state repeats itself: the gaps between images have a
// period. Looked for is the shortest one, of at most kLongestPeriod images, that the newest gaps repeat
// kRepeats times to the femtosecond. Where contention makes gaps that never repeat exactly, two means have to
// agree. Plain C++. Called by model/steady_state, for gaps of the chip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sliver::timing {

constexpr std::size_t kLongestPeriod = 16, kRepeats = 3, kFewestGaps = 4;
/// For means: from so many gaps on; the newest half of them is measured.
constexpr std::size_t kGapsForMeans = 24;
/// How far the means of the older and the newer half of the measured gaps may lie apart.
constexpr double kMeansAgree = 0.002, kMeansAgreeAtLast = 0.01;

struct Settled {
    std::size_t measured = 0;     ///< newest gaps that are measured
    std::size_t period = 0;       ///< 0: no exact one
    std::uint64_t sum_fs = 0;     ///< of the measured gaps
    std::uint64_t spread_fs = 0;  ///< between the means of their two halves; 0 where there is a period
};

/// `completed_fs`: when images of the stream were finished, in order. `least_gap_fs`: what the busiest
/// resource needs for an image; a mean below that is no steady state (something that was held up catches up).
/// `at_last`: no more images will come. `cycle`: images come in turn from so many different ones, whose times
/// differ: whole turns are measured.
std::optional<Settled> settled(const std::vector<std::uint64_t>& completed_fs, std::uint64_t least_gap_fs,
                               bool at_last, std::size_t cycle = 1);

}  // namespace sliver::timing
