#include "network/onnx_importer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "network/onnx_constant_inputs.h"
#include "network/onnx_constant_walk.h"
#include "network/onnx_layers.h"
#include "network/onnx_operators.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;

/// Operators that work value by value: the order of the dimensions shows only behind them.
bool value_by_value(const std::string& op) {
    static const std::set<std::string> ops{
        "Add",  "Sub", "Mul", "Div",  "Neg",   "Cast",   "Identity", "QuantizeLinear", "DequantizeLinear",
        "Clip", "Max", "Min", "Relu", "Quant", "Dropout"};
    return ops.count(op) != 0;
}

/// The same steps for codes that are shifted so that 0 stands for 0 where that is possible: signed codes
/// whose zero point is the lowest are unsigned ones, unsigned codes around the middle are signed ones.
QuantisationGrid normal_grid(QuantisationGrid grid) {
    const auto shift = [&grid](int by) {
        grid.zero += by;
        grid.lowest += by;
        grid.highest += by;
    };
    if (grid.is_signed && grid.zero == grid.lowest && grid.lowest < 0) {
        grid.is_signed = false;
        shift(-grid.lowest);
    } else if (!grid.is_signed && grid.zero == 1 << (grid.bits - 1)) {
        grid.is_signed = true;
        shift(-grid.zero);
    }
    const int lowest = std::min(grid.lowest, grid.zero), highest = std::max(grid.highest, grid.zero);
    grid.bits = 1;
    while (grid.is_signed ? lowest < -(1 << (grid.bits - 1)) || highest > (1 << (grid.bits - 1)) - 1
                          : highest > (1 << grid.bits) - 1)
        ++grid.bits;
    return grid;
}

}  // namespace

Importer::Importer(const OnnxModel& model, ExternalData* external, ImportBudget& budget)
    : model_(model), external_(external), budget_(budget), values_(model, external) {
    draft_.source = model.source;
    add_input();
}

// --- the image ---

/// Images lie channel by channel; whether the file wants them so shows in what it does with them first.
void Importer::add_input() {
    const onnx::NodeProto* first = nullptr;
    std::string name = model_.input_name;
    for (const auto& node : model_.graph().node()) {
        const bool reads = std::find(node.input().begin(), node.input().end(), name) != node.input().end();
        if (!reads) continue;
        first = &node;
        if (!value_by_value(node.op_type()) || node.output_size() == 0) break;
        name = node.output(0);
    }
    std::vector<std::int64_t> order;
    const std::string op = first == nullptr ? std::string() : first->op_type();
    if (first != nullptr && op == "Transpose")
        for (const auto& attribute : first->attribute())
            if (attribute.name() == "perm") order.assign(attribute.ints().begin(), attribute.ints().end());
    const bool reshapes = op == "Reshape" || op == "Flatten" || op == "Squeeze";
    const Dims& dims = model_.input_dims;
    Shape shape{static_cast<int>(dims[0]), 1, 1};
    View view = View::in_order(dims);
    if (dims.size() == 3) {
        shape = {static_cast<int>(dims[0]), static_cast<int>(dims[1]), static_cast<int>(dims[2])};
        const bool last =
            order == Dims{0, 3, 1, 2} || (reshapes && dims[0] > 4 && (dims[2] == 1 || dims[2] == 3));
        if (last) {
            shape = {static_cast<int>(dims[2]), static_cast<int>(dims[0]), static_cast<int>(dims[1])};
            view = View::of_map(shape).permuted({1, 2, 0});
            draft_.layout = ImageLayout::channels_last;
        }
    } else if (dims.size() == 2) {
        if (order == Dims{0, 2, 1}) {
            shape = {static_cast<int>(dims[1]), 1, static_cast<int>(dims[0])};
            view = View::of_map(shape).permuted({2, 0});
            draft_.layout = ImageLayout::channels_last;
        } else if (reshapes || op == "Unsqueeze") {
            shape = {1, static_cast<int>(dims[0]), static_cast<int>(dims[1])};
        } else {
            shape = {static_cast<int>(dims[0]), 1, static_cast<int>(dims[1])};
        }
    }
    DraftNode input;
    input.label = printable(model_.input_name);
    input.node.op = "input";
    input.node.shape = shape;
    draft_.nodes.push_back(std::move(input));
    values_.define_map(model_.input_name, 0, std::move(view));
}

