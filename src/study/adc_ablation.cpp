#include "study/adc_ablation.h"

#include "base/size.h"
#include "mapping/placement.h"
#include "network/golden.h"
#include "network/integer_ops.h"

namespace sliver::study {
namespace {

/// What is programmed into a layer's arrays, as far as counting needs it.
struct LayerCells {
    std::vector<std::uint64_t> conducting_by_row;  ///< cells of a row of the layer, all arrays
    /// [row block][slice][sign]: columns without a conducting cell.
    std::vector<std::vector<std::array<std::uint64_t, 2>>> empty_columns;
    std::vector<std::uint64_t> arrays;  ///< [row block]
};

LayerCells survey(const network::MatrixWeights& weights, const mapping::CellFormat& format,
                  const mapping::LayerMapping& layer) {
    const std::size_t slices = size(format.slices());
    const std::vector<bool> flipped = mapping::flipped_columns(weights, format, layer.rows_per_block);
    LayerCells cells;
    cells.conducting_by_row.assign(size(layer.rows), 0);
    cells.empty_columns.assign(size(layer.row_blocks), std::vector<std::array<std::uint64_t, 2>>(slices));
    cells.arrays.assign(size(layer.row_blocks), 0);
    for (const mapping::CrossbarSlot& slot : layer.crossbars) ++cells.arrays[slot.row_block.value()];
    for (int sign = 0; sign < format.signs(); ++sign)
        for (int output = 0; output < layer.outputs; ++output)
            for (int block = 0; block < layer.row_blocks; ++block) {
                const int first = block * layer.rows_per_block;
                const int rows = std::min(layer.rows_per_block, layer.rows - first);
                for (std::size_t slice = 0; slice < slices; ++slice) {
                    const bool complement =
                        flipped[(size(block) * slices + slice) * size(weights.outputs) + size(output)];
                    std::uint64_t conducting = 0;
                    for (int row = first; row < first + rows; ++row) {
                        const int level = mapping::cell_level(
                            format, weights.codes[size(output) * size(weights.rows) + size(row)],
                            SliceIndex(slice), sign == 0 ? mapping::Sign::positive : mapping::Sign::negative);
                        if (level == (complement ? format.highest_level() : 0)) continue;
                        ++cells.conducting_by_row[size(row)];
                        ++conducting;
                    }
                    if (conducting == 0) ++cells.empty_columns[size(block)][slice][size(sign)];
                }
            }
    return cells;
}

/// Adds one image's reads of a layer.
class Counter {
  public:
    Counter(const network::Node& node, const network::Node& input, const mapping::LayerMapping& layer,
            const mapping::CellFormat& format)
        : node_(node),
          input_(input),
          layer_(layer),
          cells_(survey(node.weights, format, layer)),
          window_(size(layer.rows)) {
        activity.slices.resize(size(format.slices()));
        for (const std::uint64_t cells : cells_.conducting_by_row) conducting_ += cells;
        signs_ = size(format.signs());
    }

    void add(const std::vector<std::int32_t>& map) {
        for (int y = 0; y < node_.shape.height; ++y)
            for (int x = 0; x < node_.shape.width; ++x) {
                network::gather_window(node_, input_.shape, map.data(), y, x, window_.data());
                for (const mapping::InputPlane& plane : layer_.planes) add(plane);
            }
    }

    LayerActivity activity;

