#include "model/postprocessor.h"

#include <algorithm>
#include <utility>

#include "network/integer_ops.h"

namespace sliver::model {
namespace {

using network::Node;
using network::NodeKind;
using network::Shape;

bool is_pool(NodeKind kind) {
    return kind == NodeKind::max_pool || kind == NodeKind::average_pool;
}

/// Calls visit(output pixel) for every output of the window node that reads input (y, x).
template <typename Visitor>
void for_outputs_reading(const Node& node, int y, int x, Visitor&& visit) {
    const network::Window& w = node.window;
    const int first_y = std::max(0, (y + w.pad_top - w.kernel_height + w.stride_y) / w.stride_y);
    const int first_x = std::max(0, (x + w.pad_left - w.kernel_width + w.stride_x) / w.stride_x);
    for (int oy = first_y; oy < node.shape.height && oy * w.stride_y - w.pad_top <= y; ++oy)
        for (int ox = first_x; ox < node.shape.width && ox * w.stride_x - w.pad_left <= x; ++ox)
            visit(static_cast<std::size_t>(oy) * static_cast<std::size_t>(node.shape.width) +
                  static_cast<std::size_t>(ox));
}

}  // namespace

Postprocessor::Postprocessor(const sc_core::sc_module_name& name, const ChipPlan& plan, const TilePlan& tile)
    : sc_module(name), plan_(plan) {
    for (const DigitalPlan& digital : tile.digital) stages_.push_back(make_stage(digital));
}

bool Postprocessor::reduce(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                           const std::int32_t* partial_sums) {
    const LayerPlan& layer_plan = plan_.layers[layer];
    const mapping::ColumnBlock& outputs = plan_.mapping->layers[layer].column_blocks[block];
    Reduction& reduction = reductions_[{image, window, block}];
    if (reduction.sums.empty()) {
        reduction.missing = layer_plan.contributors[layer_plan.copy_of(window)][block];
        reduction.sums.assign(partial_sums, partial_sums + outputs.outputs);
    } else {
        for (int i = 0; i < outputs.outputs; ++i)
            reduction.sums[static_cast<std::size_t>(i)] += partial_sums[i];
        counters_.add_ops += static_cast<std::uint64_t>(outputs.outputs);
    }
    return --reduction.missing == 0;
}

void Postprocessor::finish(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                           const Output& output) {
    const auto found = reductions_.find({image, window, block});
    const LayerPlan& layer_plan = plan_.layers[layer];
    const Node& node = plan_.network->nodes[layer_plan.node];
    const int input_exponent = plan_.network->nodes[layer_plan.input_node].format.exponent;
    const mapping::ColumnBlock& outputs = plan_.mapping->layers[layer].column_blocks[block];
    std::vector<std::int32_t> values = std::move(found->second.sums);
    reductions_.erase(found);
    for (int i = 0; i < outputs.outputs; ++i) {
        std::int32_t& value = values[static_cast<std::size_t>(i)];
        value = network::finish_accumulator(node, input_exponent, outputs.output(i), value);
    }
    counters_.add_ops += values.size();  // the bias
    counters_.activation_ops += values.size();
    counters_.output_register_bytes += values.size() * (node.is_output ? sizeof(std::int32_t) : 1);
    const mapping::LayerMapping& mapped = plan_.mapping->layers[layer];
    if (mapped.outputs_in_runs) {
        output({layer_plan.node, image, window, {outputs.first_output, outputs.outputs}, values.data()});
        return;
    }
    // Sorted columns: every value to its channel; the window leaves when all its blocks are here.
    Reordering& reordering = reorderings_[{image, window}];
    reordering.values.resize(static_cast<std::size_t>(mapped.outputs));
    for (int i = 0; i < outputs.outputs; ++i)
        reordering.values[static_cast<std::size_t>(outputs.output(i))] = values[static_cast<std::size_t>(i)];
    counters_.index_lookups += values.size();
    if (++reordering.blocks < mapped.column_blocks.size()) return;
    const std::vector<std::int32_t> ordered = std::move(reordering.values);
    reorderings_.erase({image, window});
    output({layer_plan.node, image, window, {0, mapped.outputs}, ordered.data()});
}

Postprocessor::DigitalStage Postprocessor::make_stage(const DigitalPlan& digital) const {
    const network::QuantisedNetwork& network = *plan_.network;
    const Node& node = network.nodes[digital.node];
    DigitalStage stage;
    stage.node = digital.node;
    stage.channels = digital.channels;
    for (const network::NodeId input : node.inputs) {
        const network::NodeId source = mapping::look_through_flatten(network, input);
        auto place = std::find(stage.sources.begin(), stage.sources.end(), source);
        if (place == stage.sources.end()) {
            stage.sources.push_back(source);
            place = stage.sources.end() - 1;
        }
        stage.source_of_input.push_back(static_cast<std::size_t>(place - stage.sources.begin()));
    }
    // What an output pixel waits for, in (operand pixel, channel) pairs.
    stage.needed.assign(node.shape.pixels(), 0);
    const Shape& operand = network.nodes[stage.sources.front()].shape;
    const auto add = [&](std::size_t pixel, std::size_t operands) {
        stage.needed[pixel] = static_cast<std::uint32_t>(stage.needed[pixel] + operands);
    };
    if (is_pool(node.kind)) {
        for (int y = 0; y < operand.height; ++y)
            for (int x = 0; x < operand.width; ++x)
                for_outputs_reading(node, y, x, [&](std::size_t pixel) { add(pixel, 1); });
    } else {
        for (std::size_t pixel = 0; pixel < stage.needed.size(); ++pixel) add(pixel, stage.sources.size());
    }
    return stage;
}

void Postprocessor::accept_operand(network::NodeId node_id, const PixelValues& operand,
                                   const Output& output) {
    const Node& node = plan_.network->nodes[node_id];
    const Shape& shape = plan_.network->nodes[operand.node].shape;
    for (DigitalStage& stage : stages_) {
        if (stage.node != node_id) continue;
        const int first = std::max(stage.channels.first, operand.channels.first);
        const int end = std::min(stage.channels.end(), operand.channels.end());
        if (first >= end) continue;
        DigitalImage& image = stage.images[operand.image];
        if (image.operands.empty()) {
            image.operands.resize(stage.sources.size());
            for (std::size_t i = 0; i < stage.sources.size(); ++i)
                image.operands[i].assign(plan_.network->nodes[stage.sources[i]].shape.size(), 0);
            image.missing.resize(stage.needed.size());
            for (std::size_t pixel = 0; pixel < stage.needed.size(); ++pixel)
                image.missing[pixel] = stage.needed[pixel] * static_cast<std::uint32_t>(stage.channels.count);
            image.pixels_left = stage.needed.size();
        }
        const std::size_t source = static_cast<std::size_t>(
            std::find(stage.sources.begin(), stage.sources.end(), operand.node) - stage.sources.begin());
        std::vector<std::int32_t>& map = image.operands[source];
        for (int channel = first; channel < end; ++channel)
            map[static_cast<std::size_t>(channel) * shape.pixels() + operand.pixel] =
                operand.values[channel - operand.channels.first];
        const std::size_t arrived = static_cast<std::size_t>(end - first);
        std::vector<std::size_t> complete;
        const auto arrive = [&](std::size_t pixel) {
            image.missing[pixel] = static_cast<std::uint32_t>(image.missing[pixel] - arrived);
            if (image.missing[pixel] == 0) complete.push_back(pixel);
        };
        if (is_pool(node.kind)) {
            const std::size_t width = static_cast<std::size_t>(shape.width);
            for_outputs_reading(node, static_cast<int>(operand.pixel / width),
                                static_cast<int>(operand.pixel % width), arrive);
        } else {
            arrive(operand.pixel);
        }
        for (const std::size_t pixel : complete) emit(stage, image, operand.image, pixel, output);
        if (image.pixels_left == 0) stage.images.erase(operand.image);
        return;
    }
}

void Postprocessor::emit(DigitalStage& stage, DigitalImage& image, std::uint64_t number, std::size_t pixel,
                         const Output& output) {
    const network::QuantisedNetwork& network = *plan_.network;
    const Node& node = network.nodes[stage.node];
    std::vector<const Node*> input_nodes;
    std::vector<const std::vector<std::int32_t>*> inputs;
    for (const std::size_t source : stage.source_of_input) {
        input_nodes.push_back(&network.nodes[stage.sources[source]]);
        inputs.push_back(&image.operands[source]);
    }
    const int width = node.shape.width;
    const int y = static_cast<int>(pixel) / width;
    const int x = static_cast<int>(pixel) % width;
    std::vector<std::int32_t> values;
    values.reserve(static_cast<std::size_t>(stage.channels.count));
    for (int channel = stage.channels.first; channel < stage.channels.end(); ++channel)
        values.push_back(network::apply_digital_at(node, input_nodes, inputs, channel, y, x));
    --image.pixels_left;
    count_digital(node, values.size());
    output({stage.node, number, pixel, stage.channels, values.data()});
}

void Postprocessor::count_digital(const Node& node, std::uint64_t values) {
    const std::uint64_t window = static_cast<std::uint64_t>(node.window.kernel_height) *
                                 static_cast<std::uint64_t>(node.window.kernel_width);
    if (is_pool(node.kind))
        counters_.pool_ops += values * (window - 1);
    else if (node.kind == NodeKind::add)
        counters_.add_ops += values;
    else
        counters_.activation_ops += values;
    counters_.output_register_bytes += values;
}

}  // namespace sliver::model
