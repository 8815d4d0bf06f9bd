#include "cli/options.h"

#include <functional>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/worker_team.h"
#include "config/quantity.h"
#include "cost/actions.h"

namespace sliver::cli {
namespace {

constexpr std::int64_t kMostThreads = 1024, kLargestCount = 1'000'000'000, kLargestPad = 1024;

// CLI11 takes "-1" for an unsigned number and "1e3" for an error without a reason.
std::function<std::string(const std::string&)> whole_number(std::int64_t lowest, std::int64_t highest) {
    return [lowest, highest](const std::string& text) -> std::string {
        const std::optional<std::int64_t> number = config::parse_integer(text);
        if (number && *number >= lowest && *number <= highest) return {};
        return fmt::format("value {}: must be a whole number from {} to {}", text, lowest, highest);
    };
}

}  // namespace

void add_chip_options(CLI::App& command, app::ChipRequest& options) {
    command.add_option("--chip", options.chip, "Chip: a shipped name (sliver list chips) or a YAML file")
        ->required();
    command.add_option(
        "--adc", options.adc,
        "ADC widths: fixed (the chip's), worst-case, profiled, percentile:99.9 (share that must fit), "
        "accuracy:0.5 (points of top-1 that may be lost), a width 1..12, or one a slice: 3,3,3,1 (slice 0, "
        "the "
        "least significant, first)");
    command.add_option("--adc-law", options.adc_law, "ADC cost law (sliver list adc-laws)");
    command.add_option("--accounting", options.accounting,
                       "What a crossbar read is charged for: whole, used or driven");
    command.add_option("--set", options.set, "Any chip key: --set tile.buffer='16 KiB' (sliver list keys)");
}

std::vector<std::filesystem::path> input_files(const app::ChipRequest& chip,
                                               const std::vector<std::string>& networks,
                                               const app::ImageRequest& images) {
    std::vector<std::filesystem::path> files = {chip.chip, images.images, images.labels, images.calibrate};
    files.insert(files.end(), networks.begin(), networks.end());
    return files;
}

void add_image_options(CLI::App& command, app::ImageRequest& options) {
    command.add_option(
        "--images", options.images,
        "Images: fashion-mnist, or a path (IDX, CIFAR binary, .npy, or a folder of them); default: what the "
        "network's card names");
    command.add_option("--labels", options.labels,
                       "Labels (IDX or .npy), where they do not lie with the images");
    command
        .add_option("--mean", options.mean,
                    "Mean of byte images on a scale of 0 to 1: one, or one a channel, with commas")
        ->delimiter(',');
    command.add_option("--std", options.std, "Standard deviation of byte images, likewise")->delimiter(',');
    command.add_option("--pad", options.pad, "Zero pixels added on each side of byte images")
        ->check(whole_number(0, kLargestPad));
    command.add_option("--calibrate", options.calibrate,
                       "Images that set activation ranges and measured ADC widths; default: training images "
                       "of the set, else "
                       "images of --images that are not tested");
    add_count(command, "--calibrate-count", options.calibrate_count, "Calibration images");
}

void add_logits(CLI::App& command, std::string& output) {
    command.add_option("--logits", output, "Name of the output to take, of a network that has several");
}

CLI::Option* add_count(CLI::App& command, const std::string& name, std::size_t& count,
                       const std::string& description) {
    CLI::Option* option = command.add_option(name, count, description);
    // 0 stands for a default that the description tells.
    if (count != 0) option->capture_default_str();
    return option->check(whole_number(1, kLargestCount));
}

void add_seed(CLI::App& command, std::uint64_t& seed) {
    command.add_option("--seed", seed, "Seed of the devices; ideal ones draw no random numbers")
        ->capture_default_str()
        ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()));
}

void add_conductance_cache(CLI::App& command, std::string& folder) {
    command.add_option(
        "--conductance-cache", folder,
        "Folder that keeps what wires make of each array (wires.kind: exact), by its hash: made where "
        "missing, checked, safe to delete");
}

CLI::Option* add_json(CLI::App& command, bool& json) {
    return command.add_flag("--json", json, "Print one JSON document and nothing else (docs/results.md)");
}

CLI::Option* add_place(CLI::App& command, const std::string& name, std::size_t& place,
                       const std::string& description) {
    return command.add_option(name, place, description)->check(whole_number(0, kLargestCount));
}

void add_threads(CLI::App& command, unsigned& threads) {
    command
        .add_option("--threads", threads,
                    "Threads of the functional engine; 0: one a processor. Results do not depend on it")
        ->check(whole_number(0, kMostThreads))
        ->capture_default_str();
}

}  // namespace sliver::cli
