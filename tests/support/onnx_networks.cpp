#include "onnx_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "network/activation_ranges.h"
#include "network/float_executor.h"
#include "network/golden.h"
#include "network/images.h"
#include "network/npy.h"
#include "network/onnx_import.h"
#include "network/quantise.h"

namespace sliver::support {
namespace fs = std::filesystem;

namespace {

fs::path folder() {
    return fs::path(SLIVER_SOURCE_DIR) / "tests/onnx";
}

/// Largest error of integer logits, in parts of the largest logit. Eight bits at a power-of-two step are up
/// to 1/128 of a map's range, and each layer adds its own.
constexpr float kQuantised = 0.1F;
/// Of sums in single precision.
constexpr float kRounding = 2e-5F;

float largest_of(const std::vector<float>& values) {
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::fabs(value));
    return largest;
}

/// The first value that is further from ONNX Runtime's than `allowed`.
std::string first_beyond(const OnnxNetwork& network, const std::vector<float>& got, float allowed) {
    const std::size_t classes = network.imported.classes();
    for (std::size_t i = 0; i < got.size(); ++i)
        if (!(std::fabs(got[i] - network.logits[i]) <= allowed))
            return fmt::format("image {}, logit {}: {}, ONNX Runtime {}; {} allowed", i / classes,
                               i % classes, got[i], network.logits[i], allowed);
    return "";
}

}  // namespace

OnnxNetwork load_onnx_network(const std::string& name) {
    fs::path file = folder() / (name + ".onnx.gz");
    if (!fs::exists(file)) file = folder() / (name + ".onnx");
    OnnxNetwork result;
    result.imported = network::import_onnx(file);
    network::ImageOptions options;
    options.layout = result.imported.layout;
    const network::ImageSet set(folder() / (name + ".images.npy.gz"), result.imported.input_shape(), 0,
                                options);
    result.images = set.count();
    for (std::size_t i = 0; i < set.count(); ++i) result.pixels.push_back(set.image(i));
    const network::NpyArray logits = network::read_npy(folder() / (name + ".logits.npy"));
    if (logits.size() != result.images * result.imported.classes())
        refuse("{}: {} outputs, ONNX Runtime gives {}", name, result.imported.classes(),
               logits.size() / result.images);
    for (std::size_t i = 0; i < logits.size(); ++i) result.logits.push_back(logits.real(i));
    network::ActivationRanges ranges;
    if (network::needs_calibration(result.imported))
        ranges = network::calibrate(result.imported, result.images,
                                    [&](std::size_t i) { return result.pixels[i]; });
    result.quantised = network::quantise(result.imported, {}, ranges);
    for (const std::vector<float>& image : result.pixels) {
        const auto codes = network::quantise_image(result.quantised.nodes.front(), image.data());
        result.codes.insert(result.codes.end(), codes.begin(), codes.end());
    }
    return result;
}

std::string deviation_of(const OnnxNetwork& network, const std::vector<std::int32_t>& got) {
    const network::Format& format = network.quantised.output().format;
    std::vector<float> values;
    for (const std::int32_t code : got)
        values.push_back(static_cast<float>((code - format.zero) * format.step()));
    const float largest = largest_of(network.logits);
    if (network::needs_calibration(network.imported))
        return first_beyond(network, values, kQuantised * largest);
    // Half a step: outputs of different weight steps were brought to one (docs/arithmetic.md). Another code
    // is a whole one.
    const auto half_step = static_cast<float>(format.step() / 2);
    return first_beyond(network, values, half_step + kRounding * largest);
}

std::string float_deviation_of(const OnnxNetwork& network) {
    if (!network::needs_calibration(network.imported)) return "";
    const network::FloatExecutor executor(network.imported);
    std::vector<float> values;
    for (const std::vector<float>& image : network.pixels) {
        const std::vector<float> logits = executor.run(image.data());
        values.insert(values.end(), logits.begin(), logits.end());
    }
    return first_beyond(network, values, kRounding * largest_of(network.logits));
}

bool is_pending(const std::string& name) {
    std::ifstream list(folder() / "pending.txt");
    for (std::string line; std::getline(list, line);)
        if (line == name) return true;
    return false;
}

}  // namespace sliver::support
