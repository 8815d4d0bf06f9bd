// A network made ready for a chip: calibrated, quantised, mapped, its converters allocated.
//
// What `run`, `eval` and `compare` have in common before anything is computed on images under test. Every
// decision that images had a part in (activation ranges, profiled widths) keeps its source, so that a result
// can be repeated.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/adc_accuracy.h"
#include "app/chip_request.h"
#include "app/image_source.h"
#include "app/loaded_network.h"
#include "app/progress.h"
#include "engine/functional_engine.h"
#include "mapping/adc_certificate.h"
#include "mapping/adc_widths.h"
#include "network/activation_ranges.h"
#include "results/run_result.h"

namespace sliver::app {

struct Design {
    network::QuantisedNetwork network;
    network::ActivationRanges ranges;  ///< empty where the network brings its own
    mapping::NetworkMapping mapping;
    mapping::AdcWidths widths;
    std::shared_ptr<const bitline::AnalogNetwork> arrays;  ///< null: ideal cells
    /// Ideal cells in the arrays they have been packed into, for the functional engine: where packing moves
    /// rows, its integer path does not know which share a column. Null elsewhere.
    std::shared_ptr<const bitline::AnalogNetwork> packed_arrays;
    mapping::ByColumnGroup<mapping::ColumnExtreme> worst_case;
    std::vector<std::vector<std::uint32_t>> worst_case_sums;   ///< [layer][slice]
    std::optional<mapping::ColumnProfile> profile;             ///< policies that look at column sums
    std::vector<std::vector<std::uint32_t>> calibration_sums;  ///< its largest, [layer][slice]
    std::optional<app::AccuracyAllocation> search;             ///< `accuracy` only
    std::string calibration;  ///< source of the calibration images; empty: none
    std::size_t calibration_first = 0, calibration_count = 0;
    /// What the widths guarantee: from worst-case sums where those prove it or nothing else is known, else
    /// from the profile.
    [[nodiscard]] std::vector<mapping::ColumnCertificate> certificates() const;
    [[nodiscard]] bool certified_for_all_inputs() const;
};

struct DesignRequest {
    const LoadedNetwork& loaded;
    const config::ChipConfig& chip;
    const ImageRequest& images;
    const TestImages& test;
    std::size_t tested = 0;
    int threads = 1;
    std::uint64_t seed = 1;
    std::string conductance_cache = {};  ///< folder; empty: none
    const network::ActivationRanges* ranges =
        nullptr;  ///< known already; null: measured where they are needed
};

/// Images whose accuracy the search for `accuracy` widths measures, and how often.
constexpr std::size_t kHeldOutImages = 1000, kSearchBudget = 40;

/// The functional engine of a design on its chip's devices.
engine::FunctionalEngine engine_of(const Design& design, const config::ChipConfig& chip,
                                   const engine::EngineOptions& options);

/// Calibrated and quantised, nothing else.
std::unique_ptr<Design> quantise_design(const DesignRequest& request, Progress& progress);

/// The network, mapped and programmed, without widths.
std::unique_ptr<Design> map_design(const DesignRequest& request, Progress& progress);

/// Input codes and labels of held-out images, for app::AccuracyQuestion.
struct LabelledCodes {
    std::vector<std::int32_t> codes;
    std::vector<int> labels;
};
LabelledCodes labelled_codes(const network::QuantisedNetwork& network, const CalibrationImages& images);

/// Column sums on calibration images, with progress.
mapping::ColumnProfile profile_columns(const engine::FunctionalEngine& engine,
                                       const network::QuantisedNetwork& network,
                                       const CalibrationImages& images, Progress& progress);

/// The result keeps its address: engines refer to its members. InputError as the steps have it.
std::unique_ptr<Design> make_design(const DesignRequest& request, Progress& progress);

/// Sums with the bits of a lossless converter for them, a layer.
results::ColumnSums column_sums(const std::vector<std::uint32_t>& by_slice);

}  // namespace sliver::app
