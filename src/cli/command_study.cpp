// sliver study: the project's studies by name. `slices`: what each training method leaves in every bit slice,
// ours beside the bit-slice paper's; `adc`: study_adc.h.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "app/loaded_network.h"
#include "base/error.h"
#include "base/output_folder.h"
#include "base/text.h"
#include "base/worker_team.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/study_adc.h"
#include "cli/study_nonideal.h"
#include "cli/terminal_progress.h"
#include "config/chip_words.h"
#include "config/shipped.h"
#include "study/slice_files.h"
#include "study/slice_study.h"
#include "study/slices_text.h"

namespace sliver::cli {
namespace fs = std::filesystem;

namespace {

using config::ShippedKind;

struct SlicesOptions {
    std::vector<std::string> networks;
    std::string logits;
    int slice_bits = 2;
    std::string chip = "isaac";
    bool layers = false;
    std::string out;
    bool force = false;
};

constexpr const char* kSlicesFooter =
    "Examples:\n"
    "  sliver study slices\n"
    "      the paper's tables 1 and 2 with all shipped networks beside them\n"
    "  sliver study slices --network vgg11-fashion-bitslice --layers\n"
    "      where in a network the slices are used, and what that asks of the ADCs\n"
    "  sliver study slices --network my.onnx --slice-bits 4 --out out/slices\n"
    "      a network of your own in 4-bit slices, with slices.json and slices.csv (docs/studies.md)\n"
    "\n"
    "Slices are counted in the networks' files; method and accuracy come from their cards. A card that "
    "claims\n"
    "other slices than its file has is refused.";

/// Memory, not processors, bounds how many networks are open at once.
constexpr int kMostLoaders = 4;

config::ChipConfig slices_chip(const SlicesOptions& options) {
    app::ChipRequest chip_options;
    chip_options.chip = options.chip;
    // Widths by slice of the chip's file are for the chip's own cells; here only the worst case is asked for.
    chip_options.adc = "worst-case";
    chip_options.set = {fmt::format("array.cell_bits={}", options.slice_bits)};
    config::ChipConfig chip = app::load_chip(chip_options);
    if (chip.weights.bits != study::kCodeBits)
        refuse("--chip {}: weights.bits: value {}: slices of {}-bit codes are counted", options.chip,
               chip.weights.bits, study::kCodeBits);
    if (chip.weights.digits != config::DigitColumns::slices)
        refuse("--chip {}: weights.digits: value {}: slices are counted, as `slices` stores them",
               options.chip, config::word_of(chip.weights.digits));
    if (chip.weights.encoding != config::Encoding::differential)
        refuse("--chip {}: weights.encoding: only differential arrays hold the slices of the codes",
               options.chip);
    return chip;
}

std::vector<fs::path> files_of(const SlicesOptions& options) {
    const bool all = options.networks.empty();
    const std::vector<std::string> networks =
        all ? config::shipped_names(ShippedKind::network) : options.networks;
    (void)app::distinct_names(networks, "--network");
    std::vector<fs::path> files;
    for (const std::string& network : networks)
        files.push_back(config::shipped_or_path(ShippedKind::network, network));
    return files;
}

study::StudiedNetwork studied(const fs::path& file, const std::string& logits, const config::ChipConfig& chip,
                              int slice_bits) {
    const app::LoadedNetwork loaded = app::load_network(file.string(), logits);
    study::StudiedNetwork network;
    network.name = config::shipped_name_of(ShippedKind::network, file);
    network.sha256 = loaded.sha256;
    std::string data_set;
    if (loaded.card) {
        app::check_card(loaded);
        network.card = study::read_training_card(loaded.card->source);
        network.architecture = loaded.card->architecture;
        data_set = loaded.card->data_set;
    }
    network::ActivationRanges ranges;
    if (network::needs_calibration(loaded.network)) ranges = network::stand_in_ranges(loaded.network);
    const network::QuantisedNetwork quantised = app::quantise_for(loaded, chip, ranges);
    network.layers = study::count_codes(quantised);
    network.columns = study::worst_case_columns(quantised, chip);
    study::complete(network, data_set, slice_bits);
    return network;
}

/// Several at a time; the result and the error that is told, if any, do not depend on how many.
std::vector<study::StudiedNetwork> studied_networks(const std::vector<fs::path>& files,
                                                    const std::string& logits, const config::ChipConfig& chip,
                                                    int slice_bits) {
    std::vector<study::StudiedNetwork> networks(files.size());
    in_parallel(files.size(), std::min(kMostLoaders, processors()),
                [&](std::size_t i, int) { networks[i] = studied(files[i], logits, chip, slice_bits); });
    return networks;
}

/// Curves lie beside the shipped networks, in each folder that has some.
std::vector<study::TradeOffPoint> shipped_curves(const std::vector<fs::path>& files) {
    std::set<fs::path> folders;
    for (const fs::path& file : files) folders.insert(file.parent_path());
    std::vector<study::TradeOffPoint> points;
    for (const fs::path& folder : folders)
        for (study::TradeOffPoint& point : study::read_curves(folder)) points.push_back(std::move(point));
    return points;
}

void slices(const SlicesOptions& options) {
    std::optional<OutputFolder> folder;
    if (!options.out.empty())
        folder.emplace(options.out, OutputRules{"sliver study slices",
                                                "--out",
                                                options.force,
                                                {options.networks.begin(), options.networks.end()}});
    study::SliceStudy study;
    study.slice_bits = options.slice_bits;
    study.chip = slices_chip(options);
    study.whole = options.networks.empty();
    const std::vector<fs::path> files = files_of(options);
    if (study.whole) study.points = shipped_curves(files);
    TerminalProgress progress;
    progress.stage(fmt::format("counting the slices of {} networks", files.size()));
    study.networks = studied_networks(files, options.logits, study.chip, options.slice_bits);
    progress.clear();
    if (folder) {
        folder->write("slices.json", study::slices_json(study));
        folder->write("slices.csv", study::slices_csv(study));
        folder->commit();
    }
    show([&] { return study::slices_text(study); });
    if (options.layers)
        for (const study::StudiedNetwork& network : study.networks)
            show([&] { return "\n" + study::layers_text(network); });
    if (folder) fmt::print("\nResults: {}\n", cleaned(options.out));
}

void add_slices(CLI::App& study, Action& chosen) {
    auto options = std::make_shared<SlicesOptions>();
    CLI::App& command = *study.add_subcommand(
        "slices", "Non-zero bit slices by training method: the paper's tables and ours");
    command.footer(kSlicesFooter);
    command
        .add_option("--network", options->networks,
                    "A shipped name or an ONNX file; may be given again; default: all shipped networks")
        ->allow_extra_args(false);
    add_logits(command, options->logits);
    command.add_option("--slice-bits", options->slice_bits, "Bits of a slice: 1, 2 or 4")
        ->check(CLI::IsMember({1, 2, 4}))
        ->capture_default_str();
    command
        .add_option("--chip", options->chip,
                    "Chip whose arrays the ADC bits are for, with cells of --slice-bits: a shipped name or a "
                    "YAML file")
        ->capture_default_str();
    command.add_flag("--layers", options->layers, "Also each network by layer");
    command.add_option("--out", options->out, "Folder for slices.json and slices.csv");
    command.add_flag("--force", options->force, "Replace the folder if sliver wrote it");
    command.callback([options, &chosen] { chosen = [options] { slices(*options); }; });
}

}  // namespace

void add_study_command(CLI::App& program, Action& chosen) {
    CLI::App& command = *program.add_subcommand("study", "Studies by name: slices, adc, nonideal");
    command.require_subcommand(1);
    command.footer(
        "Examples:\n  sliver study slices\n  sliver study adc --out out/adc\n  sliver study nonideal --out "
        "out/nonideal");
    add_slices(command, chosen);
    add_study_adc(command, chosen);
    add_study_nonideal(command, chosen);
}

}  // namespace sliver::cli
