#include "run/chip_run.h"

#include <chrono>
#include <stdexcept>

#include "app/adc_search_json.h"
#include "app/design.h"
#include "app/engine_pass.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/worker_team.h"
#include "base/version.h"
#include "config/chip_config_loader.h"
#include "network/golden.h"
#include "network/npy.h"
#include "results/stored_run.h"
#include "run/simulation.h"

namespace sliver::run {
namespace {

constexpr std::size_t kLargeChip = 20'000;  ///< arrays; ten kilobytes and more each

class Stopwatch {
  public:
    double lap() {
        const auto now = std::chrono::steady_clock::now();
        const double elapsed_s = std::chrono::duration<double>(now - start_).count();
        start_ = now;
        return elapsed_s;
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Two implementations of one arithmetic on the same images: a difference is a defect of one of them, never a
/// result.
void check_agreement(const results::ChipRecord& chip, const app::EnginePass& engine) {
    if (chip.logits != engine.logits)
        throw std::runtime_error("defect: the logits of chip and functional engine differ");
    for (std::size_t layer = 0; layer < chip.layers.size(); ++layer)
        if (chip.layers[layer].clipped != engine.clipped.at(layer))
            throw std::runtime_error(fmt::format(
                "defect: chip and functional engine clip differently in layer {}", chip.layers[layer].name));
}

void check_layers(const results::TimelineRequest& request, const app::LoadedNetwork& loaded) {
    std::vector<std::string> names;
    for (const network::FloatNode& node : loaded.network.nodes)
        if (node.kind == network::NodeKind::matrix) names.push_back(node.name);
    results::check_layers(request, names, results::kTraceLayer);
}

std::vector<results::LayerColumns> columns_of(const app::Design& design, const app::EnginePass& pass) {
    std::vector<results::LayerColumns> columns;
    for (std::size_t layer = 0; layer < design.worst_case_sums.size(); ++layer) {
        results::LayerColumns known;
        known.worst_case = app::column_sums(design.worst_case_sums[layer]);
        if (!design.calibration_sums.empty())
            known.calibration = app::column_sums(design.calibration_sums[layer]);
        known.seen = app::column_sums(pass.largest[layer]);
        known.functional_clipped = pass.clipped[layer];
        columns.push_back(std::move(known));
    }
    for (const mapping::ColumnCertificate& certificate : design.certificates())
        columns[certificate.layer.value()].fullest.push_back(
            {certificate.slice.value(), certificate.sign == mapping::Sign::negative,
             certificate.place.crossbar.value(), static_cast<std::uint64_t>(certificate.place.column),
             certificate.sum, certificate.range});
    return columns;
}

void add_outcomes(RunOutcome& outcome, const app::LoadedNetwork& loaded, const app::TestImages& test,
                  const app::EnginePass& pass, std::size_t on_chip) {
    const std::vector<int> classes = network::predicted_classes(pass.logits, pass.images);
    const std::size_t width = pass.logits.size() / pass.images;
    std::vector<results::Prediction> predictions;
    results::Accuracy accuracy;
    for (std::size_t i = 0; i < pass.images; ++i) {
        results::Prediction prediction;
        prediction.image = i;
        prediction.predicted = classes[i];
        prediction.logit = pass.logits[i * width + static_cast<std::size_t>(classes[i])];
        prediction.on_chip = i < on_chip;
        if (test.set->labels()) {
            prediction.label = (*test.set->labels())[i];
            ++accuracy.count;
            accuracy.correct += *prediction.label == classes[i] ? 1 : 0;
        }
        predictions.push_back(prediction);
    }
    if (accuracy.count != 0) outcome.result.accuracy = accuracy;
    outcome.files.push_back({"logits.npy", network::npy_bytes({pass.images, width}, pass.logits)});
    outcome.files.push_back(
        {"predictions.csv", results::predictions_csv(predictions, loaded.card ? loaded.card->classes
                                                                              : std::vector<std::string>())});
}

results::RunIdentity identity_of(const RunRequest& options, const app::LoadedNetwork& loaded,
                                 const app::TestImages& test, const app::Design& design,
                                 const std::vector<std::int32_t>& codes) {
    results::RunIdentity identity;
    identity.version = version();
    identity.network = loaded.network.name;
    identity.network_sha256 = loaded.sha256;
    identity.images = test.set->source();
    identity.images_sha256 = app::digest_of(codes);
    identity.seed = options.seed;
    identity.calibration = design.calibration;
    identity.calibration_first = design.calibration_first;
    identity.calibration_count = design.calibration_count;
    return identity;
}

}  // namespace

RunOutcome run_chip(const RunRequest& options, app::Progress& progress) {
    RunOutcome outcome;
    Stopwatch watch;
    const std::size_t functional = options.functional_count == 0 ? options.count : options.functional_count;
    if (functional < options.count)
        refuse("{}: value {}: must be at least {}, which is {}: the functional engine checks the chip",
               options.functional_name, functional, options.count_name, options.count);
    results::RunResult& result = outcome.result;
    result.chip = app::load_chip(options.chip);
    result.chip_yaml = config::to_yaml(result.chip);
    const results::Prices prices = results::prices_of(result.chip);
    app::LoadedNetwork loaded = app::load_network(options.network);
    if (options.timeline) check_layers(*options.timeline, loaded);
    const app::TestImages test =
        app::open_images(loaded, options.images, functional, options.functional_name);
    const int threads = thread_count(options.threads);
    const std::unique_ptr<app::Design> design =
        app::make_design({loaded, result.chip, options.images, test, functional, threads, options.seed,
                          options.conductance_cache},
                         progress);
    // From here on the network is its integers: half a gigabyte less where it is large.
    for (network::FloatNode& node : loaded.network.nodes) std::vector<float>().swap(node.weights);
    for (const auto* widths : {&design->widths.bits, &design->widths.negative_bits})
        results::check_widths(prices, result.chip, *widths);
    const mapping::Placement placement = place(*design, result.chip);
    const std::vector<std::int32_t> codes = app::image_codes(design->network, *test.set, 0, options.count);
    result.identity = identity_of(options, loaded, test, *design, codes);
    outcome.setup_s = watch.lap();

    progress.stage(fmt::format("{}: simulating {} image{} on {} arrays", loaded.network.name, options.count,
                               options.count == 1 ? "" : "s", placement.crossbars));
    if (options.timeline) outcome.timeline.emplace().request = *options.timeline;
    result.record =
        simulate(*design, placement, result.chip, codes, options.count, options.settle, options.histograms,
                 outcome.timeline ? &*outcome.timeline : nullptr, options.style);
    progress.clear();
    if (placement.crossbars > kLargeChip) give_back_memory();
    outcome.chip_s = watch.lap();

    engine::EngineOptions engine_options;
    engine_options.instruction_set = bitline::best_instruction_set();
    engine_options.threads = threads;
    engine_options.record_sums = true;
    const engine::FunctionalEngine engine = app::engine_of(*design, result.chip, engine_options);
    const std::string title = loaded.network.name + ": functional engine";
    app::EnginePass pass = app::run_engine(engine, design->network, *test.set, 0, options.count,
                                           design->widths, title, progress);
    check_agreement(result.record, pass);
    pass += app::run_engine(engine, design->network, *test.set, options.count, functional - options.count,
                            design->widths, title, progress);
    outcome.engine_s = watch.lap();

    result.functional_images = functional;
    result.columns = columns_of(*design, pass);
    result.lossless = design->certified_for_all_inputs();
    if (design->search)
        outcome.files.push_back({results::kSearchFile, app::search_json_text(*design->search)});
    for (const auto& [name, range] : design->ranges)
        result.activation_ranges[name] = {range.lowest, range.highest};
    add_outcomes(outcome, loaded, test, pass, options.count);
    outcome.priced = results::price(result);
    return outcome;
}

}  // namespace sliver::run
