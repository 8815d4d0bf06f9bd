// sliver run: one network, one chip, a few images.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/logging.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "cli/timeline_files.h"
#include "results/summary.h"
#include "run/chip_run.h"

namespace sliver::cli {
namespace {

struct RunCommandOptions : run::RunRequest {
    std::string out;
    bool force = false;
    TimelineOptions traced;
    std::vector<std::string> log;
};

constexpr const char* kRunFooter =
    "Examples:\n"
    "  sliver run --chip isaac --network vgg11-fashion-dense --out out/dense\n"
    "  sliver run --chip isaac --network vgg11-fashion-bitslice --adc 3,3,3,1 --set "
    "adc.conversion_time=per-bit\n"
    "  sliver run --chip small --network my.onnx --images inputs.npy --count 4 --adc profiled --calibrate "
    "train.npy\n"
    "  sliver run --chip isaac --network vgg11-fashion-dense --trace trace.json --trace-to '20 us'\n"
    "  sliver run --chip small --network mlp-mnist-dense --images mnist --log host=info --log mesh=debug\n"
    "\n"
    "DIR holds stats.json (docs/results.md), stats.txt, layers.csv, logits.npy, predictions.csv and "
    "config.yaml.\n"
    "It appears when the run is complete and not before.";

void run(const RunCommandOptions& options) {
    // First of all: a folder that cannot be written should not cost a simulation.
    run::RunRequest asked = static_cast<const run::RunRequest&>(options);
    asked.timeline = timeline_request(options.traced);
    OutputRules rules{"sliver run", "--out", options.force,
                      input_files(options.chip, {options.network}, options.images)};
    std::optional<OutputFolder> folder;
    if (!options.out.empty()) folder.emplace(options.out, rules);
    TimelineFiles files(options.traced, options.out, rules);
    start_logging(options.log);
    TerminalProgress progress;
    const run::RunOutcome outcome = run::run_chip(asked, progress);
    if (outcome.timeline)
        files.write(*outcome.timeline, {outcome.result.identity.version, outcome.result.identity.network,
                                        outcome.result.chip.name});
    if (folder) {
        results::write_results(*folder, outcome.result, outcome.priced, outcome.files);
        folder->commit();
    }
    files.commit();
    show([&] { return results::summary(outcome.result, outcome.priced); });
    show([&] {
        std::string text = fmt::format("\nWall time: {:.2f} s to set up, {:.2f} s for the chip",
                                       outcome.setup_s, outcome.chip_s);
        if (outcome.engine_images > 0)
            text += fmt::format(", {:.2f} s for the functional engine ({:.1f} images/s)", outcome.engine_s,
                                static_cast<double>(outcome.engine_images) / outcome.engine_s);
        return text + "\n";
    });
    if (folder) fmt::print("Results: {}\n", cleaned(options.out));
    if (outcome.timeline) fmt::print("{}", files.summary(*outcome.timeline));
}

}  // namespace

void add_run_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<RunCommandOptions>();
    CLI::App& command = *program.add_subcommand("run", "Run a network on a chip: logits, time, energy, area");
    command.footer(kRunFooter);
    add_chip_options(command, options->chip);
    command
        .add_option("--network", options->network,
                    "Network: a shipped name (sliver list networks) or an ONNX file")
        ->required();
    add_logits(command, options->logits);
    add_image_options(command, options->images);
    add_count(command, "--count", options->count, "Images simulated on the chip");
    command
        .add_option("--settle", options->settle,
                    "At most so many more images (without values), until the interval between images has "
                    "settled; 0: no interval")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{4096}));
    add_count(command, "--functional-count", options->functional_count,
              "Images classified by the functional engine, for the accuracy; default: --count");
    add_threads(command, options->threads);
    add_seed(command, options->seed);
    add_conductance_cache(command, options->conductance_cache);
    command.add_flag("--histograms", options->histograms,
                     "Count every column sum that the chip converts, for stats.json and the report; the chip "
                     "takes up to half as long again");
    command
        .add_option(
            "--style", options->style,
            "lt: a window is one chain of calls with annotated delays; at: every read, burst and addition "
            "begins and ends as an event. Slower, and the same results to the femtosecond (docs/model.md)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, model::Style>{
            {"lt", model::Style::loosely_timed}, {"at", model::Style::approximately_timed}}))
        ->option_text("lt|at");
    command.add_flag(
        "--verify", options->verify,
        "Compute the chip's images by the functional engine, too, and compare logits, cuts and sums");
    command.add_option("--out", options->out, "Folder for the results");
    add_timeline_options(command, options->traced);
    add_log_option(command, options->log);
    command.add_flag("--force", options->force,
                     "Replace what sliver wrote before: the folder, and the files of --trace and --vcd");
    command.callback([options, &chosen] {
        if (options->functional_count != 0) options->functional_name = "--functional-count";
        chosen = [options] { run(*options); };
    });
}

}  // namespace sliver::cli
