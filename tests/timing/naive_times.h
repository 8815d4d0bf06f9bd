// When an image's windows start and its logits arrive where nobody waits for a place, a link or a bus: the
// rules of docs/time.md, written down value by value. Reads neither model/ nor src/estimate; of src/mapping
// only what lies where. Slow on purpose.
//
// With skip.* (docs/sparsity.md) windows take different times: the values come from the golden executor.
//
// Holds for: mesh.kind ideal, buffers and buses unlimited, one image, no packing, columns in their natural
// order; with skip.zero_planes no conversion may be cut or rounded. All times are femtoseconds since the
// simulation began.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "config/chip_config.h"
#include "mapping/adc_widths.h"
#include "mapping/layer_mapping.h"
#include "mapping/placement.h"
#include "mapping/row_parts.h"
#include "network/golden.h"
#include "network/integer_ops.h"
#include "network/quantised_network.h"
#include "stored_levels.h"

namespace naive_times {

using Fs = std::uint64_t;
namespace config = sliver::config;
namespace mapping = sliver::mapping;
namespace network = sliver::network;

struct LayerTimes {
    Fs first_start = 0, last_start = 0;  ///< of windows, over all tiles
    Fs done = 0;                         ///< the last value is written
};

struct Times {
    std::vector<LayerTimes> layers;
    Fs completed = 0;  ///< the host has the last logit
};

inline Fs from_seconds(double seconds) {
    return static_cast<Fs>(std::llround(seconds * 1e15));
}

// ---- a read

/// An array as its converters see it: the reads an input digit takes, and for each converter that serves it
/// how long its columns occupy that one.
struct ReadArray {
    int parts = 1;
    std::map<int, double> burst_s;
    std::vector<std::vector<int>> rows;  ///< of the layer's matrix, by part
};

/// From driving the first part to the end of the step. Samples are held at 0, each next part's one cycle
/// later or when the part before is converted; converters take what was held first.
inline Fs step_time(const std::vector<ReadArray>& arrays, Fs cycle) {
    std::vector<Fs> held(arrays.size(), 0);
    std::vector<int> parts_done(arrays.size(), 0);
    std::map<int, Fs> free;
    Fs end = 0;
    for (;;) {
        std::size_t next = arrays.size();
        for (std::size_t i = 0; i < arrays.size(); ++i)
            if (parts_done[i] < arrays[i].parts && (next == arrays.size() || held[i] < held[next])) next = i;
        if (next == arrays.size()) return end;
        Fs converted = 0;
        for (const auto& [converter, burst_s] : arrays[next].burst_s) {
            free[converter] = std::max(free[converter], held[next]) + from_seconds(burst_s);
            converted = std::max(converted, free[converter]);
        }
        ++parts_done[next];
        held[next] = std::max(held[next] + cycle, converted);
        end = std::max(end, held[next]);
    }
}

inline double conversion_s(const config::AdcConfig& adc, int bits) {
    return adc.time == config::ConversionTime::fixed ? 1 / adc.rate_hz : bits / 8.0 / adc.rate_hz;
}

inline ReadArray read_array(const network::MatrixWeights& weights, const mapping::LayerMapping& layer,
                            const mapping::CrossbarSlot& slot, int parts, int group,
                            const mapping::AdcWidths& widths, const config::ChipConfig& chip) {
    const bool masked = chip.skip.empty_columns;
    const int unused = masked ? 0 : chip.array.columns - slot.outputs * slot.slices();
    stored_levels::Levels levels;
    if (masked) levels = stored_levels::levels_of(weights, chip, slot);
    ReadArray array;
    array.parts = parts;
    array.rows.resize(static_cast<std::size_t>(parts));
    for (int row = 0; row < slot.rows; ++row)
        array.rows[static_cast<std::size_t>(row / ((slot.rows + parts - 1) / parts))].push_back(
            slot.first_row + row);
    int widest = 0;
    for (int i = 0; i < slot.slices(); ++i) {
        const int slice = slot.first_slice() + i;
        const int bits =
            widths.at(layer.layer, sliver::SliceIndex(static_cast<std::size_t>(slice)), slot.sign).bits;
        widest = std::max(widest, bits);
        const bool bank = chip.adc.bank == config::AdcBank::per_slice;
        const int visited = masked ? stored_levels::filled_columns(levels, slot, i) : slot.outputs;
        const int columns = visited + (bank && i == 0 ? unused : 0);  // a bank's lowest slice sweeps them
        const int converter = bank ? group * 100 + slice : group;
        array.burst_s[converter] += columns * conversion_s(chip.adc, bits);
    }
    if (chip.adc.bank == config::AdcBank::single)
        array.burst_s[group] += unused * conversion_s(chip.adc, widest);
    return array;
}

// ---- a layer

/// When every value of a map is there: [channel][pixel].
using MapTimes = std::vector<std::vector<Fs>>;

inline MapTimes map_of(const network::Shape& shape) {
    return MapTimes(static_cast<std::size_t>(shape.channels), std::vector<Fs>(shape.pixels(), 0));
}

/// The tile's part of a copy: it takes the copy's windows on its own.
struct Part {
    std::size_t tile = 0;
    std::vector<std::vector<ReadArray>> elements;   ///< by processing element
    int first_channel = 1 << 30, last_channel = 0;  ///< of the input map: what its rows read
    std::set<std::size_t> blocks;                   ///< column blocks that it has arrays of
    Fs free_at = 0;
};

inline std::vector<Part> parts_of(const network::MatrixWeights& weights, const mapping::LayerMapping& layer,
                                  const mapping::CopyPlacement& places,
                                  const sliver::IndexedVector<sliver::CrossbarIndex, int>& row_parts,
                                  int values_a_channel, const mapping::AdcWidths& widths,
                                  const config::ChipConfig& chip) {
    std::map<std::size_t, Part> by_tile;
    std::map<std::pair<std::size_t, std::size_t>, std::vector<ReadArray>> by_unit;  // tile, element
    for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
        const sliver::CrossbarIndex index(i);
        const mapping::CrossbarSlot& slot = layer.crossbars[index];
        const mapping::CrossbarPlace& place = places[index];
        Part& part = by_tile[place.tile.value()];
        part.first_channel = std::min(part.first_channel, slot.first_row / values_a_channel);
        part.last_channel = std::max(part.last_channel, (slot.first_row + slot.rows - 1) / values_a_channel);
        part.blocks.insert(slot.column_block);
        by_unit[{place.tile.value(), place.pe.value()}].push_back(read_array(
            weights, layer, slot, row_parts[index], place.array / chip.adc.arrays_per_adc, widths, chip));
    }
    for (const auto& [place, arrays] : by_unit) by_tile[place.first].elements.push_back(arrays);
    std::vector<Part> parts;
    for (auto& [tile, part] : by_tile) {
        part.tile = tile;
        parts.push_back(part);
    }
    return parts;
}

