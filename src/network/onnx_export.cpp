#include "network/onnx_export.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"

namespace sliver::network {
namespace {

constexpr std::int64_t kOpset = 17;
constexpr int kIrVersion = 8;
constexpr const char* kBatch = "N";
constexpr int kMetadataField = 14;  ///< ModelProto.metadata_props
constexpr int kInt8Bits = 8;        ///< magnitude bits that the importer takes int8 for: -128 has eight
using Ints = std::vector<std::int64_t>;

bool finite(float value) {
    return std::isfinite(value);
}

/// Adds nodes to a graph and keeps the name of each map.
class Writer {
  public:
    explicit Writer(const FloatNetwork& network) : network_(network) {
        model_.set_ir_version(kIrVersion);
        model_.set_producer_name("sliver");
        auto* opset = model_.add_opset_import();
        opset->set_domain("");
        opset->set_version(kOpset);
        graph_ = model_.mutable_graph();
        graph_->set_name(network.name);
    }

    std::string write(const std::vector<std::pair<std::string, std::string>>& metadata) {
        for (NodeId id = 0; id < network_.nodes.size(); ++id) {
            node_ = &network_.nodes[id];
            const std::string value = id == 0 ? input() : body();
            values_.push_back(id == 0 ? value : finished(value));
        }
        auto* output = graph_->add_output();
        output->set_name(values_.back());
        shape_of(*output, dims_of(network_.nodes.back(), flat_.back()));
        for (const auto& [key, value] : metadata) {
            auto* entry = model_.add_metadata_props();
            entry->set_key(key);
            entry->set_value(value);
        }
        std::string bytes = model_.SerializeAsString();
        append_seal(bytes);
        return bytes;
    }

  private:
    // ---- maps

    [[nodiscard]] static Ints dims_of(const FloatNode& node, bool flat) {
        const Shape& s = node.shape;
        if (flat) return {static_cast<std::int64_t>(s.size())};
        return {s.channels, s.height, s.width};
    }

    static void shape_of(onnx::ValueInfoProto& value, const Ints& dims) {
        auto* type = value.mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::FLOAT);
        type->mutable_shape()->add_dim()->set_dim_param(kBatch);
        for (const std::int64_t dim : dims) type->mutable_shape()->add_dim()->set_dim_value(dim);
    }

    [[nodiscard]] const std::string& value(std::size_t input = 0) const {
        return values_[node_->inputs[input]];
    }
    [[nodiscard]] bool is_flat(std::size_t input = 0) const { return flat_[node_->inputs[input]]; }
    [[nodiscard]] const FloatNode& source(std::size_t input = 0) const {
        return network_.nodes[node_->inputs[input]];
    }

    // ---- pieces

    std::string fresh(const std::string& what) {
        return fmt::format("{}/{}_{}", node_->name, what, ++count_);
    }

    onnx::NodeProto& add(const char* op, const std::vector<std::string>& inputs) {
        onnx::NodeProto& made = *graph_->add_node();
        made.set_op_type(op);
        // The first node of a kind has the name of the network's node: tables and messages use it.
        const bool first = named_ != node_;
        named_ = node_;
        made.set_name(first ? node_->name : fresh(op));
        for (const std::string& input : inputs) made.add_input(input);
        made.add_output(fresh("value"));
        return made;
    }
    std::string result(const char* op, const std::vector<std::string>& inputs) {
        return add(op, inputs).output(0);
    }

