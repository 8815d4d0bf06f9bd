// What model::Chip and model::Accelerator are built from, of a design: for virtual platforms, which make
// their modules themselves, and for simulate() (run/simulation.h). Who includes this sees the kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "app/design.h"
#include "mapping/placement.h"
#include "model/chip.h"

namespace sliver::run {

/// The design on its devices, with the fastest instructions of this processor. `images`: `count` of them,
/// input codes one after the other; none for an accelerator, which reads its own. Refers to everything it is
/// given.
model::ChipSetup chip_setup(const app::Design& design, const mapping::Placement& placement,
                            const config::ChipConfig& chip,
                            const std::vector<std::int32_t>& images = model::kNoImages,
                            std::size_t count = 0);

}  // namespace sliver::run
