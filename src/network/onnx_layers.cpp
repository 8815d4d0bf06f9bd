#include "network/onnx_layers.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "network/onnx_model.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;
using Dims = std::vector<std::int64_t>;

/// Kernels, strides and paddings beyond this are no network; the cap keeps the arithmetic below within range.
constexpr std::int64_t kLargestExtent = 1 << 16;

int extent(const OnnxNode& node, const char* what, std::int64_t value, std::int64_t lowest) {
    if (value < lowest || value > kLargestExtent)
        node.fail("{} is {}; {} to {} is supported", what, value, lowest, kLargestExtent);
    return static_cast<int>(value);
}

/// Two numbers, for height and width; a node on one spatial dimension gives the second only.
Dims listed(const OnnxNode& node, const char* name, int spatial, std::int64_t otherwise) {
    Dims values = node.integers(name, Dims(static_cast<std::size_t>(spatial), otherwise));
    if (values.size() != static_cast<std::size_t>(spatial))
        node.fail("{} has {} entries, not {}", name, values.size(), spatial);
    if (spatial == 1) values.insert(values.begin(), otherwise);
    return values;
}

/// Along one dimension: what auto_pad and ceil_mode make of the window.
struct Side {
    int kernel, stride, dilation, begin, end, extent;
    [[nodiscard]] std::int64_t reach() const { return std::int64_t{kernel - 1} * dilation + 1; }

    /// As many outputs as strides fit in the map; what is left over goes to both sides.
    void pad_same(bool more_at_end) {
        const std::int64_t outputs = (std::int64_t{extent} + stride - 1) / stride;
        const std::int64_t all = std::max<std::int64_t>((outputs - 1) * stride + reach() - extent, 0);
        begin = static_cast<int>(more_at_end ? all / 2 : all - all / 2);
        end = static_cast<int>(all - begin);
    }
    /// A last window that hangs over the end, but does not begin behind the map: more padding makes room for
    /// it. True where there is one.
    bool round_up() {
        const std::int64_t free = std::int64_t{extent} + begin + end - reach();
        if (free < 0 || free % stride == 0) return false;
        const std::int64_t last = (free / stride + 1) * stride;
        if (last >= std::int64_t{extent} + begin) return false;
        end += static_cast<int>(last - free);
        return true;
    }
    /// Whether some window holds nothing but padding.
    [[nodiscard]] bool misses() const {
        const std::int64_t free = std::int64_t{extent} + begin + end - reach();
        for (std::int64_t at = -begin; at <= free - begin; at += stride) {
            const std::int64_t first = at >= 0 ? at : at + (-at + dilation - 1) / dilation * dilation;
            if (first >= std::min<std::int64_t>(extent, at + reach())) return true;
        }
        return false;
    }
};

/// The window of a convolution or pool with this kernel.
Window read_window(const OnnxNode& node, const MapInput& input, const Dims& kernel, bool pool) {
    const int spatial = input.spatial;
    const Dims strides = listed(node, "strides", spatial, 1),
               dilations = listed(node, "dilations", spatial, 1);
    Dims pads = node.integers("pads", Dims(2 * static_cast<std::size_t>(spatial), 0));
    if (pads.size() != 2 * static_cast<std::size_t>(spatial))
        node.fail("pads has {} entries, not {}", pads.size(), 2 * spatial);
    if (spatial == 1) pads = {0, pads[0], 0, pads[1]};
    const std::string automatic = node.text("auto_pad", "NOTSET");
    const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
    if (!same && automatic != "NOTSET" && !automatic.empty() && automatic != "VALID")
        node.fail("has auto_pad = {}; NOTSET, VALID, SAME_UPPER and SAME_LOWER are supported", automatic);
    if (automatic == "VALID") pads = {0, 0, 0, 0};
    Side y{extent(node, "kernel height", kernel[0], 1),        extent(node, "vertical stride", strides[0], 1),
           extent(node, "vertical dilation", dilations[0], 1), extent(node, "top padding", pads[0], 0),
           extent(node, "bottom padding", pads[2], 0),         input.shape.height};
    Side x{extent(node, "kernel width", kernel[1], 1),
           extent(node, "horizontal stride", strides[1], 1),
           extent(node, "horizontal dilation", dilations[1], 1),
           extent(node, "left padding", pads[1], 0),
           extent(node, "right padding", pads[3], 0),
           input.shape.width};
    if (y.reach() > kLargestExtent || x.reach() > kLargestExtent)
        node.fail("its dilated window is {}x{}; up to {} is supported", y.reach(), x.reach(), kLargestExtent);
    if (same) {
        y.pad_same(automatic == "SAME_UPPER");
        x.pad_same(automatic == "SAME_UPPER");
    }
    if (pool) {
        if (!same && (std::max(y.begin, y.end) >= y.reach() || std::max(x.begin, x.end) >= x.reach()))
            node.fail("its padding is as large as its window");
        if (node.integer("ceil_mode", 0) != 0 && !same) {
            const bool padded = y.begin + y.end + x.begin + x.end != 0;
            const bool down = y.round_up(), across = x.round_up();
            if ((down || across) && node.integer("count_include_pad", 0) != 0)
                node.fail(
                    "has ceil_mode = 1 and count_include_pad = 1, and windows that hang over the {} map; "
                    "that "
                    "is not supported: export it with ceil_mode = 0",
                    padded ? "padded" : "unpadded");
        }
        if (y.misses() || x.misses()) node.fail("has a window that holds nothing but padding");
    }
    Window window;
    window.kernel_height = y.kernel;
    window.kernel_width = x.kernel;
    window.stride_y = y.stride;
    window.stride_x = x.stride;
    window.pad_top = y.begin;
    window.pad_left = x.begin;
    window.pad_bottom = y.end;
    window.pad_right = x.end;
    window.dilation_y = y.dilation;
    window.dilation_x = x.dilation;
    return window;
}

