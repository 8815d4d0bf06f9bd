// The state of one import, and what the handlers of operators (onnx_operators.h) do with it: add draft nodes,
// lay maps out as an operator needs them, read constants in the order of a map. Internal to the importer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "network/draft.h"
#include "network/onnx_external.h"
#include "network/onnx_model.h"
#include "network/onnx_values.h"

namespace sliver::network {

/// A map as (channels, height, width).
struct MapInput {
    NodeId node = 0;
    Shape shape;
    int spatial = 2;  ///< dimensions behind the channels in ONNX: 2, or 1 (height is 1)
};

class Importer {
  public:
    using Dims = std::vector<std::int64_t>;
    using Places = std::vector<std::int64_t>;  ///< along a dimension; -1: outside of it
    using Groups = std::array<std::vector<std::size_t>, 3>;

    /// All must outlive this object.
    Importer(const OnnxModel& model, ExternalData* external, ImportBudget& budget);

    /// Walks the nodes that the output needs.
    Draft run();

    [[nodiscard]] const OnnxModel& model() const { return model_; }
    [[nodiscard]] OnnxValues& values() { return values_; }
    [[nodiscard]] ExternalData* external() { return external_; }
    /// A copy: nodes move when one is added.
    [[nodiscard]] Shape shape_of(NodeId id) const { return draft_.nodes[id].node.shape; }
    void note(std::string sentence) { draft_.notes.push_back(std::move(sentence)); }

    // --- nodes ---

    [[nodiscard]] static DraftNode start(const OnnxNode& node, DraftNode::Kind kind, const Shape& shape);
    NodeId add(DraftNode made, std::vector<NodeId> inputs);
    /// Output `output` of `node` is the map of `id`.
    void define(const OnnxNode& node, NodeId id, View view, int output = 0);
    /// The same, and codes where `like` is codes: for what only moves values.
    void define_like(const OnnxNode& node, const OnnxValue& like, NodeId id, View view, int output = 0);
    /// value * gain + shift on the map of `id`, each empty, of one number, one a channel or one a value.
    NodeId scaled(const OnnxNode& node, NodeId id, std::vector<double> gain, std::vector<double> shift);
    NodeId limited(const OnnxNode& node, NodeId id, float lowest, float highest);
    NodeId through(const OnnxNode& node, NodeId id, std::vector<Function> functions);
    /// Quantised as `grid`, of the file's own codes, says.
    NodeId quantised(const OnnxNode& node, NodeId id, const QuantisationGrid& grid);

    // --- layouts ---

    /// A node whose map has the dimensions of `groups`, joined, as channels, height and width: the value's
    /// own where it lies so already, else one that moves the values.
    NodeId laid_out(const OnnxNode& node, const OnnxValue& value, const Groups& groups);
    /// (batch, channels, height, width) or (batch, channels, width).
    MapInput as_map(const OnnxNode& node, const OnnxValue& value);
    /// The view of a map that as_map() gave, after an operator that keeps its dimensions.
    [[nodiscard]] static View map_view(const Shape& shape, int spatial);
    /// A node of the shape of `like` in which the value that `view` sees at a position lies where `like` has
    /// the one that it sees there.
    NodeId aligned(const OnnxNode& node, const OnnxValue& value, const OnnxValue& like);
    /// Picks places along each dimension; those that are -1 become `fill`.
    void select(const OnnxNode& node, const OnnxValue& value, const std::vector<Places>& chosen, float fill,
                int output = 0);
    /// The same values under other dimensions (without the batch).
    OnnxValue reshaped(const OnnxNode& node, const OnnxValue& value, const Dims& dims);

    // --- constants ---

    /// `tensor`, broadcast against the value, in the order in which its map is stored: one number, one a
    /// channel or one a value.
    std::vector<double> in_stored_order(const OnnxNode& node, const OnnxValue& value, const Tensor& tensor);
    /// Input `index`, a short list of integers: dimensions, axes, pads.
    const Dims& list(const OnnxNode& node, int index);
    /// Axes from input 1 or the attribute, in order, counted without the batch; empty where there are none.
    std::vector<std::size_t> axes(const OnnxNode& node, std::size_t rank, int input = 1);
    /// An attribute or input that holds one number; `otherwise` where it is left out.
    float number(const OnnxNode& node, const char* attribute, int input, float otherwise);

  private:
    void add_input();
    void import_node(const OnnxNode& node);
    [[nodiscard]] std::vector<bool> needed_nodes() const;

    const OnnxModel& model_;
    ExternalData* external_;
    ImportBudget& budget_;
    Draft draft_;
    OnnxValues values_;
    std::map<NodeId, std::vector<NodeId>> quantised_;  ///< by what they quantise
};

}  // namespace sliver::network
