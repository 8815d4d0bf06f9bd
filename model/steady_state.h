// Steady state: what a stream of images without end would find on a chip.
//
// After the images that were asked for have left, the same chip gets more that take their times
// (Chip::repeat): one alone, unless
// there has been one alone, for the latency in an empty chip; then a stream of them, until the gaps between
// them have settled (timing/settled.h) or there have been enough. What a resource needs for an image is what
// it was busy with those before, exactly: every image passes the same windows, packets and bytes.
// Called by simulate() (chip.h) and by benches; the chip cannot be used after it.
#pragma once

#include <cstdint>

#include "model/chip.h"

namespace sliver::model {

/// `record`: of the chip, all of whose images are finished. At most `most_images` more in the stream; 0: no
/// stream, no interval. `drain`: let those images finish that are on their way in the end; otherwise the
/// simulation stops as soon as it is known. Where simulated time would end the interval is not settled.
/// std::logic_error: an interval came out shorter than what the busiest resource needs, a defect.
results::SteadyRecord measure_steady(Chip& chip, const results::ChipRecord& record, std::uint64_t most_images,
                                     bool drain);

}  // namespace sliver::model
