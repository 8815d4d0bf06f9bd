// Chip::record() and counted(): gather the blocks' counters into a results::ChipRecord.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/chip.h"
#include "model/kernel_time.h"
#include "results/chip_shape.h"

namespace sliver::model {
namespace {

/// Where the histogram of a slice and sign lies in LayerRecord::column_sums.
std::size_t place_of(const mapping::CellFormat& format, std::size_t slice, mapping::Sign sign) {
    return slice * static_cast<std::size_t>(format.signs()) + static_cast<std::size_t>(sign);
}

/// One histogram a slice and sign, nothing in it.
std::vector<results::ColumnHistogram> empty_histograms(const mapping::LayerMapping& layer,
                                                       const mapping::AdcWidths& widths) {
    const mapping::CellFormat& format = layer.format;
    std::vector<results::ColumnHistogram> histograms;
    for (std::size_t slice = 0; slice < layer.shifts.size(); ++slice)
        for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative})
            if (static_cast<int>(sign) < format.signs())
                histograms.push_back({slice, sign == mapping::Sign::negative,
                                      widths.at(layer.layer, SliceIndex(slice), sign).range(),
                                      std::vector<std::uint64_t>(1, 0)});
    return histograms;
}

/// `histogram` holds all conversions as zeros: those counted with another sum move there. Zeros need no
/// counter, and reads that drive no row have none.
void move_counted(const ColumnCounter& counter, results::ColumnHistogram& histogram) {
    const std::vector<std::uint64_t> counted = counter.counts();
    histogram.counts.resize(std::max<std::size_t>(counted.size(), 1), 0);
    for (std::size_t sum = 1; sum < counted.size(); ++sum) {
        histogram.counts[sum] = counted[sum];
        histogram.counts[0] -= counted[sum];
    }
}

/// What the converters of one crossbar did, slice by slice.
void gather_conversions(const ProcessingElement::ArrayView& array, const mapping::CrossbarSlot& slot,
                        const mapping::CellFormat& format, results::LayerRecord& record) {
    for (std::size_t i = 0; i < slot.runs.size(); ++i) {
        const auto slice = static_cast<std::size_t>(slot.runs[i].slice);
        const std::uint64_t conversions = array.adc.conversions[i];
        record.conversions[slice] += conversions;
        if (!record.column_sums.empty())
            record.column_sums[place_of(format, slice, slot.sign)].counts[0] += conversions;
        record.clipped[slice] += array.adc.clipped[i];
        if (!record.largest_sums.empty())
            record.largest_sums[slice] = std::max(record.largest_sums[slice], array.adc.largest[i]);
        const std::uint64_t busy = femtoseconds(array.adc_busy[i]);
        add_to(record.adc_busy_by_slice_fs[slice], busy);
        add_to(record.adc_busy_fs, busy);
    }
}

/// A converter in use: the slices whose columns it converts, and the widest of these columns.
struct ConverterUse {
    std::set<std::size_t> slices;
    int bits = 1;
};

/// Converters of the arrays of one processing element: one for each group that shares, or in a bank one for
/// each slice that the group holds.
std::vector<ConverterUse> converters_of(const PePlan& pe, const mapping::LayerMapping& layer,
                                        const config::ChipConfig& chip, const mapping::AdcWidths& widths) {
    std::map<std::pair<int, std::size_t>, ConverterUse> by_place;
    for (const ArrayPlan& array : pe.arrays) {
        const mapping::CrossbarSlot& slot = layer.crossbars[array.crossbar];
        for (const mapping::ColumnRun& run : slot.runs) {
            const auto slice = static_cast<std::size_t>(run.slice);
            ConverterUse& use = by_place[{array.array / chip.adc.arrays_per_adc,
                                          chip.adc.bank == config::AdcBank::single ? 0 : slice}];
            use.slices.insert(slice);
            use.bits = std::max(use.bits, widths.at(layer.layer, SliceIndex(slice), slot.sign).bits);
        }
    }
    std::vector<ConverterUse> converters;
    for (auto& [place, use] : by_place) converters.push_back(std::move(use));
    return converters;
}