Shape slide(const OnnxNode& node, const Window& window, const Shape& input, std::int64_t channels) {
    const int free_height = input.height + window.pad_top + window.pad_bottom - window.reach_y();
    const int free_width = input.width + window.pad_left + window.pad_right - window.reach_x();
    if (free_height < 0 || free_width < 0)
        node.fail("its {}x{} window is larger than the padded {}x{} map", window.reach_y(), window.reach_x(),
                  input.height + window.pad_top + window.pad_bottom,
                  input.width + window.pad_left + window.pad_right);
    return checked_shape(node, channels, free_height / window.stride_y + 1, free_width / window.stride_x + 1);
}

/// Of weights that a DequantizeLinear made, whose outputs are the dimension `axis`.
std::optional<WeightGrid> grid_of(const Tensor& weights, std::size_t axis, std::size_t outputs) {
    if (!weights.grid) return std::nullopt;
    const std::vector<float>& steps = weights.grid->steps;
    if (steps.size() != 1 && (weights.grid->axis != axis || steps.size() != outputs)) return std::nullopt;
    return WeightGrid{steps, weights.grid->bits};
}

void need_float(const OnnxNode& node, const char* what, const Tensor& tensor) {
    if (!tensor.is_real()) node.fail("its {} must be floats", what);
}

}  // namespace

