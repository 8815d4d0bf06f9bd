// The golden executor: a quantised network in exact integers, written plainly. Every other engine of the
// project is tested against it bit for bit; it knows no arrays, slices, planes or converters.
//
// Codes in, codes out; layout and formats as quantised_network.h has them. Deterministic, no floating point.
#pragma once

#include <cstdint>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::network {

/// Codes of an image (node.shape values, channel-major) in the format of the input node: round half to even,
/// saturate.
[[nodiscard]] std::vector<std::int32_t> quantise_image(const Node& input, const float* pixels);

/// The maps of all nodes, in order; the input's own codes first.
[[nodiscard]] std::vector<std::vector<std::int32_t>> run_golden_maps(
    const QuantisedNetwork& network, const std::vector<std::int32_t>& image_codes);

/// The map of the output node: the logits.
[[nodiscard]] std::vector<std::int32_t> run_golden(const QuantisedNetwork& network,
                                                   const std::vector<std::int32_t>& image_codes);

/// Classes with the largest logit, the first of equals; one an image of `logits`, image after image.
[[nodiscard]] std::vector<int> predicted_classes(const std::vector<std::int32_t>& logits, std::size_t images);

/// Accumulators of a matrix node, bias not added: sums[output * windows + window].
[[nodiscard]] std::vector<std::int64_t> matrix_accumulators(const Node& node, const Node& input_node,
                                                            const std::vector<std::int32_t>& input);

}  // namespace sliver::network
