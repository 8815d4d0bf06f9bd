#include "network/onnx_values.h"

#include <utility>

#include "base/text.h"

namespace sliver::network {

OnnxValues::OnnxValues(const OnnxModel& model, ExternalData* external) : model_(model), external_(external) {
    for (const auto& tensor : model.graph().initializer()) {
        OnnxValue value;
        value.stored = &tensor;
        define(tensor.name(), std::move(value));
    }
}

void OnnxValues::define(const std::string& name, OnnxValue value) {
    if (name.empty()) return;
    if (!values_.emplace(name, std::move(value)).second)
        refuse("{}: the name '{}' is given twice", model_.source, printable(name));
}

void OnnxValues::define_map(const std::string& name, NodeId node, View view) {
    OnnxValue value;
    value.kind = OnnxValue::Kind::map;
    value.node = node;
    value.view = std::move(view);
    define(name, std::move(value));
}

void OnnxValues::define_constant(const OnnxNode& node, Tensor tensor) {
    OnnxValue value;
    value.constant = std::make_shared<const Tensor>(std::move(tensor));
    define(node.output(0), std::move(value));
}

OnnxValue& OnnxValues::get(const OnnxNode& node, int index) {
    const std::string& name = node.input(index);
    if (name.empty()) node.fail("input {} is missing", index);
    const auto found = values_.find(name);
    if (found == values_.end())
        node.fail("reads '{}', which nothing in front of it makes (a cycle, or nodes out of order)",
                  printable(name));
    return found->second;
}

bool OnnxValues::is_constant(const OnnxNode& node, int index) {
    return get(node, index).kind == OnnxValue::Kind::constant;
}

namespace {

OnnxValue& checked_constant(const OnnxNode& node, int index, OnnxValue& value) {
    if (value.kind != OnnxValue::Kind::constant)
        node.fail("input '{}' must be a constant, but depends on the image", printable(node.input(index)));
    return value;
}

}  // namespace

const Tensor& OnnxValues::constant(const OnnxNode& node, int index) {
    OnnxValue& value = checked_constant(node, index, get(node, index));
    if (!value.constant)
        value.constant = std::make_shared<const Tensor>(read_tensor(*value.stored, model_.source, external_));
    return *value.constant;
}

Tensor OnnxValues::take_constant(const OnnxNode& node, int index) {
    const OnnxValue& value = checked_constant(node, index, get(node, index));
    return value.constant ? *value.constant : read_tensor(*value.stored, model_.source, external_);
}

const Tensor* OnnxValues::optional_constant(const OnnxNode& node, int index) {
    return node.input(index).empty() ? nullptr : &constant(node, index);
}

const OnnxValue& OnnxValues::passed(const OnnxNode& node, int index) {
    const OnnxValue& value = get(node, index);
    if (value.kind == OnnxValue::Kind::constant)
        node.fail("input '{}' is a constant; a map that depends on the image is wanted",
                  printable(node.input(index)));
    if (!value.is_map())
        node.fail(
            "reads '{}', which DynamicQuantizeLinear finds; only Mul, ConvInteger and MatMulInteger may",
            printable(node.input(index)));
    return value;
}

const OnnxValue& OnnxValues::moved(const OnnxNode& node, int index) {
    const OnnxValue& value = passed(node, index);
    if (!value.tail.empty())
        node.fail("computes with what {} made, which is supported only at the end of a network", value.tail);
    return value;
}

const OnnxValue& OnnxValues::map(const OnnxNode& node, int index) {
    const OnnxValue& value = moved(node, index);
    if (value.kind == OnnxValue::Kind::codes)
        node.fail("reads what QuantizeLinear made; DequantizeLinear must come first");
    if (value.dynamic)
        node.fail("reads sums that a scale of DynamicQuantizeLinear is missing from; Mul must come first");
    return value;
}

const OnnxValue& OnnxValues::output() const {
    const std::string label = printable(model_.output_name);
    const auto found = values_.find(model_.output_name);
    if (found == values_.end()) refuse("{}: output '{}' is made by no node", model_.source, label);
    if (found->second.kind == OnnxValue::Kind::constant)
        refuse("{}: output '{}' is a constant: it does not depend on the input", model_.source, label);
    if (!found->second.is_map() || found->second.dynamic)
        refuse("{}: output '{}' is no map of values", model_.source, label);
    return found->second;
}

std::vector<std::int64_t> OnnxValues::dims(const OnnxValue& map) const {
    std::vector<std::int64_t> dims = map.view.extents();
    dims.insert(dims.begin(), model_.batch);
    return dims;
}

}  // namespace sliver::network
