#include "network/float_executor.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace sliver::network {

namespace {

constexpr std::size_t kPanel = 8;    // outputs computed together: they share each input value
constexpr std::size_t kWindows = 4;  // windows computed together: they share each weight
constexpr std::size_t kGather = 32;  // windows gathered at a time; a few hundred kilobytes of columns

std::vector<float> pack(const FloatNode& node) {
    const auto outputs = static_cast<std::size_t>(node.outputs), rows = static_cast<std::size_t>(node.rows);
    const std::size_t panels = (outputs + kPanel - 1) / kPanel;
    std::vector<float> packed(panels * rows * kPanel, 0.0F);
    for (std::size_t o = 0; o < outputs; ++o)
        for (std::size_t r = 0; r < rows; ++r)
            packed[(o / kPanel * rows + r) * kPanel + o % kPanel] = node.weights[o * rows + r];
    return packed;
}

void gather(const FloatNode& node, const Shape& input_shape, const float* input, int y, int x, float* out) {
    const Window& window = node.window;
    const int top = y * window.stride_y - window.pad_top, left = x * window.stride_x - window.pad_left;
    for (int channel = 0; channel < input_shape.channels; ++channel) {
        const float* plane = input + std::ptrdiff_t{channel} * input_shape.height * input_shape.width;
        for (int row = top; row < top + window.kernel_height; ++row)
            for (int column = left; column < left + window.kernel_width; ++column, ++out) {
                const bool outside =
                    row < 0 || row >= input_shape.height || column < 0 || column >= input_shape.width;
                *out = outside ? 0.0F : plane[std::ptrdiff_t{row} * input_shape.width + column];
            }
    }
}

/// sums[window][output] of one panel over kWindows columns.
void multiply(const float* panel, const float* columns, std::size_t rows, float (&sums)[kWindows][kPanel]) {
    float local[kWindows][kPanel] = {};
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t w = 0; w < kWindows; ++w) {
            const float value = columns[w * rows + r];
            for (std::size_t o = 0; o < kPanel; ++o) local[w][o] += value * panel[r * kPanel + o];
        }
    std::memcpy(sums, local, sizeof local);
}

std::vector<float> matrix(const FloatNode& node, const std::vector<float>& panels, const Shape& input_shape,
                          const std::vector<float>& input) {
    const auto rows = static_cast<std::size_t>(node.rows), outputs = static_cast<std::size_t>(node.outputs);
    const auto width = static_cast<std::size_t>(node.shape.width);
    const std::size_t windows = static_cast<std::size_t>(node.shape.height) * width;
    std::vector<float> map(node.shape.size()), columns(std::min(kGather, windows + kWindows) * rows, 0.0F);
    float sums[kWindows][kPanel];
    for (std::size_t first = 0; first < windows; first += kGather) {
        const std::size_t count = std::min(kGather, windows - first);
        for (std::size_t w = 0; w < count; ++w)
            gather(node, input_shape, input.data(), static_cast<int>((first + w) / width),
                   static_cast<int>((first + w) % width), columns.data() + w * rows);
        for (std::size_t panel = 0; panel * kPanel < outputs; ++panel)
            for (std::size_t w = 0; w < count; w += kWindows) {
                multiply(panels.data() + panel * rows * kPanel, columns.data() + w * rows, rows, sums);
                for (std::size_t o = panel * kPanel; o < std::min(outputs, (panel + 1) * kPanel); ++o)
                    for (std::size_t k = w; k < std::min(count, w + kWindows); ++k) {
                        const float value = sums[k - w][o % kPanel] + node.bias[o];
                        map[o * windows + first + k] = node.relu ? std::max(value, 0.0F) : value;
                    }
            }
    }
    return map;
}

std::vector<float> pool(const FloatNode& node, const Shape& input_shape, const std::vector<float>& input) {
    const Window& window = node.window;
    const bool average = node.kind == NodeKind::average_pool;
    std::vector<float> map;
    map.reserve(node.shape.size());
    for (int channel = 0; channel < node.shape.channels; ++channel)
        for (int y = 0; y < node.shape.height; ++y)
            for (int x = 0; x < node.shape.width; ++x) {
                const int top = y * window.stride_y - window.pad_top,
                          left = x * window.stride_x - window.pad_left;
                float sum = 0, largest = -std::numeric_limits<float>::infinity();
                int count = 0;
                for (int row = std::max(top, 0);
                     row < std::min(top + window.kernel_height, input_shape.height); ++row)
                    for (int column = std::max(left, 0);
                         column < std::min(left + window.kernel_width, input_shape.width); ++column) {
                        const std::size_t at = (static_cast<std::size_t>(channel) *
                                                    static_cast<std::size_t>(input_shape.height) +
                                                static_cast<std::size_t>(row)) *
                                                   static_cast<std::size_t>(input_shape.width) +
                                               static_cast<std::size_t>(column);
                        sum += input[at];
                        largest = std::max(largest, input[at]);
                        ++count;
                    }
                if (node.count_include_pad) count = window.kernel_height * window.kernel_width;
                map.push_back(average ? sum / static_cast<float>(count) : largest);
            }
    return map;
}

}  // namespace

FloatExecutor::FloatExecutor(const FloatNetwork& network)
    : network_(&network), panels_(network.nodes.size()), last_reader_(network.nodes.size(), 0) {
    for (NodeId id = 0; id < network.nodes.size(); ++id) {
        const FloatNode& node = network.nodes[id];
        if (node.kind == NodeKind::matrix) panels_[id] = pack(node);
        for (const NodeId input : node.inputs) last_reader_[input] = id;
    }
}

std::vector<float> FloatExecutor::run(const float* image, const Visit& visit) const {
    const std::vector<FloatNode>& nodes = network_->nodes;
    std::vector<std::vector<float>> maps(nodes.size());
    for (NodeId id = 0; id < nodes.size(); ++id) {
        const FloatNode& node = nodes[id];
        std::vector<float>& map = maps[id];
        if (node.kind == NodeKind::input) {
            map.assign(image, image + node.shape.size());
        } else {
            const std::vector<float>& input = maps[node.inputs[0]];
            const Shape& input_shape = nodes[node.inputs[0]].shape;
            switch (node.kind) {
                case NodeKind::matrix:
                    map = matrix(node, panels_[id], input_shape, input);
                    break;
                case NodeKind::max_pool:
                case NodeKind::average_pool:
                    map = pool(node, input_shape, input);
                    break;
                default:  // add, relu, flatten: value by value
                    map = input;
                    if (node.kind == NodeKind::add)
                        for (std::size_t i = 0; i < map.size(); ++i) map[i] += maps[node.inputs[1]][i];
                    if (node.relu || node.kind == NodeKind::relu)
                        for (float& value : map) value = std::max(value, 0.0F);
            }
        }
        if (visit) visit(id, map);
        for (const NodeId input : node.inputs)
            if (last_reader_[input] == id) std::vector<float>().swap(maps[input]);
    }
    return std::move(maps.back());
}

}  // namespace sliver::network
