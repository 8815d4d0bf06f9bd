#include "network/draft.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "network/draft_folder.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;

bool no_padding(const Window& window) {
    return window.pad_top == 0 && window.pad_left == 0 && window.pad_bottom == 0 && window.pad_right == 0;
}

/// Codes come out as they went in, perhaps elsewhere.
bool keeps_codes(Kind kind) {
    return kind == Kind::max_pool || kind == Kind::flatten || kind == Kind::gather || kind == Kind::pad;
}

/// Nodes of one name, or of names that became equal when they were made printable, are numbered.
std::string unused_name(const std::string& label, std::unordered_map<std::string, int>& names) {
    std::string name = label;
    while (!names.emplace(name, 1).second) name = fmt::format("{}_{}", label, ++names[label]);
    return name;
}

/// What zero padding is where no window takes it over.
void make_gather(FloatNode& node, const Shape& input) {
    const Window& window = node.window;
    for (int channel = 0; channel < node.shape.channels; ++channel)
        for (int y = 0; y < node.shape.height; ++y)
            for (int x = 0; x < node.shape.width; ++x) {
                const int row = y - window.pad_top, column = x - window.pad_left;
                const bool outside = row < 0 || row >= input.height || column < 0 || column >= input.width;
                node.places.push_back(outside ? -1 : (channel * input.height + row) * input.width + column);
            }
    node.window = {};
}

}  // namespace

NodeLimits limits_of(const FloatNode& node) {
    return {node.relu ? std::max(node.at_least, 0.0F) : node.at_least, node.at_most};
}

bool has_limits(const FloatNode& node) {
    return node.relu || std::isfinite(node.at_least) || std::isfinite(node.at_most);
}

Folder::Folder(Draft draft)
    : draft_(std::move(draft)),
      alias_(draft_.nodes.size()),
      readers_(alias_.size(), 0),
      positive_(alias_.size(), false) {
    std::iota(alias_.begin(), alias_.end(), NodeId{0});
    count_readers();
}

FloatNetwork Folder::run() {
    for (NodeId id = 1; id < draft_.nodes.size(); ++id) {
        if (readers_[id] == 0) continue;
        for (NodeId& input : at(id).node.inputs) input = resolve(input);
        fold_node(id);
    }
    fold_affines_behind();
    return compact();
}

NodeId Folder::resolve(NodeId id) const {
    while (alias_[id] != id) id = alias_[id];
    return id;
}

/// From the output backwards: what does not lead to it has no readers.
void Folder::count_readers() {
    ++readers_[draft_.output];
    for (NodeId id = draft_.nodes.size(); id-- > 0;)
        if (readers_[id] != 0)
            for (const NodeId input : at(id).node.inputs) ++readers_[input];
    ++readers_[0];  // the image is there even where nothing looks at it
}

void Folder::fold_node(NodeId id) {
    DraftNode& here = at(id);
    while (at(source_id(id)).kind == Kind::pad && merge_padding(id)) {
    }
    switch (here.kind) {
        case Kind::affine:
            fold_affine(id);
            break;
        case Kind::limit:
            fold_limit(id);
            break;
        case Kind::function:
            fold_function(id);
            break;
        case Kind::multiply:
            fold_multiply(id);
            break;
        case Kind::quantise:
            fold_quantise(id);
            break;
        case Kind::gather:
            fold_gather(id);
            break;
        case Kind::flatten:
            if (at(source_id(id)).node.shape == here.node.shape) replace_by_input(id);
            break;
        default:
            break;
    }
    positive_[id] = positive_by_kind(id);
}

void Folder::replace_by_input(NodeId id) {
    const NodeId input = source_id(id);
    alias_[id] = input;
    readers_[input] += readers_[id] - 1;
}

void Folder::drop_reader(NodeId id) {
    std::vector<NodeId> left{id};
    while (!left.empty()) {
        const NodeId next = left.back();
        left.pop_back();
        if (--readers_[next] != 0) continue;
        for (const NodeId input : at(next).node.inputs) left.push_back(resolve(input));
    }
}

