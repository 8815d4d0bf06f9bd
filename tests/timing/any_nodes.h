// Networks at random as files bring them: any step and zero point, narrower limits, dilated windows, tables,
// scales, products (also by channel), concats of two to four maps (one of them twice), gathers that pad, cut,
// shuffle, enlarge, turn and mix a map, 32-bit sums kept up to a pool at the end, and outputs that are codes.
// Everything follows from the dice. Used by the tests that try chips on them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "load_trials.h"

namespace any_nodes {

using load_trials::Dice;
namespace network = sliver::network;
using network::Format;
using network::Node;
using network::NodeId;
using network::NodeKind;
using network::Rescale;
using network::Shape;
using network::Window;

class Build {
  public:
    Build(const Shape& input, int weight_bits, int code_bits, Dice& dice)
        : weight_bits_(weight_bits), code_bits_(code_bits), dice_(dice) {
        network_.name = "random";
        Node node;
        node.name = "image";
        node.shape = input;
        node.format = any_format();
        network_.nodes.push_back(std::move(node));
    }

    [[nodiscard]] const Shape& shape(NodeId node) const { return network_.nodes[node].shape; }
    [[nodiscard]] NodeId last() const { return network_.nodes.size() - 1; }

    NodeId convolution(NodeId input, int outputs, const Window& window) {
        Node node = bitline_reference::matrix_node(name("conv"), shape(input), window, outputs, weight_bits_,
                                                   code_bits_, input, dice_);
        const int shift = node.format.exponent;  // about the spread of the accumulators
        node.format = any_format();
        const int factors = dice_.chance(50) ? 1 : outputs;
        for (int i = 0; i < factors; ++i) node.rescale.push_back(factor(shift));
        return append_limited(std::move(node));
    }
    NodeId square(NodeId input, int outputs, int kernel, int stride, int dilation = 1) {
        const int pad = (kernel - 1) * dilation / 2;
        return convolution(input, outputs,
                           {kernel, kernel, stride, stride, pad, pad, pad, pad, dilation, dilation});
    }
    NodeId pool(NodeId input, NodeKind kind, const Window& window) {
        Node node = digital("pool", kind, {input});
        node.window = window;
        const Shape& in = shape(input);
        node.shape.height =
            (in.height + window.pad_top + window.pad_bottom - window.reach_y()) / window.stride_y + 1;
        node.shape.width =
            (in.width + window.pad_left + window.pad_right - window.reach_x()) / window.stride_x + 1;
        node.count_include_pad = dice_.chance(50);
        if (kind == NodeKind::max_pool) return append(std::move(node));
        node.format = any_format();
        node.rescale = {factor(0)};
        return append_limited(std::move(node));
    }
    NodeId global_pool(NodeId input, NodeKind kind) {
        return pool(input, kind, {shape(input).height, shape(input).width});
    }
    NodeId add(NodeId a, NodeId b) {
        Node node = digital("add", NodeKind::add, {a, b});
        node.format = any_format();
        node.relu = dice_.chance(40);
        const int shift = dice_.between(30, 31);
        for (int i = 0; i < 2; ++i) node.rescale.push_back({any_multiplier() / dice_.between(1, 2), shift});
        return append_limited(std::move(node));
    }
    NodeId relu(NodeId input) {
        Node node = digital("relu", NodeKind::relu, {input});
        node.format = any_format();
        node.rescale = {factor(0)};
        return append_limited(std::move(node));
    }
    NodeId table(NodeId input) {
        Node node = digital("table", NodeKind::table, {input});
        node.format = any_format();
        const Format& from = network_.nodes[input].format;
        for (std::int32_t code = from.lowest(); code <= from.highest(); ++code)
            node.table.push_back(dice_.between(node.format.lowest(), node.format.highest()));
        return append(std::move(node));
    }
    NodeId scale(NodeId input) {
        Node node = digital("scale", NodeKind::scale, {input});
        node.format = any_format();
        const std::vector<std::size_t> counts = {1, static_cast<std::size_t>(node.shape.channels),
                                                 node.shape.size()};
        const std::size_t factors = dice_.one_of(counts), offsets = dice_.one_of(counts);
        for (std::size_t i = 0; i < factors; ++i) node.rescale.push_back(factor(0));
        for (std::size_t i = 0; i < offsets; ++i)
            node.offsets.push_back(std::int64_t{dice_.between(-1000, 1000)} * (1 << dice_.between(0, 24)));
        return append_limited(std::move(node));
    }
    NodeId multiply(NodeId a, NodeId b) {
        Node node = digital("product", NodeKind::multiply, {a, b});
        node.format = any_format();
        node.rescale = {factor(code_bits_ - 1)};
        return append_limited(std::move(node));
    }
    NodeId concat(const std::vector<NodeId>& inputs) {
        Node node = digital("concat", NodeKind::concat, inputs);
        node.format = any_format();
        node.shape.channels = 0;
        for (const NodeId input : inputs) node.shape.channels += shape(input).channels;
        if (dice_.chance(60))
            for (std::size_t i = 0; i < inputs.size(); ++i) node.rescale.push_back(factor(0));
        return append_limited(std::move(node));
    }
    /// `place`: (channel, y, x) of the input for those of the result; a negative channel: nothing.
    struct At {
        int channel = 0, y = 0, x = 0;
    };
    NodeId gather(NodeId input, const Shape& result, const std::function<At(const At&)>& place) {
        Node node = digital("gather", NodeKind::gather, {input});
        const Shape in = shape(input);
        node.shape = result;
        node.fill = {dice_.between(node.format.lowest(), node.format.highest())};
        for (int channel = 0; channel < result.channels; ++channel)
            for (int y = 0; y < result.height; ++y)
                for (int x = 0; x < result.width; ++x) {
                    const At at = place({channel, y, x});
                    const bool inside = at.channel >= 0 && at.channel < in.channels && at.y >= 0 &&
                                        at.y < in.height && at.x >= 0 && at.x < in.width;
                    node.table.push_back(inside ? (at.channel * in.height + at.y) * in.width + at.x : -1);
                }
        return append(std::move(node));
    }
    NodeId flatten(NodeId input) {
        Node node = digital("flatten", NodeKind::flatten, {input});
        node.shape = {static_cast<int>(shape(input).size()), 1, 1};
        return append(std::move(node));
    }
    NodeId linear(NodeId input, int outputs) {
        return convolution(shape(input).pixels() == 1 ? input : flatten(input), outputs, Window());
    }
    /// The last matrix or sum keeps its 32 bits.
    void keep_sums(NodeId id) {
        Node& node = network_.nodes[id];
        for (std::int32_t& bias : node.weights.bias) bias %= 1000;
        node.format = {true, network::kWideBits, 0};
        node.at_least = std::numeric_limits<std::int32_t>::min();
        node.at_most = std::numeric_limits<std::int32_t>::max();
        node.rescale.clear();
        if (node.kind != NodeKind::matrix)
            node.rescale.assign(node.kind == NodeKind::add ? 2 : 1, Rescale{1, 0});
    }
    network::QuantisedNetwork finish() {
        network_.nodes.back().is_output = true;
        return std::move(network_);
    }

