#include "model/postprocessor.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sliver::model {
namespace {

using network::Node;
using network::Shape;

/// By channel of the node.
std::vector<network::ValueWork> work_by_channel(const network::QuantisedNetwork& network,
                                                network::NodeId id) {
    const Node& node = network.nodes[id];
    std::vector<int> input_channels;
    for (const network::NodeId input : node.inputs)
        input_channels.push_back(network.nodes[input].shape.channels);
    std::vector<network::ValueWork> work;
    for (int channel = 0; channel < node.shape.channels; ++channel)
        work.push_back(network::work_of_value(node, channel, input_channels));
    return work;
}

}  // namespace

Postprocessor::Postprocessor(const sc_core::sc_module_name& name, const ChipPlan& plan, const TilePlan& tile,
                             Output output, HasPlace has_place)
    : sc_module(name), plan_(plan), output_(std::move(output)), has_place_(std::move(has_place)) {
    for (const DigitalPlan& digital : tile.digital) add_stage(digital);
    if (tile.layer) layer_work_ = work_by_channel(*plan.network, plan.layers[*tile.layer].node);
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
    for (int i = 0; i < outputs.outputs; ++i)
        this->count(layer_work_[static_cast<std::size_t>(outputs.output(i))]);
    counted_.output_register_bytes += count * static_cast<std::uint64_t>(node.format.bytes());
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
    stage.operand_of_input = digital.operand_of_input;
    stage.work = work_by_channel(network, digital.node);
    for (std::size_t number = 0; number < digital.operands.size(); ++number) {
        const OperandPlan& operand = digital.operands[number];
        const auto input =
            std::find(digital.operand_of_input.begin(), digital.operand_of_input.end(), number);
        timing::MapReads reads(network, digital.node,
                               static_cast<std::size_t>(input - digital.operand_of_input.begin()));
        std::vector<std::uint32_t> uses(network.nodes[operand.source].shape.pixels(), 0);
        for (std::size_t pixel = 0; pixel < node.shape.pixels(); ++pixel)
            reads.for_pixels(pixel, [&](std::size_t used) { ++uses[used]; });
        stage.operands.emplace_back(
            operand.source, std::move(reads),
            Room(static_cast<std::size_t>(operand.channels.count), operand.room, std::move(uses)));
    }
}

CreditLine& Postprocessor::room_for(std::size_t stage, std::size_t operand) {
    return stages_.at(stage).operands.at(operand).credit;
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

void Postprocessor::accept_operand(std::size_t number, std::size_t operand_number,
                                   const PixelValues& values) {
    DigitalStage& stage = stages_[number];
    Operand& operand = stage.operands[operand_number];
    const Shape& map = plan_.network->nodes[values.node].shape;
    const std::size_t ahead = values.image - stage.first_image;
    while (operand.images.size() <= ahead) operand.images.emplace_back();
    if (values.values != nullptr) operand.images[ahead].resize(map.size(), 0);
    for (int i = 0; values.values != nullptr && i < values.channels.count; ++i)
        operand.images[ahead][static_cast<std::size_t>(values.channels.first + i) * map.pixels() +
                              values.pixel] = values.values[i];
    operand.room.arrive(values.image, values.pixel, static_cast<std::size_t>(values.channels.count));
    operand.credit.raise(operand.room.limit());
    while (take(number)) {
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
        // Nothing of the image is here yet, also where a window needs nothing of it.
        if (operand.images.size() <= stage.image - stage.first_image) return false;
        if (!operand.reads.all_of(stage.pixel,
                                  [&](std::size_t used) { return operand.room.complete(stage.image, used); }))
            return false;
    }
    const std::size_t pixels = node.shape.pixels();
    if (!has_place_(number, stage.image * pixels + stage.pixel)) return false;

    std::vector<const Node*> input_nodes;
    std::vector<const std::vector<std::int32_t>*> inputs;
    static const std::vector<std::int32_t> kAbsent;
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
        const std::size_t operand = stage.operand_of_input[input];
        input_nodes.push_back(&network.nodes[mapping::look_through_flatten(network, node.inputs[input])]);
        inputs.push_back(operand == DigitalPlan::kAbsent
                             ? &kAbsent
                             : &stage.operands[operand].images[stage.image - stage.first_image]);
    }
    const int y = static_cast<int>(stage.pixel / static_cast<std::size_t>(node.shape.width));
    const int x = static_cast<int>(stage.pixel % static_cast<std::size_t>(node.shape.width));
    std::vector<std::int32_t> made;
    made.swap(made_);  // its room; a stage behind this one may take a pixel meanwhile
    made.clear();
    const bool blank = stage.operands.front().images[stage.image - stage.first_image].empty();
    for (int channel = stage.channels.first; channel < stage.channels.end(); ++channel) {
        if (!blank) made.push_back(network::apply_digital_at(node, input_nodes, inputs, channel, y, x));
        count(stage.work[static_cast<std::size_t>(channel)]);
    }
    counted_.output_register_bytes +=
        static_cast<std::uint64_t>(stage.channels.count) * static_cast<std::uint64_t>(node.format.bytes());
    const PixelValues values{stage.node, stage.image, stage.pixel, stage.channels,
                             blank ? nullptr : made.data()};
    for (Operand& operand : stage.operands) {
        operand.reads.for_pixels(stage.pixel,
                                 [&](std::size_t used) { operand.room.release(stage.image, used); });
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

void Postprocessor::count(const network::ValueWork& work) {
    counted_.activation_ops += work.activations;
    counted_.pool_ops += work.comparisons;
    counted_.add_ops += work.additions;
    counted_.table_lookups += work.look_ups;
    counted_.rescale_ops += work.multiplications;
}

}  // namespace sliver::model
