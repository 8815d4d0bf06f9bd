// The arithmetic on constants of network/onnx_tensor.h: what exporters leave between a Shape and a Reshape,
// and transposed weights. NumPy's rules, as ONNX has them.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "network/onnx_constant_inputs.h"
#include "network/onnx_constant_walk.h"

namespace sliver::network {

namespace {

using onnx::TensorProto;

constexpr std::int64_t kLargestIndex = std::int64_t{1} << 40;

/// A tensor of `dims` whose value i is that of `source` at index(i).
template <typename Index>
Tensor pick(const OnnxNode& node, const Tensor& source, Dims dims, const Index& index) {
    const std::size_t size = volume(node, dims);
    node.charge(size);
    Tensor result;
    result.type = source.type;
    result.dims = std::move(dims);
    if (source.grid && source.grid->steps.size() == 1) result.grid = source.grid;
    result.limits = source.limits;
    if (source.is_real()) {
        result.reals.reserve(size);
        for (std::size_t i = 0; i < size; ++i) result.reals.push_back(source.reals[index(i)]);
    } else {
        result.integers.reserve(size);
        for (std::size_t i = 0; i < size; ++i) result.integers.push_back(source.integers[index(i)]);
    }
    return result;
}

/// The same values under other dimensions.
Tensor reshaped(const OnnxNode& node, const Tensor& source, Dims dims) {
    node.charge(source.size());
    Tensor result = source;
    if (result.grid && result.grid->steps.size() > 1 && dims != source.dims) result.grid.reset();
    result.dims = std::move(dims);
    return result;
}

/// `source` with only `chosen` along `axis`, in that order.
Tensor take(const OnnxNode& node, const Tensor& source, std::size_t axis,
            const std::vector<std::size_t>& chosen) {
    const auto extent = static_cast<std::size_t>(source.dims[axis]);
    const std::size_t inner =
        volume(node, Dims(source.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, source.dims.end()));
    Dims dims = source.dims;
    dims[axis] = static_cast<std::int64_t>(chosen.size());
    return pick(node, source, std::move(dims), [&](std::size_t i) {
        const std::size_t row = i / inner;
        return (row / chosen.size() * extent + chosen[row % chosen.size()]) * inner + i % inner;
    });
}

Tensor fold_gather(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& data = need(node, inputs, 0);
    const Dims& wanted = need_integers(node, inputs, 1);
    const std::size_t axis = checked_axis(node, node.integer("axis", 0), data.dims.size());
    node.charge(wanted.size());
    std::vector<std::size_t> chosen;
    for (const std::int64_t index : wanted) {
        const std::int64_t extent = data.dims[axis];
        if (index < -extent || index >= extent) node.fail("index {} is outside 0..{}", index, extent - 1);
        chosen.push_back(static_cast<std::size_t>(index < 0 ? index + extent : index));
    }
    Tensor result = take(node, data, axis, chosen);
    Dims dims(data.dims.begin(), data.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    dims.insert(dims.end(), inputs[1]->dims.begin(), inputs[1]->dims.end());
    dims.insert(dims.end(), data.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.dims.end());
    result.dims = std::move(dims);
    return result;
}

Tensor fold_slice(const OnnxNode& node, const Inputs& inputs) {
    const Tensor* source = &need(node, inputs, 0);
    Tensor result;
    const bool as_inputs = inputs.size() > 1;
    const Dims starts = as_inputs ? need_list(node, inputs, 1) : node.integers("starts", {});
    const Dims ends = as_inputs ? need_list(node, inputs, 2) : node.integers("ends", {});
    Dims axes(starts.size()), steps(starts.size(), 1);
    std::iota(axes.begin(), axes.end(), 0);
    if (!as_inputs) axes = node.integers("axes", axes);
    if (inputs.size() > 3 && inputs[3] != nullptr) axes = need_list(node, inputs, 3);
    if (inputs.size() > 4 && inputs[4] != nullptr) steps = need_list(node, inputs, 4);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        node.fail("starts, ends, axes and steps differ in length");
    for (std::size_t i = 0; i < starts.size(); ++i) {
        if (steps[i] == 0) node.fail("has step 0");
        const std::size_t axis = checked_axis(node, axes[i], source->dims.size());
        const std::int64_t extent = source->dims[axis];
        // NumPy's rule: count from the end where negative, then clamp; a backward slice may stop in front of
        // 0.
        const bool forward = steps[i] > 0;
        const auto place = [&](std::int64_t at) {
            const std::int64_t from_start = at < 0 ? std::max(at, -extent - 1) + extent : at;
            return std::clamp<std::int64_t>(from_start, forward ? 0 : -1, forward ? extent : extent - 1);
        };
        const std::int64_t step = std::clamp(steps[i], -extent - 1, extent + 1);
        const std::int64_t begin = place(starts[i]), end = place(ends[i]);
        const std::int64_t way = forward ? end - begin : begin - end;
        // An empty tensor may have any extent: what is chosen of it is counted before it is listed.
        node.charge(static_cast<std::size_t>(std::max<std::int64_t>(way, 0) / std::abs(step)));
        std::vector<std::size_t> chosen;
        for (std::int64_t at = begin; forward ? at < end : at > end; at += step)
            chosen.push_back(static_cast<std::size_t>(at));
        result = take(node, *source, axis, chosen);
        source = &result;
    }
    return starts.empty() ? reshaped(node, *source, source->dims) : result;
}

Tensor fold_concat(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& first = need(node, inputs, 0);
    if (first.dims.size() != 1)
        node.fail("constants of rank {} are not joined; only lists are", first.dims.size());
    Tensor result = reshaped(node, first, first.dims);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        const Tensor& next = need(node, inputs, i);
        if (next.dims.size() != 1 || next.type != result.type)
            node.fail("input {} differs in rank or type", i);
        node.charge(next.size());
        result.reals.insert(result.reals.end(), next.reals.begin(), next.reals.end());
        result.integers.insert(result.integers.end(), next.integers.begin(), next.integers.end());
    }
    result.dims = {static_cast<std::int64_t>(result.size())};
    result.grid.reset();
    result.limits.reset();
    return result;
}

/// Axes of Squeeze and Unsqueeze: an input since opset 13, an attribute before.
Dims axes_of(const OnnxNode& node, const Inputs& inputs) {
    return inputs.size() > 1 && inputs[1] != nullptr ? need_list(node, inputs, 1) : node.integers("axes", {});
}

Tensor fold_unsqueeze(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    const Dims axes = axes_of(node, inputs);
    std::vector<bool> added(source.dims.size() + axes.size(), false);
    for (const std::int64_t axis : axes) added[checked_axis(node, axis, added.size())] = true;
    Dims dims;
    std::size_t next = 0;
    for (const bool is_new : added) {
        if (!is_new && next == source.dims.size()) node.fail("an axis is named twice");
        dims.push_back(is_new ? 1 : source.dims[next++]);
    }
    return reshaped(node, source, std::move(dims));
}

Tensor fold_squeeze(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    const Dims axes = axes_of(node, inputs);
    std::vector<bool> dropped(source.dims.size(), axes.empty());
    for (const std::int64_t axis : axes) {
        const std::size_t at = checked_axis(node, axis, source.dims.size());
        if (source.dims[at] != 1) node.fail("axis {} has extent {}, not 1", axis, source.dims[at]);
        dropped[at] = true;
    }
    Dims dims;
    for (std::size_t i = 0; i < source.dims.size(); ++i)
        if (!(dropped[i] && source.dims[i] == 1)) dims.push_back(source.dims[i]);
    return reshaped(node, source, std::move(dims));
}

Tensor fold_reshape(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    Dims dims = need_list(node, inputs, 1);
    std::int64_t known = 1;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == 0 && i < source.dims.size() && node.integer("allowzero", 0) == 0)
            dims[i] = source.dims[i];
        if (dims[i] < -1) node.fail("dimension {} in the new shape", dims[i]);
        if (dims[i] > 0 && known > static_cast<std::int64_t>(kMostValues) / dims[i])
            node.fail("the new shape is too large");
        if (dims[i] != -1) known *= dims[i];
    }
    const auto size = static_cast<std::int64_t>(source.size());
    const auto open = std::count(dims.begin(), dims.end(), -1);
    if (open > 1 || (open == 1 && (known == 0 || size % known != 0)))
        node.fail("{} values do not fit the new shape", size);
    std::replace(dims.begin(), dims.end(), std::int64_t{-1}, known == 0 ? 0 : size / known);
    if (volume(node, dims) != source.size())
        node.fail("{} values do not fit the shape {}", size, describe(dims));
    return reshaped(node, source, std::move(dims));
}

