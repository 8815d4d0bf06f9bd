// Builds small ONNX models node by node, for tests of the importer.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sliver::network::test {

class OnnxBuilder {
  public:
    using Dims = std::vector<std::int64_t>;

    /// One input "x" of these dimensions (0: open) and one output "y".
    explicit OnnxBuilder(const Dims& input, std::int64_t opset = 13) {
        model.set_ir_version(7);
        model.add_opset_import()->set_version(opset);
        add_input("x", input);
        model.mutable_graph()->add_output()->set_name("y");
    }

    void add_input(const std::string& name, const Dims& dims) {
        auto* value = model.mutable_graph()->add_input();
        value->set_name(name);
        auto* tensor = value->mutable_type()->mutable_tensor_type();
        tensor->set_elem_type(onnx::TensorProto::FLOAT);
        for (const std::int64_t dim : dims) {
            auto* entry = tensor->mutable_shape()->add_dim();
            if (dim == 0)
                entry->set_dim_param("N");
            else
                entry->set_dim_value(dim);
        }
    }

    onnx::TensorProto* tensor(const std::string& name, int type, const Dims& dims) {
        auto* proto = model.mutable_graph()->add_initializer();
        proto->set_name(name);
        proto->set_data_type(type);
        for (const std::int64_t dim : dims) proto->add_dims(dim);
        return proto;
    }
    std::string floats(const std::string& name, const Dims& dims, const std::vector<float>& values) {
        auto* proto = tensor(name, onnx::TensorProto::FLOAT, dims);
        for (const float value : values) proto->add_float_data(value);
        return name;
    }
    std::string integers(const std::string& name, const Dims& dims, const std::vector<std::int64_t>& values,
                         int type = onnx::TensorProto::INT64) {
        auto* proto = tensor(name, type, dims);
        for (const std::int64_t value : values) {
            if (type == onnx::TensorProto::INT64)
                proto->add_int64_data(value);
            else
                proto->add_int32_data(static_cast<std::int32_t>(value));
        }
        return name;
    }

    onnx::NodeProto* node(const std::string& op, const std::vector<std::string>& inputs,
                          const std::string& output) {
        auto* proto = model.mutable_graph()->add_node();
        proto->set_op_type(op);
        proto->set_name(op + "_" + output);
        for (const std::string& input : inputs) proto->add_input(input);
        proto->add_output(output);
        return proto;
    }
    static void set(onnx::NodeProto* node, const std::string& name, std::int64_t value) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_i(value);
    }
    static void set(onnx::NodeProto* node, const std::string& name, const Dims& values) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        for (const std::int64_t value : values) attribute->add_ints(value);
    }
    static void set(onnx::NodeProto* node, const std::string& name, const std::string& value) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_s(value);
    }
    static void set_real(onnx::NodeProto* node, const std::string& name, float value) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_f(value);
    }

    /// Quantise and dequantise `from` with this step; returns the name of the result.
    std::string grid(const std::string& from, const std::string& name, float step, int type,
                     std::int64_t zero = 0) {
        floats(name + ".s", {}, {step});
        integers(name + ".z", {}, {zero}, type);
        node("QuantizeLinear", {from, name + ".s", name + ".z"}, name + ".q");
        node("DequantizeLinear", {name + ".q", name + ".s", name + ".z"}, name);
        return name;
    }

    [[nodiscard]] std::string bytes() const { return model.SerializeAsString(); }

    onnx::ModelProto model;
};

}  // namespace sliver::network::test
