#include "cli/options.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/worker_team.h"
#include "config/chip_config_loader.h"
#include "config/quantity.h"
#include "config/shipped.h"
#include "cost/actions.h"

namespace sliver::cli {
namespace {

constexpr std::int64_t kMostThreads = 1024, kLargestCount = 1'000'000'000, kLargestPad = 1024;

std::optional<std::vector<int>> widths_of(const std::string& text) {
    std::vector<int> widths;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::optional<std::int64_t> width = config::parse_integer(text.substr(begin, end - begin));
        if (!width || *width < 1 || *width > cost::kMaxAdcBits) return std::nullopt;
        widths.push_back(static_cast<int>(*width));
        begin = end + 1;
    }
    return widths;
}

// CLI11 takes "-1" for an unsigned number and "1e3" for an error without a reason.
std::function<std::string(const std::string&)> whole_number(std::int64_t lowest, std::int64_t highest) {
    return [lowest, highest](const std::string& text) -> std::string {
        const std::optional<std::int64_t> number = config::parse_integer(text);
        if (number && *number >= lowest && *number <= highest) return {};
        return fmt::format("value {}: must be a whole number from {} to {}", text, lowest, highest);
    };
}

}  // namespace

std::vector<std::string> adc_overrides(const std::string& text) {
    if (text.empty()) return {};
    // A file may hold widths, shares or losses that other policies refuse: whoever changes the policy drops
    // what he does not name. `fixed` keeps the file's own lists.
    std::vector<std::string> overrides = {"adc.margin=0", "adc.percentile=0", "adc.accuracy_loss=0"};
    const auto policy = [&](const std::string& name) {
        overrides.push_back("adc.policy=" + name);
        if (name != "fixed")
            for (const char* list :
                 {"adc.slice_widths=[]", "adc.layer_widths={}", "adc.negative_layer_widths={}",
                  "adc.slice_drops=[]", "adc.layer_drops={}"})
                overrides.emplace_back(list);
        else
            overrides.emplace_back("adc.granularity=layer-slice");
    };
    const std::size_t colon = text.find(':');
    const std::string name = text.substr(0, colon);
    const std::string number = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (name == "percentile" || name == "accuracy") {
        policy(name);
        const bool share = name == "percentile";
        const char* key = share ? "adc.percentile" : "adc.accuracy_loss";
        overrides[share ? 1 : 2] =
            fmt::format("{}={}", key, number.empty() ? (share ? "99.9" : "0.5") : number);
        return overrides;
    }
    if (text == "fixed" || text == "worst-case") {
        policy(text);
        return overrides;
    }
    if (text == "profiled") {
        policy(text);
        overrides.erase(overrides.begin());  // a margin stays
        return overrides;
    }
    const std::optional<std::vector<int>> widths = widths_of(text);
    if (!widths)
        refuse(
            "--adc: value {}: must be fixed, worst-case, profiled, percentile or percentile:SHARE, accuracy "
            "or "
            "accuracy:LOSS, a width from 1 to {}, or one width a slice such as 3,3,3,1 (slice 0, the least "
            "significant, first)",
            text, cost::kMaxAdcBits);
    policy("fixed");
    for (const char* list :
         {"adc.layer_widths={}", "adc.negative_layer_widths={}", "adc.slice_drops=[]", "adc.layer_drops={}"})
        overrides.emplace_back(list);
    if (widths->size() == 1) {
        overrides.emplace_back("adc.slice_widths=[]");
        overrides.push_back(fmt::format("adc.bits={}", widths->front()));
    } else {
        overrides.push_back(fmt::format("adc.slice_widths=[{}]", text));
    }
    return overrides;
}

void add_chip_options(CLI::App& command, ChipOptions& options) {
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

std::vector<std::string> chip_overrides(const ChipOptions& options) {
    std::vector<std::string> overrides = adc_overrides(options.adc);
    // What --adc only takes back from the file, --set may give anew: --adc 3 --set
    // 'adc.slice_drops=[2,2,2,0]'.
    overrides.erase(std::remove_if(overrides.begin(), overrides.end(),
                                   [&](const std::string& entry) {
                                       const std::string key = entry.substr(0, entry.find('=') + 1);
                                       const std::string value = entry.substr(key.size());
                                       if (value != "[]" && value != "{}") return false;
                                       return std::any_of(options.set.begin(), options.set.end(),
                                                          [&](const std::string& given) {
                                                              return given.rfind(key, 0) == 0;
                                                          });
                                   }),
                    overrides.end());
    if (!options.adc_law.empty()) overrides.push_back("adc.law=" + options.adc_law);
    if (!options.accounting.empty()) overrides.push_back("cost.accounting=" + options.accounting);
    overrides.insert(overrides.end(), options.set.begin(), options.set.end());
    return overrides;
}

config::ChipConfig load_chip(const ChipOptions& options) {
    return config::load_chip(config::shipped_or_path(config::ShippedKind::chip, options.chip),
                             chip_overrides(options));
}

std::vector<std::filesystem::path> input_files(const ChipOptions& chip,
                                               const std::vector<std::string>& networks,
                                               const ImageOptions& images) {
    std::vector<std::filesystem::path> files = {chip.chip, images.images, images.labels, images.calibrate};
    files.insert(files.end(), networks.begin(), networks.end());
    return files;
}

void add_image_options(CLI::App& command, ImageOptions& options) {
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

void add_threads(CLI::App& command, unsigned& threads) {
    command
        .add_option("--threads", threads,
                    "Threads of the functional engine; 0: one a processor. Results do not depend on it")
        ->check(whole_number(0, kMostThreads))
        ->capture_default_str();
}

int thread_count(unsigned threads) {
    return threads == 0 ? processors() : static_cast<int>(threads);
}

}  // namespace sliver::cli
