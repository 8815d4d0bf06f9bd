#include "app/loaded_network.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/worker_team.h"
#include "config/shipped.h"
#include "network/empty_layers.h"
#include "network/float_executor.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

namespace sliver::app {
std::string file_sha256(const std::filesystem::path& path) {
    return sha256(read_file(path, kDataFile));
}

std::vector<std::string> distinct_names(const std::vector<std::string>& networks, const char* option) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const std::string& network : networks) {
        const std::filesystem::path file = config::shipped_or_path(config::ShippedKind::network, network);
        names.push_back(printable(config::shipped_name_of(config::ShippedKind::network, file)));
        if (!seen.insert(names.back()).second)
            refuse("{}: two networks are called {}: give their files names that differ", option,
                   names.back());
    }
    return names;
}

namespace {

/// Where a network that lies at `path` may keep weights in other files.
std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

LoadedNetwork load_network(const std::string& name_or_path, const std::string& logits) {
    LoadedNetwork loaded;
    loaded.path = config::shipped_or_path(config::ShippedKind::network, name_or_path);
    // Read once: the digest is that of the bytes that are imported, whatever becomes of the file meanwhile.
    std::string bytes = read_file(loaded.path, kDataFile);
    Sha256 digest;
    digest.update(bytes);
    loaded.network =
        network::import_onnx_bytes(std::move(bytes), loaded.path, {logits, folder_of(loaded.path)});
    for (const network::DataFile& file : loaded.network.data_files) digest.update(*file.bytes);
    loaded.network.data_files.clear();  // the weights are in the layers
    loaded.sha256 = digest.finish();
    loaded.card = network::find_card(loaded.path);
    return loaded;
}

void check_card(const LoadedNetwork& loaded) {
    if (loaded.card && !loaded.card->sha256.empty() && loaded.card->sha256 != loaded.sha256)
        refuse("{}: sha256: value {}: {} has {}", loaded.card->source, loaded.card->sha256,
               loaded.path.string(), loaded.sha256);
}

network::QuantisedNetwork quantise_for(const LoadedNetwork& loaded, const config::ChipConfig& chip,
                                       const network::ActivationRanges& ranges) {
    network::QuantiseOptions options;
    options.weight_bits = chip.weights.bits;
    options.input_bits = chip.inputs.bits;
    options.rounding = chip.weights.rounding;
    network::QuantisedNetwork quantised = network::quantise(loaded.network, options, ranges);
    // Codes of other bits are not those that the sets are of: then the columns are what the codes make them.
    if (loaded.network.digits && loaded.network.digits->weight_bits == chip.weights.bits &&
        chip.weights.rounding == config::Rounding::nearest)
        network::check_digit_sets(*loaded.network.digits, quantised);
    if (chip.weights.digits == config::DigitColumns::slices) return quantised;
    for (const std::string& name : network::fold_empty_layers(quantised))
        quantised.fidelity.notes.push_back(
            "layer " + name + " has no weight but zero: it takes no array, its biases are constants");
    return quantised;
}

results::Arithmetic arithmetic_of(const network::QuantisedNetwork& network) {
    const network::Fidelity& from = network.fidelity;
    results::Arithmetic made;
    made.quantised_file = from.quantised_file;
    made.kept_maps = from.kept_maps;
    made.calibrated_maps = from.calibrated_maps;
    made.coarser_maps = from.coarser_maps;
    made.kept_layers = from.kept_layers;
    made.requantised_layers = from.requantised_layers;
    made.float_layers = from.float_layers;
    made.clipped_weights = from.clipped_weights;
    made.notes = from.notes;
    return made;
}

std::vector<int> float_classes(const network::FloatNetwork& network, std::size_t count,
                               const std::function<std::vector<float>(std::size_t)>& image, int threads,
                               Progress& progress) {
    const network::FloatExecutor executor(network);
    std::vector<int> classes(count);
    const std::string title = network.name + ": in floating point, to compare";
    std::atomic<std::size_t> done{0};
    in_parallel(count, threads, [&](std::size_t i, int worker) {
        const std::vector<float> pixels = image(i);
        const std::vector<float> logits = executor.run(pixels.data(), {});
        classes[i] = static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
        ++done;
        if (worker == 0) progress.count(title, done, count, "images");
    });
    progress.count(title, count, count, "images");
    progress.clear();
    return classes;
}

}  // namespace sliver::app