Tensor fold_transpose(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    const std::size_t rank = source.dims.size();
    Dims order(rank);
    std::iota(order.rbegin(), order.rend(), 0);
    order = node.integers("perm", order);
    std::vector<bool> seen(rank, false);
    if (order.size() != rank) node.fail("perm has {} entries for rank {}", order.size(), rank);
    for (const std::int64_t axis : order) seen[checked_axis(node, axis, rank)] = true;
    if (std::count(seen.begin(), seen.end(), false) != 0) node.fail("perm is not a permutation");
    std::vector<std::size_t> stride(rank, 1);
    for (std::size_t i = rank; i-- > 1;) stride[i - 1] = stride[i] * static_cast<std::size_t>(source.dims[i]);
    Dims dims;
    std::vector<std::size_t> step;
    for (const std::int64_t axis : order) {
        dims.push_back(source.dims[checked_axis(node, axis, rank)]);
        step.push_back(stride[checked_axis(node, axis, rank)]);
    }
    Walk walk(dims, std::move(step));
    Tensor result = pick(node, source, dims, [&walk](std::size_t) { return walk.next(); });
    if (source.grid && source.grid->steps.size() > 1) {
        result.grid = source.grid;
        for (std::size_t i = 0; i < rank; ++i)
            if (checked_axis(node, order[i], rank) == source.grid->axis) result.grid->axis = i;
    }
    return result;
}