// --- walking ---

/// Nodes that the output depends on.
std::vector<bool> Importer::needed_nodes() const {
    const auto& nodes = model_.graph().node();
    std::unordered_map<std::string, int> makers;
    for (int i = 0; i < nodes.size(); ++i)
        for (const std::string& output : nodes[i].output())
            if (!output.empty() && !makers.emplace(output, i).second)
                refuse("{}: the name '{}' is given twice", model_.source, printable(output));
    std::vector<bool> needed(static_cast<std::size_t>(nodes.size()), false);
    std::vector<int> left;
    const auto want = [&](const std::string& name) {
        const auto found = makers.find(name);
        if (found == makers.end() || needed[static_cast<std::size_t>(found->second)]) return;
        needed[static_cast<std::size_t>(found->second)] = true;
        left.push_back(found->second);
    };
    want(model_.output_name);
    while (!left.empty()) {
        const onnx::NodeProto& node = nodes[left.back()];
        left.pop_back();
        for (const std::string& input : node.input()) want(input);
    }
    return needed;
}

Draft Importer::run() {
    const auto& nodes = model_.graph().node();
    const std::vector<bool> needed = needed_nodes();
    std::vector<std::string> unused;
    for (int i = 0; i < nodes.size(); ++i) {
        const OnnxNode node(nodes[i], model_.source, budget_);
        if (needed[static_cast<std::size_t>(i)])
            import_node(node);
        else if (node.op() != "Constant")
            unused.push_back(node.label());
    }
    if (!model_.other_outputs.empty())
        note(fmt::format("Of {} outputs '{}' is taken; what only the others need is left out.",
                         model_.other_outputs.size() + 1, printable(model_.output_name)));
    else if (!unused.empty())
        note(fmt::format("{} {} whose result nothing uses {} left out: '{}'{}.", unused.size(),
                         unused.size() == 1 ? "node" : "nodes", unused.size() == 1 ? "is" : "are", unused[0],
                         unused.size() == 1 ? "" : " and others"));
    const OnnxValue& output = values_.output();
    draft_.output = output.node;
    if (output.kind == OnnxValue::Kind::codes) {
        const OnnxNode last(nodes[nodes.size() - 1], model_.source, budget_);
        draft_.output = quantised(last, output.node, output.grid);
    }
    if (!output.view.in_stored_order()) {
        DraftNode made;
        made.kind = Kind::gather;
        made.label = printable(model_.output_name);
        made.node.op = "output";
        made.node.shape = {static_cast<int>(output.view.size()), 1, 1};
        made.node.places = output.view.places();
        draft_.output = add(std::move(made), {draft_.output});
    }
    draft_.values_left = budget_.left();
    return std::move(draft_);
}

void Importer::import_node(const OnnxNode& node) {
    if (node.output(0).empty() && node.output_count() < 2) node.fail("has no output");
    const OnnxHandler handler = find_handler(node.domain(), node.op());
    if (!is_known(node.domain(), node.op())) refuse_operator(node);
    bool all_constant = node.input_count() > 0;
    for (int i = 0; i < node.input_count(); ++i)
        all_constant = all_constant && (node.input(i).empty() || values_.is_constant(node, i));
    if (all_constant && can_fold(node.op())) {
        std::vector<const Tensor*> inputs;
        for (int i = 0; i < node.input_count(); ++i) inputs.push_back(values_.optional_constant(node, i));
        return values_.define_constant(node, constant_fold(node, inputs));
    }
    if (handler == nullptr) {
        for (int i = 0; i < node.input_count(); ++i)
            if (!node.input(i).empty() && !values_.is_constant(node, i))
                node.fail(
                    "'{}' depends on the image; this operator is supported on constants and shapes only",
                    printable(node.input(i)));
        refuse_operator(node);
    }
    handler(*this, node);
}

// --- nodes ---

DraftNode Importer::start(const OnnxNode& node, Kind kind, const Shape& shape) {
    DraftNode draft;
    draft.kind = kind;
    draft.label = node.label();
    draft.node.op = printable(node.op());
    draft.node.shape = shape;
    return draft;
}

