#include "model/postprocessor.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "network/integer_ops.h"
#include "timing/footprint.h"

namespace sliver::model {
namespace {

using network::Node;
using network::NodeKind;
using network::Shape;

bool is_pool(NodeKind kind) {
    return kind == NodeKind::max_pool || kind == NodeKind::average_pool;
}

}  // namespace

Postprocessor::Postprocessor(const sc_core::sc_module_name& name, const ChipPlan& plan, const TilePlan& tile,
                             Output output, HasPlace has_place)
    : sc_module(name), plan_(plan), output_(std::move(output)), has_place_(std::move(has_place)) {
    for (const DigitalPlan& digital : tile.digital) add_stage(digital);
}

void Postprocessor::finish(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                           std::vector<std::int32_t> values, const Output& output) {
    const LayerPlan& layer_plan = plan_.layers[layer];
    const Node& node = plan_.network->nodes[layer_plan.node];
    const int input_exponent = plan_.network->nodes[layer_plan.input_node].format.exponent;
    const mapping::ColumnBlock& outputs = plan_.mapping->layers[layer].column_blocks[block];
    const bool blank = values.empty();
    const auto count = static_cast<std::uint64_t>(outputs.outputs);
    for (int i = 0; !blank && i < outputs.outputs; ++i) {
        std::int32_t& value = values[static_cast<std::size_t>(i)];
        value = network::finish_accumulator(node, input_exponent, outputs.output(i), value);
    }
    if (block == 0) ++counted_.windows;
    counted_.add_ops += count;  // the bias
    counted_.activation_ops += count;
    counted_.output_register_bytes += count * (node.is_output ? sizeof(std::int32_t) : 1);
    const mapping::LayerMapping& mapped = plan_.mapping->layers[layer];
    if (mapped.outputs_in_runs) {
        output({layer_plan.node,
                image,
                window,
                {outputs.first_output, outputs.outputs},
                blank ? nullptr : values.data()});
        return;
    }
    // Sorted columns: every value to its channel; the window leaves when all its blocks are here.
    Reordering& reordering = reorderings_[{image, window}];
    if (!blank) reordering.values.resize(static_cast<std::size_t>(mapped.outputs));
    for (int i = 0; !blank && i < outputs.outputs; ++i)
        reordering.values[static_cast<std::size_t>(outputs.output(i))] = values[static_cast<std::size_t>(i)];
    counted_.index_lookups += count;
    if (++reordering.blocks < mapped.column_blocks.size()) return;
    const std::vector<std::int32_t> ordered = std::move(reordering.values);
    reorderings_.erase({image, window});
    output({layer_plan.node, image, window, {0, mapped.outputs}, blank ? nullptr : ordered.data()});
}

void Postprocessor::add_stage(const DigitalPlan& digital) {
    const network::QuantisedNetwork& network = *plan_.network;
    const Node& node = network.nodes[digital.node];
    stages_.emplace_back();
    DigitalStage& stage = stages_.back();
    stage.node = digital.node;
    stage.channels = digital.channels;
    stage.window = mapping::effective_window(network, digital.node);
    for (const network::NodeId input : node.inputs) {
        const network::NodeId source = mapping::look_through_flatten(network, input);
        std::size_t place = 0;
        while (digital.operands[place].source != source) ++place;
        stage.operand_of_input.push_back(place);
    }
    for (const OperandPlan& operand : digital.operands) {
        const Shape& map = network.nodes[operand.source].shape;
        std::vector<std::uint32_t> uses(map.pixels(), 0);
        for (std::size_t pixel = 0; pixel < node.shape.pixels(); ++pixel)
            timing::footprint(stage.window, map, node.shape.width, pixel)
                .for_pixels(map, [&](std::size_t used) { ++uses[used]; });
        stage.operands.emplace_back(operand.source, Room(static_cast<std::size_t>(digital.channels.count),
                                                         operand.room, std::move(uses)));
    }
}

CreditLine& Postprocessor::room_for(network::NodeId node, network::NodeId source, int first_channel) {
    for (DigitalStage& stage : stages_)
        for (Operand& operand : stage.operands)
            if (stage.node == node && stage.channels.first == first_channel && operand.source == source)
                return operand.credit;
    throw std::logic_error("no such operand on the tile");
}

std::uint64_t Postprocessor::room_waits() const {
    std::uint64_t waits = 0;
    for (const DigitalStage& stage : stages_)
        for (const Operand& operand : stage.operands) waits += operand.credit.calls();
    return waits;
}

bool Postprocessor::at_rest() const {
    const auto empty = [](const Operand& operand) { return operand.room.resident_pixels() == 0; };
    return reorderings_.empty() &&
           std::all_of(stages_.begin(), stages_.end(), [&](const DigitalStage& stage) {
               return std::all_of(stage.operands.begin(), stage.operands.end(), empty);
           });
}

void Postprocessor::reset() {
    reorderings_.clear();
    for (DigitalStage& stage : stages_) {
        for (Operand& operand : stage.operands) operand.reset();
        stage.image = stage.first_image = 0;
        stage.pixel = 0;
    }
    counted_ = {};
}

void Postprocessor::accept_operand(network::NodeId node, const PixelValues& values) {
    for (std::size_t number = 0; number < stages_.size(); ++number) {
        DigitalStage& stage = stages_[number];
        if (stage.node != node) continue;
        const int first = std::max(stage.channels.first, values.channels.first);
        const int end = std::min(stage.channels.end(), values.channels.end());
        if (first >= end) continue;
        const auto operand = std::find_if(stage.operands.begin(), stage.operands.end(),
                                          [&](const Operand& other) { return other.source == values.node; });
        const Shape& map = plan_.network->nodes[values.node].shape;
        const std::size_t ahead = values.image - stage.first_image;
        while (operand->images.size() <= ahead) operand->images.emplace_back();
        if (values.values != nullptr) operand->images[ahead].resize(map.size(), 0);
        for (int channel = first; values.values != nullptr && channel < end; ++channel)
            operand->images[ahead][static_cast<std::size_t>(channel) * map.pixels() + values.pixel] =
                values.values[channel - values.channels.first];
        operand->room.arrive(values.image, values.pixel, static_cast<std::size_t>(end - first));
        operand->credit.raise(operand->room.limit());
        while (take(number)) {
        }
        return;
    }
}

void Postprocessor::take_ready() {
    for (std::size_t number = 0; number < stages_.size(); ++number)
        while (take(number)) {
        }
}

/// The next pixel of a stage, if its operands are there and its result has a place.
bool Postprocessor::take(std::size_t number) {
    DigitalStage& stage = stages_[number];
    const network::QuantisedNetwork& network = *plan_.network;
    const Node& node = network.nodes[stage.node];
    for (const Operand& operand : stage.operands) {
        // Nothing of the image is here yet, also where a window lies in the padding only.
        if (operand.images.size() <= stage.image - stage.first_image) return false;
        const Shape& map = network.nodes[operand.source].shape;
        const timing::Footprint area = timing::footprint(stage.window, map, node.shape.width, stage.pixel);
        if (!area.all_of(map, [&](std::size_t used) { return operand.room.complete(stage.image, used); }))
            return false;
    }
    const std::size_t pixels = node.shape.pixels();
    if (!has_place_(number, stage.image * pixels + stage.pixel)) return false;

    std::vector<const Node*> input_nodes;
    std::vector<const std::vector<std::int32_t>*> inputs;
    for (const std::size_t operand : stage.operand_of_input) {
        input_nodes.push_back(&network.nodes[stage.operands[operand].source]);
        inputs.push_back(&stage.operands[operand].images[stage.image - stage.first_image]);
    }
    const int y = static_cast<int>(stage.pixel / static_cast<std::size_t>(node.shape.width));
    const int x = static_cast<int>(stage.pixel % static_cast<std::size_t>(node.shape.width));
    std::vector<std::int32_t> made;
    made.swap(made_);  // its room; a stage behind this one may take a pixel meanwhile
    made.clear();
    const bool blank = inputs.front()->empty();
    for (int channel = stage.channels.first; !blank && channel < stage.channels.end(); ++channel)
        made.push_back(network::apply_digital_at(node, input_nodes, inputs, channel, y, x));
    count_digital(node, static_cast<std::uint64_t>(stage.channels.count));
    const PixelValues values{stage.node, stage.image, stage.pixel, stage.channels,
                             blank ? nullptr : made.data()};
    for (Operand& operand : stage.operands) {
        const Shape& map = network.nodes[operand.source].shape;
        timing::footprint(stage.window, map, node.shape.width, stage.pixel)
            .for_pixels(map, [&](std::size_t used) { operand.room.release(stage.image, used); });
        operand.credit.raise(operand.room.limit());
    }
    if (++stage.pixel == pixels) {
        stage.pixel = 0;
        ++stage.image;
    }
    // Pixels that no window reads may still come: an image is over when all of them were there.
    const auto over = [&](const Operand& operand) { return operand.room.oldest_image() > stage.first_image; };
    while (stage.first_image < stage.image &&
           std::all_of(stage.operands.begin(), stage.operands.end(), over)) {
        for (Operand& operand : stage.operands) operand.images.pop_front();
        ++stage.first_image;
    }
    output_(values);
    made_.swap(made);
    return true;
}

void Postprocessor::count_digital(const Node& node, std::uint64_t values) {
    const std::uint64_t window = static_cast<std::uint64_t>(node.window.kernel_height) *
                                 static_cast<std::uint64_t>(node.window.kernel_width);
    if (is_pool(node.kind))
        counted_.pool_ops += values * (window - 1);
    else if (node.kind == NodeKind::add)
        counted_.add_ops += values;
    else
        counted_.activation_ops += values;
    counted_.output_register_bytes += values;
}

}  // namespace sliver::model