Tensor fold_cast(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    Tensor result;
    result.type = static_cast<int>(node.integer("to", 0));
    result.dims = source.dims;
    const bool to_bool = result.type == TensorProto::BOOL;
    const bool to_integer = result.type == TensorProto::INT64 || result.type == TensorProto::INT32 || to_bool;
    if (!result.is_real() && !to_integer)
        node.fail("a constant is cast to type {}, which is not supported", result.type);
    node.charge(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (!to_integer) {
            result.reals.push_back(source.is_real() ? source.reals[i]
                                                    : static_cast<float>(source.integers[i]));
        } else if (source.is_real()) {
            if (std::fabs(source.reals[i]) > 1e18F) node.fail("{} does not fit an integer", source.reals[i]);
            const float value = source.reals[i];
            result.integers.push_back(to_bool ? (value < 0 || value > 0 ? 1 : 0)
                                              : static_cast<std::int64_t>(value));
        } else {
            result.integers.push_back(to_bool && source.integers[i] != 0 ? 1 : source.integers[i]);
        }
    }
    return result;
}

Tensor fold_constant_of_shape(const OnnxNode& node, const Inputs& inputs) {
    Tensor value;
    value.type = TensorProto::FLOAT;
    value.dims = {1};
    value.reals = {0};
    if (node.has("value")) value = read_tensor(node.tensor("value"), node.label());
    if (value.size() != 1) node.fail("its value has {} entries, not 1", value.size());
    return pick(node, value, need_list(node, inputs, 0), [](std::size_t) { return std::size_t{0}; });
}

