#include "app/design.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "config/chip_words.h"
#include "device/array_model.h"
#include "engine/device_arrays.h"
#include "engine/functional_engine.h"
#include "results/pricing.h"

namespace sliver::app {
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

std::shared_ptr<const bitline::AnalogNetwork> programmed(const Design& design, const DesignRequest& request,
                                                         Progress& progress) {
    std::optional<device::ConductanceCache> cache;
    if (!request.conductance_cache.empty()) cache.emplace(request.conductance_cache);
    const auto report = [&](std::size_t done, std::size_t all) {
        progress.count("programming " + request.loaded.network.name, done, all, "arrays");
    };
    return engine::program_arrays({design.network, design.mapping, request.chip, request.seed,
                                   request.threads, best_instruction_set(), cache ? &*cache : nullptr,
                                   report});
}

/// Widths of the policies that look at images.
mapping::AdcWidths measured_widths(Design& design, const DesignRequest& request, Progress& progress) {
    const config::ChipConfig& chip = request.chip;
    const CalibrationImages images = calibration_images(request.loaded, request.images, request.test,
                                                        request.tested, Purpose::column_sums);
    engine::EngineOptions options;
    options.instruction_set = bitline::best_instruction_set();
    options.threads = request.threads;
    const engine::FunctionalEngine engine = engine_of(design, chip, options);
    design.profile = profile_columns(engine, design.network, images, progress);
    design.calibration_sums = mapping::largest_sums(mapping::extremes(*design.profile));
    if (chip.adc.policy != config::AdcPolicy::accuracy) {
        keep_source(design, images);
        return mapping::allocate_from_profile(*design.profile, chip);
    }
    const CalibrationImages held_out =
        held_out_images(request.loaded, request.images, request.test, request.tested, kHeldOutImages);
    keep_source(design, held_out);
    const LabelledCodes labelled = labelled_codes(design.network, held_out);
    const results::Prices prices = results::prices_of(chip);
    app::AccuracyQuestion question{
        engine,      design.network,       design.mapping, *design.profile, chip.inputs.dac_bits,
        *prices.law, chip.adc.granularity, labelled.codes, labelled.labels};
    question.loss_points = chip.adc.accuracy_loss;
    question.budget = kSearchBudget;
    question.progress = [&progress](const std::string& stage, std::size_t done, std::size_t all) {
        progress.count("ADC widths, " + stage, done, all, "allocations");
    };
    design.search = app::allocate_for_accuracy(question);
    progress.clear();
    return design.search->widths;
}

}  // namespace

engine::FunctionalEngine engine_of(const Design& design, const config::ChipConfig& chip,
                                   const engine::EngineOptions& options) {
    return {design.network, design.mapping, chip.inputs.dac_bits, options,
            design.arrays != nullptr ? design.arrays : design.packed_arrays};
}

std::vector<mapping::ColumnCertificate> Design::certificates() const {
    std::vector<mapping::ColumnCertificate> proven = mapping::certify(mapping, widths, worst_case);
    if (!profile || mapping::tightest(proven).margin() >= 0) return proven;
    return mapping::certify(mapping, widths, mapping::extremes(*profile));
}

bool Design::certified_for_all_inputs() const {
    return arrays == nullptr && widths.drops.empty() &&
           mapping::tightest(mapping::certify(mapping, widths, worst_case)).margin() >= 0;
}

mapping::ColumnProfile profile_columns(const engine::FunctionalEngine& engine,
                                       const network::QuantisedNetwork& network,
                                       const CalibrationImages& images, Progress& progress) {
    progress.stage(fmt::format("column sums of {} images", images.count));
    const std::vector<std::int32_t> codes = image_codes(network, *images.set, images.first, images.count);
    mapping::ColumnProfile profile = engine.profile(codes.data(), images.count);
    progress.clear();
    return profile;
}

LabelledCodes labelled_codes(const network::QuantisedNetwork& network, const CalibrationImages& images) {
    LabelledCodes labelled;
    labelled.codes = image_codes(network, *images.set, images.first, images.count);
    const std::vector<int>& labels = *images.set->labels();
    labelled.labels.assign(labels.begin() + static_cast<std::ptrdiff_t>(images.first),
                           labels.begin() + static_cast<std::ptrdiff_t>(images.first + images.count));
    return labelled;
}

std::unique_ptr<Design> quantise_design(const DesignRequest& request, Progress& progress) {
    auto design = std::make_unique<Design>();
    if (request.ranges != nullptr)
        design->ranges = *request.ranges;
    else if (network::needs_calibration(request.loaded.network))
        design->ranges = measure_ranges(*design, request, progress);
    progress.stage("quantising and mapping " + request.loaded.network.name);
    design->network = quantise_for(request.loaded, request.chip, design->ranges);
    return design;
}

std::unique_ptr<Design> map_design(const DesignRequest& request, Progress& progress) {
    std::unique_ptr<Design> design = quantise_design(request, progress);
    design->mapping = mapping::map_network(design->network, request.chip);
    design->worst_case =
        mapping::worst_case_columns(design->network, design->mapping, request.chip.inputs.dac_bits);
    design->worst_case_sums = mapping::largest_sums(design->worst_case);
    if (!request.conductance_cache.empty() && request.chip.wires.kind != config::WireKind::exact)
        refuse("--conductance-cache: chip {} has wires.kind: {}: only exact wires are solved and kept",
               request.chip.name, config::word_of(request.chip.wires.kind));
    if (request.chip.cells.kind == config::CellKind::resistive) {
        design->arrays = programmed(*design, request, progress);
    } else if (!design->mapping.rows_in_runs()) {
        if (request.chip.adc.overflow == config::AdcOverflow::split)
            refuse(
                "chip {}: adc.overflow: value split: not where weights.packing moves rows, as in network {}",
                request.chip.name, request.loaded.network.name);
        design->packed_arrays = programmed(*design, request, progress);
    }
    progress.clear();
    return design;
}

std::unique_ptr<Design> make_design(const DesignRequest& request, Progress& progress) {
    std::unique_ptr<Design> design = map_design(request, progress);
    const config::AdcPolicy policy = request.chip.adc.policy;
    design->widths = policy == config::AdcPolicy::fixed || policy == config::AdcPolicy::worst_case
                         ? mapping::allocate_adcs(design->network, design->mapping, request.chip)
                         : measured_widths(*design, request, progress);
    return design;
}

results::ColumnSums column_sums(const std::vector<std::uint32_t>& by_slice) {
    results::ColumnSums columns;
    columns.sums = by_slice;
    for (const std::uint32_t sum : by_slice) columns.bits.push_back(mapping::lossless_bits(sum));
    return columns;
}

}  // namespace sliver::app