NodeId Importer::add(DraftNode made, std::vector<NodeId> inputs) {
    made.node.inputs = std::move(inputs);
    draft_.nodes.push_back(std::move(made));
    return draft_.nodes.size() - 1;
}

void Importer::define(const OnnxNode& node, NodeId id, View view, int output) {
    values_.define_map(node.output(output), id, std::move(view));
}

void Importer::define_like(const OnnxNode& node, const OnnxValue& like, NodeId id, View view, int output) {
    OnnxValue value = like;
    value.node = id;
    value.view = std::move(view);
    values_.define(node.output(output), std::move(value));
}

NodeId Importer::scaled(const OnnxNode& node, NodeId id, std::vector<double> gain,
                        std::vector<double> shift) {
    DraftNode made = start(node, Kind::affine, shape_of(id));
    made.gain = std::move(gain);
    made.shift = std::move(shift);
    return add(std::move(made), {id});
}

NodeId Importer::limited(const OnnxNode& node, NodeId id, float lowest, float highest) {
    DraftNode made = start(node, Kind::limit, shape_of(id));
    made.node.at_least = lowest;
    made.node.at_most = highest;
    return add(std::move(made), {id});
}

NodeId Importer::through(const OnnxNode& node, NodeId id, std::vector<Function> functions) {
    DraftNode made = start(node, Kind::function, shape_of(id));
    made.node.functions = std::move(functions);
    return add(std::move(made), {id});
}

NodeId Importer::quantised(const OnnxNode& node, NodeId id, const QuantisationGrid& grid) {
    const QuantisationGrid own = normal_grid(grid);
    // Some tools write the same step in front of every reader of a map.
    constexpr std::size_t kMostCompared = 32;
    std::vector<NodeId>& known = quantised_[id];
    for (std::size_t i = known.size(); i-- > 0 && i + kMostCompared >= known.size();)
        if (*draft_.nodes[known[i]].node.grid == own) return known[i];
    DraftNode made = start(node, Kind::quantise, shape_of(id));
    made.node.grid = own;
    known.push_back(add(std::move(made), {id}));
    return known.back();
}

// --- layouts ---

NodeId Importer::laid_out(const OnnxNode& node, const OnnxValue& value, const Groups& groups) {
    const View view = value.view.joined({groups[0], groups[1], groups[2]});
    const Shape wanted{static_cast<int>(view.extent(0)), static_cast<int>(view.extent(1)),
                       static_cast<int>(view.extent(2))};
    if (view.in_stored_order() && view.size() == shape_of(value.node).size()) {
        if (shape_of(value.node) == wanted) return value.node;
        const DraftNode& source = draft_.nodes[value.node];
        if (source.kind == Kind::flatten && shape_of(source.node.inputs[0]) == wanted)
            return source.node.inputs[0];
        if (wanted.height == 1 && wanted.width == 1)
            return add(start(node, Kind::flatten, wanted), {value.node});
    }
    node.charge(wanted.size());
    DraftNode made = start(node, Kind::gather, wanted);
    made.node.places = view.places();
    return add(std::move(made), {value.node});
}

MapInput Importer::as_map(const OnnxNode& node, const OnnxValue& value) {
    const std::size_t rank = value.view.rank();
    if (rank != 3 && rank != 2)
        node.fail(
            "reads {} dimensions; (batch, channels, height, width) or (batch, channels, width) is wanted",
            rank + 1);
    MapInput input;
    input.spatial = static_cast<int>(rank) - 1;
    input.node =
        rank == 3 ? laid_out(node, value, {{{0}, {1}, {2}}}) : laid_out(node, value, {{{0}, {}, {1}}});
    input.shape = shape_of(input.node);
    return input;
}

View Importer::map_view(const Shape& shape, int spatial) {
    if (spatial == 2) return View::of_map(shape);
    return View::in_order({shape.channels, std::int64_t{shape.height} * shape.width});
}

NodeId Importer::aligned(const OnnxNode& node, const OnnxValue& value, const OnnxValue& like) {
    const View view = value.view.widened(like.view.extents());
    if (view == like.view && shape_of(value.node) == shape_of(like.node)) return value.node;
    node.charge(3 * like.view.size());
    const std::vector<std::int32_t> from = view.places(), to = like.view.places();
    DraftNode made = start(node, Kind::gather, shape_of(like.node));
    made.node.places.resize(to.size());
    for (std::size_t i = 0; i < to.size(); ++i) made.node.places[static_cast<std::size_t>(to[i])] = from[i];
    return add(std::move(made), {value.node});
}