void count_fragment(Tile::Fragment& fragment, const mapping::LayerMapping& layer,
                    const config::ChipConfig& chip, const mapping::AdcWidths& widths, std::uint64_t images,
                    results::LayerRecord& record) {
    for (const auto& pe : fragment.pes) {
        for (const ProcessingElement::ArrayView& array : pe->arrays())
            gather_conversions(array, layer.crossbars[array.index], layer.format, record);
        add_to(record.adc_wait_fs, femtoseconds(pe->adc_waited()));
    }
    for (const PePlan& pe : fragment.plan.pes) {
        for (const ConverterUse& converter : converters_of(pe, layer, chip, widths)) {
            ++record.adcs;
            for (const std::size_t slice : converter.slices) ++record.adcs_by_slice[slice];
        }
        for (const ArrayPlan& array : pe.arrays) {
            std::size_t doublings = 0;
            while (1 << doublings < array.parts) ++doublings;
            if (record.crossbars_by_parts.size() <= doublings)
                record.crossbars_by_parts.resize(doublings + 1);
            ++record.crossbars_by_parts[doublings];
        }
    }
    const Tile::FragmentCounters& counters = fragment.counters;
    if (counters.first_start)
        record.first_start_fs = std::min(record.first_start_fs, femtoseconds(*counters.first_start));
    record.last_start_fs = std::max(record.last_start_fs, femtoseconds(counters.last_start));
    if (images != 0) record.interval_fs = std::max(record.interval_fs, femtoseconds(counters.busy) / images);
    add_to(record.busy_fs, femtoseconds(counters.busy));
    add_to(record.waited_input_fs, femtoseconds(counters.waited_input));
    add_to(record.waited_output_fs, femtoseconds(counters.waited_output));
    add_to(record.waited_bus_fs, femtoseconds(counters.waited_bus));
}

void count_tile(const Tile& tile, results::LayerRecord& record) {
    tile.count(record.actions);
    record.room_waits += tile.room_waits();
    record.done_fs = std::max(record.done_fs, femtoseconds(tile.counters().layer_done));
    if (const ActivationBuffer* buffer = tile.buffer()) {
        record.peak_buffer_bytes =
            std::max(record.peak_buffer_bytes, std::uint64_t{buffer->room().peak_pixels()} *
                                                   static_cast<std::uint64_t>(buffer->channels().count));
    }
}

/// An index names one of at most 65,536 rows or outputs of a layer.
constexpr std::uint64_t kIndexBytes = 2;

/// Lines that tables name: rows of the input registers and columns of the arrays where those are packed,
/// outputs where they are put back in order.
std::uint64_t index_entries(const ChipPlan& plan) {
    std::uint64_t entries = 0;
    for (const TilePlan& tile : plan.tiles) {
        for (const FragmentPlan& fragment : tile.fragments) {
            const mapping::LayerMapping& layer = plan.mapping->layers[fragment.layer];
            for (const PePlan& pe : fragment.pes) {
                std::set<mapping::LineList> rows;
                for (const ArrayPlan& array : pe.arrays) {
                    const mapping::CrossbarSlot& slot = layer.crossbars[array.crossbar];
                    if (slot.row_list != nullptr && rows.insert(slot.row_list).second)
                        entries += slot.row_list->size();
                    if (slot.places != nullptr) entries += slot.places->size();
                }
            }
        }
    }
    for (const mapping::LayerMapping& layer : plan.mapping->layers)
        if (!layer.outputs_in_runs) entries += static_cast<std::uint64_t>(layer.outputs);
    return entries;
}

/// Converters of the tiles in use at the widest column they serve, those of dark arrays at the configured
/// width. A bank of dark arrays has as many converters as an array holds slices.
cost::ChipInventory inventory_of(const ChipPlan& plan, const config::ChipConfig& chip,
                                 const mapping::AdcWidths& widths) {
    const cost::ChipShape shape = results::chip_shape(chip);
    cost::ChipInventory counted = cost::make_inventory(shape);
    counted.index_bytes = kIndexBytes * index_entries(plan);
    for (const TilePlan& tile : plan.tiles) {
        for (const FragmentPlan& fragment : tile.fragments) {
            const mapping::LayerMapping& layer = plan.mapping->layers[fragment.layer];
            for (const PePlan& pe : fragment.pes) {
                // A copy fills its processing elements from the first array on.
                const auto groups =
                    static_cast<std::uint64_t>(pe.arrays.back().array / chip.adc.arrays_per_adc + 1);
                counted.adcs[static_cast<std::size_t>(chip.adc.bits)] -= groups * shape.adcs_per_bank;
                for (const ConverterUse& converter : converters_of(pe, layer, chip, widths))
                    ++counted.adcs[static_cast<std::size_t>(converter.bits)];
            }
        }
    }
    return counted;
}

}  // namespace

std::string Chip::unfinished() const {
    std::string waiting;
    for (const auto& tile : tiles_)
        for (const Tile::Fragment& fragment : tile->fragments())
            if (fragment.image < images_)
                waiting += (waiting.empty() ? "" : ", ") + plan_.mapping->layers[fragment.plan.layer].name +
                           " on tile " + std::to_string(tile->plan().tile.value()) + " at window " +
                           std::to_string(fragment.window);
    return waiting;
}

