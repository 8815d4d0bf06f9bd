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

DraftNode start(const OnnxNode& node, Kind kind, const Shape& shape) {
    DraftNode draft;
    draft.kind = kind;
    draft.label = node.label();
    draft.node.op = node.op();
    draft.node.shape = shape;
    return draft;
}

int extent(const OnnxNode& node, const char* what, std::int64_t value, std::int64_t lowest) {
    if (value < lowest || value > kLargestExtent)
        node.fail("{} is {}; {} to {} is supported", what, value, lowest, kLargestExtent);
    return static_cast<int>(value);
}

Dims listed(const OnnxNode& node, const char* name, const Dims& fallback) {
    Dims values = node.integers(name, fallback);
    if (values.size() != fallback.size())
        node.fail("{} has {} entries, not {}; only two-dimensional windows are supported", name,
                  values.size(), fallback.size());
    return values;
}

/// The window of a convolution or pool with this kernel.
Window read_window(const OnnxNode& node, std::int64_t kernel_height, std::int64_t kernel_width) {
    for (const std::int64_t dilation : listed(node, "dilations", {1, 1}))
        if (dilation != 1) node.fail("has dilation {}; only dilations = 1 is supported", dilation);
    const std::string automatic = node.text("auto_pad", "NOTSET");
    if (automatic != "NOTSET" && automatic != "VALID")
        node.fail("has auto_pad = {}; export the network with explicit pads", automatic);
    if (node.integer("ceil_mode", 0) != 0) node.fail("has ceil_mode = 1; only ceil_mode = 0 is supported");
    const Dims strides = listed(node, "strides", {1, 1});
    Dims pads = listed(node, "pads", {0, 0, 0, 0});
    if (automatic == "VALID") pads = {0, 0, 0, 0};
    Window window;
    window.kernel_height = extent(node, "kernel height", kernel_height, 1);
    window.kernel_width = extent(node, "kernel width", kernel_width, 1);
    window.stride_y = extent(node, "vertical stride", strides[0], 1);
    window.stride_x = extent(node, "horizontal stride", strides[1], 1);
    window.pad_top = extent(node, "top padding", pads[0], 0);
    window.pad_left = extent(node, "left padding", pads[1], 0);
    window.pad_bottom = extent(node, "bottom padding", pads[2], 0);
    window.pad_right = extent(node, "right padding", pads[3], 0);
    return window;
}

Shape checked_shape(const OnnxNode& node, std::int64_t channels, std::int64_t height, std::int64_t width) {
    const auto largest = static_cast<std::int64_t>(kLargestMap);
    if (channels <= 0 || height <= 0 || width <= 0 || channels > largest || height > largest / channels ||
        width > largest / channels / height)
        node.fail("its result would be {}x{}x{}; 1 to {} values are supported", channels, height, width,
                  kLargestMap);
    return {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
}

Shape slide(const OnnxNode& node, const Window& window, const Shape& input, std::int64_t channels) {
    const int free_height = input.height + window.pad_top + window.pad_bottom - window.kernel_height;
    const int free_width = input.width + window.pad_left + window.pad_right - window.kernel_width;
    if (free_height < 0 || free_width < 0)
        node.fail("its {}x{} window is larger than the padded {}x{} map", window.kernel_height,
                  window.kernel_width, input.height + window.pad_top + window.pad_bottom,
                  input.width + window.pad_left + window.pad_right);
    return checked_shape(node, channels, free_height / window.stride_y + 1, free_width / window.stride_x + 1);
}

/// Of weights that a DequantizeLinear made.
std::optional<WeightGrid> grid_of(const Tensor& weights) {
    if (!weights.grid_exponent) return std::nullopt;
    return WeightGrid{{std::ldexp(1.0F, *weights.grid_exponent)}, 8};
}

void need_float(const OnnxNode& node, const char* what, const Tensor& tensor) {
    if (!tensor.is_real()) node.fail("its {} must be floats", what);
}

/// Bias of `outputs` values: absent, one for all, or one an output (further dimensions of extent 1 allowed in
/// front).
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

/// A linear layer whose weight of (output, row) is weights[row][output], or [output][row] where `transposed`.
DraftNode linear_layer(const OnnxNode& node, const Shape& input, Tensor weights, bool transposed) {
    need_float(node, "weights", weights);
    if (weights.dims.size() != 2)
        node.fail("its weights have shape {}; a matrix is wanted", describe(weights.dims));
    const std::int64_t rows = weights.dims[transposed ? 1 : 0], outputs = weights.dims[transposed ? 0 : 1];
    if (input.height != 1 || input.width != 1)
        node.fail("reads a map of {}; flatten it to (batch, features) first", describe(input));
    if (rows != input.channels)
        node.fail("its weights take {} features, but its input has {}", rows, input.channels);
    DraftNode draft = start(node, Kind::matrix, checked_shape(node, outputs, 1, 1));
    draft.node.outputs = static_cast<int>(outputs);
    draft.node.rows = static_cast<int>(rows);
    draft.node.weight_grid = grid_of(weights);
    node.charge(weights.size());
    if (transposed) {
        draft.node.weights = std::move(weights.reals);
        return draft;
    }
    draft.node.weights.resize(weights.reals.size());
    const auto row_count = static_cast<std::size_t>(rows), output_count = static_cast<std::size_t>(outputs);
    for (std::size_t o = 0; o < output_count; ++o)
        for (std::size_t r = 0; r < row_count; ++r)
            draft.node.weights[o * row_count + r] = weights.reals[r * output_count + o];
    return draft;
}

}  // namespace