    /// Maps as large as that of `like` that are codes, but the image's flattened ones.
    [[nodiscard]] std::vector<NodeId> as_large_as(NodeId like) const {
        std::vector<NodeId> ids;
        for (NodeId id = 0; id < network_.nodes.size(); ++id)
            if (shape(id).height == shape(like).height && shape(id).width == shape(like).width &&
                network_.nodes[id].kind != NodeKind::flatten)
                ids.push_back(id);
        return ids;
    }

  private:
    std::string name(const std::string& kind) const { return kind + std::to_string(network_.nodes.size()); }
    Node digital(const std::string& kind, NodeKind what, const std::vector<NodeId>& inputs) {
        Node node = bitline_reference::digital_node(name(kind), what, network_, inputs.front());
        node.inputs = inputs;
        return node;
    }
    Format any_format() {
        Format format;
        format.bits = code_bits_;
        format.is_signed = code_bits_ > 1 && dice_.chance(50);
        if (dice_.chance(60)) format.zero = dice_.between(format.lowest(), format.highest());
        return format;
    }
    std::int64_t any_multiplier() {
        return (std::int64_t{1} << 30) + (std::int64_t{dice_.between(0, 0x7FFF)} << 15) +
               dice_.between(0, 0x7FFF);
    }
    /// About 2^-shift; sometimes a power of two.
    Rescale factor(int shift) {
        if (dice_.chance(30)) return {1, shift};
        return {any_multiplier(), shift + dice_.between(30, 31)};
    }
    NodeId append(Node node) {
        network_.nodes.push_back(std::move(node));
        return last();
    }
    NodeId append_limited(Node node) {
        const Format& format = node.format;
        if (dice_.chance(25)) node.at_least = dice_.between(format.lowest(), format.zero);
        if (dice_.chance(25)) node.at_most = dice_.between(format.zero, format.highest());
        return append(std::move(node));
    }