void Importer::select(const OnnxNode& node, const OnnxValue& value, const std::vector<Places>& chosen,
                      float fill, int output) {
    Dims extents;
    for (const Places& places : chosen) extents.push_back(static_cast<std::int64_t>(places.size()));
    std::size_t size = 1;
    for (const std::int64_t extent : extents) {
        if (extent == 0) node.fail("leaves nothing of its map");
        if (static_cast<std::size_t>(extent) > kLargestMap / size)
            node.fail("its result would have more than {} values", kLargestMap);
        size *= static_cast<std::size_t>(extent);
    }
    bool whole = true;
    for (std::size_t i = 0; i < chosen.size() && whole; ++i) {
        whole = extents[i] == value.view.extent(i);
        for (std::size_t at = 0; at < chosen[i].size() && whole; ++at)
            whole = chosen[i][at] == static_cast<std::int64_t>(at);
    }
    if (whole) return define_like(node, value, value.node, value.view, output);
    node.charge(size + value.view.size());
    // Dimensions keep the order in which they are stored, where they are whole axes of the map.
    std::vector<std::size_t> order(chosen.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const Shape from = shape_of(value.node);
    const auto stored = value.view.axes(from);
    Shape shape{1, 1, 1};
    std::vector<std::size_t> of_axis(3, chosen.size());
    bool kept = stored && chosen.size() <= 3;
    if (kept) {
        for (std::size_t i = 0; i < chosen.size(); ++i)
            if ((*stored)[i] >= 0) of_axis[static_cast<std::size_t>((*stored)[i])] = i;
        for (std::size_t i = 0; i < chosen.size(); ++i) {  // those of extent 1 take the axes that are free
            if ((*stored)[i] >= 0) continue;
            const auto free = std::find(of_axis.begin(), of_axis.end(), chosen.size());
            if (free != of_axis.end()) *free = i;
        }
        order.clear();
        for (const std::size_t i : of_axis)
            if (i != chosen.size()) order.push_back(i);
        int* const axes[3] = {&shape.channels, &shape.height, &shape.width};
        for (std::size_t axis = 0; axis < 3; ++axis)
            if (of_axis[axis] != chosen.size()) *axes[axis] = static_cast<int>(extents[of_axis[axis]]);
    } else if (chosen.size() == 3) {
        shape = {static_cast<int>(extents[0]), static_cast<int>(extents[1]), static_cast<int>(extents[2])};
    } else {
        shape = {static_cast<int>(size), 1, 1};
    }
    const std::vector<std::int32_t> places = value.view.permuted(order).places();
    Dims old, made_extents;
    for (const std::size_t i : order) {
        old.push_back(value.view.extent(i));
        made_extents.push_back(extents[i]);
    }
    DraftNode made = start(node, Kind::gather, shape);
    made.node.fill = fill;
    made.node.places.reserve(size);
    Places at(order.size(), 0);
    for (std::size_t n = 0; n < size; ++n) {
        std::int64_t index = 0;
        bool outside = false;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const std::int64_t place = chosen[order[i]][static_cast<std::size_t>(at[i])];
            outside = outside || place < 0;
            index = index * old[i] + place;
        }
        made.node.places.push_back(outside ? -1 : places[static_cast<std::size_t>(index)]);
        for (std::size_t i = order.size(); i-- > 0;) {
            if (++at[i] < made_extents[i]) break;
            at[i] = 0;
        }
    }
    const NodeId id = add(std::move(made), {value.node});
    std::vector<std::size_t> back(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) back[order[i]] = i;
    define_like(node, value, id, View::in_order(made_extents).permuted(back), output);
}

OnnxValue Importer::reshaped(const OnnxNode& node, const OnnxValue& value, const Dims& dims) {
    OnnxValue result = value;
    std::optional<View> view = value.view.reshaped(dims);
    if (!view) {
        std::vector<std::size_t> all(value.view.rank());
        std::iota(all.begin(), all.end(), std::size_t{0});
        result.node = laid_out(node, value, {{all, {}, {}}});
        view = View::in_order(dims);
    }
    result.view = *view;
    const Shape flat{static_cast<int>(shape_of(result.node).size()), 1, 1};
    if (dims.size() == 1 && !(shape_of(result.node) == flat))  // its order is the view's business
        result.node = add(start(node, Kind::flatten, flat), {result.node});
    return result;
}

