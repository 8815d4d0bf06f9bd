#include "network/onnx_import.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/input_file.h"
#include "base/text.h"
#include "network/draft.h"
#include "network/onnx_layers.h"
#include "network/onnx_model.h"
#include "network/onnx_values.h"

namespace sliver::network {

namespace {

using Dims = std::vector<std::int64_t>;

constexpr const char* kSupported =
    "supported are Add, AveragePool, BatchNormalization, Constant, Conv, DequantizeLinear, Dropout, Flatten, "
    "Gemm, GlobalAveragePool, Identity, MatMul, MaxPool, Pad, QuantizeLinear, ReduceMean (over height and "
    "width), Relu, Reshape, Squeeze and Unsqueeze, and on shapes and constants also Cast, Concat, "
    "ConstantOfShape, Div, Gather, Mul, Shape, Slice, Sub and Transpose";

class Importer {
  public:
    explicit Importer(const OnnxModel& model) : model_(model), budget_(model.bytes), values_(model) {
        DraftNode input;
        input.label = printable(model.input_name);
        input.node.op = "input";
        input.node.shape = model.input_shape;
        draft_.source = model.source;
        draft_.nodes.push_back(std::move(input));
    }

    Draft run() {
        for (const auto& proto : model_.graph().node()) {
            const OnnxNode node(proto, model_.source, budget_);
            if (!proto.domain().empty() && proto.domain() != "ai.onnx")
                unsupported(node, printable(proto.domain()) + ".");
            import_node(node);
        }
        draft_.output = values_.output().node;
        return std::move(draft_);
    }

  private:
    using Handler = void (Importer::*)(const OnnxNode&);

    void append(const OnnxNode& node, DraftNode made, std::vector<NodeId> inputs, int rank) {
        made.node.inputs = std::move(inputs);
        draft_.nodes.push_back(std::move(made));
        values_.define_map(node.output(0), draft_.nodes.size() - 1, draft_.nodes.back().node.shape, rank);
    }

    /// The output is the very map that the input is, perhaps under another rank.
    void pass_on(const OnnxNode& node, int rank) {
        const OnnxValue value = values_.map(node);
        values_.define_map(node.output(0), value.node, value.shape, rank);
    }

    void flatten_map(const OnnxNode& node) {
        const OnnxValue value = values_.map(node);
        DraftNode made;
        made.kind = DraftNode::Kind::flatten;
        made.label = node.label();
        made.node.op = node.op();
        made.node.shape = {static_cast<int>(value.shape.size()), 1, 1};
        append(node, std::move(made), {value.node}, 2);
    }

    // --- walking ---

    [[noreturn]] void unsupported(const OnnxNode& node, const std::string& domain = "") const {
        const bool tail = node.op() == "Softmax" || node.op() == "LogSoftmax";
        node.fail("operator '{}{}' is not supported{}; {}", domain, printable(node.op()),
                  tail ? " (end the network with its logits)" : "", kSupported);
    }

    void import_node(const OnnxNode& node) {
        if (node.output(0).empty()) node.fail("has no output");
        if (node.op() == "Constant") return import_constant(node);
        if (node.op() == "Shape") return import_shape(node);
        const auto handler = handlers().find(node.op());
        if (handler == handlers().end() && !can_fold(node.op())) unsupported(node);
        bool all_constant = node.input_count() > 0;
        for (int i = 0; i < node.input_count(); ++i)
            all_constant = all_constant && (node.input(i).empty() || values_.is_constant(node, i));
        if (all_constant && can_fold(node.op())) {
            std::vector<const Tensor*> inputs;
            for (int i = 0; i < node.input_count(); ++i) inputs.push_back(values_.optional_constant(node, i));
            return values_.define_constant(node, constant_fold(node, inputs));
        }
        if (handler == handlers().end()) unsupported(node);
        (this->*handler->second)(node);
    }

