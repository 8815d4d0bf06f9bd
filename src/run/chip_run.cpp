#include "run/chip_run.h"

#include <chrono>
#include <stdexcept>

#include "app/adc_search_json.h"
#include "app/design.h"
#include "app/engine_pass.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/version.h"
#include "base/worker_team.h"
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
void check_agreement(const results::ChipRecord& chip, const app::EnginePass& engine, bool sums) {
    if (chip.logits != engine.logits)
        throw std::runtime_error("defect: the logits of chip and functional engine differ");
    for (std::size_t layer = 0; layer < chip.layers.size(); ++layer)
        if (chip.layers[layer].clipped != engine.clipped.at(layer) ||
            (sums && chip.layers[layer].largest_sums != engine.largest.at(layer)))
            throw std::runtime_error(fmt::format(
                "defect: chip and functional engine clip differently in layer {}", chip.layers[layer].name));
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

/// Images that the chip classifies otherwise than the network in floating point.
results::Arithmetic::Original original_of(const app::EnginePass& pass,
                                          const std::vector<int>& float_classes) {
    const std::vector<int> classes = network::predicted_classes(pass.logits, pass.images);
    results::Arithmetic::Original original;
    for (std::size_t i = 0; i < float_classes.size(); ++i)
        original.differ += classes[i] != float_classes[i] ? 1 : 0;
    original.images = float_classes.size();
    return original;
}

results::RunIdentity identity_of(const DesignRun& run, const std::vector<std::int32_t>& codes) {
    results::RunIdentity identity;
    identity.version = version();
    identity.network = run.loaded.network.name;
    identity.network_sha256 = run.loaded.sha256;
    identity.images = run.test.set->source();
    identity.images_sha256 = app::digest_of(codes);
    identity.seed = run.seed;
    identity.calibration = run.design.calibration;
    identity.calibration_first = run.design.calibration_first;
    identity.calibration_count = run.design.calibration_count;
    return identity;
}

/// What the chip says of its images is all that a result wants of them. Where rows are read in parts its sums
/// are those of parts, and whole columns are asked of the functional engine.
bool chip_is_enough(const DesignRun& run) {
    return !run.design.widths.split_rows;
}

/// The chip's images as a pass of the functional engine would have them.
app::EnginePass pass_of(const results::ChipRecord& record, std::size_t count) {
    app::EnginePass pass;
    pass.images = count;
    pass.logits = record.logits;
    for (const results::LayerRecord& layer : record.layers) {
        pass.clipped.push_back(layer.clipped);
        pass.largest.push_back(layer.largest_sums);
    }
    return pass;
}

results::ChipRecord simulated(const DesignRun& run, const mapping::Placement& placement,
                              const std::vector<std::int32_t>& codes, RunOutcome& outcome) {
    Simulation simulation{run.design, placement, run.chip, codes, run.count, run.settle, run.histograms};
    simulation.largest_sums = chip_is_enough(run);
    simulation.timeline = run.timeline;
    simulation.style = run.style;
    if (!run.apart) {
        Simulated whole = simulate(simulation);
        outcome.timeline = std::move(whole.timeline);
        return std::move(whole.record);
    }
    SimulationProcess process(simulation, {std::string(version()), run.loaded.network.name, run.chip.name});
    if (run.wait) run.wait(process.end_signal());
    SimulationProcess::Outcome whole = process.wait();
    outcome.trace = std::move(whole.trace);
    outcome.vcd = std::move(whole.vcd);
    return std::move(whole.record);
}

}  // namespace

void check_layers(const results::TimelineRequest& request, const app::LoadedNetwork& loaded) {
    std::vector<std::string> names;
    for (const network::FloatNode& node : loaded.network.nodes)
        if (node.kind == network::NodeKind::matrix) names.push_back(node.name);
    results::check_layers(request, names, results::kTraceLayer);
}

std::size_t functional_images(const RunRequest& request) {
    const std::size_t functional = request.functional_count == 0 ? request.count : request.functional_count;
    if (functional < request.count)
        refuse("{}: value {}: must be at least {}, which is {}: the chip's images are among them",
               request.functional_name, functional, request.count_name, request.count);
    return functional;
}

std::vector<int> classes_to_compare(const app::LoadedNetwork& loaded,
                                    const network::QuantisedNetwork& integers, const app::TestImages& test,
                                    std::size_t count, int threads, app::Progress& progress) {
    if (app::arithmetic_of(integers).exact()) return {};
    return app::float_classes(
        loaded.network, count, [&](std::size_t i) { return test.set->image(i); }, threads, progress);
}

