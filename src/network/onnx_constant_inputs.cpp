#include "network/onnx_constant_inputs.h"

namespace sliver::network {

std::size_t volume(const OnnxNode& node, const Dims& dims) {
    std::size_t size = 1;
    for (const std::int64_t dim : dims) {
        if (dim < 0) node.fail("a constant gets the negative dimension {}", dim);
        const auto extent = static_cast<std::size_t>(dim);
        if (extent > kMostValues || (extent != 0 && size > kMostValues / extent))
            node.fail("a constant becomes too large ({})", describe(dims));
        size *= extent;
    }
    return size;
}

const Tensor& need(const OnnxNode& node, const Inputs& inputs, std::size_t index) {
    if (index >= inputs.size() || inputs[index] == nullptr) node.fail("input {} is missing", index);
    return *inputs[index];
}

const Dims& need_integers(const OnnxNode& node, const Inputs& inputs, std::size_t index) {
    const Tensor& tensor = need(node, inputs, index);
    if (tensor.is_real()) node.fail("input {} must be integers", index);
    return tensor.integers;
}

const Dims& need_list(const OnnxNode& node, const Inputs& inputs, std::size_t index) {
    const Dims& list = need_integers(node, inputs, index);
    if (list.size() > kMostDimensions)
        node.fail("input {} has {} entries; at most {} are supported", index, list.size(), kMostDimensions);
    return list;
}

std::size_t checked_axis(const OnnxNode& node, std::int64_t axis, std::size_t rank) {
    const auto limit = static_cast<std::int64_t>(rank);
    if (axis < -limit || axis >= limit) node.fail("axis {} is outside a constant of rank {}", axis, rank);
    return static_cast<std::size_t>(axis < 0 ? axis + limit : axis);
}

}  // namespace sliver::network
