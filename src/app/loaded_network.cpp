#include "app/loaded_network.h"

#include <set>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "config/shipped.h"
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

LoadedNetwork load_network(const std::string& name_or_path) {
    LoadedNetwork loaded;
    loaded.path = config::shipped_or_path(config::ShippedKind::network, name_or_path);
    // Read once: the digest is that of the bytes that are imported, whatever becomes of the file meanwhile.
    std::string bytes = read_file(loaded.path, kDataFile);
    loaded.sha256 = sha256(bytes);
    loaded.network = network::import_onnx_bytes(std::move(bytes), loaded.path);
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
    return network::quantise(loaded.network, options, ranges);
}

}  // namespace sliver::app
