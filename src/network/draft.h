// The graph as the ONNX file has it, activations only, before folding; and the folding that makes it a
// FloatNetwork: batch norms and separate biases go into the matrix layer in front, zero paddings into the
// window behind, ReLUs into the matrix or addition in front (through max pools and flattening, with which
// ReLU commutes), flattening of 1x1 maps disappears. What cannot be folded is refused in words. Internal to
// the importer.
#pragma once

#include <string>
#include <vector>

#include "network/float_network.h"

namespace sliver::network {

struct DraftNode {
    enum class Kind { input, matrix, max_pool, average_pool, add, relu, flatten, affine, pad };
    Kind kind = Kind::input;
    std::string label;  ///< name in messages, from the file
    FloatNode node;     ///< `kind`, `relu` and `is_output` are filled in by fold()
    /// affine (batch norm, bias): value = value * gain[channel] + shift[channel]; an empty gain is one
    /// everywhere.
    std::vector<double> gain, shift;
};

struct Draft {
    std::string name, source;
    std::vector<DraftNode> nodes;  ///< inputs precede their users; node 0 is the input
    NodeId output = 0;
};

/// Folds; refuses nodes whose result nothing uses and foldings that are impossible.
[[nodiscard]] FloatNetwork fold(Draft draft);

}  // namespace sliver::network
