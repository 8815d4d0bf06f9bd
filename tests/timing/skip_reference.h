// What the arrays of a network do on given images when hardware looks for zeros, counted read by read on the
// golden executor's maps: docs/sparsity.md and docs/cost.md, written down without bit planes. Reads neither
// model/ nor src/estimate; of src/mapping only what lies where. Slow on purpose.
//
// Holds where no conversion is cut or rounded. Packing and sorted columns, parts of rows, banks, offset
// encoding with and without flips are all allowed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "bitline_reference.h"
#include "config/chip_config.h"
#include "cost/actions.h"
#include "mapping/adc_widths.h"
#include "mapping/placement.h"
#include "mapping/row_parts.h"
#include "network/golden.h"
#include "network/integer_ops.h"
#include "stored_levels.h"

namespace skip_reference {

namespace config = sliver::config;
namespace cost = sliver::cost;
namespace mapping = sliver::mapping;
namespace network = sliver::network;

/// One array of a layer: what does not depend on the image.
struct Array {
    const mapping::CrossbarSlot* slot = nullptr;
    std::vector<std::vector<std::uint64_t>> cells;  ///< [row][level]: cells of that level on the row
    std::vector<int> filled;                        ///< by slice: columns with a cell above level 0
    int parts = 1;
};

/// Counts one layer; fields of Actions that have to do with reads, of all images together.
class Layer {
  public:
    Layer(const network::QuantisedNetwork& network, const mapping::NetworkMapping& mapped, std::size_t number,
          const mapping::LayerPlacement& placement, const mapping::AdcWidths& widths,
          const config::ChipConfig& chip)
        : layer_(mapped.layers[sliver::LayerIndex(number)]),
          node_(network.nodes[layer_.node]),
          input_(network.nodes[node_.inputs.front()]),
          placement_(placement),
          widths_(widths),
          chip_(chip),
          unit_(chip.weights.encoding == config::Encoding::offset ? 1 : 0) {
        const auto parts = mapping::row_parts(node_.weights, layer_, widths);
        for (std::size_t i = 0; i < layer_.crossbars.size(); ++i) {
            Array array;
            array.slot = &layer_.crossbars[sliver::CrossbarIndex(i)];
            array.parts = parts[sliver::CrossbarIndex(i)];
            const stored_levels::Levels levels = stored_levels::levels_of(node_.weights, chip, *array.slot);
            for (const std::vector<int>& row : levels) {
                array.cells.emplace_back(cost::kMaxLevels, 0);
                for (const int level : row) ++array.cells.back()[static_cast<std::size_t>(level)];
                if (unit_ != 0) ++array.cells.back()[1];
            }
            for (int slice = 0; slice < array.slot->slices(); ++slice)
                array.filled.push_back(stored_levels::filled_columns(levels, *array.slot, slice));
            arrays_.push_back(std::move(array));
        }
        window_.resize(static_cast<std::size_t>(node_.weights.rows));
    }

    void add_image(const std::vector<std::vector<std::int32_t>>& maps) {
        const auto& map = maps[node_.inputs.front()];
        for (int y = 0; y < node_.shape.height; ++y)
            for (int x = 0; x < node_.shape.width; ++x) {
                network::gather_window(node_, input_, map.data(), y, x, window_.data());
                const auto digits = bitline_reference::digits_of(input_.format, chip_.inputs.dac_bits);
                for (const bitline_reference::Digit& digit : digits)
                    for (const Array& array : arrays_) add_plane(array, digit);
                const auto number = static_cast<std::size_t>(y * node_.shape.width + x);
                check_rows(placement_.copies[number % placement_.copies.size()], digits);
            }
    }

    cost::Actions actions;

  private:
    [[nodiscard]] std::uint64_t digit_on(const Array& array, int row,
                                         const bitline_reference::Digit& digit) const {
        const std::int32_t code = window_[static_cast<std::size_t>(array.slot->matrix_row(row))];
        return static_cast<std::uint64_t>(code >> digit.shift & ((1 << digit.bits) - 1));
    }

