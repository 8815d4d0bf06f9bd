// The graph as the ONNX file has it, activations only, before folding; and the folding that makes it a
// FloatNetwork: batch norms and scalings go into the matrix layer in front or behind, zero paddings into the
// window behind, ReLUs and limits into the node in front that rounds, chains of functions into one table,
// steps that the file fixes into the node that makes the map; what changes nothing disappears. What cannot
// be folded becomes a node of its own (scale, gather, table). Internal to the importer.
#pragma once

#include <string>
#include <vector>

#include "network/float_network.h"

namespace sliver::network {

struct DraftNode {
    enum class Kind {
        input,
        matrix,
        max_pool,
        average_pool,
        add,
        limit,  ///< to [node.at_least, node.at_most]; ReLU is [0, inf]
        flatten,
        affine,    ///< value * gain + shift
        pad,       ///< zeros around height and width: node.window
        function,  ///< node.functions
        multiply,
        concat,
        gather,    ///< node.places, node.fill
        quantise,  ///< node.grid
    };
    Kind kind = Kind::input;
    std::string label;  ///< name in messages, from the file
    FloatNode node;     ///< `kind`, `relu` and `is_output` are filled in by fold()
    /// affine: one for all, one a channel, or one a value; an empty gain is one, an empty shift zero.
    std::vector<double> gain, shift;
};

struct Draft {
    std::string name, source;
    std::vector<DraftNode> nodes;  ///< inputs precede their users; node 0 is the input
    NodeId output = 0;
    ImageLayout layout = ImageLayout::channels_first;
    std::vector<std::string> notes;
    std::size_t values_left = std::size_t{1} << 20;  ///< that folding may still make (ImportBudget)
};

/// Folds; nodes whose result nothing uses are left out.
[[nodiscard]] FloatNetwork fold(Draft draft);

}  // namespace sliver::network
