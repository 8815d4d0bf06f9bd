#include "network/float_executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace sliver::network {

namespace {

constexpr std::size_t kPanel = 8;    // outputs computed together: they share each input value
constexpr std::size_t kWindows = 4;  // windows computed together: they share each weight
constexpr std::size_t kGather = 32;  // windows gathered at a time; a few hundred kilobytes of columns

/// Panels of one group after the other.
std::vector<float> pack(const FloatNode& node) {
    const auto groups = static_cast<std::size_t>(node.groups);
    const auto outputs = static_cast<std::size_t>(node.outputs) / groups,
               rows = static_cast<std::size_t>(node.rows) / groups;
    const std::size_t panels = (outputs + kPanel - 1) / kPanel;
    std::vector<float> packed(groups * panels * rows * kPanel, 0.0F);
    for (std::size_t group = 0; group < groups; ++group)
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t r = 0; r < rows; ++r)
                packed[((group * panels + o / kPanel) * rows + r) * kPanel + o % kPanel] =
                    node.weights[(group * outputs + o) * rows + r];
    return packed;
}

void gather(const FloatNode& node, const Shape& input_shape, const float* input, int y, int x, float* out) {
    const Window& window = node.window;
    const int top = y * window.stride_y - window.pad_top, left = x * window.stride_x - window.pad_left;
    for (int channel = 0; channel < input_shape.channels; ++channel) {
        const float* plane = input + std::ptrdiff_t{channel} * input_shape.height * input_shape.width;
        for (int row = top; row < top + window.reach_y(); row += window.dilation_y)
            for (int column = left; column < left + window.reach_x(); column += window.dilation_x, ++out) {
                const bool outside =
                    row < 0 || row >= input_shape.height || column < 0 || column >= input_shape.width;
                *out = outside ? 0.0F : plane[std::ptrdiff_t{row} * input_shape.width + column];
            }
    }
}

/// sums[window][output] of one panel over kWindows columns that lie `stride` apart.
void multiply(const float* panel, const float* columns, std::size_t rows, std::size_t stride,
              float (&sums)[kWindows][kPanel]) {
    float local[kWindows][kPanel] = {};
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t w = 0; w < kWindows; ++w) {
            const float value = columns[w * stride + r];
            for (std::size_t o = 0; o < kPanel; ++o) local[w][o] += value * panel[r * kPanel + o];
        }
    std::memcpy(sums, local, sizeof local);
}

std::vector<float> matrix(const FloatNode& node, const std::vector<float>& panels, const Shape& input_shape,
                          const std::vector<float>& input) {
    const auto groups = static_cast<std::size_t>(node.groups), all_rows = static_cast<std::size_t>(node.rows);
    const std::size_t rows = all_rows / groups, outputs = static_cast<std::size_t>(node.outputs) / groups;
    const std::size_t panels_each = (outputs + kPanel - 1) / kPanel;
    const auto width = static_cast<std::size_t>(node.shape.width);
    const std::size_t windows = static_cast<std::size_t>(node.shape.height) * width;
    std::vector<float> map(node.shape.size()),
        columns(std::min(kGather, windows + kWindows) * all_rows, 0.0F);
    float sums[kWindows][kPanel];
    for (std::size_t first = 0; first < windows; first += kGather) {
        const std::size_t count = std::min(kGather, windows - first);
        for (std::size_t w = 0; w < count; ++w)
            gather(node, input_shape, input.data(), static_cast<int>((first + w) / width),
                   static_cast<int>((first + w) % width), columns.data() + w * all_rows);
        for (std::size_t panel = 0; panel < groups * panels_each; ++panel) {
            const std::size_t group = panel / panels_each, begin = panel % panels_each * kPanel;
            for (std::size_t w = 0; w < count; w += kWindows) {
                multiply(panels.data() + panel * rows * kPanel, columns.data() + w * all_rows + group * rows,
                         rows, all_rows, sums);
                for (std::size_t o = begin; o < std::min(outputs, begin + kPanel); ++o)
                    for (std::size_t k = w; k < std::min(count, w + kWindows); ++k)
                        map[(group * outputs + o) * windows + first + k] =
                            sums[k - w][o - begin] + node.bias[group * outputs + o];
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
                for (int row = first_on_map(top, window.dilation_y);
                     row < std::min(top + window.reach_y(), input_shape.height); row += window.dilation_y)
                    for (int column = first_on_map(left, window.dilation_x);
                         column < std::min(left + window.reach_x(), input_shape.width);
                         column += window.dilation_x) {
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

float number(const std::vector<float>& values, std::size_t index, std::size_t pixels, std::size_t size) {
    return values[values.size() == 1 ? 0 : values.size() == size ? index : index / pixels];
}

/// What works value by value: inputs of the node's own extent, or one value a channel.
std::vector<float> value_by_value(const FloatNode& node,
                                  const std::vector<const std::vector<float>*>& inputs) {
    std::vector<float> map;
    if (node.kind == NodeKind::concat) {
        for (const std::vector<float>* input : inputs) map.insert(map.end(), input->begin(), input->end());
        return map;
    }
    const std::vector<float>& input = *inputs[0];
    if (node.kind == NodeKind::gather) {
        map.reserve(node.places.size());
        for (const std::int32_t place : node.places)
            map.push_back(place < 0 ? node.fill : input[static_cast<std::size_t>(place)]);
        return map;
    }
    map = input;
    const std::size_t size = map.size(), pixels = node.shape.pixels();
    if (node.kind == NodeKind::add)
        for (std::size_t i = 0; i < size; ++i) map[i] += (*inputs[1])[i];
    if (node.kind == NodeKind::multiply)
        for (std::size_t i = 0; i < size; ++i)
            map[i] *= (*inputs[1])[inputs[1]->size() == size ? i : i / pixels];
    if (node.kind == NodeKind::scale)
        for (std::size_t i = 0; i < size; ++i)
            map[i] = map[i] * number(node.gain, i, pixels, size) + number(node.shift, i, pixels, size);
    if (node.kind == NodeKind::table)
        for (float& value : map) {
            double result = value;
            for (const Function& function : node.functions) result = function(result);
            value = static_cast<float>(result);
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
                default: {
                    std::vector<const std::vector<float>*> inputs;
                    for (const NodeId from : node.inputs) inputs.push_back(&maps[from]);
                    map = value_by_value(node, inputs);
                }
            }
        }
        if (node.relu || node.kind == NodeKind::relu)
            for (float& value : map) value = std::max(value, 0.0F);
        if (std::isfinite(node.at_least) || std::isfinite(node.at_most))
            for (float& value : map) value = std::min(std::max(value, node.at_least), node.at_most);
        if (visit) visit(id, map);
        for (const NodeId input : node.inputs)
            if (last_reader_[input] == id) std::vector<float>().swap(maps[input]);
    }
    return std::move(maps.back());
}

}  // namespace sliver::network
