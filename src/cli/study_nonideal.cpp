#include "cli/study_nonideal.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/output_folder.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "study/nonideal_files.h"
#include "study/nonideal_run.h"
#include "study/nonideal_text.h"

namespace sliver::cli {
namespace {

struct NonidealStudyOptions : study::NonidealStudyRequest {
    std::string out;
    bool force = false;
};

constexpr const char* kNonidealStudyFooter =
    "Examples:\n"
    "  sliver study nonideal --out out/nonideal --keep out/nonideal-parts\n"
    "      VGG-11 on Fashion-MNIST: dense, bit-slice l1, pruned by channels, crossbar columns and rows\n"
    "  sliver study nonideal --network my.onnx:my-constrained.onnx --images cifar-10 --size 32 --size 64\n"
    "  sliver study nonideal --devices chip --set cells.on=25kohm --set cells.off=1Mohm --set "
    "wires.kind=exact\n"
    "\n"
    "Each network on arrays of every size, without and with its columns sorted (R) and its "
    "weight-constrained twin\n"
    "(WCT), zeros packed away wherever that saves arrays (T). Every seed programs all arrays anew and solves "
    "their\nwires. Accuracy is that of the crossbars alone, behind converters that neither round nor cut, "
    "without a gain,\nwith one for each array and one for each column. With --keep a study that was stopped "
    "goes on where it was.\ndocs/nonideal.md has the results of ours.";

void nonideal(NonidealStudyOptions options) {
    study::check_nonideal_study(options);
    std::optional<OutputFolder> folder;
    if (!options.out.empty())
        folder.emplace(options.out,
                       OutputRules{"sliver study nonideal", "--out", options.force,
                                   input_files(options.chip, study::networks_of(options), options.images)});
    TerminalProgress progress;
    const study::NonidealStudy study = study::run_nonideal_study(options, progress);
    if (folder) {
        folder->write("nonideal.json", study::nonideal_json(study));
        folder->write("nonideal.csv", study::nonideal_csv(study));
        folder->write("nonideal.txt", study::nonideal_text(study));
        folder->commit();
    }
    show([&] { return study::nonideal_text(study); });
    if (folder) fmt::print("\nResults: {}\n", cleaned(options.out));
}

}  // namespace

void add_study_nonideal(CLI::App& study, Action& chosen) {
    auto options = std::make_shared<NonidealStudyOptions>();
    options->chip.chip = "isaac";
    CLI::App& command = *study.add_subcommand(
        "nonideal", "What wires and variation cost sparse networks, and what R, WCT and gains give back");
    command.footer(kNonidealStudyFooter);
    command
        .add_option("--network", options->networks,
                    "NAME, or NAME:TWIN with the network's weight-constrained twin: shipped names or ONNX "
                    "files; may be given again")
        ->allow_extra_args(false);
    add_logits(command, options->logits);
    command.add_option("--size", options->sizes, "Rows and columns of an array; may be given again")
        ->allow_extra_args(false)
        ->capture_default_str();
    command
        .add_option("--devices", options->devices,
                    "Cells and wires: those of the paper as far as known, or those of the chip's file")
        ->check(CLI::IsMember({"paper", "chip"}))
        ->capture_default_str();
    command.add_option("--order", options->order, "How R sorts columns: light-first or heavy-first")
        ->check(CLI::IsMember({"light-first", "heavy-first"}))
        ->capture_default_str();
    command
        .add_option("--with", options->with,
                    "Mitigations beside packing: T (none), R, WCT, R+WCT; may be given again")
        ->check(CLI::IsMember({"T", "R", "WCT", "R+WCT"}))
        ->allow_extra_args(false)
        ->capture_default_str();
    command.add_option("--chip", options->chip.chip, "Chip: a shipped name or a YAML file")
        ->capture_default_str();
    command.add_option("--adc-law", options->chip.adc_law, "ADC cost law of the energies");
    command.add_option("--accounting", options->chip.accounting,
                       "What a crossbar read is charged for: whole, used or driven");
    command.add_option("--set", options->chip.set, "Any chip key but those that the study sets itself")
        ->allow_extra_args(false);
    add_image_options(command, options->images);
    add_count(command, "--count", options->count, "Test images");
    add_count(command, "--seeds", options->seeds, "Seeds of variation, from 1");
    command
        .add_option("--adc-images", options->adc_images,
                    "Test images of the part about ADC widths; 0 leaves it out")
        ->capture_default_str();
    command.add_option("--adc-size", options->adc_array, "Array size of that part")->capture_default_str();
    command.add_flag("!--no-cost", options->cost, "Leave out energy, latency and area");
    add_threads(command, options->threads);
    command.add_option("--keep", options->keep,
                       "Folder of finished parts: a study that was stopped goes on from there");
    command.add_option("--out", options->out, "Folder for nonideal.json, nonideal.csv and nonideal.txt");
    command.add_flag("--force", options->force, "Replace the folder if sliver wrote it");
    command.callback([options, &chosen] { chosen = [options] { nonideal(*options); }; });
}

}  // namespace sliver::cli
