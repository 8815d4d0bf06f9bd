// sliver export: the quantised network, or what it computes for images, as plain arrays.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "app/design.h"
#include "app/map_archive.h"
#include "app/network_archive.h"
#include "base/error.h"
#include "base/output_file.h"
#include "base/text.h"
#include "base/worker_team.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "config/chip_config_loader.h"
#include "network/npz.h"
#include "results/quantity_text.h"

namespace sliver::cli {
namespace {

struct ExportOptions {
    std::string network, logits;
    std::string out;
    app::ImageRequest images;
    std::vector<std::string> set;
    std::size_t maps = 0, first = 0;
    unsigned threads = 0;
    bool force = false;
};

constexpr const char* kExportFooter =
    "Examples:\n"
    "  sliver export vgg11-fashion-dense --out dense.npz\n"
    "  sliver export my.onnx --calibrate train.npy --set weights.bits=6 --out my.npz\n"
    "  sliver export my.onnx --images test.npy --maps 4 --out maps.npz     every node's values\n"
    "\n"
    "Names of the arrays: docs/results.md. NumPy reads the file: numpy.load('dense.npz')['layer00.codes'].";

network::ActivationRanges ranges_of(const app::LoadedNetwork& loaded, const app::ImageRequest& options) {
    if (!network::needs_calibration(loaded.network)) return {};
    app::ImageRequest source = options;
    // Nothing is tested here, so images to calibrate on are the only images there are.
    if (source.images.empty()) source.images = source.calibrate;
    const app::TestImages images = app::open_images(loaded, source, 1, "--calibrate");
    const app::CalibrationImages calibration =
        app::calibration_images(loaded, source, images, 0, app::Purpose::ranges);
    return network::calibrate(loaded.network, calibration.count,
                              [&](std::size_t i) { return calibration.image(i); });
}

void export_network(const ExportOptions& options) {
    OutputFile file(options.out, {"sliver export", "--out", options.force,
                                  input_files({}, {options.network}, options.images), network::kArchiveSeal});
    // Number formats have a chip's keys and defaults, so that export and run agree.
    const config::ChipConfig chip = config::parse_chip("name: export\n", "defaults", options.set);
    const app::LoadedNetwork loaded = app::load_network(options.network, options.logits);
    if (options.maps == 0 && options.first != 0) refuse("--first: is for --maps, which is not given");
    std::optional<app::TestImages> tested;
    if (options.maps != 0)
        tested = app::open_images(loaded, options.images, options.first + options.maps, "--maps");
    const network::QuantisedNetwork quantised =
        app::quantise_for(loaded, chip, ranges_of(loaded, options.images));
    const std::string bytes = tested ? app::map_archive(loaded, quantised, *tested->set, options.first,
                                                        options.maps, thread_count(options.threads))
                                     : app::network_archive(quantised);
    file.append(bytes);
    file.commit();
    fmt::print("{}: {}, {} bytes\n", cleaned(options.out),
               tested ? fmt::format("{} maps of {} images", quantised.nodes.size(), options.maps)
                      : fmt::format("{} layers", quantised.matrix_nodes().size()),
               results::grouped(bytes.size()));
}

}  // namespace

void add_export_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<ExportOptions>();
    CLI::App& command = *program.add_subcommand("export", "Write a quantised network as plain arrays (.npz)");
    command.footer(kExportFooter);
    command.add_option("NETWORK", options->network, "Network: a shipped name or an ONNX file")->required();
    add_logits(command, options->logits);
    command.add_option("--out", options->out, "The .npz file")->required();
    add_image_options(command, options->images);
    command.add_option("--set", options->set, "Number formats: weights.bits, weights.rounding, inputs.bits")
        ->allow_extra_args(false);
    add_count(command, "--maps", options->maps,
              "Write the maps of so many images, node by node, in place of the layers");
    add_place(command, "--first", options->first, "With --maps: the first image, counted from 0");
    add_threads(command, options->threads);
    command.add_flag("--force", options->force, "Replace the file if sliver export wrote it");
    command.callback([options, &chosen] { chosen = [options] { export_network(*options); }; });
}

}  // namespace sliver::cli
