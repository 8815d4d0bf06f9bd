#include "network/onnx_values.h"

#include <algorithm>

#include "base/text.h"
#include "network/onnx_layers.h"

namespace sliver::network {

OnnxValues::OnnxValues(const OnnxModel& model) : model_(model) {
    define_map(model.input_name, 0, model.input_shape, model.input_rank);
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

void OnnxValues::define_map(const std::string& name, NodeId node, const Shape& shape, int rank) {
    OnnxValue value;
    value.kind = OnnxValue::Kind::map;
    value.node = node;
    value.shape = shape;
    value.rank = rank;
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
        value.constant = std::make_shared<const Tensor>(read_tensor(*value.stored, model_.source));
    return *value.constant;
}

Tensor OnnxValues::take_constant(const OnnxNode& node, int index) {
    const OnnxValue& value = checked_constant(node, index, get(node, index));
    return value.constant ? *value.constant : read_tensor(*value.stored, model_.source);
}

const Tensor* OnnxValues::optional_constant(const OnnxNode& node, int index) {
    return node.input(index).empty() ? nullptr : &constant(node, index);
}

const OnnxValue& OnnxValues::map(const OnnxNode& node, int index) {
    const OnnxValue& value = get(node, index);
    if (value.kind == OnnxValue::Kind::codes)
        node.fail("reads what QuantizeLinear made; only DequantizeLinear may follow it");
    if (value.kind == OnnxValue::Kind::constant)
        node.fail("input '{}' is a constant; a map that depends on the image is wanted",
                  printable(node.input(index)));
    return value;
}

const OnnxValue& OnnxValues::map4(const OnnxNode& node) {
    const OnnxValue& value = map(node);
    if (value.rank != 4)
        node.fail("reads {} dimensions; (batch, channels, height, width) is wanted", value.rank);
    return value;
}

const OnnxValue& OnnxValues::map2(const OnnxNode& node) {
    const OnnxValue& value = map(node);
    if (value.rank != 2)
        node.fail("reads a map of {}; flatten it to (batch, features) first", describe(value.shape));
    return value;
}

const OnnxValue& OnnxValues::output() const {
    const std::string label = printable(model_.output_name);
    const auto found = values_.find(model_.output_name);
    if (found == values_.end()) refuse("{}: output '{}' is made by no node", model_.source, label);
    if (found->second.kind == OnnxValue::Kind::codes)
        refuse("{}: output '{}' is quantised; end the network with DequantizeLinear", model_.source, label);
    if (found->second.kind == OnnxValue::Kind::constant)
        refuse("{}: output '{}' is a constant: it does not depend on the input", model_.source, label);
    return found->second;
}

std::vector<std::int64_t> OnnxValues::dims(const OnnxValue& map) const {
    if (map.rank == 2) return {model_.batch, map.shape.channels};
    if (map.rank == 3) return {model_.batch, map.shape.channels, std::max(map.shape.height, map.shape.width)};
    return {model_.batch, map.shape.channels, map.shape.height, map.shape.width};
}

}  // namespace sliver::network