    network::QuantisedNetwork network_;
    int weight_bits_, code_bits_;
    Dice& dice_;
};

/// Like load_trials' windows, some of them dilated.
inline Window any_window(const Shape& map, Dice& dice) {
    Window window = load_trials::random_window(map, dice);
    const auto widen = [&](int length, int kernel, int& dilation) {
        const int most = kernel > 1 ? (length - 1) / (kernel - 1) : 1;
        if (dice.chance(40)) dilation = std::clamp(dice.between(2, 3), 1, std::max(1, most));
    };
    widen(map.height + window.pad_top + window.pad_bottom, window.kernel_height, window.dilation_y);
    widen(map.width + window.pad_left + window.pad_right, window.kernel_width, window.dilation_x);
    return window;
}

inline NodeId any_gather(Build& build, NodeId x, Dice& dice) {
    using At = Build::At;
    const Shape in = build.shape(x);
    switch (dice.between(0, 8)) {
        case 0: {  // pads
            const int top = dice.between(0, 2), left = dice.between(0, 2);
            return build.gather(
                x, {in.channels, in.height + top + dice.between(0, 1), in.width + left + dice.between(0, 1)},
                [=](const At& at) {
                    return At{at.channel, at.y - top, at.x - left};
                });
        }
        case 1: {  // cuts
            const int top = dice.between(0, in.height - 1), left = dice.between(0, in.width - 1);
            return build.gather(x, {in.channels, in.height - top, in.width - left}, [=](const At& at) {
                return At{at.channel, at.y + top, at.x + left};
            });
        }
        case 2: {  // shuffles channels
            const int step = dice.between(1, in.channels);
            return build.gather(x, in, [=](const At& at) {
                return At{(at.channel * step + 1) % in.channels, at.y, at.x};
            });
        }
        case 3: {  // every other pixel, or each twice
            if (in.height * in.width > 36)
                return build.gather(x, {in.channels, (in.height + 1) / 2, (in.width + 1) / 2},
                                    [](const At& at) {
                                        return At{at.channel, 2 * at.y, 2 * at.x};
                                    });
            return build.gather(x, {in.channels, 2 * in.height, 2 * in.width}, [](const At& at) {
                return At{at.channel, at.y / 2, at.x / 2};
            });
        }
        case 4:  // upside down
            return build.gather(x, in, [=](const At& at) {
                return At{at.channel, in.height - 1 - at.y, at.x};
            });
        case 5:  // transposed
            return build.gather(x, {in.channels, in.width, in.height}, [](const At& at) {
                return At{at.channel, at.x, at.y};
            });
        case 6: {  // some channels
            const int first = dice.between(0, in.channels - 1);
            return build.gather(x, {in.channels - first, in.height, in.width}, [=](const At& at) {
                return At{at.channel + first, at.y, at.x};
            });
        }
        case 7:  // rows become channels
            return build.gather(x, {in.height, in.channels, in.width}, [](const At& at) {
                return At{at.y, at.channel, at.x};
            });
        default: {  // anything, and of a flattened map
            const std::vector<NodeId> from = {x, build.flatten(x)};
            const NodeId source = dice.one_of(from);
            const Shape map = build.shape(source);
            return build.gather(
                source, {dice.between(1, 6), dice.between(1, 4), dice.between(1, 4)}, [&](const At&) {
                    if (dice.chance(20)) return At{-1, 0, 0};
                    return At{dice.between(0, map.channels - 1), dice.between(0, map.height - 1),
                              dice.between(0, map.width - 1)};
                });
        }
    }
}

inline NodeId any_concat(Build& build, NodeId x, Dice& dice) {
    std::vector<NodeId> inputs;
    const int count = dice.between(2, 4);
    for (int i = 0; i < count; ++i) {
        const int channels = dice.between(1, 5);
        switch (dice.between(0, 5)) {
            case 0:
                inputs.push_back(build.square(x, channels, 1, 1));
                break;
            case 1:
                inputs.push_back(build.square(build.square(x, channels, 1, 1), channels, 3, 1));
                break;
            case 2:
                inputs.push_back(build.pool(x, NodeKind::max_pool, {3, 3, 1, 1, 1, 1, 1, 1}));
                break;
            case 3:
                inputs.push_back(build.square(x, channels, 3, 1, 2));
                break;
            case 4:
                inputs.push_back(dice.one_of(build.as_large_as(x)));
                break;
            default:
                inputs.push_back(inputs.empty() ? x : inputs.front());
        }
    }
    return build.concat(inputs);
}

inline NodeId any_product(Build& build, NodeId x, Dice& dice) {
    const int channels = build.shape(x).channels;
    switch (dice.between(0, 3)) {
        case 0: {  // squeeze and excite
            const NodeId squeezed = build.linear(build.global_pool(x, NodeKind::average_pool), 3);
            return build.multiply(x, build.table(build.linear(squeezed, channels)));
        }
        case 1:
            return build.multiply(build.square(x, channels, 3, 1), build.global_pool(x, NodeKind::max_pool));
        case 2:
            return build.multiply(x, build.square(x, channels, 3, 1));
        default:
            return build.multiply(x, x);
    }
}

/// load_trials::MakeNetwork.
inline network::QuantisedNetwork any_network(int weight_bits, int code_bits, bool /*residuals*/, Dice& dice) {
    Build build(load_trials::random_input(dice), weight_bits, code_bits, dice);
    NodeId x = 0;
    const int steps = dice.between(1, 4);
    for (int step = 0; step < steps; ++step) {
        const int kind = dice.between(1, 100);
        const int outputs = dice.one_of<int>({1, 2, 4, 6, 12, 20});
        if (kind <= 20) {
            const Window window = any_window(build.shape(x), dice);
            x = build.convolution(x, outputs, window);
        } else if (kind <= 30) {
            Window window = load_trials::random_pool_window(build.shape(x), dice);
            if (dice.chance(50) && window.pad_top + window.pad_bottom == 0 &&
                2 * (window.kernel_height - 1) < build.shape(x).height)
                window.dilation_y = 2;
            x = build.pool(x, load_trials::random_pool(dice), window);
        } else if (kind <= 36) {
            x = build.relu(x);
        } else if (kind <= 44) {
            x = build.table(x);
        } else if (kind <= 52) {
            x = build.scale(x);
        } else if (kind <= 60) {
            x = build.add(x, build.square(x, build.shape(x).channels, 3, 1));
        } else if (kind <= 70) {
            x = any_product(build, x, dice);
        } else if (kind <= 84) {
            x = any_concat(build, x, dice);
        } else {
            x = any_gather(build, x, dice);
        }
    }
    const int classes = dice.one_of<int>({1, 4, 10, 23});
    switch (dice.between(0, 6)) {
        case 0:  // codes
            build.linear(x, classes);
            break;
        case 1:  // codes behind the last layer
            build.table(build.convolution(x, classes, any_window(build.shape(x), dice)));
            break;
        case 2:
            build.global_pool(build.square(x, classes, 3, 1), NodeKind::max_pool);
            break;
        case 3: {  // sums, pooled as sums
            x = build.square(x, classes, 3, 1);
            build.keep_sums(x);
            build.keep_sums(build.global_pool(x, NodeKind::average_pool));
            if (dice.chance(50)) build.flatten(build.last());
            break;
        }
        case 4: {  // sums of two layers, added
            const NodeId a = build.square(x, classes, 1, 1), b = build.square(x, classes, 3, 1);
            build.keep_sums(a);
            build.keep_sums(b);
            build.keep_sums(build.add(a, b));
            build.keep_sums(build.global_pool(build.last(), NodeKind::average_pool));
            break;
        }
        default:
            build.keep_sums(build.linear(x, classes));
    }
    return build.finish();
}

inline load_trials::Trial any_trial(std::uint64_t seed, std::size_t images) {
    return load_trials::random_trial(seed, images, any_network);
}

}  // namespace any_nodes
