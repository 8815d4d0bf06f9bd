// The trained networks that ship with the project, quantised, with real images: what the figures of
// docs/performance.md are about. Empty where the files or the Debian package dataset-fashion-mnist are
// missing.
#pragma once

#include <string>
#include <vector>

#include "network/quantised_network.h"

namespace bench {

struct ShippedNetwork {
    sliver::network::QuantisedNetwork network;
    std::vector<std::int32_t> images;  ///< codes, image-major
};

/// Names of networks/vgg11-fashion-*.onnx.gz, sorted.
std::vector<std::string> shipped_networks();

/// Reads one of them and `count` test images. InputError as the program gives it.
ShippedNetwork load_shipped(const std::string& name, std::size_t count);

}  // namespace bench
