// The `accuracy` policy: the cheapest converters that keep top-1 within a loss on held-out images.
//
// Puts the functional engine behind the questions of adc_search.h. Candidates of a group of columns: every
// width from lossless downwards; its step is the one with the least squared error over the column sums that
// the profile saw (so a 3-bit converter either cuts at 7 or takes coarser steps, whichever loses less).
// Distortion: squared difference of the logits from those of ideal converters, their common offset left out,
// summed over the first `sensitivity_images`. Correct: top-1 over all images. Called by the program (--adc
// accuracy) and by the ADC study. Results do not depend on threads or instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/adc_search.h"
#include "config/chip_config.h"
#include "cost/adc_law.h"
#include "engine/functional_engine.h"
#include "mapping/adc_widths.h"

namespace sliver::app {

struct AccuracyQuestion {
    const engine::FunctionalEngine& engine;
    const network::QuantisedNetwork& network;
    const mapping::NetworkMapping& mapping;
    const mapping::ColumnProfile& profile;
    int dac_bits = 1;
    const cost::AdcLaw& law;  ///< what a conversion costs
    config::AdcGranularity granularity = config::AdcGranularity::layer_slice;
    const std::vector<std::int32_t>& images;  ///< input codes, image after image; none of them under test
    const std::vector<int>& labels;           ///< one an image
    std::size_t sensitivity_images = 64;      ///< at most FunctionalEngine's memory, see remember()
    double loss_points = 0;                   ///< top-1 that may be lost, percentage points
    std::size_t budget = 40;                  ///< allocations whose accuracy is measured
    std::function<void(const std::string& stage, std::size_t done, std::size_t all)> progress{};
};

struct AccuracyAllocation {
    mapping::AdcWidths widths;
    std::vector<SearchGroup> groups;
    SearchResult search;
    std::uint64_t images = 0, lossless_correct = 0, required = 0;
};

/// InputError for no images or as many labels as images.
AccuracyAllocation allocate_for_accuracy(const AccuracyQuestion& question);

/// Conversions one image asks of the columns of a layer, all of them or those of a slice and sign.
std::uint64_t conversions_of(const network::QuantisedNetwork& network, const mapping::LayerMapping& layer);
std::uint64_t conversions_of(const network::QuantisedNetwork& network, const mapping::LayerMapping& layer,
                             SliceIndex slice, mapping::Sign sign);

/// Low bits that a converter of `bits` had best leave out for sums distributed as `counts` (by sum): least
/// squared error, the smallest of equals; `most` at most.
int best_drop(const std::vector<std::uint64_t>& counts, int bits, int most);

}  // namespace sliver::app
