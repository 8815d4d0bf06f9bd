#include "sweep/sweep_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "app/design.h"
#include "app/image_source.h"
#include "base/error.h"
#include "estimate/closed_form.h"
#include "results/pricing.h"
#include "sweep/screening.h"

namespace sliver::sweep {
namespace {

/// The accounting `driven` looks at these; more images change it by little.
constexpr std::size_t kActivityImages = 4;

// One processor of the machine that the shipped studies were timed on: VGG-11 of 630,848 reads an image.
constexpr double kSecondsASimulation = 1.5, kSecondsARead = 2.2e-6;

/// A guess looks at so many simulations: each may have a mapping of its own.
constexpr std::size_t kGuessedTasks = 8;

double processor_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// What quantised codes, driven digits and kept maps depend on.
config::ChipConfig format_of(const config::ChipConfig& chip) {
    config::ChipConfig format;
    format.weights.bits = chip.weights.bits;
    format.weights.rounding = chip.weights.rounding;
    // Layers without weights are constants, whatever the digits are.
    if (chip.weights.digits != config::DigitColumns::slices)
        format.weights.digits = config::DigitColumns::packed;
    format.inputs = chip.inputs;
    format.skip.zero_planes = chip.skip.zero_planes;
    return format;
}

/// What a MappedNetwork depends on.
config::ChipConfig arrays_of(const config::ChipConfig& chip) {
    config::ChipConfig arrays;
    arrays.array = chip.array;
    arrays.array.cycle_s = config::ArrayConfig{}.cycle_s;
    arrays.weights = chip.weights;
    arrays.inputs = chip.inputs;
    arrays.skip = chip.skip;
    return arrays;
}

std::string network_source(const run::RunRequest& options) {
    const app::ImageRequest& images = options.images;
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", options.network, options.logits, images.images,
                       images.labels, images.calibrate, images.calibrate_count, options.count,
                       options.functional_count);
}

}  // namespace

struct PointEstimator::Quantised {
    std::string source;
    config::ChipConfig format;
    std::shared_ptr<const network::QuantisedNetwork> network;
    std::shared_ptr<const estimate::Activity> activity;
};

struct PointEstimator::Mapped {
    std::string source;
    config::ChipConfig arrays;
    std::unique_ptr<const estimate::MappedNetwork> network;
};

const app::LoadedNetwork& PointEstimator::load(const std::string& name, const std::string& logits) {
    const std::string key = name + "\n" + logits;
    for (const auto& [known, network] : loaded_)
        if (known == key) return *network;
    loaded_.emplace_back(key, std::make_unique<app::LoadedNetwork>(app::load_network(name, logits)));
    return *loaded_.back().second;
}

const PointEstimator::Quantised& PointEstimator::quantise(const PlannedPoint& point) {
    const config::ChipConfig format = format_of(point.chip);
    const std::string source = network_source(point.options);
    for (const auto& known : quantised_)
        if (known->source == source && known->format == format) return *known;
    const run::RunRequest& options = point.options;
    const app::LoadedNetwork& loaded = load(options.network, options.logits);
    const std::size_t tested = std::max(options.count, options.functional_count);
    const app::TestImages test = app::open_images(loaded, options.images, tested, options.functional_name);
    app::Progress quiet;
    const std::unique_ptr<app::Design> design =
        app::quantise_design({loaded, point.chip, options.images, test, tested}, quiet);
    auto fresh = std::make_shared<Quantised>();
    fresh->source = source;
    fresh->format = format;
    const std::size_t images = std::min(options.count, kActivityImages);
    fresh->activity = std::make_shared<const estimate::Activity>(
        estimate::measure_activity(design->network, app::image_codes(design->network, *test.set, 0, images),
                                   images, point.chip.inputs.dac_bits, point.chip.skip.zero_planes));
    fresh->network = std::make_shared<network::QuantisedNetwork>(std::move(design->network));
    quantised_.push_back(std::move(fresh));
    ++spent_.networks;
    return *quantised_.back();
}