    static void set(onnx::NodeProto& node, const char* name, std::int64_t number) {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::INT);
        attribute->set_i(number);
    }
    static void set(onnx::NodeProto& node, const char* name, const Ints& numbers) {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::INTS);
        for (const std::int64_t number : numbers) attribute->add_ints(number);
    }
    static void set_real(onnx::NodeProto& node, const char* name, double number) {
        auto* attribute = node.add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::FLOAT);
        attribute->set_f(static_cast<float>(number));
    }

    template <typename T>
    std::string constant(int type, const Ints& dims, const std::vector<T>& numbers) {
        onnx::TensorProto& tensor = *graph_->add_initializer();
        tensor.set_name(fresh("constant"));
        tensor.set_data_type(type);
        for (const std::int64_t dim : dims) tensor.add_dims(dim);
        std::string raw(numbers.size() * sizeof(T), '\0');
        if (!numbers.empty()) std::memcpy(raw.data(), numbers.data(), raw.size());
        tensor.set_raw_data(std::move(raw));
        return tensor.name();
    }
    std::string reals(const Ints& dims, const std::vector<float>& numbers) {
        return constant(onnx::TensorProto::FLOAT, dims, numbers);
    }
    std::string real(double number) { return reals({}, {static_cast<float>(number)}); }
    std::string integers(const Ints& numbers) {
        return constant(onnx::TensorProto::INT64, {static_cast<std::int64_t>(numbers.size())}, numbers);
    }
    /// Codes of eight bits, in one dimension; none: a number.
    std::string codes(bool is_signed, const Ints& dims, const std::vector<int>& numbers) {
        if (is_signed)
            return constant(onnx::TensorProto::INT8, dims,
                            std::vector<std::int8_t>(numbers.begin(), numbers.end()));
        return constant(onnx::TensorProto::UINT8, dims,
                        std::vector<std::uint8_t>(numbers.begin(), numbers.end()));
    }

    // ---- nodes

    std::string input() {
        const Shape& s = node_->shape;
        const bool flat = s.height == 1 && s.width == 1;
        flat_.push_back(flat);
        auto* graph_input = graph_->add_input();
        graph_input->set_name(node_->name);
        if (flat || network_.layout == ImageLayout::channels_first) {
            shape_of(*graph_input, dims_of(*node_, flat));
            return quantised(node_->name);
        }
        shape_of(*graph_input, {s.height, s.width, s.channels});
        onnx::NodeProto& moved = add("Transpose", {node_->name});
        set(moved, "perm", Ints{0, 3, 1, 2});
        return quantised(moved.output(0));
    }

    std::string body() {
        const bool flat = node_->kind == NodeKind::flatten || is_flat();
        flat_.push_back(flat && node_->shape.height == 1 && node_->shape.width == 1);
        switch (node_->kind) {
            case NodeKind::matrix:
                return matrix();
            case NodeKind::max_pool:
            case NodeKind::average_pool:
                return pool();
            case NodeKind::add:
                return result("Add", {value(0), value(1)});
            case NodeKind::relu:
                return result("Relu", {value()});
            case NodeKind::flatten:
                return is_flat() ? result("Identity", {value()}) : result("Flatten", {value()});
            case NodeKind::table:
                return table();
            case NodeKind::scale:
                return result("Add", {result("Mul", {value(), along(node_->gain)}), along(node_->shift)});
            case NodeKind::multiply:
                return result("Mul", {value(0), value(1)});
            case NodeKind::concat: {
                std::vector<std::string> maps;
                for (std::size_t i = 0; i < node_->inputs.size(); ++i) maps.push_back(value(i));
                onnx::NodeProto& made = add("Concat", maps);
                set(made, "axis", 1);
                return made.output(0);
            }
            case NodeKind::gather:
                return gather();
            case NodeKind::input:
                break;
        }
        fail_node("has no operator to be written as");
    }

    [[noreturn]] void fail_node(const std::string& why) const {
        refuse("{}: node '{}' cannot be written as ONNX: it {}", network_.source, node_->name, why);
    }

    /// One number, one a channel, or one a value, beside the node's input.
    std::string along(const std::vector<float>& numbers) {
        const auto channels = static_cast<std::size_t>(node_->shape.channels);
        const auto count = static_cast<std::int64_t>(numbers.size());
        if (numbers.size() == 1) return reals({}, numbers);
        if (flat_.back()) return reals({count}, numbers);
        if (numbers.size() == channels) return reals({count, 1, 1}, numbers);
        return reals(dims_of(*node_, false), numbers);
    }

    std::string weights(const Ints& dims) {
        if (!node_->weight_grid) return reals(dims, node_->weights);
        const WeightGrid& grid = *node_->weight_grid;
        std::vector<int> numbers;
        const std::size_t rows = node_->weights.size() / static_cast<std::size_t>(node_->outputs);
        for (std::size_t i = 0; i < node_->weights.size(); ++i) {
            const float step = grid.steps[grid.steps.size() == 1 ? 0 : i / rows];
            numbers.push_back(static_cast<int>(std::nearbyint(double{node_->weights[i]} / double{step})));
        }
        const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
        // int8 unless a zero point made them larger.
        const bool is_signed = numbers.empty() || (*least >= -128 && *most <= 127);
        const int zero = is_signed ? 0 : -*least;
        if (!is_signed && *most + zero > 255) fail_node("has weight codes that no 8-bit type holds");
        for (int& number : numbers) number += zero;
        std::string tensor = codes(is_signed, dims, numbers);
        if (grid.bits < kInt8Bits) {
            const int top = (1 << grid.bits) - 1;
            tensor = result("Clip",
                            {tensor, codes(is_signed, {}, {zero - top}), codes(is_signed, {}, {zero + top})});
        }
        const bool one = grid.steps.size() == 1;
        const std::string step =
            reals(one ? Ints{} : Ints{static_cast<std::int64_t>(grid.steps.size())}, grid.steps);
        const Ints zeros = one ? Ints{} : Ints{static_cast<std::int64_t>(grid.steps.size())};
        onnx::NodeProto& made =
            add("DequantizeLinear",
                {tensor, step, codes(is_signed, zeros, std::vector<int>(grid.steps.size(), zero))});
        set(made, "axis", 0);
        return made.output(0);
    }

    static Ints pads_of(const Window& w) { return {w.pad_top, w.pad_left, w.pad_bottom, w.pad_right}; }

    std::string matrix() {
        const Window& w = node_->window;
        const std::int64_t outputs = node_->outputs, rows = node_->rows / node_->groups;
        if (is_flat()) {
            if (node_->groups != 1) fail_node("has groups behind a flattened map");
            named_ = node_;
            onnx::NodeProto& made =
                add("Gemm", {value(), weights({outputs, rows}), reals({outputs}, node_->bias)});
            made.set_name(node_->name);
            set(made, "transB", 1);
            return made.output(0);
        }
        const std::int64_t channels = rows / (w.kernel_height * w.kernel_width);
        named_ = node_;
        onnx::NodeProto& made =
            add("Conv", {value(), weights({outputs, channels, w.kernel_height, w.kernel_width}),
                         reals({outputs}, node_->bias)});
        made.set_name(node_->name);
        set(made, "kernel_shape", Ints{w.kernel_height, w.kernel_width});
        set(made, "strides", Ints{w.stride_y, w.stride_x});
        set(made, "pads", pads_of(w));
        set(made, "dilations", Ints{w.dilation_y, w.dilation_x});
        set(made, "group", node_->groups);
        return made.output(0);
    }

    std::string pool() {
        const Window& w = node_->window;
        const bool largest = node_->kind == NodeKind::max_pool;
        onnx::NodeProto& made = add(largest ? "MaxPool" : "AveragePool", {value()});
        set(made, "kernel_shape", Ints{w.kernel_height, w.kernel_width});
        set(made, "strides", Ints{w.stride_y, w.stride_x});
        set(made, "pads", pads_of(w));
        const Shape& map = source().shape;
        const auto last = [](int size, int pad, int reach, int stride) {
            return (size + pad - reach) / stride + 1;
        };
        if (last(map.height, w.pad_top + w.pad_bottom, w.reach_y(), w.stride_y) < node_->shape.height ||
            last(map.width, w.pad_left + w.pad_right, w.reach_x(), w.stride_x) < node_->shape.width)
            set(made, "ceil_mode", 1);
        if (largest)
            set(made, "dilations", Ints{w.dilation_y, w.dilation_x});
        else
            set(made, "count_include_pad", node_->count_include_pad ? 1 : 0);
        return made.output(0);
    }

    /// Places of the values of the flattened map; what lies outside of it is padded on at its end.
    std::string gather() {
        const auto size = static_cast<std::int64_t>(source().shape.size());
        std::string from = value();
        if (!is_flat()) from = result("Flatten", {from});
        Ints places;
        bool filled = false;
        for (const std::int32_t place : node_->places) {
            places.push_back(place < 0 ? size : place);
            filled = filled || place < 0;
        }
        if (filled) from = result("Pad", {from, integers({0, 0, 0, 1}), real(node_->fill)});
        onnx::NodeProto& made = add("Gather", {from, integers(places)});
        set(made, "axis", 1);
        if (flat_.back()) return made.output(0);
        Ints shape{0};
        for (const std::int64_t dim : dims_of(*node_, false)) shape.push_back(dim);
        return result("Reshape", {made.output(0), integers(shape)});
    }

    std::string table() {
        std::string map = value();
        for (const Function& function : node_->functions) map = applied(function, map);
        return map == value() ? result("Identity", {map}) : map;
    }

    std::string applied(const Function& f, const std::string& x) {
        using F = Function::Kind;
        const auto with_alpha = [&](const char* op) {
            onnx::NodeProto& made = add(op, {x});
            set_real(made, "alpha", f.a);
            return made.output(0);
        };
        switch (f.kind) {
            case F::clip:
                return clipped(x, f.a, f.b);
            case F::leaky_relu:
                return with_alpha("LeakyRelu");
            case F::elu:
                return with_alpha("Elu");
            case F::sigmoid:
                return result("Sigmoid", {x});
            case F::tanh:
                return result("Tanh", {x});
            case F::hard_sigmoid: {
                onnx::NodeProto& made = add("HardSigmoid", {x});
                set_real(made, "alpha", f.a);
                set_real(made, "beta", f.b);
                return made.output(0);
            }
            case F::hard_swish:
                return result("HardSwish", {x});
            case F::softplus:
                return result("Softplus", {x});
            case F::swish:
                return result("Mul", {x, result("Sigmoid", {x})});
            case F::gelu: {
                const std::string erf = result("Erf", {result("Mul", {x, real(std::sqrt(0.5))})});
                return result("Mul", {result("Mul", {x, result("Add", {erf, real(1)})}), real(0.5)});
            }
            case F::mish:
                return result("Mul", {x, result("Tanh", {result("Softplus", {x})})});
            case F::absolute:
                return result("Abs", {x});
            case F::exp:
                return result("Exp", {x});
            case F::log:
                return result("Log", {x});
            case F::sqrt:
                return result("Sqrt", {x});
            case F::erf:
                return result("Erf", {x});
            case F::power:
                return result("Pow", {x, real(f.a)});
            case F::affine:
                return result("Add", {result("Mul", {x, real(f.a)}), real(f.b)});
            case F::requantise:
                return x;  // its grid says it
            case F::bipolar:
                break;
        }
        fail_node("has a sign function of its own");
    }

    std::string clipped(const std::string& x, double lowest, double highest) {
        std::vector<std::string> inputs = {x, "", ""};
        if (std::isfinite(lowest)) inputs[1] = real(lowest);
        if (std::isfinite(highest)) inputs[2] = real(highest);
        if (inputs[2].empty()) inputs.pop_back();
        return result("Clip", inputs);
    }

    /// What is fused behind a node.
    std::string finished(std::string map) {
        if (node_->relu) map = result("Relu", {map});
        if (finite(node_->at_least) || finite(node_->at_most))
            map = clipped(map, node_->at_least, node_->at_most);
        return quantised(map);
    }

    std::string quantised(const std::string& map) {
        if (!node_->grid) return map;
        const QuantisationGrid& grid = *node_->grid;
        const int least = grid.is_signed ? -(1 << (grid.bits - 1)) : 0,
                  most = (1 << (grid.is_signed ? grid.bits - 1 : grid.bits)) - 1;
        const int lowest = std::max(least, grid.lowest), highest = std::min(most, grid.highest);
        const std::string step = real(double{grid.step}), zero = codes(grid.is_signed, {}, {grid.zero});
        std::string of_codes = result("QuantizeLinear", {map, step, zero});
        if (lowest > (grid.is_signed ? -128 : 0) || highest < (grid.is_signed ? 127 : 255))
            of_codes = result("Clip", {of_codes, codes(grid.is_signed, {}, {lowest}),
                                       codes(grid.is_signed, {}, {highest})});
        return result("DequantizeLinear", {of_codes, step, zero});
    }

    /// The seal as the value of a last entry of metadata_props: the last bytes of the file, and valid there.
    static void append_seal(std::string& bytes) {
        onnx::StringStringEntryProto entry;
        entry.set_key("sliver.seal");
        entry.set_value(kNetworkSeal.blank());
        const std::string inner = entry.SerializeAsString();
        bytes += static_cast<char>(kMetadataField << 3 | 2);  // length-delimited
        bytes += static_cast<char>(inner.size());             // below 128: one byte
        bytes += inner;
    }

    const FloatNetwork& network_;
    onnx::ModelProto model_;
    onnx::GraphProto* graph_;
    const FloatNode* node_ = nullptr;
    const FloatNode* named_ = nullptr;  ///< whose name has been given
    std::vector<std::string> values_;   ///< by node: its map
    std::vector<bool> flat_;            ///< by node: two dimensions, batch and values
    std::size_t count_ = 0;
};

}  // namespace

std::string onnx_bytes(const FloatNetwork& network,
                       const std::vector<std::pair<std::string, std::string>>& metadata) {
    return Writer(network).write(metadata);
}

}  // namespace sliver::network
