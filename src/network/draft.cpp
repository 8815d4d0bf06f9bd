#include "network/draft.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "base/error.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;

class Folder {
  public:
    explicit Folder(Draft draft)
        : draft_(std::move(draft)),
          alias_(draft_.nodes.size()),
          readers_(alias_.size(), 0),
          positive_(alias_.size(), false) {
        std::iota(alias_.begin(), alias_.end(), NodeId{0});
        for (const DraftNode& draft_node : draft_.nodes)
            for (const NodeId input : draft_node.node.inputs) ++readers_[input];
        ++readers_[draft_.output];
    }

    FloatNetwork run() {
        refuse_unused();
        for (NodeId id = 1; id < draft_.nodes.size(); ++id) {
            for (NodeId& input : at(id).node.inputs) input = resolve(input);
            fold_node(id);
        }
        move_grids_forward();
        return compact();
    }

  private:
    DraftNode& at(NodeId id) { return draft_.nodes[id]; }
    DraftNode& source_of(NodeId id) { return at(at(id).node.inputs[0]); }

    NodeId resolve(NodeId id) const {
        while (alias_[id] != id) id = alias_[id];
        return id;
    }

    template <typename... Args>
    [[noreturn]] void fail(const DraftNode& where, fmt::format_string<Args...> text, Args&&... args) const {
        refuse("{}: node '{}' ({}): {}", draft_.source, where.label, where.node.op,
               fmt::format(text, std::forward<Args>(args)...));
    }

    void refuse_unused() {
        for (NodeId id = 0; id < readers_.size(); ++id)
            if (readers_[id] == 0) fail(at(id), "its result is used by nothing");
    }

    void fold_node(NodeId id) {
        DraftNode& here = at(id);
        while (id != 0 && source_of(id).kind == Kind::pad) merge_padding(id);
        if (here.kind == Kind::affine) fold_affine(id);
        if (here.kind == Kind::relu) fold_relu(id);
        if (here.kind == Kind::flatten && source_of(id).node.shape == here.node.shape) replace_by_input(id);
        const std::vector<NodeId>& inputs = here.node.inputs;
        positive_[id] =
            here.kind != Kind::matrix && here.kind != Kind::affine &&
            std::all_of(inputs.begin(), inputs.end(), [this](NodeId input) { return never_negative(input); });
    }

    /// Readers of `id` read its (first) input from now on; a step that the file fixes for `id` holds for that
    /// one.
    void replace_by_input(NodeId id) {
        const NodeId input = at(id).node.inputs[0];
        alias_[id] = input;
        readers_[input] += readers_[id] - 1;
        hand_grid(id, input);
    }

    void hand_grid(NodeId from, NodeId to) {
        const std::optional<QuantisationGrid>& grid = at(from).node.grid;
        std::optional<QuantisationGrid>& target = at(to).node.grid;
        if (!grid) return;
        if (target && !(*target == *grid))
            fail(at(from),
                 "its result is quantised in steps of {}, but '{}' in front of it, whose codes it keeps, in "
                 "steps of {}",
                 grid->step, at(to).label, target->step);
        target = grid;
    }

    void fold_affine(NodeId id) {
        DraftNode& here = at(id);
        DraftNode& source = source_of(id);
        const NodeId source_id = here.node.inputs[0];
        if (source.kind != Kind::matrix || readers_[source_id] != 1 || source.node.grid || source.node.relu)
            fail(
                here,
                "follows '{}' ({}); it is supported only directly behind a Conv, Gemm or MatMul whose result "
                "nothing else reads",
                source.label, source.node.op);
        FloatNode& layer = source.node;
        for (std::size_t o = 0; o < layer.bias.size(); ++o) {
            const double gain = here.gain.empty() ? 1.0 : here.gain[o];
            layer.bias[o] = static_cast<float>(layer.bias[o] * gain + here.shift[o]);
            bool finite = std::isfinite(layer.bias[o]);
            if (!here.gain.empty()) {
                float* row = layer.weights.data() + o * static_cast<std::size_t>(layer.rows);
                for (int r = 0; r < layer.rows; ++r) {
                    row[r] = static_cast<float>(row[r] * gain);
                    finite = finite && std::isfinite(row[r]);
                }
            }
            if (!finite) fail(here, "folded into '{}', channel {} is not finite any more", source.label, o);
        }
        if (!here.gain.empty()) layer.weight_grid.reset();
        replace_by_input(id);
    }

    [[nodiscard]] bool never_negative(NodeId id) {
        const DraftNode& here = at(id);
        if (here.node.relu || here.kind == Kind::relu) return true;
        return positive_[id] || (here.node.grid && !here.node.grid->is_signed);
    }

