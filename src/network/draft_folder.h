// Folding of a draft, node by node in order: when a node's turn comes, everything in front of it is folded.
// Internal to draft*.cpp.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "network/draft.h"

namespace sliver::network {

class Folder {
  public:
    explicit Folder(Draft draft);
    FloatNetwork run();

  private:
    using Kind = DraftNode::Kind;

    DraftNode& at(NodeId id) { return draft_.nodes[id]; }
    [[nodiscard]] const DraftNode& at(NodeId id) const { return draft_.nodes[id]; }
    [[nodiscard]] NodeId source_id(NodeId id) const { return at(id).node.inputs[0]; }
    [[nodiscard]] NodeId resolve(NodeId id) const;

    template <typename... Args>
    [[noreturn]] void fail(const DraftNode& where, fmt::format_string<Args...> text, Args&&... args) const {
        refuse("{}: node '{}' ({}): {}", draft_.source, where.label, where.node.op,
               fmt::format(text, std::forward<Args>(args)...));
    }

    void count_readers();
    void fold_node(NodeId id);
    /// Nobody but one node reads it, and the file fixes no step for it: it may become something else.
    [[nodiscard]] bool free(NodeId id) const { return readers_[id] == 1 && !at(id).node.grid; }
    /// Readers of `id` read its (first) input from now on.
    void replace_by_input(NodeId id);
    /// One reader less; what nothing reads any more reads nothing itself.
    void drop_reader(NodeId id);
    [[nodiscard]] bool never_negative(NodeId id) const;
    [[nodiscard]] bool positive_by_kind(NodeId id) const;

    // draft.cpp
    void fold_quantise(NodeId id);
    void fold_gather(NodeId id);
    bool merge_padding(NodeId id);
    FloatNetwork compact();
    void finish(DraftNode& here);

    // draft_functions.cpp
    void fold_limit(NodeId id);
    void fold_function(NodeId id);
    void fold_multiply(NodeId id);
    /// The functions between `from` and `to`, where all of them are of one value and nothing else reads them.
    [[nodiscard]] bool chain_between(NodeId from, NodeId to, std::vector<Function>& chain) const;

    // draft_scalings.cpp
    void fold_affine(NodeId id);
    bool fold_into_matrix(const DraftNode& from, DraftNode& target, const std::vector<double>& gain,
                          const std::vector<double>& shift) const;
    /// Scalings that are left, in front of layers.
    void fold_affines_behind();

    Draft draft_;
    std::vector<NodeId> alias_;   ///< the node that now makes what this one made; itself while it stays
    std::vector<int> readers_;    ///< users of a node's map, the network's output counted; 0: unused
    std::vector<bool> positive_;  ///< no value below zero, because none of its inputs has one
};

/// Limits of a node, its ReLU counted.
struct NodeLimits {
    float lowest, highest;
};
[[nodiscard]] NodeLimits limits_of(const FloatNode& node);
[[nodiscard]] bool has_limits(const FloatNode& node);

}  // namespace sliver::network