const estimate::MappedNetwork& PointEstimator::map(const PlannedPoint& point) {
    const config::ChipConfig arrays = arrays_of(point.chip);
    const std::string source = network_source(point.options);
    for (const auto& known : mapped_)
        if (known->source == source && known->arrays == arrays) return *known->network;
    const double start = processor_seconds();
    progress_.stage("mapping " + point.options.network);
    const Quantised& quantised = quantise(point);
    auto fresh = std::make_shared<Mapped>();
    fresh->source = source;
    fresh->arrays = arrays;
    fresh->network =
        std::make_unique<estimate::MappedNetwork>(quantised.network, point.chip, quantised.activity);
    mapped_.push_back(std::move(fresh));
    ++spent_.mappings;
    spent_.once_s += processor_seconds() - start;
    return *mapped_.back()->network;
}

std::vector<std::optional<double>> PointEstimator::estimate(const PlannedPoint& point) {
    const estimate::MappedNetwork& mapped = map(point);
    const double start = processor_seconds();
    const results::RunResult result = estimate::estimate_run(mapped, point.chip, point.options.count);
    std::vector<std::optional<double>> values = estimated_values(result, results::price(result));
    ++spent_.points;
    spent_.points_s += processor_seconds() - start;
    return values;
}

Screening screen_points(const SweepPlan& plan, double share, app::Progress& progress) {
    Screening screening;
    std::vector<std::string> wanted;
    for (const Objective& objective : plan.file.objectives)
        (has_estimate(*objective.metric) ? wanted : screening.left_out).emplace_back(objective.metric->name);
    if (wanted.empty())
        refuse("--prescreen: no objective of sweep {} has an estimate: {} only come from a simulation",
               plan.file.name, fmt::join(screening.left_out, ", "));
    for (const Constraint& constraint : plan.file.constraints)
        if (!has_estimate(*constraint.metric)) screening.left_out.push_back(constraint.text);
    screening.results = empty_results(plan);
    PointEstimator estimator(progress);
    for (std::size_t i = 0; i < plan.points.size(); ++i) {
        const PlannedPoint& point = plan.points[i];
        if (!point.refusal.empty()) continue;
        progress.count("estimating " + plan.file.name, i, plan.points.size(), "points");
        try {
            screening.results.points[i].estimates = estimator.estimate(point);
            screening.bounds += estimate::widths_are_a_bound(point.chip) ? 1 : 0;
        } catch (const InputError& error) {
            screening.results.points[i].message = error.what();
        }
    }
    progress.clear();
    screening.kept.assign(plan.points.size(), false);
    for (const std::size_t place : screen(screening.results, share)) screening.kept[place] = true;
    // What is no chip at all fails as it would without screening: that costs nothing.
    for (std::size_t i = 0; i < plan.points.size(); ++i)
        if (!plan.points[i].refusal.empty()) screening.kept[i] = true;
    screening.spent = estimator.spent();
    return screening;
}

std::optional<double> guess_seconds(const SweepPlan& plan, const std::vector<std::size_t>& tasks,
                                    app::Progress& progress) {
    const std::size_t reads = place_of(*find_metric("reads"));
    PointEstimator estimator(progress);
    double seconds = 0;
    std::size_t guessed = 0;
    for (std::size_t i = 0; i < std::min(kGuessedTasks, tasks.size()); ++i) {
        const std::size_t task = tasks[i * tasks.size() / std::min(kGuessedTasks, tasks.size())];
        const PlannedPoint& point = plan.points[plan.tasks[task].points.front()];
        if (!point.refusal.empty()) continue;
        try {
            seconds += kSecondsASimulation + kSecondsARead * static_cast<double>(point.options.count) *
                                                 estimator.estimate(point)[reads].value_or(0);
            ++guessed;
        } catch (const InputError&) {
            continue;  // ends at once, with its message
        }
    }
    progress.clear();
    if (guessed == 0) return std::nullopt;
    return seconds / static_cast<double>(guessed) * static_cast<double>(tasks.size());
}

}  // namespace sliver::sweep