/// Digits of a window's values: [plane][row of the matrix].
using Digits = std::vector<std::vector<std::int32_t>>;

inline Digits digits_of(const std::vector<std::int32_t>& values, const network::Format& format,
                        int dac_bits) {
    Digits digits;
    for (const bitline_reference::Digit& digit : bitline_reference::digits_of(format, dac_bits)) {
        digits.emplace_back();
        for (const std::int32_t value : values)
            digits.back().push_back(value >> digit.shift & ((1 << digit.bits) - 1));
    }
    return digits;
}

/// How long a window holds the arrays of one processing element. A detector leaves out the parts of arrays
/// that a plane would drive no row of, and with the last of them the plane.
inline Fs element_time(const std::vector<ReadArray>& arrays, const Digits& digits, bool detects, Fs cycle) {
    if (!detects) return digits.size() * step_time(arrays, cycle);
    Fs time = 0;
    for (const std::vector<std::int32_t>& plane : digits) {
        std::vector<ReadArray> reads;
        for (const ReadArray& array : arrays) {
            ReadArray read = array;
            read.parts = 0;
            for (const std::vector<int>& rows : array.rows)
                read.parts += std::any_of(rows.begin(), rows.end(),
                                          [&](int row) { return plane[static_cast<std::size_t>(row)] != 0; })
                                  ? 1
                                  : 0;
            if (read.parts != 0) reads.push_back(read);
        }
        if (!reads.empty()) time += step_time(reads, cycle);
    }
    return std::max(time, cycle);
}