bool Folder::positive_by_kind(NodeId id) const {
    const DraftNode& here = at(id);
    switch (here.kind) {
        case Kind::input:
        case Kind::matrix:
        case Kind::affine:
            return false;
        case Kind::function:
            switch (here.node.functions.back().kind) {
                case Function::Kind::sigmoid:
                case Function::Kind::hard_sigmoid:
                case Function::Kind::softplus:
                case Function::Kind::absolute:
                case Function::Kind::exp:
                case Function::Kind::sqrt:
                    return true;
                case Function::Kind::clip:
                    return here.node.functions.back().a >= 0;
                default:
                    return false;
            }
        default:
            break;
    }
    if (here.kind == Kind::gather && here.node.fill < 0) return false;
    const std::vector<NodeId>& inputs = here.node.inputs;
    return std::all_of(inputs.begin(), inputs.end(), [this](NodeId input) { return never_negative(input); });
}

bool Folder::never_negative(NodeId id) const {
    const DraftNode& here = at(id);
    if (here.node.relu || here.node.at_least >= 0) return true;
    return positive_[id] || (here.node.grid && here.node.grid->lowest >= here.node.grid->zero);
}

/// Quantising behind what keeps the codes is quantising in front of it. Where something else reads the map
/// as it is, or it is quantised already, a table makes other codes of its codes.
void Folder::fold_quantise(NodeId id) {
    const QuantisationGrid& grid = *at(id).node.grid;
    NodeId target = source_id(id);
    while (keeps_codes(at(target).kind) && (readers_[target] == 1)) target = source_id(target);
    std::optional<QuantisationGrid>& own = at(target).node.grid;
    const bool rounds = !keeps_codes(at(target).kind);
    if (own ? !(*own == grid) : !rounds || readers_[target] != 1 + (target == 0 ? 1 : 0)) return;
    // Tools leave ReLU and ReLU6 to the saturation of unsigned codes: the float network needs them, too.
    if (!own && target != 0 && grid.lowest >= grid.zero && !never_negative(target)) {
        FloatNode& node = at(target).node;
        const auto highest = static_cast<float>(double{grid.step} * (grid.highest - grid.zero));
        node.relu = at(target).kind == Kind::matrix || at(target).kind == Kind::add;
        if (!node.relu) node.at_least = 0;
        node.at_most = std::min(node.at_most, highest);
    }
    own = grid;
    replace_by_input(id);
}

void Folder::fold_gather(NodeId id) {
    FloatNode& node = at(id).node;
    while (true) {
        const NodeId from = source_id(id);
        const DraftNode& source = at(from);
        if (readers_[from] != 1 || source.node.grid) break;
        if (source.kind == Kind::gather) {
            const bool both = std::count(node.places.begin(), node.places.end(), -1) != 0 &&
                              (node.fill < source.node.fill || node.fill > source.node.fill);
            if (both) break;
            bool filled = false;
            for (std::int32_t& place : node.places) {
                if (place >= 0) place = source.node.places[static_cast<std::size_t>(place)];
                filled = filled || place < 0;
            }
            if (filled && source.node.fill < node.fill) node.fill = source.node.fill;
            if (filled && source.node.fill > node.fill) node.fill = source.node.fill;
        } else if (source.kind != Kind::flatten) {
            break;
        }
        node.inputs[0] =
            source.node.inputs[0];  // `from` has no readers any more, its input as many as before
        readers_[from] = 0;
    }
    bool moves = !(at(source_id(id)).node.shape == node.shape);
    for (std::size_t i = 0; i < node.places.size() && !moves; ++i)
        moves = node.places[i] != static_cast<std::int32_t>(i);
    if (!moves) replace_by_input(id);
}

