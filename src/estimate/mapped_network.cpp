#include "estimate/mapped_network.h"

#include <algorithm>
#include <utility>

#include "mapping/row_parts.h"
#include "timing/least_room.h"

namespace sliver::estimate {
namespace {

using network::NodeKind;

std::vector<timing::Footprint> footprints_of(const network::Window& window, const network::Shape& map,
                                             const network::Shape& output) {
    std::vector<timing::Footprint> all;
    for (std::size_t number = 0; number < output.pixels(); ++number)
        all.push_back(timing::footprint(window, map, output.width, number));
    return all;
}

/// `filled`: where columns are left out.
void add_array(const mapping::CrossbarSlot& slot, const std::vector<std::uint64_t>& digits,
               std::vector<int> filled, MappedLayer& layer) {
    std::uint64_t driven = 0;
    for (int row = 0; row < slot.rows; ++row)
        driven += digits[static_cast<std::size_t>(slot.matrix_row(row))];
    const auto alike = [&](const ArrayShape& shape) {
        return shape.rows == slot.rows && shape.outputs == slot.outputs && shape.runs == slot.runs &&
               shape.sign == slot.sign && shape.places == (slot.places != nullptr) && shape.filled == filled;
    };
    auto shape = std::find_if(layer.shapes.begin(), layer.shapes.end(), alike);
    if (shape == layer.shapes.end()) {
        ArrayShape fresh;
        fresh.rows = slot.rows;
        fresh.outputs = slot.outputs;
        fresh.runs = slot.runs;
        fresh.sign = slot.sign;
        fresh.places = slot.places != nullptr;
        fresh.filled = std::move(filled);
        shape = layer.shapes.insert(layer.shapes.end(), fresh);
    }
    ++shape->arrays;
    shape->driven_rows += driven;
    layer.shape_of.push_back(static_cast<std::uint32_t>(shape - layer.shapes.begin()));
    const int kernel = layer.window.kernel_height * layer.window.kernel_width;
    layer.first_channel.push_back(slot.matrix_row(0) / kernel);
    layer.end_channel.push_back(slot.matrix_row(slot.rows - 1) / kernel + 1);
}

}  // namespace

MappedNetwork::MappedNetwork(std::shared_ptr<const network::QuantisedNetwork> network,
                             const config::ChipConfig& chip, std::shared_ptr<const Activity> activity)
    : network_(std::move(network)),
      mapping_(mapping::map_network(*network_, chip)),
      reads_(network_->nodes.size()),
      activity_(std::move(activity)) {
    for (const auto& layer : mapping::worst_case_columns(*network_, mapping_, chip.inputs.dac_bits)) {
        worst_case_.emplace_back();
        for (const auto& slice : layer) worst_case_.back().push_back({slice[0].sum, slice[1].sum});
    }
    for (const mapping::LayerMapping& mapped : mapping_.layers) {
        const network::Node& node = network_->nodes[mapped.node];
        MappedLayer layer;
        layer.node = mapped.node;
        layer.source = mapping::look_through_flatten(*network_, node.inputs.front());
        layer.window = mapping::effective_window(*network_, mapped.node);
        std::vector<bool> flipped;
        if (chip.skip.empty_columns) flipped = mapping::flipped_columns(node.weights, mapped);
        for (const mapping::CrossbarSlot& slot : mapped.crossbars) {
            std::vector<int> filled;
            if (chip.skip.empty_columns)
                filled = mapping::filled_columns(mapping::program_cells(node.weights, mapped, slot, flipped),
                                                 slot);
            add_array(slot, activity_->digits[mapped.layer.value()], std::move(filled), layer);
        }
        const network::Shape& map = network_->nodes[layer.source].shape;
        layer.footprints = footprints_of(layer.window, map, node.shape);
        layers_.push_back(std::move(layer));
    }
    for (network::NodeId id = 0; id < network_->nodes.size(); ++id) {
        const network::Node& node = network_->nodes[id];
        if (node.kind == NodeKind::matrix || node.kind == NodeKind::flatten) continue;
        for (std::size_t input = 0; input < node.inputs.size(); ++input)
            reads_[id].emplace_back(*network_, id, input);
    }
}

bool widths_are_a_bound(const config::ChipConfig& chip) {
    return chip.adc.policy != config::AdcPolicy::fixed && chip.adc.policy != config::AdcPolicy::worst_case;
}

mapping::AdcWidths MappedNetwork::widths(const config::ChipConfig& chip) const {
    if (chip.adc.policy == config::AdcPolicy::fixed) return mapping::allocate_adcs(*network_, mapping_, chip);
    mapping::AdcWidths widths = mapping::allocate_from_sums(worst_case_, chip.adc.granularity);
    widths.split_rows = chip.adc.overflow == config::AdcOverflow::split;
    return widths;
}

const std::vector<std::vector<std::size_t>>& MappedNetwork::least_room(bool pipelined) const {
    auto& rooms = least_room_[pipelined ? 1 : 0];
    if (rooms.empty()) rooms = timing::least_room(*network_, pipelined);
    return rooms;
}

const std::vector<std::vector<LevelUse>>& MappedNetwork::level_use() const {
    if (!level_use_.empty()) return level_use_;
    for (const mapping::LayerMapping& mapped : mapping_.layers) {
        const network::MatrixWeights& weights = network_->nodes[mapped.node].weights;
        const std::vector<bool> flipped = mapping::flipped_columns(weights, mapped);
        const std::size_t number = mapped.layer.value();
        const std::vector<std::uint64_t>&digits = activity_->digits[number],
              &squares = activity_->squares[number];
        std::vector<LevelUse> uses(layers_[number].shapes.size());
        for (std::size_t i = 0; i < mapped.crossbars.size(); ++i) {
            const mapping::CrossbarSlot& slot = mapped.crossbars[CrossbarIndex(i)];
            const mapping::CellArray cells = mapping::program_cells(weights, mapped, slot, flipped);
            LevelUse& use = uses[layers_[number].shape_of[i]];
            for (int row = 0; row < cells.rows; ++row) {
                const auto line = static_cast<std::size_t>(slot.matrix_row(row));
                use.squares += squares[line];
                for (int column = 0; column < cells.columns; ++column) {
                    const int level = cells.level(row, column);
                    use.by_level[static_cast<std::size_t>(level)] += squares[line];
                    if (level != 0) use.conducting += digits[line];
                }
            }
        }
        level_use_.push_back(std::move(uses));
    }
    return level_use_;
}

const std::vector<IndexedVector<CrossbarIndex, int>>& MappedNetwork::parts(
    const mapping::AdcWidths& widths) const {
    static const std::vector<IndexedVector<CrossbarIndex, int>> kNone;
    if (!widths.split_rows) return kNone;
    for (const auto& known : known_parts_)
        if (known->widths == widths) return known->parts;
    auto fresh = std::make_unique<KnownParts>();
    fresh->widths = widths;
    for (const mapping::LayerMapping& layer : mapping_.layers)
        fresh->parts.push_back(mapping::row_parts(network_->nodes[layer.node].weights, layer, widths));
    known_parts_.push_back(std::move(fresh));
    return known_parts_.back()->parts;
}

}  // namespace sliver::estimate
