// Many images through the functional engine in pieces, with progress and the sums of its statistics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "app/progress.h"
#include "engine/functional_engine.h"
#include "network/images.h"

namespace sliver::app {

struct EnginePass {
    std::vector<std::int32_t> logits;                 ///< image-major
    std::vector<std::vector<std::uint64_t>> clipped;  ///< [layer][slice]
    std::vector<std::vector<std::uint32_t>>
        largest;  ///< [layer][slice]; zeros where the engine records no sums
    std::size_t images = 0;
    double elapsed_s = 0;  ///< wall time; for the terminal only
    EnginePass& operator+=(const EnginePass& next);
};

/// Images [first, first + count) of `set`. The result does not depend on threads, instruction set or piece
/// size.
EnginePass run_engine(const engine::FunctionalEngine& engine, const network::QuantisedNetwork& network,
                      const network::ImageSet& set, std::size_t first, std::size_t count,
                      const mapping::AdcWidths& widths, const std::string& title, Progress& progress);

/// The first `count` images by the golden executor: exact integers, no arrays, no converters. It is a plain
/// loop; images are independent, so threads share them out.
EnginePass run_golden(const network::QuantisedNetwork& network, const network::ImageSet& set,
                      std::size_t count, int threads, Progress& progress);

}  // namespace sliver::app