// --- constants ---

std::vector<double> Importer::in_stored_order(const OnnxNode& node, const OnnxValue& value,
                                              const Tensor& tensor) {
    const auto number_at = [&](std::size_t i) {
        return tensor.is_real() ? double{tensor.reals[i]} : static_cast<double>(tensor.integers[i]);
    };
    if (tensor.size() == 1) return {number_at(0)};
    const std::size_t rank = value.view.rank();
    Dims wide = value.view.extents();
    // Right-aligned, and without the batch, which must be 1.
    Dims own = tensor.dims;
    while (own.size() > rank && own.front() == 1) own.erase(own.begin());
    const std::size_t missing = rank - std::min(rank, own.size());
    bool fits = own.size() <= rank;
    for (std::size_t i = 0; i < own.size() && fits; ++i) fits = own[i] == 1 || own[i] == wide[missing + i];
    if (!fits)
        node.fail("its constant of shape {} does not fit a map of {}", describe(tensor.dims),
                  describe(values_.dims(value)));
    // One a channel, and the channels are a dimension: no need to spread it.
    const auto stored = value.view.axes(shape_of(value.node));
    std::size_t varying = 0, which = 0;
    for (std::size_t i = 0; i < own.size(); ++i)
        if (own[i] != 1) {
            ++varying;
            which = missing + i;
        }
    if (varying == 1 && stored && (*stored)[which] == 0) {
        node.charge(tensor.size());
        std::vector<double> result;
        for (std::size_t i = 0; i < tensor.size(); ++i) result.push_back(number_at(i));
        return result;
    }
    node.charge(2 * value.view.size());
    own.insert(own.begin(), missing, 1);
    const std::vector<std::int32_t> places = value.view.places();
    std::vector<std::size_t> steps(rank, 0);
    std::size_t stride = 1;
    for (std::size_t i = rank; i-- > 0;) {
        steps[i] = own[i] == 1 ? 0 : stride;
        stride *= static_cast<std::size_t>(own[i]);
    }
    Walk walk(wide, std::move(steps));
    std::vector<double> result(places.size());
    for (const std::int32_t place : places) result[static_cast<std::size_t>(place)] = number_at(walk.next());
    return result;
}

const Importer::Dims& Importer::list(const OnnxNode& node, int index) {
    const Dims& entries = values_.constant(node, index).integers;
    if (entries.size() > kMostDimensions)
        node.fail("input {} has {} entries; at most {} are supported", index, entries.size(),
                  kMostDimensions);
    return entries;
}

std::vector<std::size_t> Importer::axes(const OnnxNode& node, std::size_t rank, int input) {
    const Dims given = node.input(input).empty() ? node.integers("axes", {}) : list(node, input);
    std::vector<std::size_t> result;
    for (const std::int64_t axis : given) {
        const auto limit = static_cast<std::int64_t>(rank) + 1;
        const std::int64_t from_start = axis < 0 ? axis + limit : axis;
        if (from_start < 0 || from_start >= limit)
            node.fail("axis {} is outside of {} dimensions", axis, limit);
        if (from_start == 0) node.fail("works along the batch, which is not supported");
        result.push_back(static_cast<std::size_t>(from_start - 1));
    }
    std::sort(result.begin(), result.end());
    if (std::adjacent_find(result.begin(), result.end()) != result.end()) node.fail("names an axis twice");
    return result;
}

float Importer::number(const OnnxNode& node, const char* attribute, int input, float otherwise) {
    if (attribute != nullptr && node.has(attribute)) return node.real(attribute, otherwise);
    if (input < 0) return otherwise;
    const Tensor* tensor = values_.optional_constant(node, input);
    if (tensor == nullptr || tensor->size() == 0) return otherwise;
    if (tensor->size() != 1) node.fail("input {} has {} values; one is supported", input, tensor->size());
    return tensor->is_real() ? tensor->reals[0] : static_cast<float>(tensor->integers[0]);
}

}  // namespace sliver::network
