#include "cli/design.h"

#include <fmt/format.h>

#include "bitline/functional_engine.h"
#include "cli/engine_pass.h"
#include "cost/actions.h"

namespace sliver::cli {
namespace {

void keep_source(Design& design, const CalibrationImages& images) {
    design.calibration = images.set->source();
    design.calibration_first = images.first;
    design.calibration_count = images.count;
}

network::ActivationRanges measure_ranges(Design& design, const DesignRequest& request, Progress& progress) {
    const CalibrationImages images =
        calibration_images(request.loaded, request.images, request.test, request.tested, Purpose::ranges);
    keep_source(design, images);
    progress.stage(fmt::format("activation ranges from {} images", images.count));
    network::ActivationRanges ranges = network::calibrate(
        request.loaded.network, images.count, [&](std::size_t i) { return images.image(i); },
        static_cast<unsigned>(request.threads));
    progress.clear();
    return ranges;
}

mapping::AdcWidths profile(Design& design, const DesignRequest& request, Progress& progress) {
    const CalibrationImages images = calibration_images(request.loaded, request.images, request.test,
                                                        request.tested, Purpose::column_sums);
    keep_source(design, images);
    bitline::EngineOptions options;
    options.instruction_set = bitline::best_instruction_set();
    options.threads = request.threads;
    options.record_sums = true;
    const bitline::FunctionalEngine engine(design.network, design.mapping, request.chip.inputs.dac_bits,
                                           options);
    // Sums are recorded ahead of the converters, but later layers see what earlier ones let through: widest
    // there are.
    mapping::AdcWidths widest;
    for (const auto& layer : design.worst_case_sums)
        widest.bits.emplace_back(layer.size(), static_cast<int>(cost::kMaxAdcBits));
    design.calibration_sums = run_engine(engine, design.network, *images.set, images.first, images.count,
                                         widest, "profiling column sums", progress)
                                  .largest;
    return mapping::allocate_from_sums(design.calibration_sums, request.chip.adc.margin);
}

}  // namespace

std::unique_ptr<Design> make_design(const DesignRequest& request, Progress& progress) {
    auto design = std::make_unique<Design>();
    if (network::needs_calibration(request.loaded.network))
        design->ranges = measure_ranges(*design, request, progress);
    progress.stage("quantising and mapping " + request.loaded.network.name);
    design->network = quantise_for(request.loaded, request.chip, design->ranges);
    design->mapping = mapping::map_network(design->network, request.chip);
    design->worst_case_sums =
        mapping::worst_case_sums(design->network, design->mapping, request.chip.inputs.dac_bits);
    progress.clear();
    design->widths = request.chip.adc.policy == config::AdcPolicy::profiled
                         ? profile(*design, request, progress)
                         : mapping::allocate_adcs(design->network, design->mapping, request.chip);
    return design;
}

results::ColumnSums column_sums(const std::vector<std::uint32_t>& by_slice) {
    results::ColumnSums columns;
    columns.sums = by_slice;
    for (const std::uint32_t sum : by_slice) columns.bits.push_back(mapping::lossless_bits(sum));
    return columns;
}

}  // namespace sliver::cli