RunOutcome run_design(const DesignRun& run, app::Progress& progress) {
    RunOutcome outcome;
    Stopwatch watch;
    const app::Design& design = run.design;
    results::RunResult& result = outcome.result;
    result.chip = run.chip;
    result.chip_yaml = config::to_yaml(result.chip);
    const results::Prices prices = results::prices_of(result.chip);
    if (run.timeline) check_layers(*run.timeline, run.loaded);
    for (const auto* widths : {&design.widths.bits, &design.widths.negative_bits})
        results::check_widths(prices, result.chip, *widths);
    const mapping::Placement placement = place(design, result.chip);
    const std::vector<std::int32_t> codes = app::image_codes(design.network, *run.test.set, 0, run.count);
    result.identity = identity_of(run, codes);
    outcome.setup_s = watch.lap();

    const std::string& name = run.loaded.network.name;
    progress.stage(fmt::format("{}: simulating {} image{} on {} arrays", name, run.count,
                               run.count == 1 ? "" : "s", placement.crossbars));
    result.record = simulated(run, placement, codes, outcome);
    progress.clear();
    if (placement.crossbars > kLargeChip) give_back_memory();
    outcome.chip_s = watch.lap();

    const bool enough = chip_is_enough(run);
    app::EnginePass pass;
    if (enough) pass = pass_of(result.record, run.count);
    if (run.verify || !enough || run.functional_count > run.count) {
        engine::EngineOptions engine_options;
        engine_options.instruction_set = bitline::best_instruction_set();
        engine_options.threads = run.threads;
        engine_options.record_sums = true;
        const engine::FunctionalEngine engine = app::engine_of(design, result.chip, engine_options);
        const auto by_engine = [&](std::size_t first, std::size_t count) {
            outcome.engine_images += count;
            return app::run_engine(engine, design.network, *run.test.set, first, count, design.widths,
                                   name + ": functional engine", progress);
        };
        if (run.verify || !enough) {
            const app::EnginePass again = by_engine(0, run.count);
            check_agreement(result.record, again, enough);
            pass = again;
        }
        pass += by_engine(run.count, run.functional_count - run.count);
    }
    outcome.engine_s = watch.lap();

    result.functional_images = run.functional_count;
    result.columns = columns_of(design, pass);
    result.lossless = design.certified_for_all_inputs();
    if (design.search) outcome.files.push_back({results::kSearchFile, app::search_json_text(*design.search)});
    for (const auto& [map, range] : design.ranges)
        result.activation_ranges[map] = {range.lowest, range.highest};
    result.arithmetic = app::arithmetic_of(design.network);
    if (!run.float_classes.empty()) result.arithmetic.original = original_of(pass, run.float_classes);
    add_outcomes(outcome, run.loaded, run.test, pass, run.count);
    outcome.priced = results::price(result);
    return outcome;
}

RunOutcome run_chip(const RunRequest& request, app::Progress& progress) {
    Stopwatch watch;
    const std::size_t functional = functional_images(request);
    const config::ChipConfig chip = app::load_chip(request.chip);
    static_cast<void>(results::prices_of(chip));  // what has no price is refused first
    app::LoadedNetwork loaded = app::load_network(request.network, request.logits);
    if (request.timeline) check_layers(*request.timeline, loaded);
    const app::TestImages test =
        app::open_images(loaded, request.images, functional, request.functional_name);
    const int threads = thread_count(request.threads);
    const std::unique_ptr<app::Design> design = app::make_design(
        {loaded, chip, request.images, test, functional, threads, request.seed, request.conductance_cache},
        progress);
    std::vector<int> float_classes =
        classes_to_compare(loaded, design->network, test, request.count, threads, progress);
    // From here on the network is its integers: half a gigabyte less where it is large.
    for (network::FloatNode& node : loaded.network.nodes) std::vector<float>().swap(node.weights);
    DesignRun run{loaded, chip, *design, test};
    run.count = request.count;
    run.functional_count = functional;
    run.settle = request.settle;
    run.threads = threads;
    run.seed = request.seed;
    run.histograms = request.histograms;
    run.timeline = request.timeline;
    run.style = request.style;
    run.verify = request.verify;
    run.float_classes = std::move(float_classes);
    const double design_s = watch.lap();
    RunOutcome outcome = run_design(run, progress);
    outcome.setup_s += design_s;
    return outcome;
}

}  // namespace sliver::run