    void add_plane(const Array& array, const bitline_reference::Digit& digit) {
        const int rows = array.slot->rows, a_part = (rows + array.parts - 1) / array.parts;
        bool drives_array = false;
        for (int row = 0; row < rows; ++row) drives_array = drives_array || digit_on(array, row, digit) != 0;
        for (int part = 0; part < array.parts; ++part) {
            const int first = std::min(rows, part * a_part), last = std::min(rows, first + a_part);
            if (chip_.skip.zero_planes && array.parts > 1 && drives_array) ++actions.zero_checks;
            std::uint64_t driven = 0;
            for (int row = first; row < last; ++row) {
                const std::uint64_t value = digit_on(array, row, digit);
                if (value == 0) continue;
                ++driven;
                const auto& cells = array.cells[static_cast<std::size_t>(row)];
                for (std::size_t level = 0; level < cells.size(); ++level) {
                    actions.cells_driven += cells[level];
                    actions.cells_by_level[level] += value * value * cells[level];
                    if (level != 0) actions.conducting_cells += cells[level];
                }
            }
            actions.row_drives_driven += driven;
            if (chip_.skip.zero_planes && driven == 0)
                ++actions.planes_skipped;
            else
                add_read(array, static_cast<std::uint64_t>(last - first));
        }
    }

    void add_read(const Array& array, std::uint64_t rows) {
        const auto array_rows = static_cast<std::uint64_t>(chip_.array.rows),
                   array_columns = static_cast<std::uint64_t>(chip_.array.columns);
        ++actions.crossbar_reads;
        ++actions.input_register_accesses;
        ++actions.output_register_accesses;
        actions.row_drives_whole += array_rows;
        actions.row_drives_used += rows;
        actions.cells_whole += array_rows * (array_columns + unit_);
        actions.cells_used += rows * (static_cast<std::uint64_t>(array.slot->used_columns()) + unit_);
        std::uint64_t converted = 0;
        for (int i = 0; i < array.slot->slices(); ++i) {
            const auto slice = static_cast<std::size_t>(array.slot->first_slice() + i);
            const auto bits = static_cast<std::size_t>(
                widths_.at(layer_.layer, sliver::SliceIndex(slice), array.slot->sign).bits);
            const int visited =
                chip_.skip.empty_columns ? array.filled[static_cast<std::size_t>(i)] : array.slot->outputs;
            actions.conversions_used[bits] += static_cast<std::uint64_t>(visited);
            actions.conversions_skipped += static_cast<std::uint64_t>(array.slot->outputs - visited);
            converted += static_cast<std::uint64_t>(visited);
        }
        actions.samples_used += converted + unit_;
        actions.shift_adds_used += converted + unit_;
        const std::uint64_t swept = chip_.skip.empty_columns ? converted : array_columns;
        actions.samples_whole += swept + unit_;
        actions.shift_adds_whole += swept + unit_;
        if (chip_.skip.empty_columns) ++actions.mask_reads;
    }

    /// A detector looks once at the rows that arrays of one processing element have in common.
    void check_rows(const mapping::CopyPlacement& copy, const std::vector<bitline_reference::Digit>& digits) {
        if (!chip_.skip.zero_planes) return;
        std::set<std::pair<std::pair<std::size_t, std::size_t>, std::vector<int>>> blocks;
        for (std::size_t i = 0; i < arrays_.size(); ++i) {
            const mapping::CrossbarPlace& place = copy[sliver::CrossbarIndex(i)];
            std::vector<int> rows;
            for (int row = 0; row < arrays_[i].slot->rows; ++row)
                rows.push_back(arrays_[i].slot->matrix_row(row));
            blocks.insert({{place.tile.value(), place.pe.value()}, std::move(rows)});
        }
        actions.zero_checks += blocks.size() * digits.size();
    }

    const mapping::LayerMapping& layer_;
    const network::Node& node_;
    const network::Node& input_;
    const mapping::LayerPlacement& placement_;
    const mapping::AdcWidths& widths_;
    const config::ChipConfig& chip_;
    std::uint64_t unit_;
    std::vector<Array> arrays_;
    std::vector<std::int32_t> window_;
};

/// By layer, over `count` images.
inline std::vector<cost::Actions> count_actions(const network::QuantisedNetwork& network,
                                                const mapping::NetworkMapping& mapped,
                                                const mapping::Placement& placement,
                                                const mapping::AdcWidths& widths,
                                                const config::ChipConfig& chip,
                                                const std::vector<std::int32_t>& images, std::size_t count) {
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < mapped.layers.size(); ++i)
        layers.emplace_back(network, mapped, i, placement.layers[sliver::LayerIndex(i)], widths, chip);
    const std::size_t pixels = network.nodes.front().shape.size();
    for (std::size_t image = 0; image < count; ++image) {
        const auto first = images.begin() + static_cast<std::ptrdiff_t>(image * pixels);
        const auto maps =
            network::run_golden_maps(network, {first, first + static_cast<std::ptrdiff_t>(pixels)});
        for (Layer& layer : layers) layer.add_image(maps);
    }
    std::vector<cost::Actions> all;
    for (const Layer& layer : layers) all.push_back(layer.actions);
    return all;
}

}  // namespace skip_reference
