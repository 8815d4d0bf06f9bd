#include "synthetic_network.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "config/chip_config.h"

namespace bench {
namespace {

using namespace sliver;

/// Box-Muller on raw engine output: std::normal_distribution differs between libraries.
class Gaussian {
  public:
    explicit Gaussian(std::uint64_t seed) : engine_(seed) {}
    double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) / 9007199254740992.0; }
    double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
    double laplace() {
        const double u = uniform() - 0.5;
        return (u < 0 ? 1 : -1) * std::log(1 - 2 * std::fabs(u));
    }

  private:
    std::mt19937_64 engine_;
};

void fill(network::MatrixWeights& weights, Weights kind, Gaussian& random) {
    const std::size_t count =
        static_cast<std::size_t>(weights.outputs) * static_cast<std::size_t>(weights.rows);
    // Of n Gaussian values the largest lies near sigma * sqrt(2 ln n).
    const double sigma = 200 / std::sqrt(2 * std::log(static_cast<double>(count)));
    weights.codes.resize(count);
    for (std::int16_t& code : weights.codes) {
        double value = sigma * random.normal();
        if (kind == Weights::sparse) value = random.uniform() < 0.6 ? 0 : 5 * random.laplace();
        code = static_cast<std::int16_t>(std::lround(std::clamp(value, -255.0, 255.0)));
    }
    weights.bias.assign(static_cast<std::size_t>(weights.outputs), 0);
}

/// Requantise so that the standard deviation of the codes lies between 32 and 64: largest codes near 255.
int exponent_for(const network::MatrixWeights& weights, double input_square) {
    double square = 0;
    for (const std::int16_t code : weights.codes) square += static_cast<double>(code) * code;
    const double deviation = std::sqrt(square / weights.outputs * input_square);
    return std::max(0, static_cast<int>(std::ceil(std::log2(deviation / 64))));
}

}  // namespace

network::QuantisedNetwork synthetic_vgg11(Weights kind) {
    Gaussian random(11);
    network::QuantisedNetwork net;
    net.name = kind == Weights::dense ? "synthetic-vgg11-dense" : "synthetic-vgg11-sparse";
    network::Node input;
    input.name = "image";
    input.shape = {3, 32, 32};
    input.format = {false, 8, 0};
    net.nodes.push_back(input);
    const auto add = [&net](network::Node node, const std::string& name) {
        node.name = name + std::to_string(net.nodes.size());
        node.inputs = {net.nodes.size() - 1};
        net.nodes.push_back(std::move(node));
    };
    // Mean square of the codes that enter a layer: images, then half of a Gaussian of deviation about 45.
    double input_square = 100.0 * 100.0;
    int exponent = 0;
    const auto matrix = [&](int outputs, int kernel) {
        const network::Shape from = net.nodes.back().shape;
        network::Node node;
        node.kind = network::NodeKind::matrix;
        node.shape = {outputs, from.height, from.width};
        node.window.kernel_height = node.window.kernel_width = kernel;
        node.window.pad_top = node.window.pad_bottom = node.window.pad_left = node.window.pad_right =
            kernel / 2;
        node.weights.outputs = outputs;
        node.weights.rows = from.channels * kernel * kernel;
        fill(node.weights, kind, random);
        exponent += exponent_for(node.weights, input_square);
        node.format = {false, 8, exponent};
        node.relu = true;
        input_square = 45.0 * 45.0 / 2;
        return node;
    };
    for (const int outputs : {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0}) {
        if (outputs != 0) {
            add(matrix(outputs, 3), "conv");
            continue;
        }
        network::Node pool;
        pool.kind = network::NodeKind::max_pool;
        const network::Node& from = net.nodes.back();
        pool.shape = {from.shape.channels, from.shape.height / 2, from.shape.width / 2};
        pool.format = from.format;
        pool.window.kernel_height = pool.window.kernel_width = pool.window.stride_y = pool.window.stride_x =
            2;
        add(pool, "pool");
    }
    network::Node classifier = matrix(10, 1);
    classifier.relu = false;
    classifier.is_output = true;
    classifier.format = {true, 32, 0};
    add(classifier, "classifier");
    return net;
}

std::vector<std::int32_t> synthetic_images(const network::Node& input, std::size_t count) {
    Gaussian random(5);
    std::vector<std::int32_t> images;
    const network::Shape& shape = input.shape;
    for (std::size_t image = 0; image < count; ++image) {
        for (int channel = 0; channel < shape.channels; ++channel) {
            const double level = 60 + 60 * random.uniform(), slope_x = 4 * random.normal(),
                         slope_y = 4 * random.normal();
            for (int y = 0; y < shape.height; ++y)
                for (int x = 0; x < shape.width; ++x) {
                    const double value =
                        level + slope_x * (x - 16) + slope_y * (y - 16) + 20 * random.normal();
                    images.push_back(std::clamp(static_cast<std::int32_t>(std::lround(value)),
                                                input.format.lowest(), input.format.highest()));
                }
        }
    }
    return images;
}

mapping::NetworkMapping map_for_bench(const network::QuantisedNetwork& network) {
    config::ChipConfig chip;  // the defaults are ISAAC's arrays
    chip.weights.encoding = config::Encoding::differential;
    return mapping::map_network(network, chip);
}

mapping::AdcWidths uniform_widths(const mapping::NetworkMapping& mapping, int bits) {
    mapping::AdcWidths widths;
    for (const mapping::LayerMapping& layer : mapping.layers)
        widths.bits.emplace_back(layer.shifts.size(), bits);
    return widths;
}

double conversions_of(const network::QuantisedNetwork& network, const mapping::NetworkMapping& mapping) {
    double conversions = 0;
    for (const mapping::LayerMapping& layer : mapping.layers) {
        const network::Shape& shape = network.nodes[layer.node].shape;
        double columns = 0;
        for (const mapping::CrossbarSlot& slot : layer.crossbars) columns += slot.used_columns();
        conversions += columns * static_cast<double>(layer.planes.size()) * shape.height * shape.width;
    }
    return conversions;
}

}  // namespace bench