    static const std::map<std::string, Handler>& handlers() {
        static const std::map<std::string, Handler> table{
            {"Add", &Importer::import_add},
            {"AveragePool", &Importer::import_pool},
            {"BatchNormalization", &Importer::import_batch_norm},
            {"Conv", &Importer::import_conv},
            {"DequantizeLinear", &Importer::import_dequantize},
            {"Dropout", &Importer::import_dropout},
            {"Flatten", &Importer::import_flatten},
            {"Gemm", &Importer::import_gemm},
            {"GlobalAveragePool", &Importer::import_global_average},
            {"Identity", &Importer::import_identity},
            {"MatMul", &Importer::import_matmul},
            {"MaxPool", &Importer::import_pool},
            {"Pad", &Importer::import_pad},
            {"QuantizeLinear", &Importer::import_quantize},
            {"ReduceMean", &Importer::import_reduce_mean},
            {"Relu", &Importer::import_relu},
            {"Reshape", &Importer::import_reshape},
            {"Squeeze", &Importer::import_squeeze},
            {"Unsqueeze", &Importer::import_unsqueeze},
        };
        return table;
    }

    // --- constants and shapes ---

    void import_constant(const OnnxNode& node) {
        if (node.has("value"))
            return values_.define_constant(node, read_tensor(node.tensor("value"), model_.source));
        Tensor tensor;
        tensor.type = onnx::TensorProto::FLOAT;
        if (node.has("value_float")) {
            tensor.reals = {node.real("value_float", 0)};
        } else if (node.has("value_floats")) {
            tensor.reals = node.reals("value_floats");
            tensor.dims = {static_cast<std::int64_t>(tensor.reals.size())};
        } else {
            tensor.type = onnx::TensorProto::INT64;
            if (node.has("value_int")) {
                tensor.integers = {node.integer("value_int", 0)};
            } else if (node.has("value_ints")) {
                tensor.integers = node.integers("value_ints", {});
                tensor.dims = {static_cast<std::int64_t>(tensor.integers.size())};
            } else {
                node.fail("holds neither a tensor nor numbers");
            }
        }
        if (!std::all_of(tensor.reals.begin(), tensor.reals.end(), [](float x) { return std::isfinite(x); }))
            node.fail("holds NaN or infinity");
        values_.define_constant(node, std::move(tensor));
    }

    void import_shape(const OnnxNode& node) {
        const OnnxValue& value = values_.get(node, 0);
        const Dims dims =
            value.kind == OnnxValue::Kind::constant ? values_.constant(node, 0).dims : values_.dims(value);
        const auto rank = static_cast<std::int64_t>(dims.size());
        const auto place = [rank](std::int64_t at) {
            return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
        };
        const std::int64_t start = place(std::max(node.integer("start", 0), -rank));
        const std::int64_t end = std::max(start, place(std::max(node.integer("end", rank), -rank)));
        Tensor tensor;
        tensor.type = onnx::TensorProto::INT64;
        tensor.integers.assign(dims.begin() + start, dims.begin() + end);
        tensor.dims = {end - start};
        values_.define_constant(node, std::move(tensor));
    }

    // --- layers ---

    void import_conv(const OnnxNode& node) {
        const OnnxValue input = values_.map4(node);
        append(
            node,
            conv_layer(node, input.shape, values_.take_constant(node, 1), values_.optional_constant(node, 2)),
            {input.node}, 4);
    }

    void import_gemm(const OnnxNode& node) {
        const OnnxValue input = values_.map2(node);
        append(
            node,
            gemm_layer(node, input.shape, values_.take_constant(node, 1), values_.optional_constant(node, 2)),
            {input.node}, 2);
    }

    void import_matmul(const OnnxNode& node) {
        const OnnxValue input = values_.map2(node);
        append(node, matmul_layer(node, input.shape, values_.take_constant(node, 1)), {input.node}, 2);
    }

    void import_add(const OnnxNode& node) {
        for (const int bias : {0, 1})
            if (values_.is_constant(node, bias)) {
                const OnnxValue input = values_.map(node, 1 - bias);
                return append(node, bias_layer(node, input.shape, input.rank, values_.constant(node, bias)),
                              {input.node}, input.rank);
            }
        const OnnxValue first = values_.map(node, 0), second = values_.map(node, 1);
        if (first.rank != second.rank || !(first.shape == second.shape))
            node.fail("adds maps of {} and {}; they must agree", describe(first.shape),
                      describe(second.shape));
        DraftNode made;
        made.kind = DraftNode::Kind::add;
        made.label = node.label();
        made.node.op = node.op();
        made.node.shape = first.shape;
        append(node, std::move(made), {first.node, second.node}, first.rank);
    }

    void import_relu(const OnnxNode& node) {
        const OnnxValue input = values_.map(node);
        DraftNode made;
        made.kind = DraftNode::Kind::relu;
        made.label = node.label();
        made.node.op = node.op();
        made.node.shape = input.shape;
        append(node, std::move(made), {input.node}, input.rank);
    }