std::string describe(const Shape& shape) {
    return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

DraftNode conv_layer(const OnnxNode& node, const Shape& input, Tensor weights, const Tensor* bias) {
    need_float(node, "weights", weights);
    if (node.integer("group", 1) != 1)
        node.fail("has group = {}; grouped and depthwise convolutions are not supported, only group = 1",
                  node.integer("group", 1));
    if (weights.dims.size() != 4)
        node.fail("its weights have shape {}; only two-dimensional convolutions are supported",
                  describe(weights.dims));
    if (weights.dims[1] != input.channels)
        node.fail("its weights take {} channels, but its input has {}", weights.dims[1], input.channels);
    const Dims kernel = listed(node, "kernel_shape", {weights.dims[2], weights.dims[3]});
    if (kernel[0] != weights.dims[2] || kernel[1] != weights.dims[3])
        node.fail("kernel_shape {} does not fit weights of shape {}", describe(kernel),
                  describe(weights.dims));
    const Window window = read_window(node, kernel[0], kernel[1]);
    DraftNode draft = start(node, Kind::matrix, slide(node, window, input, weights.dims[0]));
    draft.node.window = window;
    draft.node.outputs = draft.node.shape.channels;
    draft.node.rows = static_cast<int>(weights.dims[1] * weights.dims[2] * weights.dims[3]);
    node.charge(weights.size());
    draft.node.weights = std::move(weights.reals);
    draft.node.weight_grid = grid_of(weights);
    draft.node.bias = read_bias(node, bias, weights.dims[0], 1.0F);
    return draft;
}

DraftNode gemm_layer(const OnnxNode& node, const Shape& input, Tensor weights, const Tensor* bias) {
    if (node.integer("transA", 0) != 0) node.fail("has transA = 1, which is not supported");
    DraftNode draft = linear_layer(node, input, std::move(weights), node.integer("transB", 0) != 0);
    draft.node.bias = read_bias(node, bias, draft.node.outputs, node.real("beta", 1.0F));
    const float alpha = node.real("alpha", 1.0F);
    const bool scaled = alpha < 1.0F || alpha > 1.0F;
    if (scaled || std::isnan(alpha)) {
        draft.node.weight_grid.reset();
        for (float& weight : draft.node.weights) weight *= alpha;
    }
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(draft.node.weights.begin(), draft.node.weights.end(), finite) ||
        !std::all_of(draft.node.bias.begin(), draft.node.bias.end(), finite))
        node.fail("alpha and beta make its weights infinite or NaN");
    return draft;
}

DraftNode matmul_layer(const OnnxNode& node, const Shape& input, Tensor weights) {
    DraftNode draft = linear_layer(node, input, std::move(weights), false);
    draft.node.bias = read_bias(node, nullptr, draft.node.outputs, 1.0F);
    return draft;
}