/// The tile's next window waits for the slowest.
inline Fs part_time(const Part& part, const Digits& digits, bool detects, Fs cycle) {
    Fs time = 0;
    for (const std::vector<ReadArray>& arrays : part.elements)
        time = std::max(time, element_time(arrays, digits, detects, cycle));
    return time;
}

/// When the values are there that a window at (top, left) reads: those of the channels, or of the whole map.
inline Fs inputs_there(const MapTimes& input, const network::Shape& map, const network::Window& window, int y,
                       int x, int first_channel, int last_channel, bool whole_map) {
    Fs there = 0;
    const int top = y * window.stride_y - window.pad_top, left = x * window.stride_x - window.pad_left;
    for (int channel = first_channel; channel <= last_channel; ++channel)
        for (int row = 0; row < map.height; ++row)
            for (int column = 0; column < map.width; ++column) {
                const auto tapped = [](int from, int taps, int dilation) {
                    return from >= 0 && from % dilation == 0 && from / dilation < taps;
                };
                const bool inside = tapped(row - top, window.kernel_height, window.dilation_y) &&
                                    tapped(column - left, window.kernel_width, window.dilation_x);
                if (inside || whole_map)
                    there = std::max(there, input[static_cast<std::size_t>(channel)]
                                                 [static_cast<std::size_t>(row * map.width + column)]);
            }
    return there;
}

/// A convolution or linear layer: `window` over `map`, whose values are there at `input`.
/// `values`: of the node's input.
inline MapTimes matrix_times(const network::Node& node, const network::Window& window,
                             const network::Node& source, const std::vector<std::int32_t>& values,
                             const network::Shape& map, const MapTimes& input,
                             const mapping::LayerMapping& layer, const mapping::LayerPlacement& placement,
                             const mapping::AdcWidths& widths, const config::ChipConfig& chip,
                             LayerTimes& times) {
    const Fs cycle = from_seconds(chip.array.cycle_s);
    const Fs overhead = static_cast<Fs>(chip.pipeline.overhead_cycles) * cycle;
    const auto row_parts = mapping::row_parts(node.weights, layer, widths);
    std::vector<std::vector<Part>> copies;
    for (const mapping::CopyPlacement& places : placement.copies)
        copies.push_back(parts_of(node.weights, layer, places, row_parts,
                                  window.kernel_height * window.kernel_width, widths, chip));
    // Copies whose parts lie on one tile share its buffer: a pixel is there with all that the tile keeps of
    // it.
    std::map<std::size_t, std::pair<int, int>> kept;  // by tile: first and last channel
    for (const std::vector<Part>& parts : copies)
        for (const Part& part : parts) {
            auto& [first, last] =
                kept.try_emplace(part.tile, part.first_channel, part.last_channel).first->second;
            first = std::min(first, part.first_channel);
            last = std::max(last, part.last_channel);
        }
    MapTimes output = map_of(node.shape);
    times.first_start = ~Fs{0};
    std::vector<std::int32_t> rows(static_cast<std::size_t>(node.weights.rows));
    for (int number = 0; number < node.shape.height * node.shape.width; ++number) {
        std::map<std::size_t, Fs> block_done;
        network::gather_window(node, source, values.data(), number / node.shape.width,
                               number % node.shape.width, rows.data());
        const Digits digits = digits_of(rows, source.format, chip.inputs.dac_bits);
        for (Part& part : copies[static_cast<std::size_t>(number) % copies.size()]) {
            const auto [first_channel, last_channel] = kept.at(part.tile);
            const Fs there =
                inputs_there(input, map, window, number / node.shape.width, number % node.shape.width,
                             first_channel, last_channel, !chip.pipeline.pipelined);
            const Fs start = std::max(there, part.free_at);
            part.free_at = start + part_time(part, digits, chip.skip.zero_planes, cycle);
            times.first_start = std::min(times.first_start, start);
            times.last_start = std::max(times.last_start, start);
            for (const std::size_t block : part.blocks)
                block_done[block] = std::max(block_done[block], part.free_at + overhead);
        }
        for (const auto& [block, done] : block_done) {
            times.done = std::max(times.done, done);
            for (int place = 0; place < layer.column_blocks[block].outputs; ++place)
                output[static_cast<std::size_t>(layer.column_blocks[block].output(place))]
                      [static_cast<std::size_t>(number)] = done;
        }
    }
    return output;
}

