// Random small networks as files that are quantised already have them: any steps, zero points, limits,
// weights with a step an output, groups, dilation, and every kind of digital node. And what they mean: real
// numbers that every map rounds to its grid, computed by loops here (QuantizeLinear and DequantizeLinear of
// ONNX), the oracle of quantise(), golden executor, engine and chip.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "dice.h"
#include "network/float_network.h"
#include "network/quantise.h"

namespace stepped_network {

using namespace sliver::network;
using ::test::Dice;

inline double real(Dice& dice, double low, double high) {
    return low + (high - low) * dice.between(0, 1 << 20) / double{1 << 20};
}

class Maker {
  public:
    explicit Maker(Dice& dice, int most_bits = 8) : dice_(dice), most_bits_(most_bits) {
        FloatNode input;
        input.name = "image";
        input.shape = {dice.one_of<int>({2, 4, 6}), dice.between(5, 8), dice.between(5, 8)};
        input.grid = grid(1.5, true);
        network.source = "stepped.onnx";
        network.nodes.push_back(input);
    }

    /// Of a map whose values reach about `largest`.
    QuantisationGrid grid(double largest, bool may_be_negative) {
        QuantisationGrid made;
        made.bits = dice_.chance(70) ? most_bits_ : dice_.between(2, most_bits_);
        made.is_signed = may_be_negative && dice_.chance(50);
        const int codes = 1 << made.bits;
        if (may_be_negative)
            made.zero = made.is_signed ? dice_.between(-2, 1) : dice_.between(codes / 3, codes / 2);
        else if (dice_.chance(20))
            made.zero = made.is_signed ? 0 : dice_.between(0, 3);
        made.step =
            static_cast<float>(largest * real(dice_, 0.7, 1.3) / (may_be_negative ? codes / 2 : codes));
        if (dice_.chance(40)) made.step = std::ldexp(1.0F, std::ilogb(made.step));
        if (dice_.chance(25)) {
            made.highest = (made.is_signed ? codes / 2 : codes) - 1 - dice_.between(0, 1);
            made.lowest = made.is_signed ? -made.highest : 0;
        }
        return made;
    }

    NodeId append(FloatNode node, NodeKind kind, std::vector<NodeId> inputs) {
        node.kind = kind;
        node.name = "node" + std::to_string(network.nodes.size());
        node.inputs = std::move(inputs);
        network.nodes.push_back(std::move(node));
        return network.nodes.size() - 1;
    }

    /// 3x3 with padding, so that the map keeps its size; sometimes grouped or dilated.
    NodeId convolution(NodeId from, int outputs, bool logits = false) {
        const Shape shape = network.nodes[from].shape;
        FloatNode node;
        node.window.kernel_height = node.window.kernel_width = shape.pixels() == 1 ? 1 : 3;
        if (shape.pixels() > 1) {
            const int apart = dice_.chance(20) ? 2 : 1;
            node.window.dilation_y = node.window.dilation_x = apart;
            node.window.pad_top = node.window.pad_left = node.window.pad_bottom = node.window.pad_right =
                apart;
        }
        while (node.groups < 4 && shape.channels % (2 * node.groups) == 0 &&
               outputs % (2 * node.groups) == 0 && dice_.chance(grouped ? 40 : 0))
            node.groups *= 2;
        node.shape = {outputs, shape.height, shape.width};
        node.outputs = outputs;
        node.rows = shape.channels * node.window.kernel_height * node.window.kernel_width;
        WeightGrid weights;
        weights.bits = dice_.chance(60) ? most_bits_ : dice_.between(1, most_bits_);
        const int steps = dice_.chance(50) ? outputs : 1, top = (1 << weights.bits) - 1;
        for (int i = 0; i < steps; ++i)
            weights.steps.push_back(static_cast<float>(real(dice_, 0.5, 1) / top));
        if (dice_.chance(40))  // powers of two, where ties are frequent
            for (float& step : weights.steps) step = std::ldexp(1.0F, std::ilogb(step));
        const bool biased = dice_.chance(60);  // without, sums are whole and ties frequent
        const int group_rows = node.rows / node.groups;
        for (int o = 0; o < outputs; ++o) {
            const float step = weights.steps[steps == 1 ? 0 : static_cast<std::size_t>(o)];
            for (int r = 0; r < group_rows; ++r)
                node.weights.push_back(static_cast<float>(dice_.between(-top, top)) * step);
            node.bias.push_back(biased ? static_cast<float>(real(dice_, -1, 1)) : 0.0F);
        }
        node.weight_grid = std::move(weights);
        if (!logits) {
            node.relu = dice_.chance(40);
            if (dice_.chance(30)) node.at_most = 2.0F;
            node.grid = grid(0.7 * std::sqrt(group_rows), !node.relu);
        }
        node.is_output = logits;
        return append(std::move(node), NodeKind::matrix, {from});
    }