    void fold_relu(NodeId id) {
        const NodeId direct = at(id).node.inputs[0];
        if (never_negative(direct)) return replace_by_input(id);
        // A map that others read too, or that is quantised before the ReLU, must stay as it is.
        const auto free = [this](NodeId at_id) { return readers_[at_id] == 1 && !at(at_id).node.grid; };
        NodeId target = direct;
        while (free(target) && (at(target).kind == Kind::max_pool || at(target).kind == Kind::flatten))
            target = at(target).node.inputs[0];  // ReLU commutes with both
        if (!free(target) || (at(target).kind != Kind::matrix && at(target).kind != Kind::add)) return;
        at(target).node.relu = true;
        for (NodeId passed = direct; passed != target; passed = at(passed).node.inputs[0])
            positive_[passed] = true;
        replace_by_input(id);
    }

    void merge_padding(NodeId id) {
        DraftNode& here = at(id);
        const NodeId pad_id = here.node.inputs[0];
        const DraftNode& pad = at(pad_id);
        const bool max_of_positive = here.kind == Kind::max_pool && never_negative(pad.node.inputs[0]);
        Window& window = here.node.window;
        const bool own =
            window.pad_top != 0 || window.pad_left != 0 || window.pad_bottom != 0 || window.pad_right != 0;
        const bool average = here.kind == Kind::average_pool && (!own || here.node.count_include_pad);
        const bool convolution = here.kind == Kind::matrix && here.node.op == "Conv";
        const bool padding = here.kind == Kind::pad;
        if (!padding && !convolution && !average && !max_of_positive)
            fail(pad,
                 "zero padding is supported only directly in front of a Conv or an AveragePool, not of '{}' "
                 "({})",
                 here.label, here.node.op);
        const Window& extra = pad.node.window;
        window.pad_top += extra.pad_top;
        window.pad_left += extra.pad_left;
        window.pad_bottom += extra.pad_bottom;
        window.pad_right += extra.pad_right;
        if (!padding && here.kind != Kind::matrix &&
            (std::max(window.pad_top, window.pad_bottom) >= window.kernel_height ||
             std::max(window.pad_left, window.pad_right) >= window.kernel_width))
            fail(pad, "together with '{}' behind it some pooling window holds nothing but padding",
                 here.label);
        if (average) here.node.count_include_pad = true;
        here.node.inputs[0] = pad.node.inputs[0];
        ++readers_[pad.node.inputs[0]];
        hand_grid(pad_id, pad.node.inputs[0]);
        if (--readers_[pad_id] == 0) --readers_[pad.node.inputs[0]];
    }

    /// Max pooling and flattening keep the codes: quantising behind them is quantising in front of them.
    void move_grids_forward() {
        for (NodeId id = draft_.nodes.size(); id-- > 1;)
            if (alias_[id] == id && (at(id).kind == Kind::max_pool || at(id).kind == Kind::flatten))
                hand_grid(id, at(id).node.inputs[0]);
    }

    [[nodiscard]] NodeKind final_kind(const DraftNode& here) const {
        switch (here.kind) {
            case Kind::input:
                return NodeKind::input;
            case Kind::matrix:
                return NodeKind::matrix;
            case Kind::max_pool:
                return NodeKind::max_pool;
            case Kind::average_pool:
                return NodeKind::average_pool;
            case Kind::add:
                return NodeKind::add;
            case Kind::relu:
                return NodeKind::relu;
            case Kind::flatten:
                return NodeKind::flatten;
            case Kind::affine:
            case Kind::pad:
                break;
        }
        fail(here, "zero padding is supported only directly in front of a Conv or an AveragePool");
    }

    /// Nodes of one name, or of names that became equal when they were made printable, are numbered.
    static std::string unused_name(const std::string& label, std::unordered_map<std::string, int>& names) {
        std::string name = label;
        while (!names.emplace(name, 1).second) name = fmt::format("{}_{}", label, ++names[label]);
        return name;
    }

    FloatNetwork compact() {
        FloatNetwork network;
        network.name = draft_.name;
        network.source = draft_.source;
        const NodeId output = resolve(draft_.output);
        std::vector<NodeId> places(draft_.nodes.size(), 0);
        std::unordered_map<std::string, int> names;  // by label, and for twins the last number given
        bool has_matrix = false;
        for (NodeId id = 0; id < draft_.nodes.size(); ++id) {
            DraftNode& here = at(id);
            if (alias_[id] != id || readers_[id] == 0) continue;
            FloatNode node = std::move(here.node);
            node.kind = final_kind(here);
            has_matrix = has_matrix || node.kind == NodeKind::matrix;
            node.is_output = id == output;
            node.name = unused_name(here.label, names);
            for (NodeId& input : node.inputs) input = places[resolve(input)];
            places[id] = network.nodes.size();
            network.nodes.push_back(std::move(node));
        }
        if (!has_matrix)
            refuse("{}: holds no Conv, Gemm or MatMul; there is nothing for a crossbar to do", draft_.source);
        return network;
    }

    Draft draft_;
    std::vector<NodeId> alias_;   ///< the node that now makes what this one made; itself while it stays
    std::vector<int> readers_;    ///< users of a node's map, the network's output counted
    std::vector<bool> positive_;  ///< no value below zero, because none of its inputs has one
};

}  // namespace

FloatNetwork fold(Draft draft) {
    return Folder(std::move(draft)).run();
}

}  // namespace sliver::network
