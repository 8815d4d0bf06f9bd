// sliver decompose: a network whose weights share bit positions, as a network file.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "app/chip_request.h"
#include "app/decompose.h"
#include "base/error.h"
#include "base/output_file.h"
#include "base/text.h"
#include "base/worker_team.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/terminal_progress.h"
#include "network/onnx_export.h"
#include "results/quantity_text.h"
#include "results/table.h"

namespace sliver::cli {
namespace {
namespace fs = std::filesystem;

struct DecomposeOptions {
    std::string network, logits, out;
    app::ChipRequest chip;
    std::string scheme = "swis", error = "mse++", average;
    std::size_t digits = 0, cell_bits = 0, rows = 0;
    unsigned threads = 0;
    bool force = false;
};

/// A card is YAML: its seal is a comment.
constexpr FileSeal kCardSeal{"# sliver decompose, sha256 ", "\n"};

constexpr const char* kDecomposeFooter =
    "Examples:\n"
    "  sliver decompose vgg11-cifar10-dense --average 1.25 --out swis.onnx\n"
    "  sliver decompose my.onnx --scheme swis-c --digits 2 --cell-bits 1 --out my-swis.onnx\n"
    "  sliver run --chip isaac --set weights.digits=shared --network swis.onnx\n"
    "\n"
    "The weights of one row block, output and sign get few bit positions in common, and are rounded to "
    "them;\n"
    "on `weights.digits: shared` each position (a window of --cell-bits bits) is one column "
    "(docs/digits.md).";

double average_of(const DecomposeOptions& options) {
    if (options.average.empty()) return 0;
    const auto number = config::parse_number(options.average);
    if (!number || !(*number > 0) || *number > 8)
        refuse("--average: value {}: must be a number above 0, at most 8", options.average);
    return *number;
}

std::string command_of(const DecomposeOptions& options) {
    std::string text = "sliver decompose " + options.network;
    if (options.chip.chip != "isaac") text += " --chip " + options.chip.chip;
    for (const std::string& each : options.chip.set) text += " --set " + each;
    text += " --scheme " + options.scheme + " --error " + options.error;
    if (options.digits != 0) text += fmt::format(" --digits {}", options.digits);
    if (!options.average.empty()) text += " --average " + options.average;
    if (options.cell_bits != 0) text += fmt::format(" --cell-bits {}", options.cell_bits);
    if (options.rows != 0) text += fmt::format(" --rows {}", options.rows);
    return cleaned(text);
}

std::string layers_text(const app::Decomposed& made, const mapping::SharedBitsOptions& options) {
    using results::Align;
    results::Table table;
    for (const auto& [title, align] : {std::pair{"layer", Align::left},
                                       {"weights", Align::right},
                                       {"digits a group", Align::right},
                                       {"rms error", Align::right},
                                       {"columns", Align::right},
                                       {"arrays", Align::right},
                                       {"before", Align::right}})
        table.add_column(title, align);
    std::uint64_t weights = 0, columns = 0;
    std::size_t arrays = 0, before = 0;
    for (const app::DecomposedLayer& layer : made.layers) {
        table.add_row({layer.name, results::grouped(layer.weights), fmt::format("{:.3f}", layer.average),
                       fmt::format("{:.1f} %", 100 * layer.relative_error), results::grouped(layer.columns),
                       results::grouped(layer.arrays), results::grouped(layer.arrays_before)});
        weights += layer.weights;
        columns += layer.columns;
        arrays += layer.arrays;
        before += layer.arrays_before;
    }
    table.add_rule();
    table.add_row({"all", results::grouped(weights), "", "", results::grouped(columns),
                   results::grouped(arrays), results::grouped(before)});
    return fmt::format("groups of {} rows, one output and sign; digits of {} {}, {}\n", options.group_rows,
                       options.cell_bits, options.cell_bits == 1 ? "bit" : "bits",
                       options.consecutive ? "one behind the other" : "at any position") +
           table.text(2);
}

void decompose_network(const DecomposeOptions& options) {
    app::ChipRequest request = options.chip;
    request.set.emplace_back("weights.digits=shared");
    if (options.cell_bits != 0) request.set.push_back(fmt::format("array.cell_bits={}", options.cell_bits));
    const config::ChipConfig chip = app::load_chip(request);
    if (options.scheme != "swis" && options.scheme != "swis-c")
        refuse("--scheme: value {}: must be swis or swis-c", options.scheme);
    if (options.error != "mse" && options.error != "mse++")
        refuse("--error: value {}: must be mse or mse++", options.error);
    if (options.digits == 0 && options.average.empty())
        refuse("--digits or --average is required: how many digits a group may have, or has on average");
    const fs::path out = options.out;
    if (out.extension() != ".onnx") refuse("--out: {}: must end in .onnx", cleaned(options.out));
    mapping::SharedBitsOptions shared;
    shared.cell_bits = chip.array.cell_bits;
    shared.group_rows = options.rows == 0 ? chip.array.rows : static_cast<int>(options.rows);
    shared.most_digits = static_cast<int>(options.digits);
    shared.average = average_of(options);
    shared.consecutive = options.scheme == "swis-c";
    shared.keeps_mean = options.error == "mse++";
    shared.threads = thread_count(options.threads);
    const std::vector<fs::path> inputs = {options.network, options.chip.chip};
    OutputFile file(options.out, {"sliver decompose", "--out", options.force, inputs, network::kNetworkSeal});
    const app::LoadedNetwork loaded = app::load_network(options.network, options.logits);
    std::optional<OutputFile> card;
    if (loaded.card)
        card.emplace(network::card_path(out),
                     OutputRules{"sliver decompose", "--out", options.force, inputs, kCardSeal});
    TerminalProgress progress;
    const app::Decomposed made = app::decompose({loaded, chip, shared}, progress);
    file.append(made.onnx);
    file.commit();
    const std::string name = config::shipped_name_of(config::ShippedKind::network, out);
    if (card) {
        card->append(app::card_text(*loaded.card, name,
                                    loaded.card->summary + "; bits shared by sliver decompose",
                                    app::file_sha256(out), command_of(options)));
        card->append(kCardSeal.blank());
        card->commit();
    }
    fmt::print("network {}, chip {}: {}\n{}{}: {} bytes{}\n", loaded.network.name, chip.name, options.scheme,
               layers_text(made, shared), cleaned(options.out), results::grouped(made.onnx.size()),
               card ? ", with its card " + network::card_path(out).string() : "");
}

}  // namespace

void add_decompose_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<DecomposeOptions>();
    options->chip.chip = "isaac";
    CLI::App& command =
        *program.add_subcommand("decompose", "Make a network whose weights share bit positions (SWIS)");
    command.footer(kDecomposeFooter);
    command.add_option("NETWORK", options->network, "Network: a shipped name or an ONNX file")->required();
    add_logits(command, options->logits);
    command.add_option("--chip", options->chip.chip, "Chip whose arrays it is for (default isaac)");
    command.add_option("--set", options->chip.set, "Any chip key: --set array.rows=64")
        ->allow_extra_args(false);
    command.add_option("--scheme", options->scheme,
                       "swis: digits at any position (default); swis-c: one behind the other");
    add_count(command, "--digits", options->digits, "Digits that a group may have at most");
    command.add_option("--average", options->average,
                       "Digits a group on average of each layer: some get more, where it helps");
    add_count(command, "--cell-bits", options->cell_bits, "Bits of a digit; default: the chip's cells");
    add_count(command, "--rows", options->rows, "Rows of a group; default: the chip's arrays");
    command.add_option("--error", options->error,
                       "What a group keeps small: mse++ (squared errors, and their sum; default) or mse");
    command.add_option("--out", options->out, "The network file, NAME.onnx; its card lies beside it")
        ->required();
    add_threads(command, options->threads);
    command.add_flag("--force", options->force, "Replace the files if sliver decompose wrote them");
    command.callback([options, &chosen] { chosen = [options] { decompose_network(*options); }; });
}

}  // namespace sliver::cli
