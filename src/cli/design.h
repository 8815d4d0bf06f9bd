// A network made ready for a chip: calibrated, quantised, mapped, its converters allocated.
//
// What `run`, `eval` and `compare` have in common before anything is computed on images under test. Every
// decision that images had a part in (activation ranges, profiled widths) keeps its source, so that a result
// can be repeated.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/image_source.h"
#include "cli/loaded_network.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "mapping/layer_mapping.h"
#include "network/activation_ranges.h"
#include "results/run_result.h"

namespace sliver::cli {

struct Design {
    network::QuantisedNetwork network;
    network::ActivationRanges ranges;  ///< empty where the network brings its own
    mapping::NetworkMapping mapping;
    mapping::AdcWidths widths;
    std::vector<std::vector<std::uint32_t>> worst_case_sums;   ///< [layer][slice]
    std::vector<std::vector<std::uint32_t>> calibration_sums;  ///< `profiled` only
    std::string calibration;  ///< source of the calibration images; empty: none
    std::size_t calibration_first = 0, calibration_count = 0;
};

struct DesignRequest {
    const LoadedNetwork& loaded;
    const config::ChipConfig& chip;
    const ImageOptions& images;
    const TestImages& test;
    std::size_t tested = 0;
    int threads = 1;
};

/// The result keeps its address: engines refer to its members. InputError as the steps have it.
std::unique_ptr<Design> make_design(const DesignRequest& request, Progress& progress);

/// Sums with the bits of a lossless converter for them, a layer.
results::ColumnSums column_sums(const std::vector<std::uint32_t>& by_slice);

}  // namespace sliver::cli
