// sliver compare: several networks on one chip, side by side. Each runs in a process of its own, as `sliver
// run` would run it; the table is made from the stats.json files that these leave.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "app/loaded_network.h"
#include "base/child_process.h"
#include "base/error.h"
#include "base/output_folder.h"
#include "base/scratch_folder.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "config/shipped.h"
#include "results/comparison.h"
#include "results/quantity_text.h"
#include "results/stored_run.h"
#include "run/chip_run.h"

namespace sliver::cli {
namespace fs = std::filesystem;

namespace {

struct CompareOptions {
    app::ChipRequest chip;
    std::vector<std::string> networks;
    std::string logits;
    app::ImageRequest images;
    std::size_t count = 1000;
    std::size_t chip_count = 1;
    unsigned threads = 0;
    std::uint64_t seed = 1;
    std::string out;
    bool force = false, json = false;
};

constexpr const char *kJsonFile = "compare.json", *kTextFileName = "compare.txt";

constexpr const char* kCompareFooter =
    "Examples:\n"
    "  sliver compare --chip isaac --networks vgg11-fashion-dense,vgg11-fashion-bitslice --count 1000 --out "
    "out/both\n"
    "  sliver compare --chip isaac --networks a.onnx,b.onnx --adc profiled --images test.npy --calibrate "
    "train.npy\n"
    "\n"
    "DIR/NAME holds each run as `sliver run --out` leaves it, DIR/compare.json and DIR/compare.txt the "
    "table.";

run::RunRequest run_options(const CompareOptions& options, const std::string& network) {
    run::RunRequest run;
    run.chip = options.chip;
    run.network = network;
    run.logits = options.logits;
    run.images = options.images;
    run.count = options.chip_count;
    run.functional_count = options.count;
    run.threads = options.threads;
    run.seed = options.seed;
    run.count_name = "--chip-count";
    return run;
}

/// `shown`: the folder as the user will find it.
void run_one(const run::RunRequest& options, const fs::path& folder_path, const std::string& shown) {
    TerminalProgress progress;
    const run::RunOutcome outcome = run::run_chip(options, progress);
    OutputRules rules;
    rules.shown = shown;
    OutputFolder folder(folder_path, rules);
    results::write_results(folder, outcome.result, outcome.priced, outcome.files);
    folder.commit();
}

/// Names of the networks, which name folders beside the comparison's own files.
std::vector<std::string> names_of(const std::vector<std::string>& networks) {
    std::vector<std::string> names = app::distinct_names(networks, "--networks");
    for (const std::string& name : names)
        if (name.front() == '.' || name == kJsonFile || name == kTextFileName)
            refuse("--networks: {}: no folder beside {} and {} can be called so: rename the network's file",
                   name, kJsonFile, kTextFileName);
    return names;
}

void compare(const CompareOptions& options) {
    const std::vector<std::string> names = names_of(options.networks);
    std::optional<OutputFolder> folder;
    std::optional<ScratchFolder> scratch;
    if (options.out.empty())
        scratch.emplace("compare");
    else
        folder.emplace(options.out, OutputRules{"sliver compare", "--out", options.force,
                                                input_files(options.chip, options.networks, options.images)});
    const fs::path place = folder ? folder->staging() : scratch->path();

    std::vector<results::ComparedRun> runs;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto start = std::chrono::steady_clock::now();
        run_in_child([&] {
            run_one(run_options(options, options.networks[i]), place / names[i],
                    (fs::path(options.out) / names[i]).string());
        });
        results::ComparedRun run{names[i], results::load_result(place / names[i]), {}};
        run.priced = results::price(run.result);
        const double elapsed_s =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (!options.json) {
            fmt::print("{}: {} image{} on the chip, {} by the functional engine, {:.1f} s\n", names[i],
                       options.chip_count, options.chip_count == 1 ? "" : "s",
                       results::grouped(options.count), elapsed_s);
            std::fflush(stdout);
        }
        runs.push_back(std::move(run));
    }
    if (folder) {
        folder->write(kJsonFile, results::comparison_json(runs));
        folder->write(kTextFileName, results::comparison_text(runs));
        folder->commit();
    }
    if (options.json) {
        fmt::print("{}", results::comparison_json(runs));
        return;
    }
    show([&] { return "\n" + results::comparison_text(runs); });
    if (folder) fmt::print("\nResults: {}\n", cleaned(options.out));
}

}  // namespace

void add_compare_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<CompareOptions>();
    CLI::App& command =
        *program.add_subcommand("compare", "Run several networks on one chip and set them side by side");
    command.footer(kCompareFooter);
    add_chip_options(command, options->chip);
    command.add_option("--networks", options->networks, "Networks, with commas: shipped names or ONNX files")
        ->required()
        ->delimiter(',');
    add_logits(command, options->logits);
    add_image_options(command, options->images);
    add_count(command, "--count", options->count, "Images classified by the functional engine");
    add_count(command, "--chip-count", options->chip_count, "Images simulated on the chip, of each network");
    add_threads(command, options->threads);
    add_seed(command, options->seed);
    command.add_option("--out", options->out, "Folder for the results");
    command.add_flag("--force", options->force, "Replace the folder if sliver wrote it");
    add_json(command, options->json);
    command.callback([options, &chosen] { chosen = [options] { compare(*options); }; });
}

}  // namespace sliver::cli