DraftNode pool_layer(const OnnxNode& node, const Shape& input) {
    if (!node.has("kernel_shape")) node.fail("has no kernel_shape");
    const Dims kernel = listed(node, "kernel_shape", {1, 1});
    const Window window = read_window(node, kernel[0], kernel[1]);
    if (std::max(window.pad_top, window.pad_bottom) >= window.kernel_height ||
        std::max(window.pad_left, window.pad_right) >= window.kernel_width)
        node.fail("its padding is as large as its window");
    if (node.integer("storage_order", 0) != 0) node.fail("has storage_order = 1, which is not supported");
    const Kind kind = node.op() == "MaxPool" ? Kind::max_pool : Kind::average_pool;
    DraftNode draft = start(node, kind, slide(node, window, input, input.channels));
    draft.node.window = window;
    draft.node.count_include_pad = node.integer("count_include_pad", 0) != 0;
    return draft;
}

DraftNode global_average_layer(const OnnxNode& node, const Shape& input) {
    DraftNode draft = start(node, Kind::average_pool, {input.channels, 1, 1});
    draft.node.window.kernel_height = input.height;
    draft.node.window.kernel_width = input.width;
    return draft;
}

DraftNode batch_norm_layer(const OnnxNode& node, const Shape& input, const Tensor& gain, const Tensor& offset,
                           const Tensor& mean, const Tensor& variance) {
    if (node.integer("training_mode", 0) != 0)
        node.fail("is in training mode; export the network in evaluation mode");
    if (node.integer("spatial", 1) != 1) node.fail("has spatial = 0, which is not supported");
    for (const Tensor* tensor : {&gain, &offset, &mean, &variance}) {
        need_float(node, "parameters", *tensor);
        if (tensor->dims != Dims{input.channels})
            node.fail("has a parameter of shape {} for {} channels", describe(tensor->dims), input.channels);
    }
    node.charge(2 * gain.size());
    const double epsilon = node.real("epsilon", 1e-5F);
    DraftNode draft = start(node, Kind::affine, input);
    for (std::size_t c = 0; c < gain.reals.size(); ++c) {
        const double spread = variance.reals[c] + epsilon;
        if (!(spread > 0))
            node.fail("variance {} plus epsilon {} of channel {} is not positive", variance.reals[c], epsilon,
                      c);
        draft.gain.push_back(gain.reals[c] / std::sqrt(spread));
        draft.shift.push_back(offset.reals[c] - mean.reals[c] * draft.gain.back());
    }
    return draft;
}

DraftNode bias_layer(const OnnxNode& node, const Shape& input, int rank, const Tensor& bias) {
    need_float(node, "constant", bias);
    // Right-aligned against (batch, channels[, height, width]): everything but the channel must be 1.
    const std::size_t behind = static_cast<std::size_t>(rank) - 2;
    bool fits = bias.dims.size() <= static_cast<std::size_t>(rank);
    for (std::size_t i = 0; i < bias.dims.size() && fits; ++i) {
        const std::size_t from_end = bias.dims.size() - 1 - i;
        fits = bias.dims[i] == 1 || (from_end == behind && bias.dims[i] == input.channels);
    }
    if (!fits)
        node.fail("adds a constant of shape {}; only one value, or one a channel, is supported",
                  describe(bias.dims));
    node.charge(static_cast<std::size_t>(input.channels));
    DraftNode draft = start(node, Kind::affine, input);
    for (std::size_t c = 0; c < static_cast<std::size_t>(input.channels); ++c)
        draft.shift.push_back(bias.reals[bias.size() == 1 ? 0 : c]);
    return draft;
}

DraftNode pad_layer(const OnnxNode& node, const Shape& input, const std::vector<std::int64_t>& pads) {
    if (node.text("mode", "constant") != "constant")
        node.fail("pads in mode {}; only zeros are supported", node.text("mode", "constant"));
    if (pads.size() != 8)
        node.fail("has {} pads, not 8; only maps with height and width are padded", pads.size());
    if (pads[0] != 0 || pads[1] != 0 || pads[4] != 0 || pads[5] != 0)
        node.fail("pads the batch or the channels");
    Window window;
    window.pad_top = extent(node, "top padding", pads[2], 0);
    window.pad_left = extent(node, "left padding", pads[3], 0);
    window.pad_bottom = extent(node, "bottom padding", pads[6], 0);
    window.pad_right = extent(node, "right padding", pads[7], 0);
    DraftNode draft = start(
        node, Kind::pad,
        checked_shape(node, input.channels, std::int64_t{input.height} + window.pad_top + window.pad_bottom,
                      std::int64_t{input.width} + window.pad_left + window.pad_right));
    draft.node.window = window;
    return draft;
}

}  // namespace sliver::network
