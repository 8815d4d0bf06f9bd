// VGG-11 for 3x32x32 images with weights and activations that are distributed like trained ones, so that
// benchmarks need no files and give the same work everywhere. The layers, and so reads and conversions, are
// those of references/speed.md: 152.8 M multiplications, 4,516 crossbars of 128x128, 80.74 M conversions an
// image.
#pragma once

#include <cstdint>
#include <vector>

#include "mapping/adc_widths.h"
#include "network/quantised_network.h"

namespace bench {

enum class Weights {
    dense,   ///< Gaussian, the largest code of a layer near 200: a trained network without regularisation
    sparse,  ///< 60 % zeros, the rest Laplacian with few bits in the upper slices: after bit-slice sparse
             ///< training
};

/// Weights Gaussian; activations after ReLU half-normal, requantised to 8 bits by powers of two.
sliver::network::QuantisedNetwork synthetic_vgg11(Weights weights);

/// `count` images of smooth random codes.
std::vector<std::int32_t> synthetic_images(const sliver::network::Node& input, std::size_t count);

/// ISAAC-like: 128x128 arrays, 2-bit cells, differential, 1-bit digits.
sliver::mapping::NetworkMapping map_for_bench(const sliver::network::QuantisedNetwork& network);

/// The same width for every layer and slice.
sliver::mapping::AdcWidths uniform_widths(const sliver::mapping::NetworkMapping& mapping, int bits);

/// Columns x planes x windows x row blocks x signs of one image: what the converters of the chip do.
double conversions_of(const sliver::network::QuantisedNetwork& network,
                      const sliver::mapping::NetworkMapping& mapping);

}  // namespace bench