/// False where the padding must stay in front of `id`.
bool Folder::merge_padding(NodeId id) {
    DraftNode& here = at(id);
    const NodeId pad_id = source_id(id);
    const DraftNode& pad = at(pad_id);
    if (pad.node.grid) return false;
    const bool max_of_positive = here.kind == Kind::max_pool && never_negative(source_id(pad_id));
    const bool average =
        here.kind == Kind::average_pool && (no_padding(here.node.window) || here.node.count_include_pad);
    const bool padding = here.kind == Kind::pad;
    const bool pool = average || max_of_positive;
    if (!padding && here.kind != Kind::matrix && !pool) return false;
    Window window = here.node.window;
    const Window& extra = pad.node.window;
    window.pad_top += extra.pad_top;
    window.pad_left += extra.pad_left;
    window.pad_bottom += extra.pad_bottom;
    window.pad_right += extra.pad_right;
    const bool dilated = window.dilation_y != 1 || window.dilation_x != 1;
    if (pool && (dilated || std::max(window.pad_top, window.pad_bottom) >= window.kernel_height ||
                 std::max(window.pad_left, window.pad_right) >= window.kernel_width))
        return false;  // some window would hold nothing but padding
    here.node.window = window;
    if (average) here.node.count_include_pad = true;
    here.node.inputs[0] = pad.node.inputs[0];
    ++readers_[pad.node.inputs[0]];
    drop_reader(pad_id);
    return true;
}

/// A draft node that is left, in the form of the network.
void Folder::finish(DraftNode& here) {
    FloatNode& node = here.node;
    const auto table = [&node](Function function) {
        node.kind = NodeKind::table;
        node.functions = {function};
    };
    switch (here.kind) {
        case Kind::input:
            node.kind = NodeKind::input;
            return;
        case Kind::matrix:
            node.kind = NodeKind::matrix;
            return;
        case Kind::max_pool:
            node.kind = NodeKind::max_pool;
            return;
        case Kind::average_pool:
            node.kind = NodeKind::average_pool;
            return;
        case Kind::add:
            node.kind = NodeKind::add;
            return;
        case Kind::flatten:
            node.kind = NodeKind::flatten;
            return;
        case Kind::multiply:
            node.kind = NodeKind::multiply;
            return;
        case Kind::concat:
            node.kind = NodeKind::concat;
            return;
        case Kind::gather:
            node.kind = NodeKind::gather;
            return;
        case Kind::function:
            node.kind = NodeKind::table;
            return;
        case Kind::limit:  // what is not a plain ReLU has become a function
            node.kind = NodeKind::relu;
            node.at_least = -std::numeric_limits<float>::infinity();
            return;
        case Kind::quantise:
            return table({Function::Kind::requantise, 0, 0});
        case Kind::pad:
            if (node.shape.size() > draft_.values_left)
                fail(here, "its {} values are too many for a file of this size", node.shape.size());
            draft_.values_left -= node.shape.size();
            node.kind = NodeKind::gather;
            make_gather(node, at(resolve(node.inputs[0])).node.shape);
            return;
        case Kind::affine:
            node.kind = NodeKind::scale;
            node.gain.assign(here.gain.begin(), here.gain.end());
            node.shift.assign(here.shift.begin(), here.shift.end());
            if (node.gain.empty()) node.gain = {1};
            if (node.shift.empty()) node.shift = {0};
            for (const std::vector<float>* values : {&node.gain, &node.shift})
                for (const float value : *values)
                    if (!std::isfinite(value)) fail(here, "scales by a number that is not finite");
            return;
    }
}

FloatNetwork Folder::compact() {
    FloatNetwork network;
    network.name = draft_.name;
    network.source = draft_.source;
    network.layout = draft_.layout;
    network.notes = draft_.notes;
    const NodeId output = resolve(draft_.output);
    std::vector<NodeId> places(draft_.nodes.size(), 0);
    std::unordered_map<std::string, int> names;  // by label, and for twins the last number given
    bool has_matrix = false;
    for (NodeId id = 0; id < draft_.nodes.size(); ++id) {
        DraftNode& here = at(id);
        if (alias_[id] != id || readers_[id] == 0) continue;
        finish(here);
        has_matrix = has_matrix || here.node.kind == NodeKind::matrix;
        places[id] = network.nodes.size();
        FloatNode node = std::move(here.node);
        here.node.shape = node.shape;
        node.is_output = id == output;
        node.name = unused_name(here.label, names);
        for (NodeId& input : node.inputs) input = places[resolve(input)];
        network.nodes.push_back(std::move(node));
    }
    if (!has_matrix)
        refuse("{}: holds no Conv, Gemm or MatMul; there is nothing for a crossbar to do", draft_.source);
    return network;
}

FloatNetwork fold(Draft draft) {
    return Folder(std::move(draft)).run();
}

}  // namespace sliver::network
