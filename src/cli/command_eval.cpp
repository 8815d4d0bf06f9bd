// sliver eval: accuracy and column sums over many images, without simulating time.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "app/design.h"
#include "app/engine_pass.h"
#include "base/error.h"
#include "base/version.h"
#include "base/worker_team.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "config/chip_words.h"
#include "mapping/placement.h"
#include "network/golden.h"
#include "results/quantity_text.h"
#include "results/run_result.h"
#include "results/table.h"

namespace sliver::cli {
namespace {

using results::Align;
using results::Cell;
using results::grouped;
using results::Table;
using Json = nlohmann::ordered_json;

struct EvalOptions {
    app::ChipRequest chip;
    std::string network, logits;
    app::ImageRequest images;
    std::size_t count = 0;
    unsigned threads = 0;
    bool golden = false, json = false;
    std::uint64_t seed = 1;
    std::string conductance_cache;
};

constexpr const char* kEvalFooter =
    "Examples:\n"
    "  sliver eval --network vgg11-fashion-bitslice --chip isaac --count 1000\n"
    "  sliver eval --network vgg11-fashion-bitslice --chip isaac --adc 3,3,3,1 --count 1000\n"
    "  sliver eval --network my.onnx --chip small --images test.npy --labels labels.npy --golden\n"
    "\n"
    "Without --count all images are classified.";

app::EnginePass run_engine_pass(const app::Design& design, const config::ChipConfig& chip,
                                const network::ImageSet& set, std::size_t count, int threads,
                                app::Progress& progress) {
    engine::EngineOptions options;
    options.instruction_set = bitline::best_instruction_set();
    options.threads = threads;
    options.record_sums = true;
    const engine::FunctionalEngine engine = app::engine_of(design, chip, options);
    return app::run_engine(engine, design.network, set, 0, count, design.widths, "functional engine",
                           progress);
}

std::optional<results::Accuracy> accuracy_of(const app::EnginePass& pass, const network::ImageSet& set) {
    if (!set.labels()) return std::nullopt;
    const std::vector<int> classes = network::predicted_classes(pass.logits, pass.images);
    results::Accuracy accuracy{0, pass.images};
    for (std::size_t i = 0; i < pass.images; ++i)
        accuracy.correct += classes[i] == (*set.labels())[i] ? 1 : 0;
    return accuracy;
}

std::string accuracy_text(const std::optional<results::Accuracy>& accuracy) {
    if (!accuracy) return "top-1: -, the images have no labels\n";
    return fmt::format("top-1: {:.2f} %, {} of {} images\n", 100 * accuracy->top1(),
                       grouped(accuracy->correct), grouped(accuracy->count));
}

/// Converters and sums of every layer.
Table columns_table(const app::Design& design, const app::EnginePass& pass) {
    Table table;
    table.add_column({"name", "layer"});
    table.add_column({"adc_bits", "ADC bits", Align::right});
    table.add_column({"adc_bits_worst_case", "worst case", Align::right});
    table.add_column({"adc_bits_seen", "seen", Align::right});
    table.add_column({"largest_sum_seen", "largest sums seen", Align::right});
    table.add_column({"functional_clipped", "clipped", Align::right, results::as_count()});
    table.add_column({"functional_conversions", "of conversions", Align::right});
    table.add_column(results::for_programs("functional_clipped_by_slice"));
    const auto share_of = [](std::uint64_t clipped, std::uint64_t made) {
        return Cell(made, results::percent(clipped, made));
    };
    std::uint64_t all_clipped = 0, all_made = 0;
    std::vector<std::vector<int>> used, worst, seen;
    for (std::size_t layer = 0; layer < pass.clipped.size(); ++layer) {
        const std::vector<std::uint64_t>& by_slice = pass.clipped[layer];
        const std::uint64_t clipped = std::accumulate(by_slice.begin(), by_slice.end(), std::uint64_t{0});
        const std::uint64_t made =
            app::conversions_of(design.network, design.mapping.layers[LayerIndex(layer)]) * pass.images;
        all_clipped += clipped;
        all_made += made;
        used.push_back(design.widths.bits[layer]);
        worst.push_back(app::column_sums(design.worst_case_sums[layer]).bits);
        seen.push_back(app::column_sums(pass.largest[layer]).bits);
        table.add_values({design.mapping.layers[LayerIndex(layer)].name, used.back(), worst.back(),
                          seen.back(), pass.largest[layer], clipped, share_of(clipped, made), by_slice});
    }
    table.add_rule();
    table.add_summary({"widest, or all", results::widest_by_slice(used), results::widest_by_slice(worst),
                       results::widest_by_slice(seen), "", all_clipped, share_of(all_clipped, all_made)});
    return table;
}

Json certificate_json(const app::Design& design) {
    const std::vector<mapping::ColumnCertificate> certificates = design.certificates();
    const mapping::ColumnCertificate& tightest = mapping::tightest(certificates);
    return {{"layer", design.mapping.layers[tightest.layer].name},
            {"slice", tightest.slice.value()},
            {"sign", tightest.sign == mapping::Sign::positive ? "positive" : "negative"},
            {"array", tightest.place.crossbar.value()},
            {"column", tightest.place.column},
            {"sum", tightest.sum},
            {"range", tightest.range},
            {"margin", tightest.margin()}};
}

std::string certificate_text(const app::Design& design) {
    const std::vector<mapping::ColumnCertificate> certificates = design.certificates();
    const mapping::ColumnCertificate& tightest = mapping::tightest(certificates);
    return fmt::format(
        "Certificate: {}; fullest column {} of {}: {} B{}{}, array {}, column {} (margin {})\n",
        design.arrays != nullptr            ? "none, the cells are not ideal; of ideal ones"
        : design.certified_for_all_inputs() ? "lossless for every input"
        : design.profile                    ? "as seen on the calibration images"
                                            : "inputs are possible that clip",
        tightest.sum, tightest.range, design.mapping.layers[tightest.layer].name, tightest.slice.value(),
        tightest.sign == mapping::Sign::positive ? '+' : '-', tightest.place.crossbar.value(),
        tightest.place.column, tightest.margin());
}

struct EvalOutcome {
    const app::LoadedNetwork& loaded;
    const config::ChipConfig& chip;
    const app::Design& design;
    const app::EnginePass& pass;
    const network::ImageSet& images;
    std::optional<results::Accuracy> accuracy;
};

std::string eval_text(const EvalOptions& options, const EvalOutcome& outcome) {
    const auto& [loaded, chip, design, pass, images, accuracy] = outcome;
    std::string text = fmt::format(
        "network {}, chip {}, {}, images {}\n", loaded.network.name, chip.name,
        options.golden ? "no converters" : fmt::format("ADC policy {}", config::word_of(chip.adc.policy)),
        images.source());
    if (design.arrays != nullptr)
        text += fmt::format("devices: variation {}, wires {}, ADC calibration {}, seed {}\n",
                            config::word_of(chip.cells.variation), config::word_of(chip.wires.kind),
                            config::word_of(chip.adc.calibration), options.seed);
    if (!design.calibration.empty())
        text += fmt::format("calibrated on {} images of {}\n", grouped(design.calibration_count),
                            design.calibration);
    text += accuracy_text(accuracy);
    if (options.golden) return text + "golden executor: exact integers, no crossbars, no converters\n";
    return text +
           "\nConverters by slice, msb..lsb: bits in use, bits that never clip, bits and sums on these "
           "images\n" +
           columns_table(design, pass).text(2) + certificate_text(design) + "\n";
}

/// Nothing of this machine's speed: the same input gives the same bytes.
std::string eval_json(const EvalOptions& options, const EvalOutcome& outcome) {
    const auto& [loaded, chip, design, pass, images, accuracy] = outcome;
    Json json = {{"version", version()},
                 {"network", loaded.network.name},
                 {"network_sha256", loaded.sha256},
                 {"chip", chip.name},
                 {"images", images.source()},
                 {"functional_images", pass.images},
                 {"executor", options.golden ? "golden" : "functional"},
                 {"seed", options.seed},
                 {"calibration", nullptr},
                 {"accuracy", nullptr}};
    if (!design.calibration.empty())
        json["calibration"] = {{"images", design.calibration},
                               {"first", design.calibration_first},
                               {"count", design.calibration_count}};
    if (accuracy)
        json["accuracy"] = {
            {"top1", accuracy->top1()}, {"count", accuracy->count}, {"correct", accuracy->correct}};
    if (!options.golden) {
        json["adc_policy"] = config::word_of(chip.adc.policy);
        json["adc_lossless"] = design.arrays == nullptr && design.certified_for_all_inputs();
        json["layers"] = columns_table(design, pass).json();
        json["fullest_column"] = certificate_json(design);
    }
    return results::json_text(json);
}

void eval(const EvalOptions& options) {
    TerminalProgress progress;
    config::ChipConfig chip = app::load_chip(options.chip);
    // The golden executor has no converters to profile.
    if (options.golden && chip.adc.policy != config::AdcPolicy::fixed)
        chip.adc.policy = config::AdcPolicy::worst_case;
    const app::LoadedNetwork loaded = app::load_network(options.network, options.logits);
    const app::TestImages test =
        app::open_images(loaded, options.images, options.count == 0 ? 1 : options.count, "--count");
    const std::size_t count = options.count == 0 ? test.set->count() : options.count;
    const int threads = thread_count(options.threads);
    if (options.golden && chip.cells.kind != config::CellKind::ideal)
        refuse("--golden: exact integers have no devices; chip {} has cells.kind: {}", chip.name,
               config::word_of(chip.cells.kind));
    const auto design = app::make_design(
        {loaded, chip, options.images, test, count, threads, options.seed, options.conductance_cache},
        progress);
    const app::EnginePass pass = options.golden
                                     ? app::run_golden(design->network, *test.set, count, threads, progress)
                                     : run_engine_pass(*design, chip, *test.set, count, threads, progress);
    const EvalOutcome outcome = {loaded, chip, *design, pass, *test.set, accuracy_of(pass, *test.set)};
    if (options.json) {
        fmt::print("{}", eval_json(options, outcome));
        return;
    }
    show([&] { return eval_text(options, outcome); });
    fmt::print("{:.1f} images/s, {:.2f} s on {} threads\n", static_cast<double>(count) / pass.elapsed_s,
               pass.elapsed_s, threads);
}

}  // namespace

void add_eval_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<EvalOptions>();
    CLI::App& command =
        *program.add_subcommand("eval", "Accuracy and column sums over many images (functional engine)");
    command.footer(kEvalFooter);
    add_chip_options(command, options->chip);
    command.add_option("--network", options->network, "Network: a shipped name or an ONNX file")->required();
    add_logits(command, options->logits);
    add_image_options(command, options->images);
    add_count(command, "--count", options->count, "Images classified; default: all");
    add_threads(command, options->threads);
    add_seed(command, options->seed);
    add_conductance_cache(command, options->conductance_cache);
    command.add_flag("--golden", options->golden,
                     "Use the golden executor: exact integers without converters");
    add_json(command, options->json);
    command.callback([options, &chosen] { chosen = [options] { eval(*options); }; });
}

}  // namespace sliver::cli