    void import_batch_norm(const OnnxNode& node) {
        const OnnxValue input = values_.map(node);
        append(node,
               batch_norm_layer(node, input.shape, values_.constant(node, 1), values_.constant(node, 2),
                                values_.constant(node, 3), values_.constant(node, 4)),
               {input.node}, input.rank);
    }

    void import_pool(const OnnxNode& node) {
        const OnnxValue input = values_.map4(node);
        append(node, pool_layer(node, input.shape), {input.node}, 4);
    }

    void import_global_average(const OnnxNode& node) {
        const OnnxValue input = values_.map4(node);
        append(node, global_average_layer(node, input.shape), {input.node}, 4);
    }

    /// Input `index`, a short list of integers: dimensions, axes, pads.
    const Dims& list(const OnnxNode& node, int index) {
        const Dims& entries = values_.constant(node, index).integers;
        if (entries.size() > kMostDimensions)
            node.fail("input {} has {} entries; at most {} are supported", index, entries.size(),
                      kMostDimensions);
        return entries;
    }

    /// Axes of a node on a map with height and width, as 0..3 in order.
    Dims map_axes(const OnnxNode& node, int rank) {
        Dims axes = node.input(1).empty() ? node.integers("axes", {}) : list(node, 1);
        for (std::int64_t& axis : axes) axis = axis < 0 ? axis + rank : axis;
        std::sort(axes.begin(), axes.end());
        return axes;
    }

    void import_reduce_mean(const OnnxNode& node) {
        const OnnxValue input = values_.map4(node);
        if (map_axes(node, 4) != Dims{2, 3})
            node.fail("averages other axes than height and width, which is not supported");
        append(node, global_average_layer(node, input.shape), {input.node},
               node.integer("keepdims", 1) != 0 ? 4 : 2);
    }

    void import_pad(const OnnxNode& node) {
        const OnnxValue input = values_.map4(node);
        const bool as_inputs = node.input_count() > 1;
        const Dims pads = as_inputs ? list(node, 1) : node.integers("pads", {});
        const Tensor* fill = as_inputs ? values_.optional_constant(node, 2) : nullptr;
        const bool zeros = fill != nullptr ? std::all_of(fill->reals.begin(), fill->reals.end(),
                                                         [](float x) { return x == 0; }) &&
                                                 fill->integers.empty()
                                           : !(std::fabs(node.real("value", 0)) > 0);
        if (!zeros) node.fail("pads with something other than zero, which is not supported");
        DraftNode made = pad_layer(node, input.shape, pads);
        if (made.node.shape == input.shape) return pass_on(node, 4);
        append(node, std::move(made), {input.node}, 4);
    }

    // --- nodes that change nothing but the shape, or nothing at all ---

    void import_identity(const OnnxNode& node) {
        const OnnxValue value = values_.get(node, 0);
        values_.define(node.output(0), value);
    }

    void import_dropout(const OnnxNode& node) {
        if (const Tensor* training = values_.optional_constant(node, 2); training != nullptr)
            for (const std::int64_t flag : training->integers)
                if (flag != 0) node.fail("is in training mode; export the network in evaluation mode");
        pass_on(node, values_.map(node).rank);
    }

    void import_flatten(const OnnxNode& node) {
        const OnnxValue& input = values_.map(node);
        const std::int64_t axis = node.integer("axis", 1);
        if ((axis < 0 ? axis + input.rank : axis) != 1)
            node.fail("has axis = {}; only axis = 1 is supported", axis);
        if (input.rank == 2) return pass_on(node, 2);
        flatten_map(node);
    }

    void import_reshape(const OnnxNode& node) {
        const OnnxValue& input = values_.map(node);
        const Dims before = values_.dims(input);
        Dims after = list(node, 1);
        const Dims written = after;
        const auto total = model_.batch * static_cast<std::int64_t>(input.shape.size());
        std::int64_t known = 1;
        for (std::size_t i = 0; i < after.size(); ++i) {
            if (after[i] == 0 && i < before.size() && node.integer("allowzero", 0) == 0) after[i] = before[i];
            if (after[i] == -1) continue;
            if (after[i] <= 0 || after[i] > total || known > total) known = 0;
            known *= after[i];
        }
        if (known > 0 && total % known == 0)
            std::replace(after.begin(), after.end(), std::int64_t{-1}, total / known);
        const Dims flat{model_.batch, static_cast<std::int64_t>(input.shape.size())};
        const Dims pixel{flat[0], flat[1], 1, 1};
        if (after == before) return pass_on(node, input.rank);
        if (after == flat) return flatten_map(node);
        if (after == pixel && input.rank == 2) return pass_on(node, 4);
        node.fail("turns {} into {}; only flattening to (batch, features) is supported", describe(before),
                  describe(written));
    }

