#include "cli/study_adc.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/output_folder.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "study/adc_files.h"
#include "study/adc_run.h"
#include "study/adc_text.h"

namespace sliver::cli {
namespace {

struct AdcStudyOptions : study::AdcStudyRequest {
    std::string out;
    bool force = false;
};

constexpr const char* kAdcStudyFooter =
    "Examples:\n"
    "  sliver study adc --out out/adc\n"
    "      VGG-11 on Fashion-MNIST, trained densely, pruned, by l1 and by bit-slice l1; report: sliver "
    "report "
    "out/adc\n"
    "  sliver study adc --network vgg11-cifar10-dense --network vgg11-cifar10-bitslice --images cifar-10 "
    "--calibrate cifar-10\n"
    "  sliver study adc --network my.onnx --images test.npy --labels test-labels.npy --calibrate "
    "train-folder "
    "--loss 1\n"
    "\n"
    "For each network: 8 bits everywhere; the bit-slice paper's 1 and 3 bits, clipping and with coarser "
    "steps;\n"
    "lossless widths for the chip, by slice, by layer and slice, and by sign; widths profiled, by "
    "percentile, and "
    "searched\nfor accuracy on held-out images; rows read in parts. Accuracy by the functional engine, "
    "energy, time "
    "and area by\nthe chip, each under every ADC law. docs/studies.md explains every table.";

void adc(AdcStudyOptions options) {
    study::check_adc_study(options);
    std::optional<OutputFolder> folder;
    if (!options.out.empty())
        folder.emplace(options.out, OutputRules{"sliver study adc", "--out", options.force,
                                                input_files(options.chip, options.networks, options.images)});
    TerminalProgress progress;
    const study::AdcStudy study = study::run_adc_study(options, progress);
    if (folder) {
        folder->write("adc.json", study::adc_json(study));
        folder->write("adc.csv", study::adc_csv(study));
        folder->write("adc.txt", study::adc_text(study));
        folder->commit();
    }
    show([&] { return study::adc_text(study); });
    if (folder) fmt::print("\nResults: {}\n", cleaned(options.out));
}

}  // namespace

void add_study_adc(CLI::App& study, Action& chosen) {
    auto options = std::make_shared<AdcStudyOptions>();
    options->chip.chip = "isaac";
    CLI::App& command = *study.add_subcommand(
        "adc", "How narrow may the converters be, and what does that buy? Every policy, method and ADC law");
    command.footer(kAdcStudyFooter);
    command
        .add_option(
            "--network", options->networks,
            "A shipped name or an ONNX file; may be given again; default: VGG-11 on Fashion-MNIST by all "
            "four methods")
        ->allow_extra_args(false);
    add_logits(command, options->logits);
    command.add_option("--chip", options->chip.chip, "Chip: a shipped name or a YAML file")
        ->capture_default_str();
    command.add_option("--adc-law", options->chip.adc_law, "ADC cost law of the tables and of the search");
    command.add_option("--accounting", options->chip.accounting,
                       "What a crossbar read is charged for: whole, used, driven or conducting");
    command.add_option("--set", options->chip.set, "Any chip key but those of adc widths and policies")
        ->allow_extra_args(false);
    add_image_options(command, options->images);
    add_count(command, "--count", options->count, "Test images");
    add_count(command, "--held-out", options->held_out,
              "Held-out images that the search measures accuracy on");
    add_count(command, "--sensitivity", options->sensitivity,
              "Of these, images that sensitivities are measured on");
    add_count(command, "--budget", options->budget, "Allocations whose accuracy the search measures");
    command.add_option("--loss", options->loss, "Top-1 that the search may lose, in points")
        ->capture_default_str();
    command.add_flag("!--no-shared", options->shared, "Leave out the runs with shared converters");
    add_threads(command, options->threads);
    command.add_option("--out", options->out, "Folder for adc.json, adc.csv and adc.txt");
    command.add_flag("--force", options->force, "Replace the folder if sliver wrote it");
    command.callback([options, &chosen] { chosen = [options] { adc(*options); }; });
}

}  // namespace sliver::cli