// ---- everything else

/// Pixels of input `input` that pixel `pixel` of a digital node is made of.
inline std::set<int> pixels_of(const network::Node& node, const network::Shape& map, int pixel) {
    std::set<int> pixels;
    const network::Window& w = node.window;
    switch (node.kind) {
        case network::NodeKind::max_pool:
        case network::NodeKind::average_pool:
            for (int ky = 0; ky < w.kernel_height; ++ky)
                for (int kx = 0; kx < w.kernel_width; ++kx) {
                    const int y = pixel / node.shape.width * w.stride_y - w.pad_top + ky * w.dilation_y;
                    const int x = pixel % node.shape.width * w.stride_x - w.pad_left + kx * w.dilation_x;
                    if (y >= 0 && y < map.height && x >= 0 && x < map.width) pixels.insert(y * map.width + x);
                }
            break;
        case network::NodeKind::gather:
            for (int channel = 0; channel < node.shape.channels; ++channel) {
                const int place = node.table[static_cast<std::size_t>(channel) * node.shape.pixels() +
                                             static_cast<std::size_t>(pixel)];
                if (place >= 0) pixels.insert(place % static_cast<int>(map.pixels()));
            }
            break;
        default:  // a factor by channel has one pixel
            pixels.insert(map.pixels() == 1 ? 0 : pixel);
    }
    return pixels;
}

/// Channels of input `input` that the channels [first, end) of a digital node are made of: first and last.
inline std::pair<int, int> channels_of(const network::Node& node, const std::vector<network::Shape>& maps,
                                       std::size_t input, int first, int end) {
    if (node.kind == network::NodeKind::concat) {
        int before = 0;
        for (std::size_t i = 0; i < input; ++i) before += maps[i].channels;
        return {std::max(0, first - before), std::min(maps[input].channels, end - before) - 1};
    }
    if (node.kind != network::NodeKind::gather) return {first, end - 1};
    bool stays = node.shape.channels == maps[0].channels;
    int lowest = maps[0].channels, highest = -1;
    for (std::size_t i = 0; i < node.table.size(); ++i) {
        if (node.table[i] < 0) continue;
        const int channel = node.table[i] / static_cast<int>(maps[0].pixels());
        stays = stays && channel == static_cast<int>(i / node.shape.pixels());
        lowest = std::min(lowest, channel);
        highest = std::max(highest, channel);
    }
    if (stays) return {first, end - 1};
    return highest < 0 ? std::pair{0, 0} : std::pair{lowest, highest};
}

/// A digital node works at each of its homes for itself: it passes a pixel on with the last of its operands
/// (where it needs none, with the first of the image), and none before the one in front of it.
inline MapTimes digital_times(const network::Node& node, const std::vector<mapping::ChannelHome>& homes,
                              const std::vector<network::Shape>& maps,
                              const std::vector<const MapTimes*>& inputs) {
    MapTimes output = map_of(node.shape);
    for (const mapping::ChannelHome& home : homes) {
        Fs made = 0;
        for (int pixel = 0; pixel < static_cast<int>(node.shape.pixels()); ++pixel) {
            for (std::size_t input = 0; input < inputs.size(); ++input) {
                const auto [first, last] =
                    channels_of(node, maps, input, home.first_channel, home.first_channel + home.channels);
                if (first > last) continue;
                Fs begun = ~Fs{0};
                for (int channel = first; channel <= last; ++channel) {
                    const std::vector<Fs>& times = (*inputs[input])[static_cast<std::size_t>(channel)];
                    begun = std::min(begun, *std::min_element(times.begin(), times.end()));
                    for (const int needed : pixels_of(node, maps[input], pixel))
                        made = std::max(made, times[static_cast<std::size_t>(needed)]);
                }
                made = std::max(made, begun);
            }
            for (int channel = home.first_channel; channel < home.first_channel + home.channels; ++channel)
                output[static_cast<std::size_t>(channel)][static_cast<std::size_t>(pixel)] = made;
        }
    }
    return output;
}