    /// Height and width of 1 are dropped, at once or one after the other.
    void import_squeeze(const OnnxNode& node) {
        const OnnxValue input = values_.map(node);
        const Dims before = values_.dims(input), axes = map_axes(node, input.rank);
        const bool fits = !axes.empty() && std::all_of(axes.begin(), axes.end(), [&](std::int64_t axis) {
            return axis >= 2 && axis < input.rank && before[static_cast<std::size_t>(axis)] == 1;
        });
        if (!fits || std::adjacent_find(axes.begin(), axes.end()) != axes.end())
            node.fail("turns {} into something else; only height and width of 1 may be dropped",
                      describe(before));
        if (input.rank - static_cast<int>(axes.size()) == 2) return flatten_map(node);
        pass_on(node, 3);
    }

    void import_unsqueeze(const OnnxNode& node) {
        static_cast<void>(values_.map2(node));
        if (map_axes(node, 4) != Dims{2, 3})
            node.fail("only (batch, features) to (batch, features, 1, 1) is supported");
        pass_on(node, 4);
    }

    // --- quantisation of maps ---

    QuantisationGrid read_grid(const OnnxNode& node) {
        const Tensor& scale = values_.constant(node, 1);
        const Tensor* zero = values_.optional_constant(node, 2);
        if (scale.size() != 1 || !scale.is_real())
            node.fail("quantises a map with {} scales; one is supported", scale.size());
        if (!(scale.reals[0] > 0)) node.fail("scale {} must be positive", scale.reals[0]);
        const int type = zero == nullptr ? static_cast<int>(onnx::TensorProto::UINT8) : zero->type;
        if (type != onnx::TensorProto::UINT8 && type != onnx::TensorProto::INT8)
            node.fail("quantises a map to something that is neither int8 nor uint8");
        if (zero != nullptr && (zero->size() != 1 || zero->integers[0] != 0))
            node.fail(
                "quantises a map with a zero point other than 0, which is not supported (export with "
                "symmetric "
                "activations, or unsigned ones behind ReLU)");
        return {type == onnx::TensorProto::INT8, scale.reals[0]};
    }

    void import_quantize(const OnnxNode& node) {
        OnnxValue value = values_.map(node);
        value.kind = OnnxValue::Kind::codes;
        value.grid = read_grid(node);
        values_.define(node.output(0), std::move(value));
    }

    void import_dequantize(const OnnxNode& node) {
        const OnnxValue value = values_.get(node, 0);
        if (value.kind != OnnxValue::Kind::codes) node.fail("reads a map that no QuantizeLinear made");
        if (!(read_grid(node) == value.grid))
            node.fail("has another scale or type than the QuantizeLinear in front of it");
        std::optional<QuantisationGrid>& grid = draft_.nodes[value.node].node.grid;
        if (grid && !(*grid == value.grid))
            node.fail("'{}' is quantised twice, in steps of {} and {}", draft_.nodes[value.node].label,
                      grid->step, value.grid.step);
        grid = value.grid;
        values_.define_map(node.output(0), value.node, value.shape, value.rank);
    }

    const OnnxModel& model_;
    ImportBudget budget_;
    Draft draft_;
    OnnxValues values_;
};

/// "folder/vgg11.onnx.gz" is called "vgg11".
std::string short_name(const std::filesystem::path& path) {
    std::string name = path.filename().string();
    for (const std::string ending : {".gz", ".onnx"})
        if (name.size() > ending.size() &&
            name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
            name.resize(name.size() - ending.size());
    return name;
}

}  // namespace

FloatNetwork import_onnx_bytes(std::string bytes, const std::filesystem::path& path) {
    const OnnxModel model = parse_onnx(std::move(bytes), path.string());
    Draft draft = Importer(model).run();
    draft.name = printable(short_name(path));
    return fold(std::move(draft));
}

FloatNetwork import_onnx(const std::filesystem::path& path) {
    return import_onnx_bytes(read_file(path, kDataFile), path);
}

}  // namespace sliver::network
