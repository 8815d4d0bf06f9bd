// Constants, and constants that follow from the shapes of maps; see onnx_handlers.h.
#include <algorithm>
#include <cmath>

#include "network/onnx_handlers.h"
#include "network/onnx_importer.h"

namespace sliver::network {

void import_constant(Importer& in, const OnnxNode& node) {
    if (node.has("value"))
        return in.values().define_constant(
            node, read_tensor(node.tensor("value"), in.model().source, in.external()));
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
    in.values().define_constant(node, std::move(tensor));
}

namespace {

std::vector<std::int64_t> shape_of_input(Importer& in, const OnnxNode& node) {
    if (in.values().is_constant(node, 0)) return in.values().constant(node, 0).dims;
    return in.values().dims(in.values().passed(node));
}

}  // namespace

void import_shape(Importer& in, const OnnxNode& node) {
    const std::vector<std::int64_t> dims = shape_of_input(in, node);
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
    in.values().define_constant(node, std::move(tensor));
}

void import_size(Importer& in, const OnnxNode& node) {
    std::int64_t size = 1;
    for (const std::int64_t dim : shape_of_input(in, node)) size *= dim;
    Tensor tensor;
    tensor.type = onnx::TensorProto::INT64;
    tensor.integers = {size};
    in.values().define_constant(node, std::move(tensor));
}

}  // namespace sliver::network
