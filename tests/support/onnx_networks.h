// The networks of tests/onnx: exporters' conventions in small, with images and ONNX Runtime's logits
// (tests/onnx/make_networks.py). Read, quantised and compared here, for the tests of golden executor, engine
// and chip.
//
// The rule. A network that arrives quantised: integers give ONNX Runtime's logits, to half a step of theirs
// and the rounding of its float sums, on every image. A float network: the float executor gives them so, and
// the integers within what 8-bit codes at power-of-two steps cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "network/float_network.h"
#include "network/quantised_network.h"

namespace sliver::support {

struct OnnxNetwork {
    network::FloatNetwork imported;
    network::QuantisedNetwork quantised;
    std::size_t images = 0;
    std::vector<std::vector<float>> pixels;  ///< as the network takes them
    std::vector<std::int32_t> codes;         ///< of the input, image after image
    std::vector<float> logits;               ///< ONNX Runtime's, image after image
};

/// Imports tests/onnx/NAME, calibrates it on its images where the file has no steps, and quantises it.
/// InputError as those do.
[[nodiscard]] OnnxNetwork load_onnx_network(const std::string& name);

/// What breaks the rule above for the integer logits `got` of the first images: one line; empty: nothing.
[[nodiscard]] std::string deviation_of(const OnnxNetwork& network, const std::vector<std::int32_t>& got);
/// The same of the float executor, where the file has no steps.
[[nodiscard]] std::string float_deviation_of(const OnnxNetwork& network);

/// Networks that wait for a part that is not there yet; the tests tell what they lack, and fail for the
/// others only.
[[nodiscard]] bool is_pending(const std::string& name);

}  // namespace sliver::support
