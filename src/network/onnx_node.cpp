#include "network/onnx_node.h"

#include "base/text.h"

namespace sliver::network {

namespace {
const std::string kAbsent;
}

std::string OnnxNode::label() const {
    return printable(proto_->name().empty() ? output(0) : proto_->name());
}

void OnnxNode::charge(std::size_t values) const {
    if (values > budget_->left())
        fail(
            "its {} values are too many: constants and weights made from a file of this size may have {} in "
            "all",
            values, budget_->all());
    budget_->take(values);
}

std::string OnnxNode::shown_op() const {
    return printable(op());
}

const std::string& OnnxNode::input(int index) const {
    return index < proto_->input_size() ? proto_->input(index) : kAbsent;
}

const std::string& OnnxNode::output(int index) const {
    return index < proto_->output_size() ? proto_->output(index) : kAbsent;
}

const onnx::AttributeProto* OnnxNode::find(const char* name) const {
    for (const onnx::AttributeProto& attribute : proto_->attribute())
        if (attribute.name() == name) return &attribute;
    return nullptr;
}

std::int64_t OnnxNode::integer(const char* name, std::int64_t fallback) const {
    const onnx::AttributeProto* attribute = find(name);
    if (attribute == nullptr) return fallback;
    if (!attribute->has_i()) fail("attribute {} must be an integer", name);
    return attribute->i();
}

float OnnxNode::real(const char* name, float fallback) const {
    const onnx::AttributeProto* attribute = find(name);
    if (attribute == nullptr) return fallback;
    if (!attribute->has_f()) fail("attribute {} must be a number", name);
    return attribute->f();
}

std::string OnnxNode::text(const char* name, const std::string& fallback) const {
    const onnx::AttributeProto* attribute = find(name);
    if (attribute == nullptr) return fallback;
    if (!attribute->has_s()) fail("attribute {} must be a text", name);
    return printable(attribute->s());
}

std::vector<std::int64_t> OnnxNode::integers(const char* name, std::vector<std::int64_t> fallback) const {
    const onnx::AttributeProto* attribute = find(name);
    if (attribute == nullptr) return fallback;
    return {attribute->ints().begin(), attribute->ints().end()};
}

std::vector<float> OnnxNode::reals(const char* name) const {
    const onnx::AttributeProto* attribute = find(name);
    if (attribute == nullptr) return {};
    return {attribute->floats().begin(), attribute->floats().end()};
}

const onnx::TensorProto& OnnxNode::tensor(const char* name) const {
    const onnx::AttributeProto* attribute = find(name);
    if (attribute == nullptr || !attribute->has_t()) fail("attribute {} must be a tensor", name);
    return attribute->t();
}

}  // namespace sliver::network