    NodeId digital(NodeKind kind, std::vector<NodeId> inputs, Shape shape, double largest, bool negative) {
        FloatNode node;
        node.shape = shape;
        node.grid = grid(largest, negative);
        return append(std::move(node), kind, std::move(inputs));
    }

    FloatNetwork network;
    bool grouped = true;

  private:
    Dice& dice_;
    int most_bits_;
};

/// Every kind of node once or more.
inline FloatNetwork random_network(Dice& dice, int most_bits = 8, bool grouped = true) {
    Maker maker(dice, most_bits);
    maker.grouped = grouped;
    auto& nodes = maker.network.nodes;
    const auto shape_of = [&](NodeId id) { return nodes[id].shape; };
    const NodeId first = maker.convolution(0, dice.one_of<int>({4, 6, 8}));
    NodeId here = maker.convolution(first, shape_of(first).channels);
    if (dice.chance(50)) {
        here = maker.digital(NodeKind::add, {here, first}, shape_of(here), 3, true);
        nodes[here].relu = dice.chance(30);
    }
    if (dice.chance(50)) {
        here = maker.digital(NodeKind::table, {here}, shape_of(here), 1, false);
        nodes[here].functions = {{Function::Kind::leaky_relu, 0.1, 0}, {Function::Kind::sigmoid, 0, 0}};
    }
    if (dice.chance(50)) {
        here = maker.digital(NodeKind::scale, {here}, shape_of(here), 2, true);
        const int channels = dice.chance(50) ? shape_of(here).channels : 1;
        for (int i = 0; i < channels; ++i) {
            nodes[here].gain.push_back(static_cast<float>(real(dice, -2, 2)));
            nodes[here].shift.push_back(static_cast<float>(real(dice, -1, 1)));
        }
    }
    if (dice.chance(40)) {
        const Shape shape = shape_of(here);
        Shape half{shape.channels, shape.height / 2, shape.width / 2};
        const bool largest = dice.chance(50);
        FloatNode pool;
        pool.window.kernel_height = pool.window.kernel_width = 2;
        pool.window.stride_y = pool.window.stride_x = 2;
        pool.shape = half;
        if (!largest) pool.grid = maker.grid(1, true);
        here = maker.append(std::move(pool), largest ? NodeKind::max_pool : NodeKind::average_pool, {here});
    }
    if (dice.chance(50)) {
        const NodeId other = maker.convolution(here, 4);
        here = maker.digital(NodeKind::concat, {here, other, here},
                             {2 * shape_of(here).channels + 4, shape_of(here).height, shape_of(here).width},
                             2, true);
    }
    if (dice.chance(40)) {  // squeeze and excitation
        FloatNode mean;
        mean.shape = {shape_of(here).channels, 1, 1};
        mean.window.kernel_height = shape_of(here).height;
        mean.window.kernel_width = shape_of(here).width;
        mean.grid = maker.grid(1, true);
        const NodeId pooled = maker.append(std::move(mean), NodeKind::average_pool, {here});
        here = maker.digital(NodeKind::multiply, {here, pooled}, shape_of(here), 1, true);
    }
    if (dice.chance(50)) {  // channels turned round, a border of -0.5 on the left
        FloatNode moved;
        const Shape from = shape_of(here);
        moved.shape = {from.channels, from.height, from.width + 1};
        moved.fill = -0.5F;
        for (int c = 0; c < from.channels; ++c)
            for (int y = 0; y < from.height; ++y)
                for (int x = -1; x < from.width; ++x)
                    moved.places.push_back(
                        x < 0 ? -1 : ((from.channels - 1 - c) * from.height + y) * from.width + x);
        here = maker.append(std::move(moved), NodeKind::gather, {here});
    }
    if (dice.chance(30)) {  // the sums of a pool are the logits
        const NodeId classes = maker.convolution(here, dice.one_of<int>({4, 10}), true);
        nodes[classes].is_output = false;
        FloatNode mean;
        mean.shape = {shape_of(classes).channels, 1, 1};
        mean.window.kernel_height = shape_of(classes).height;
        mean.window.kernel_width = shape_of(classes).width;
        mean.is_output = true;
        maker.append(std::move(mean), NodeKind::average_pool, {classes});
    } else {
        FloatNode flat;
        flat.shape = {static_cast<int>(shape_of(here).size()), 1, 1};
        here = maker.append(std::move(flat), NodeKind::flatten, {here});
        maker.grouped = false;
        const NodeId logits = maker.convolution(here, dice.one_of<int>({1, 5, 10}), true);
        if (dice.chance(30)) nodes[logits].grid = maker.grid(4, true);
    }
    return std::move(maker.network);
}

/// Real values of a map behind its grid, and how near to a tie their rounding was.
struct Map {
    std::vector<double> values;
    std::vector<double> ties;  ///< how far, in steps
};

inline double round_to(const QuantisationGrid& grid, double value, double& tie) {
    const double step = double{grid.step};
    const double low = std::max<double>(grid.lowest, grid.is_signed ? -(1 << (grid.bits - 1)) : 0);
    const double high =
        std::min<double>(grid.highest, (1 << (grid.is_signed ? grid.bits - 1 : grid.bits)) - 1);
    const double steps = value / step;
    tie = std::fabs(steps - std::floor(steps) - 0.5);
    return (std::clamp(std::nearbyint(steps) + grid.zero, low, high) - grid.zero) * step;
}

inline Map apply(const FloatNode& node, const std::vector<const FloatNode*>& sources,
                 const std::vector<const std::vector<double>*>& inputs) {
    Map made;
    const Shape& from = sources[0]->shape;
    const auto at = [&](int c, int y, int x) {
        return (*inputs[0])[static_cast<std::size_t>((c * from.height + y) * from.width + x)];
    };
    const Window& w = node.window;
    for (int c = 0; c < node.shape.channels; ++c)
        for (int y = 0; y < node.shape.height; ++y)
            for (int x = 0; x < node.shape.width; ++x) {
                const std::size_t index = made.values.size();
                double value = 0;
                const auto one = [&](const std::vector<float>& list) {
                    return double{list[list.size() == 1 ? 0 : static_cast<std::size_t>(c)]};
                };
                switch (node.kind) {
                    case NodeKind::matrix: {
                        const int own = from.channels / node.groups;
                        const int group = c / (node.outputs / node.groups);
                        value = double{node.bias[static_cast<std::size_t>(c)]};
                        for (int i = 0; i < own; ++i)
                            for (int ky = 0; ky < w.kernel_height; ++ky)
                                for (int kx = 0; kx < w.kernel_width; ++kx) {
                                    const int iy = y * w.stride_y - w.pad_top + ky * w.dilation_y;
                                    const int ix = x * w.stride_x - w.pad_left + kx * w.dilation_x;
                                    if (iy < 0 || ix < 0 || iy >= from.height || ix >= from.width) continue;
                                    const int row = (i * w.kernel_height + ky) * w.kernel_width + kx;
                                    value += at(group * own + i, iy, ix) *
                                             double{node.weights[static_cast<std::size_t>(
                                                 c * (node.rows / node.groups) + row)]};
                                }
                        break;
                    }
                    case NodeKind::max_pool:
                    case NodeKind::average_pool: {
                        double largest = -1e300;
                        for (int ky = 0; ky < w.kernel_height; ++ky)
                            for (int kx = 0; kx < w.kernel_width; ++kx) {
                                const double one_value = at(c, y * w.stride_y + ky, x * w.stride_x + kx);
                                value += one_value / (w.kernel_height * w.kernel_width);
                                largest = std::max(largest, one_value);
                            }
                        if (node.kind == NodeKind::max_pool) value = largest;
                        break;
                    }
                    case NodeKind::add:
                        value = (*inputs[0])[index] + (*inputs[1])[index];
                        break;
                    case NodeKind::multiply:
                        value = (*inputs[0])[index] *
                                (*inputs[1])[sources[1]->shape.pixels() == 1 ? static_cast<std::size_t>(c)
                                                                             : index];
                        break;
                    case NodeKind::concat: {
                        std::size_t input = 0, rest = index;
                        while (rest >= inputs[input]->size()) rest -= inputs[input++]->size();
                        value = (*inputs[input])[rest];
                        break;
                    }
                    case NodeKind::scale:
                        value = (*inputs[0])[index] * one(node.gain) + one(node.shift);
                        break;
                    case NodeKind::table:
                        value = (*inputs[0])[index];
                        for (const Function& function : node.functions) value = function(value);
                        break;
                    case NodeKind::gather:
                        value = node.places[index] < 0
                                    ? double{node.fill}
                                    : (*inputs[0])[static_cast<std::size_t>(node.places[index])];
                        break;
                    default:
                        value = (*inputs[0])[index];
                }
                if (node.relu) value = std::max(value, 0.0);
                value = std::min(value, double{node.at_most});
                made.ties.push_back(1);
                if (node.grid) value = round_to(*node.grid, value, made.ties.back());
                made.values.push_back(value);
            }
    return made;
}

}  // namespace stepped_network