/// The image comes row by row.
inline MapTimes image_times(const network::Shape& shape, const config::HostConfig& host) {
    MapTimes times = map_of(shape);
    if (host.bytes_per_s == 0) return times;
    const Fs row = from_seconds(shape.channels * shape.width / host.bytes_per_s);
    for (std::vector<Fs>& channel : times)
        for (std::size_t pixel = 0; pixel < channel.size(); ++pixel)
            channel[pixel] = (pixel / static_cast<std::size_t>(shape.width) + 1) * row;
    return times;
}

/// Logits leave with the bytes of their format, those of a home and pixel together, one after the other.
inline Fs last_logit(const MapTimes& logits, const std::vector<mapping::ChannelHome>& homes, int value_bytes,
                     const config::HostConfig& host) {
    std::vector<std::pair<Fs, int>> packets;  // when, values
    for (const mapping::ChannelHome& home : homes)
        for (const Fs time : logits[static_cast<std::size_t>(home.first_channel)])
            packets.emplace_back(time, home.channels);
    std::sort(packets.begin(), packets.end());
    Fs free = 0;
    for (const auto& [time, values] : packets)
        free = std::max(free, time) +
               (host.bytes_per_s == 0 ? 0 : from_seconds(value_bytes * values / host.bytes_per_s));
    return free;
}

/// `image`: input codes.
inline Times times_of(const network::QuantisedNetwork& net, const mapping::NetworkMapping& mapped,
                      const mapping::Placement& placement, const mapping::AdcWidths& widths,
                      const config::ChipConfig& chip, const std::vector<std::int32_t>& image) {
    Times times;
    const std::vector<std::vector<std::int32_t>> values = network::run_golden_maps(net, image);
    std::vector<MapTimes> maps;  // by node; of a flatten: the map that it flattens
    std::vector<network::Shape> shapes;
    for (const network::Node& node : net.nodes) {
        const std::size_t source = node.inputs.empty() ? 0 : node.inputs.front();
        switch (node.kind) {
            case network::NodeKind::input:
                maps.push_back(image_times(node.shape, chip.host));
                break;
            case network::NodeKind::matrix: {
                const std::size_t layer = times.layers.size();
                times.layers.emplace_back();
                network::Window window = node.window;
                if (net.nodes[source].kind == network::NodeKind::flatten) {  // reads the whole map at once
                    window.kernel_height = shapes[source].height;
                    window.kernel_width = shapes[source].width;
                }
                maps.push_back(matrix_times(node, window, net.nodes[source], values[source], shapes[source],
                                            maps[source], mapped.layers[sliver::LayerIndex(layer)],
                                            placement.layers[sliver::LayerIndex(layer)], widths, chip,
                                            times.layers.back()));
                break;
            }
            case network::NodeKind::flatten:
                maps.push_back(maps[source]);
                break;
            default: {
                std::vector<const MapTimes*> inputs;
                std::vector<network::Shape> input_shapes;
                for (const std::size_t input : node.inputs) {
                    inputs.push_back(&maps[input]);
                    input_shapes.push_back(shapes[input]);
                }
                maps.push_back(digital_times(node, placement.homes[maps.size()], input_shapes, inputs));
            }
        }
        shapes.push_back(node.kind == network::NodeKind::flatten ? shapes[source] : node.shape);
    }
    std::size_t output = net.nodes.size() - 1;
    while (net.nodes[output].kind == network::NodeKind::flatten) output = net.nodes[output].inputs.front();
    times.completed =
        last_logit(maps[output], placement.homes[output], net.nodes[output].format.bytes(), chip.host);
    return times;
}

}  // namespace naive_times