results::ChipRecord Chip::record() const {
    if (images_ == 0) throw std::runtime_error("the chip was given no image");
    if (!host_->finished())
        throw std::runtime_error("the chip stopped with " + std::to_string(host_->finished_images()) +
                                 " of " + std::to_string(images_) +
                                 " images done; waiting for inputs or room: " + unfinished());
    results::ChipRecord record = counted();
    record.logits = host_->logits();
    for (const sc_core::sc_time& time : host_->injected()) record.injected_fs.push_back(femtoseconds(time));
    for (const sc_core::sc_time& time : host_->completed()) record.completed_fs.push_back(femtoseconds(time));
    record.elapsed_fs = record.completed_fs.back() - femtoseconds(reset_at_);
    if (images_ == 1) record.steady.latency_fs = record.completed_fs.front() - record.injected_fs.front();
    return record;
}

cost::ChipInventory Chip::inventory() const {
    return inventory_of(plan_, chip_, widths_);
}

cost::Actions Chip::total_actions() {
    cost::Actions actions = tally_.total();
    for (const std::uint64_t flits : interconnect_->counters().flit_hops) actions.flit_hops += flits;
    actions.host_bytes += host_->link().in.bytes + host_->link().out.bytes;
    return actions;
}

results::ChipRecord Chip::counted() const {
    const std::uint64_t images = host_->finished_images();
    results::ChipRecord record;
    record.images = images;
    for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
        const LayerPlan& layer_plan = plan_.layers[LayerIndex(i)];
        const mapping::LayerMapping& mapped = plan_.mapping->layers[LayerIndex(i)];
        const network::Node& node = plan_.network->nodes[layer_plan.node];
        results::LayerRecord layer;
        layer.name = node.name;
        layer.kind = node.shape.height * node.shape.width > 1 || node.window.kernel_height > 1 ? "convolution"
                                                                                               : "linear";
        layer.rows = static_cast<std::uint64_t>(mapped.rows);
        layer.outputs = static_cast<std::uint64_t>(mapped.outputs);
        layer.windows = layer_plan.windows;
        layer.planes = mapped.planes.size();
        layer.copies = static_cast<std::uint64_t>(layer_plan.copies);
        layer.crossbars = mapped.crossbars.size() * layer.copies;
        record.crossbars_unpacked += mapped.unpacked_crossbars * layer.copies;
        layer.tiles = plan_.placement->layers[LayerIndex(i)].tiles;
        layer.macs = mapped.weights * layer.windows;
        layer.adc_bits = widths_.bits[i];
        if (chip_.weights.encoding == config::Encoding::differential)
            layer.negative_adc_bits =
                widths_.negative_bits.empty() ? widths_.bits[i] : widths_.negative_bits[i];
        layer.adc_drops =
            widths_.drops.empty() ? std::vector<int>(layer.adc_bits.size(), 0) : widths_.drops[i];
        layer.adc_busy_by_slice_fs.assign(layer.adc_bits.size(), 0);
        layer.adcs_by_slice.assign(layer.adc_bits.size(), 0);
        layer.crossbars_by_parts.assign(1, 0);
        layer.clipped.assign(layer.adc_bits.size(), 0);
        if (kernels_.largest_sum != nullptr) layer.largest_sums.assign(layer.adc_bits.size(), 0);
        layer.conversions.assign(layer.adc_bits.size(), 0);
        if (!counters_.empty()) layer.column_sums = empty_histograms(mapped, widths_);
        layer.first_start_fs = ~std::uint64_t{0};
        record.layers.push_back(std::move(layer));
    }
    for (const auto& tile : tiles_) {
        // A tile without crossbars works on the image itself: its pools belong to the first layer.
        const LayerIndex index = tile->plan().layer.value_or(LayerIndex(0));
        results::LayerRecord& layer = record.layers[index.value()];
        for (Tile::Fragment& fragment : tile->fragments())
            count_fragment(fragment, plan_.mapping->layers[index], chip_, widths_, images, layer);
        count_tile(*tile, layer);
    }
    for (results::LayerRecord& layer : record.layers)
        if (layer.first_start_fs == ~std::uint64_t{0}) layer.first_start_fs = 0;  // has not started
    for (std::size_t i = 0; i < counters_.size(); ++i)
        for (results::ColumnHistogram& histogram : record.layers[i].column_sums)
            move_counted(counters_[i][histogram.slice][histogram.negative ? 1 : 0], histogram);
    const Interconnect::Counters& mesh = interconnect_->counters();
    for (network::NodeId node = 0; node < mesh.flit_hops.size(); ++node) {
        cost::Actions& actions =
            node == 0 ? record.shared : record.layers[plan_.layer_of_node[node].value()].actions;
        actions.flit_hops += mesh.flit_hops[node];
    }
    record.shared.host_bytes = host_->link().in.bytes + host_->link().out.bytes;
    record.mesh = {mesh.packets, mesh.delivered, mesh.waits, femtoseconds(mesh.waited)};
    record.inventory = inventory();
    record.crossbars = plan_.placement->crossbars;
    record.processing_elements = plan_.placement->processing_elements;
    record.tiles = plan_.placement->tiles;
    record.elapsed_fs = femtoseconds(sc_core::sc_time_stamp() - reset_at_);
    return record;
}

}  // namespace sliver::model
