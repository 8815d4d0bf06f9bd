#include "shipped_networks.h"

#include <algorithm>
#include <filesystem>

#include "network/card.h"
#include "network/golden.h"
#include "network/images.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

namespace bench {
namespace {

namespace fs = std::filesystem;
using namespace sliver;

constexpr const char* kNetworks = SLIVER_SOURCE_DIR "/networks";
constexpr const char* kImages = "/usr/share/datasets/fashion-mnist";
constexpr const char* kSuffix = ".onnx.gz";

}  // namespace

std::vector<std::string> shipped_networks() {
    std::vector<std::string> names;
    std::error_code none;
    if (!fs::exists(kImages, none)) return names;
    for (const fs::directory_entry& entry : fs::directory_iterator(kNetworks, none)) {
        const std::string file = entry.path().filename().string();
        const std::size_t stem = file.find(kSuffix);
        if (file.rfind("vgg11-fashion-", 0) == 0 && stem != std::string::npos)
            names.push_back(file.substr(0, stem));
    }
    std::sort(names.begin(), names.end());
    return names;
}

ShippedNetwork load_shipped(const std::string& name, std::size_t count) {
    const fs::path file = fs::path(kNetworks) / (name + kSuffix);
    const network::FloatNetwork imported = network::import_onnx(file);
    const auto card = network::find_card(file);
    const network::ImageSet images(kImages, imported.input_shape(), imported.classes(),
                                   card ? card->image_options() : network::ImageOptions());
    network::ActivationRanges ranges;
    if (network::needs_calibration(imported))
        ranges = network::calibrate(imported, 100, [&](std::size_t i) { return images.image(i); });
    ShippedNetwork shipped;
    shipped.network = network::quantise(imported, network::QuantiseOptions(), ranges);
    for (std::size_t i = 0; i < count; ++i) {
        const std::vector<std::int32_t> codes =
            network::quantise_image(shipped.network.nodes.front(), images.image(i).data());
        shipped.images.insert(shipped.images.end(), codes.begin(), codes.end());
    }
    return shipped;
}

}  // namespace bench
