#include "cli/loaded_network.h"

#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/sha256.h"
#include "config/shipped.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

namespace sliver::cli {
std::string file_sha256(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) refuse("{}: cannot be read", path.string());
    Sha256 hash;
    std::string chunk(std::size_t{1} << 20, '\0');
    while (file) {
        file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
        hash.update(std::string_view(chunk).substr(0, static_cast<std::size_t>(file.gcount())));
    }
    return hash.finish();
}

LoadedNetwork load_network(const std::string& name_or_path) {
    LoadedNetwork loaded;
    loaded.path = config::shipped_or_path(config::ShippedKind::network, name_or_path);
    loaded.network = network::import_onnx(loaded.path);
    loaded.sha256 = file_sha256(loaded.path);
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

network::ActivationRanges stand_in_ranges(const network::FloatNetwork& net) {
    constexpr std::size_t kImages = 4;
    const std::size_t pixels = net.input_shape().size();
    return network::calibrate(net, kImages, [pixels](std::size_t image) {
        std::vector<float> values;
        for (std::size_t i = 0; i < pixels; ++i)
            values.push_back(static_cast<float>((i * 37 + image * 101) % 257) / 128.0F - 1.0F);
        return values;
    });
}

}  // namespace sliver::cli