  private:
    void add(const mapping::InputPlane& plane) {
        bool any = false;
        for (int block = 0; block < layer_.row_blocks; ++block) {
            const int first = block * layer_.rows_per_block;
            const int rows = std::min(layer_.rows_per_block, layer_.rows - first);
            std::uint64_t driven = 0;
            for (int row = first; row < first + rows; ++row) {
                const auto code = static_cast<std::uint32_t>(window_[size(row)]);
                if ((code >> plane.shift & ((1U << plane.bits) - 1U)) == 0) continue;
                ++driven;
                activity.cells_driven += cells_.conducting_by_row[size(row)];
            }
            any = any || driven != 0;
            const std::uint64_t arrays = cells_.arrays[size(block)];
            activity.reads += arrays;
            activity.row_drives += arrays * static_cast<std::uint64_t>(rows);
            activity.row_drives_driven += arrays * driven;
            const std::uint64_t columns = signs_ * activity.slices.size() * size(layer_.outputs);
            activity.cells += static_cast<std::uint64_t>(rows) * columns;
            activity.cells_in_driven_rows += driven * columns;
            if (driven == 0) activity.empty_reads += arrays;
            for (std::size_t slice = 0; slice < activity.slices.size(); ++slice)
                for (std::size_t sign = 0; sign < signs_; ++sign) {
                    ColumnActivity& counts = activity.slices[slice][sign];
                    const std::uint64_t empty = cells_.empty_columns[size(block)][slice][sign];
                    counts.conversions += size(layer_.outputs);
                    counts.empty_columns += empty;
                    if (driven != 0) continue;
                    counts.empty_planes += size(layer_.outputs);
                    counts.empty_both += empty;
                }
        }
        activity.cells_conducting += conducting_;
        ++activity.planes;
        if (!any) ++activity.empty_planes;
    }

    const network::Node& node_;
    const network::Node& input_;
    const mapping::LayerMapping& layer_;
    LayerCells cells_;
    std::uint64_t conducting_ = 0;  ///< cells of the layer
    std::size_t signs_ = 1;
    std::vector<std::int32_t> window_;
};

}  // namespace

std::vector<LayerActivity> count_activity(const network::QuantisedNetwork& network,
                                          const mapping::NetworkMapping& mapping,
                                          const std::vector<std::vector<std::int32_t>>& images) {
    std::vector<Counter> counters;
    for (const mapping::LayerMapping& layer : mapping.layers) {
        const network::Node& node = network.nodes[layer.node];
        counters.emplace_back(node, network.nodes[node.inputs.front()], layer, mapping.format);
    }
    for (const std::vector<std::int32_t>& image : images) {
        const std::vector<std::vector<std::int32_t>> maps = network::run_golden_maps(network, image);
        for (std::size_t i = 0; i < counters.size(); ++i)
            counters[i].add(maps[network.nodes[mapping.layers[LayerIndex(i)].node].inputs.front()]);
    }
    std::vector<LayerActivity> layers;
    for (Counter& counter : counters) layers.push_back(std::move(counter.activity));
    return layers;
}

Effects first_effects(std::size_t count) {
    return {count > 0, count > 1, count > 2, count > 3};
}

Effects one_effect(std::size_t index) {
    return {index == 0, index == 1, index == 2, index == 3};
}

cost::Actions actions_with(const std::vector<LayerActivity>& layers, const Effects& effects,
                           const mapping::AdcWidths& baseline, const mapping::AdcWidths& allocation) {
    const mapping::AdcWidths& widths = effects.column_sums ? allocation : baseline;
    cost::Actions actions;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerActivity& layer = layers[i];
        const std::uint64_t reads = layer.reads - (effects.empty_planes ? layer.empty_reads : 0);
        actions.crossbar_reads += reads;
        actions.input_register_accesses += reads;
        actions.output_register_accesses += reads;
        actions.row_drives_used += effects.empty_planes ? layer.row_drives_driven : layer.row_drives;
        if (effects.conducting_cells)
            actions.cells_used += effects.empty_planes ? layer.cells_driven : layer.cells_conducting;
        else
            actions.cells_used += effects.empty_planes ? layer.cells_in_driven_rows : layer.cells;
        for (std::size_t slice = 0; slice < layer.slices.size(); ++slice)
            for (std::size_t sign = 0; sign < 2; ++sign) {
                const ColumnActivity& counts = layer.slices[slice][sign];
                std::uint64_t made = counts.conversions;
                if (effects.empty_columns) made -= counts.empty_columns;
                if (effects.empty_planes) made -= counts.empty_planes;
                if (effects.empty_columns && effects.empty_planes) made += counts.empty_both;
                const mapping::Converter converter =
                    widths.at(LayerIndex(i), SliceIndex(slice),
                              sign == 0 ? mapping::Sign::positive : mapping::Sign::negative);
                actions.conversions_used[size(converter.bits)] += made;
                actions.samples_used += made;
                actions.shift_adds_used += made;
            }
    }
    return actions;
}

}  // namespace sliver::study