std::string describe(const Shape& shape) {
    return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

Shape checked_shape(const OnnxNode& node, std::int64_t channels, std::int64_t height, std::int64_t width) {
    const auto largest = static_cast<std::int64_t>(kLargestMap);
    if (channels <= 0 || height <= 0 || width <= 0 || channels > largest || height > largest / channels ||
        width > largest / channels / height)
        node.fail("its result would be {}x{}x{}; 1 to {} values are supported", channels, height, width,
                  kLargestMap);
    return {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
}

std::vector<float> read_bias(const OnnxNode& node, const Tensor* bias, std::int64_t outputs, float factor) {
    node.charge(static_cast<std::size_t>(outputs));
    std::vector<float> values(static_cast<std::size_t>(outputs), 0.0F);
    if (bias == nullptr) return values;
    need_float(node, "bias", *bias);
    const bool flat = bias->dims.empty() || bias->dims.back() == static_cast<std::int64_t>(bias->size());
    if (!flat || (bias->size() != values.size() && bias->size() != 1))
        node.fail("its bias has shape {}, wanted {}", describe(bias->dims), outputs);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = factor * (bias->size() == 1 ? bias->reals[0] : bias->reals[i]);
    return values;
}

DraftNode linear_layer(const OnnxNode& node, int features, Tensor weights, bool transposed,
                       const std::vector<std::int32_t>& places) {
    need_float(node, "weights", weights);
    if (weights.dims.size() != 2)
        node.fail("its weights have shape {}; a matrix is wanted", describe(weights.dims));
    const std::int64_t rows = weights.dims[transposed ? 1 : 0], outputs = weights.dims[transposed ? 0 : 1];
    if (rows != features) node.fail("its weights take {} features, but its input has {}", rows, features);
    DraftNode draft = Importer::start(node, Kind::matrix, checked_shape(node, outputs, 1, 1));
    draft.node.outputs = static_cast<int>(outputs);
    draft.node.rows = static_cast<int>(rows);
    const auto row_count = static_cast<std::size_t>(rows), output_count = static_cast<std::size_t>(outputs);
    draft.node.weight_grid = grid_of(weights, transposed ? 0 : 1, output_count);
    node.charge(weights.size());
    if (transposed && places.empty()) {
        draft.node.weights = std::move(weights.reals);
        return draft;
    }
    draft.node.weights.resize(weights.reals.size());
    for (std::size_t o = 0; o < output_count; ++o)
        for (std::size_t r = 0; r < row_count; ++r)
            draft.node.weights[o * row_count + (places.empty() ? r : static_cast<std::size_t>(places[r]))] =
                weights.reals[transposed ? o * row_count + r : r * output_count + o];
    return draft;
}

DraftNode conv_layer(const OnnxNode& node, const MapInput& input, Tensor weights, const Tensor* bias) {
    need_float(node, "weights", weights);
    const auto rank = static_cast<std::size_t>(input.spatial) + 2;
    if (weights.dims.size() != rank)
        node.fail("its weights have shape {}; {} dimensions are wanted for its input", describe(weights.dims),
                  rank);
    const std::int64_t groups = node.integer("group", 1);
    if (groups < 1 || input.shape.channels % groups != 0 || weights.dims[0] % groups != 0)
        node.fail("has group = {}, which does not divide {} channels and {} outputs", groups,
                  input.shape.channels, weights.dims[0]);
    if (weights.dims[1] != input.shape.channels / groups)
        node.fail("its weights take {} channels, but its input has {}{}", weights.dims[1],
                  input.shape.channels, groups == 1 ? "" : fmt::format(" in {} groups", groups));
    Dims kernel(weights.dims.begin() + 2, weights.dims.end());
    if (node.has("kernel_shape") && node.integers("kernel_shape", {}) != kernel)
        node.fail("kernel_shape {} does not fit weights of shape {}",
                  describe(node.integers("kernel_shape", {})), describe(weights.dims));
    if (input.spatial == 1) kernel.insert(kernel.begin(), 1);
    const Window window = read_window(node, input, kernel, false);
    DraftNode draft = Importer::start(node, Kind::matrix, slide(node, window, input.shape, weights.dims[0]));
    draft.node.window = window;
    draft.node.outputs = draft.node.shape.channels;
    draft.node.groups = static_cast<int>(groups);
    const std::int64_t rows = groups * weights.dims[1] * kernel[0] * kernel[1];
    if (rows > static_cast<std::int64_t>(kLargestMap))
        node.fail("has {} rows; up to {} are supported", rows, kLargestMap);
    draft.node.rows = static_cast<int>(rows);
    node.charge(weights.size());
    draft.node.weight_grid = grid_of(weights, 0, static_cast<std::size_t>(weights.dims[0]));
    draft.node.weights = std::move(weights.reals);
    draft.node.bias = read_bias(node, bias, draft.node.outputs, 1.0F);
    return draft;
}

DraftNode pool_layer(const OnnxNode& node, const MapInput& input, bool average) {
    if (!node.has("kernel_shape")) node.fail("has no kernel_shape");
    const Dims kernel = listed(node, "kernel_shape", input.spatial, 1);
    const Window window = read_window(node, input, kernel, true);
    if (node.integer("storage_order", 0) != 0) node.fail("has storage_order = 1, which is not supported");
    DraftNode draft = Importer::start(node, average ? Kind::average_pool : Kind::max_pool,
                                      slide(node, window, input.shape, input.shape.channels));
    draft.node.window = window;
    draft.node.count_include_pad = average && node.integer("count_include_pad", 0) != 0;
    return draft;
}

DraftNode global_pool_layer(const OnnxNode& node, const Shape& input, bool average, bool height, bool width) {
    DraftNode draft = Importer::start(node, average ? Kind::average_pool : Kind::max_pool,
                                      {input.channels, height ? 1 : input.height, width ? 1 : input.width});
    if (height) draft.node.window.kernel_height = input.height;
    if (width) draft.node.window.kernel_width = input.width;
    return draft;
}

void batch_norm(const OnnxNode& node, std::int64_t channels, const std::vector<const Tensor*>& parameters,
                std::vector<double>& gain, std::vector<double>& shift) {
    if (node.integer("training_mode", 0) != 0)
        node.fail("is in training mode; export the network in evaluation mode");
    if (node.integer("spatial", 1) != 1) node.fail("has spatial = 0, which is not supported");
    for (const Tensor* tensor : parameters) {
        need_float(node, "parameters", *tensor);
        if (tensor->dims != Dims{channels})
            node.fail("has a parameter of shape {} for {} channels", describe(tensor->dims), channels);
    }
    const Tensor &scale = *parameters[0], &offset = *parameters[1], &mean = *parameters[2],
                 &variance = *parameters[3];
    node.charge(2 * scale.size());
    const double epsilon = node.real("epsilon", 1e-5F);
    for (std::size_t c = 0; c < scale.reals.size(); ++c) {
        const double spread = variance.reals[c] + epsilon;
        if (!(spread > 0))
            node.fail("variance {} plus epsilon {} of channel {} is not positive", variance.reals[c], epsilon,
                      c);
        gain.push_back(scale.reals[c] / std::sqrt(spread));
        shift.push_back(offset.reals[c] - mean.reals[c] * gain.back());
    }
}

DraftNode pad_layer(const OnnxNode& node, const Shape& input, const std::vector<std::int64_t>& pads) {
    Window window;
    window.pad_top = extent(node, "top padding", pads[0], 0);
    window.pad_left = extent(node, "left padding", pads[1], 0);
    window.pad_bottom = extent(node, "bottom padding", pads[2], 0);
    window.pad_right = extent(node, "right padding", pads[3], 0);
    DraftNode draft = Importer::start(
        node, Kind::pad,
        checked_shape(node, input.channels, std::int64_t{input.height} + window.pad_top + window.pad_bottom,
                      std::int64_t{input.width} + window.pad_left + window.pad_right));
    draft.node.window = window;
    return draft;
}

}  // namespace sliver::network
