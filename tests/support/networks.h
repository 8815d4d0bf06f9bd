// Networks made from a seed, for tests: the shapes are real, the weights are random integers.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "config/chip_config.h"
#include "network/quantised_network.h"

namespace sliver::support {

/// Builds a QuantisedNetwork node by node. Weights are drawn from a discrete Gaussian-like distribution;
/// requantisation is chosen so that activations spread over their range.
class NetworkBuilder {
  public:
    NetworkBuilder(network::Shape input, network::Format input_format, std::uint32_t seed,
                   int weight_bits = 8, int activation_bits = 8);

    /// Share of non-zero weights, 1 = dense.
    void set_density(double density) { density_ = density; }
    network::NodeId convolution(network::NodeId input, int outputs, int kernel, int stride, int pad,
                                bool relu = true);
    network::NodeId linear(network::NodeId input, int outputs, bool relu = true);
    network::NodeId max_pool(network::NodeId input, int kernel, int stride, int pad = 0);
    network::NodeId average_pool(network::NodeId input, int kernel, int stride);
    network::NodeId add(network::NodeId a, network::NodeId b, bool relu = true);
    network::NodeId relu(network::NodeId input);
    network::NodeId flatten(network::NodeId input);
    /// Makes the last node the output and returns the network.
    network::QuantisedNetwork finish();

    static constexpr network::NodeId kInput = 0;

  private:
    network::NodeId append(network::Node node);
    network::NodeId matrix(network::NodeId input, network::Shape shape, network::Window window, int rows,
                           bool relu);

    network::QuantisedNetwork network_;
    std::mt19937 random_;
    int weight_bits_;
    int activation_bits_;
    double density_ = 1.0;
    int matrices_ = 0;
};

/// VGG-11 for 32x32 images: 64-M-128-M-256-256-M-512-512-M-512-512-M and one classifier
/// (hardware-parameters.md 8.3 with 3 channels). Signed 8-bit input.
network::QuantisedNetwork vgg11(int channels, std::uint32_t seed, int weight_bits = 8);
/// A few layers of every kind on small maps: seconds become milliseconds.
network::QuantisedNetwork small_vgg(std::uint32_t seed, int weight_bits = 8, int activation_bits = 8,
                                    bool signed_input = true);
network::QuantisedNetwork small_resnet(std::uint32_t seed);

std::vector<std::int32_t> random_images(const network::QuantisedNetwork& network, std::size_t count,
                                        std::uint32_t seed);

/// The chip of the closed forms: mesh off, host at once, buffers unlimited, one ADC an array, interleaved
/// differential.
config::ChipConfig oracle_chip();

}  // namespace sliver::support