Tensor fold_tile(const OnnxNode& node, const Inputs& inputs) {
    Tensor result = reshaped(node, need(node, inputs, 0), need(node, inputs, 0).dims);
    const Dims& repeats = need_list(node, inputs, 1);
    if (repeats.size() != result.dims.size())
        node.fail("has {} repeats for rank {}", repeats.size(), result.dims.size());
    for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
        const std::int64_t extent = result.dims[axis];
        if (repeats[axis] < 0) node.fail("repeats {} times", repeats[axis]);
        Dims dims = result.dims;
        dims[axis] = repeats[axis];
        node.charge(volume(node, dims));
        dims[axis] = extent;
        std::vector<std::size_t> chosen;
        for (std::int64_t i = 0; i < repeats[axis]; ++i)
            for (std::int64_t at = 0; at < extent; ++at) chosen.push_back(static_cast<std::size_t>(at));
        result = take(node, result, axis, chosen);
    }
    return result;
}

Tensor fold_range(const OnnxNode& node, const Inputs& inputs) {
    std::int64_t ends[3] = {0, 0, 0};
    for (std::size_t i = 0; i < 3; ++i) {
        const Dims& list = need_integers(node, inputs, i);
        if (list.size() != 1 || list[0] > kLargestIndex || list[0] < -kLargestIndex)
            node.fail("its start, limit and step must be numbers below 2^40");
        ends[i] = list[0];
    }
    if (ends[2] == 0) node.fail("has step 0");
    const std::int64_t way = ends[2] > 0 ? ends[1] - ends[0] : ends[0] - ends[1], step = std::abs(ends[2]);
    const std::int64_t count = way <= 0 ? 0 : (way + step - 1) / step;
    node.charge(static_cast<std::size_t>(count));
    Tensor result;
    result.type = inputs[0]->type;
    result.dims = {count};
    for (std::int64_t i = 0; i < count; ++i) result.integers.push_back(ends[0] + i * ends[2]);
    return result;
}

Tensor fold_size(const OnnxNode& node, const Inputs& inputs) {
    Tensor result;
    result.type = TensorProto::INT64;
    result.integers = {static_cast<std::int64_t>(need(node, inputs, 0).size())};
    return result;
}

/// Of all values.
Tensor fold_product(const OnnxNode& node, const Inputs& inputs) {
    const Tensor& source = need(node, inputs, 0);
    const Dims axes = axes_of(node, inputs);
    if (source.dims.size() > 1 || source.is_real() || axes.size() > 1)
        node.fail("multiplies a constant of shape {}; only lists of integers are", describe(source.dims));
    Tensor result;
    result.type = source.type;
    if (node.integer("keepdims", 1) != 0) result.dims.assign(source.dims.size(), 1);
    std::int64_t product = 1;
    for (const std::int64_t value : source.integers)
        if (__builtin_mul_overflow(product, value, &product)) node.fail("its product is too large");
    result.integers = {product};
    return result;
}

using Fold = Tensor (*)(const OnnxNode&, const Inputs&);
struct Entry {
    const char* op;
    Fold fold;
};

const Entry kFolds[] = {
    {"Identity", [](const OnnxNode& n, const Inputs& i) { return reshaped(n, need(n, i, 0), i[0]->dims); }},
    {"Cast", fold_cast},
    {"Gather", fold_gather},
    {"Slice", fold_slice},
    {"Concat", fold_concat},
    {"Squeeze", fold_squeeze},
    {"Unsqueeze", fold_unsqueeze},
    {"Reshape", fold_reshape},
    {"Transpose", fold_transpose},
    {"ConstantOfShape", fold_constant_of_shape},
    {"Tile", fold_tile},
    {"Range", fold_range},
    {"Size", fold_size},
    {"ReduceProd", fold_product},
    {"QuantizeLinear", quantize_constant},
    {"DequantizeLinear", dequantize_constant},
    {"Quant", quant_constant},
    {"BipolarQuant", bipolar_constant},
};

const Entry* find_fold(const std::string& op) {
    for (const Entry& entry : kFolds)
        if (op == entry.op) return &entry;
    return nullptr;
}

}  // namespace

bool can_fold(const std::string& op) {
    return find_fold(op) != nullptr || can_compute(op);
}

Tensor constant_fold(const OnnxNode& node, const std::vector<const Tensor*>& inputs) {
    const Entry* entry = find_fold(node.op());
    return entry != nullptr ? entry->fold(node, inputs) : computed_constant(node, inputs);
}

}  // namespace sliver::network
