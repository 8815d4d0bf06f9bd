#include "engine/layer_runner.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/size.h"
#include "network/integer_ops.h"

namespace sliver::engine {
namespace {

/// Pairs of rows, times windows, multiplied before the accumulators go back to memory: the inputs of all
/// windows and the weights of a register tile stay near in the cache, and the weights of few windows are read
/// in long streams.
constexpr int kPairWindowsAtOnce = 16384;
/// No column sum has more bits: 512 rows of 15, driven at 15.
constexpr int kMaxWidth = 17;
constexpr int kMaxDrop = 32 - kMaxWidth;  // Converter::range() has 32 bits
/// Where rows are split: no sum passes it.
constexpr mapping::Converter kNoConverter{kMaxWidth, 0};
/// Planes whose sums are handed out at a time: they stay in the first cache with the counters.
constexpr int kCountedPlanes = 32;

/// What one plane, one column and one of its registers cost besides what counts cells, in vector operations.
constexpr int kPlaneOperations = 10;
constexpr int kColumnOperations = 10;
constexpr int kRegisterOperations = 10;

int window_blocks(const WindowBatch& tile) {
    return (tile.windows + kLookUpWindows - 1) / kLookUpWindows;
}
/// Of LookUpCall::excess.
std::size_t excess_stride(const WindowBatch& tile) {
    return size(window_blocks(tile) * kLookUpWindows);
}
/// Modulo 2^32, as the vector kernels add.
std::int32_t wrapping_sum(std::int32_t a, std::int32_t b) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

/// The window's rows from a padded map. Three-wide kernels, by far the most frequent, move four bytes at a
/// time: the fourth is overwritten by what follows (buffers have room behind the last).
void gather_codes(const std::int8_t* corner, const network::Window& window, int channels,
                  std::size_t channel_stride, std::size_t row_stride, std::int8_t* out) {
    const auto width = size(window.kernel_width), apart = size(window.dilation_x);
    row_stride *= size(window.dilation_y);
    for (int channel = 0; channel < channels; ++channel, corner += channel_stride) {
        const std::int8_t* row = corner;
        if (apart > 1) {
            for (int y = 0; y < window.kernel_height; ++y, row += row_stride)
                for (std::size_t x = 0; x < width; ++x) *out++ = row[x * apart];
        } else if (width == 3) {
            for (int y = 0; y < window.kernel_height; ++y, row += row_stride, out += 3)
                std::memcpy(out, row, 4);
        } else {
            for (int y = 0; y < window.kernel_height; ++y, row += row_stride, out += width)
                std::memcpy(out, row, width);
        }
    }
}

}  // namespace

bool operator==(const LayerConverters& a, const LayerConverters& b) {
    return a.exact == b.exact && a.by_slice == b.by_slice;
}

LayerConverters converters_of(const LayerCells& cells, const std::string& layer_name,
                              const mapping::AdcWidths& widths, LayerIndex layer) {
    const auto check = [&](const char* what, const std::vector<std::vector<int>>& table, int lowest,
                           int highest) {
        if (table.empty()) return;
        const std::vector<int>& own = table[layer.value()];
        if (own.size() != size(cells.slices()))
            refuse("ADC {} of layer {}: {} given, the weights have {} slices", what, layer_name, own.size(),
                   cells.slices());
        for (const int bits : own)
            if (bits < lowest || bits > highest)
                refuse("ADC {} of layer {}: {} bits; a converter has {} to {}", what, layer_name, bits,
                       lowest, highest);
    };
    check("widths", widths.bits, 1, kMaxWidth);
    check("negative widths", widths.negative_bits, 1, kMaxWidth);
    check("drops", widths.drops, 0, kMaxDrop);
    LayerConverters converters;
    converters.exact = widths.split_rows;
    if (converters.exact) {
        if (!widths.drops.empty())
            for (const int drop : widths.drops[layer.value()])
                if (drop != 0)
                    refuse("ADC drops of layer {}: {} bits; no bits can be left out where rows are split",
                           layer_name, drop);
        return converters;
    }
    for (std::size_t slice = 0; slice < size(cells.slices()); ++slice)
        converters.by_slice.push_back({widths.at(layer, SliceIndex(slice), mapping::Sign::positive),
                                       widths.at(layer, SliceIndex(slice), mapping::Sign::negative)});
    return converters;
}

ConverterPlan make_plan(const LayerCells& cells, LayerConverters converters) {
    ConverterPlan plan;
    plan.converters = std::move(converters);
    const auto safe_rows = [&](const CellGroup& group, std::size_t slice, std::size_t sign) {
        if (plan.converters.exact) return cells.rows();
        const mapping::Converter& converter = plan.converters.by_slice[slice][sign];
        // A coarse converter changes nearly every sum but zero.
        return cells.safe_rows(group, converter.drop == 0 ? converter.range() : 0);
    };
    for (int block = 0; block < cells.row_blocks(); ++block) {
        int smallest = cells.block_rows(block);
        for (int group = 0; group < cells.column_groups(); ++group) {
            for (int slice = 0; slice < cells.slices(); ++slice) {
                for (int sign = 0; sign < cells.signs(); ++sign) {
                    const CellGroup& column_group = cells.group(cells.index(block, group, slice, sign));
                    const int safe =
                        std::min(safe_rows(column_group, size(slice), size(sign)), cells.block_rows(block));
                    plan.safe_rows.push_back(static_cast<std::uint16_t>(safe));
                    smallest = std::min(smallest, safe);
                }
            }
        }
        plan.block_safe_rows.push_back(smallest);
    }
    return plan;
}

void PlaneList::clear() {
    planes_.clear();
    used_ = 0;
}

std::uint32_t* PlaneList::reserve(std::size_t places) {
    if (digits_.size() < used_ + places) digits_.resize(2 * (used_ + places));
    return &digits_[used_];
}

void PlaneList::add(DrivenPlane plane, std::size_t places) {
    plane.digits = static_cast<std::uint32_t>(used_);
    used_ += places;
    planes_.push_back(plane);
}

void PlaneList::sort(int rows) {
    above_.assign(size(rows) + 1, 0);
    for (const DrivenPlane& plane : planes_) ++above_[plane.driven];
    int sum = 0;
    for (std::size_t driven = above_.size(); driven-- > 0;) {
        const int here = above_[driven];
        above_[driven] = sum;
        sum += here;
    }
    sorted_.resize(planes_.size());
    std::vector<int>& place = above_;  // counts up while filling, and is restored by the walk below
    for (const DrivenPlane& plane : planes_) sorted_[size(place[plane.driven]++)] = plane;
    for (const DrivenPlane& plane : planes_) --place[plane.driven];
}

LayerRunner::LayerRunner(const network::Node& node, const network::Node& input,
                         const mapping::LayerMapping& layer, InstructionSet set, bool on_arrays)
    : node_(node),
      input_format_(input.format),
      input_shape_(input.shape),
      columns_(bitline::kernels(set)),
      kernels_(engine_kernels(set)),
      cells_(node, layer, kernels_, !on_arrays),
      windows_(node.shape.height * node.shape.width),
      padded_height_(input.shape.height + node.window.pad_top + node.window.pad_bottom),
      padded_width_(input.shape.width + node.window.pad_left + node.window.pad_right),
      // Room for the last four-byte move, and an even number of rows for the product.
      row_stride_((size(cells_.rows()) + 1 + kCacheLine - 1) / kCacheLine * kCacheLine) {
    padded_bias_.assign(size(cells_.output_groups()) * kLaneOutputs, 0);
    std::copy(node.weights.bias.begin(), node.weights.bias.end(), padded_bias_.begin());
    for (const mapping::InputPlane& plane : cells_.planes()) {
        if (!cells_.chunked()) break;
        const int quad = plane.shift / kQuadPlanes;
        while (static_cast<int>(quads_.size()) <= quad) quads_.push_back({});
        const int weight = 1 << (plane.shift % kQuadPlanes);
        quads_[size(quad)][size(plane.shift % kQuadPlanes)] =
            static_cast<std::int8_t>(plane.negative ? -weight : weight);
        pattern_planes_ |= 0x0101010101010101U << static_cast<unsigned>(plane.shift);
    }
    limits_ = network::code_limits(node);
    choose_finish(layer.format);
    if (input_format_.bits > 8)
        refuse("layer {}: inputs of {} bits; the crossbars' input registers hold 8", node.name,
               input_format_.bits);
}

void LayerRunner::pad(const std::vector<std::int32_t>& map, PaddedMap& padded) const {
    const std::size_t width = size(padded_width_);
    padded.codes.assign(size(input_shape_.channels) * size(padded_height_) * width + kCacheLine,
                        static_cast<std::int8_t>(input_format_.zero));
    const std::int32_t* from = map.data();
    for (int channel = 0; channel < input_shape_.channels; ++channel) {
        for (int y = 0; y < input_shape_.height; ++y, from += input_shape_.width) {
            std::int8_t* to =
                &padded
                     .codes[(size(channel) * size(padded_height_) + size(y + node_.window.pad_top)) * width +
                            size(node_.window.pad_left)];
            for (int x = 0; x < input_shape_.width; ++x) to[x] = static_cast<std::int8_t>(from[x]);
        }
    }
}

void LayerRunner::run(const WindowBatch& tile, const ConverterPlan& plan,
                      const std::vector<PaddedMap>& inputs, Watch watch, Scratch& scratch,
                      std::vector<SliceStatistics>& statistics,
                      std::vector<std::vector<std::int32_t>>& outputs) const {
    gather(tile, inputs, scratch);
    if (is_analog()) {
        run_analog(tile, plan, watch, scratch, statistics);
        finish(tile, scratch, outputs);
        return;
    }
    multiply(tile, scratch);
    if (watch == Watch::all_sums)
        count_sums(tile, scratch);
    else
        subtract_excess(tile, plan, watch == Watch::largest_sums, scratch, statistics);
    finish(tile, scratch, outputs);
}

void LayerRunner::gather(const WindowBatch& tile, const std::vector<PaddedMap>& inputs,
                         Scratch& scratch) const {
    const auto windows = size(tile.windows);
    scratch.codes.resize(windows * row_stride_ + kCacheLine);  // patterns are read eight rows at a time
    scratch.inputs.resize(windows * row_stride_);
    const std::size_t channel_stride = size(padded_height_) * size(padded_width_);
    const int channels = cells_.rows() / (node_.window.kernel_height * node_.window.kernel_width);
    for (std::size_t i = 0; i < windows; ++i) {
        const std::size_t window = tile.first_window + i;
        const std::size_t pixel = window % size(windows_);
        const std::size_t y = pixel / size(node_.shape.width), x = pixel % size(node_.shape.width);
        const std::int8_t* corner =
            inputs[window / size(windows_)].codes.data() + size(first_channel_) * channel_stride +
            y * size(node_.window.stride_y) * size(padded_width_) + x * size(node_.window.stride_x);
        std::int8_t* codes = &scratch.codes[i * row_stride_];
        gather_codes(corner, node_.window, channels, channel_stride, size(padded_width_), codes);
        std::fill(codes + cells_.rows(), codes + row_stride_, std::int8_t{0});
    }
    // Signed and unsigned codes share their bytes until here.
    const std::int8_t* codes = scratch.codes.data();
    std::int16_t* wide = scratch.inputs.data();
    const std::size_t count = windows * row_stride_;
    if (input_format_.is_signed) {
        for (std::size_t i = 0; i < count; ++i) wide[i] = codes[i];
    } else {
        for (std::size_t i = 0; i < count; ++i) wide[i] = static_cast<std::uint8_t>(codes[i]);
    }
}

void LayerRunner::multiply(const WindowBatch& tile, Scratch& scratch) const {
    const int groups_each = cells_.output_groups() / cells_.column_groups();
    ProductCall call;
    call.input_stride = row_stride_;
    call.windows = tile.windows;
    call.weight_stride = size(cells_.pairs()) * 2 * kLaneOutputs;
    call.groups = tile.groups * groups_each;
    call.accumulator_stride = size(tile.windows) * kLaneOutputs;
    scratch.accumulators.assign(size(call.groups) * call.accumulator_stride, 0);
    call.accumulators = scratch.accumulators.data();
    const std::int16_t* weights =
        cells_.weights() + size(tile.first_group * groups_each) * call.weight_stride;
    const int step = kPairWindowsAtOnce / tile.windows;
    for (int pair = 0; pair < cells_.pairs(); pair += step) {
        call.pairs = std::min(step, cells_.pairs() - pair);
        call.inputs = scratch.inputs.data() + 2 * pair;
        call.weights = weights + size(pair) * 2 * kLaneOutputs;
        kernels_.product(call);
    }
}

void LayerRunner::list_planes(const WindowBatch& tile, int block, int safe_rows, Scratch& scratch) const {
    const int rows = cells_.block_rows(block);
    const int words = (rows + 63) / 64;
    const std::size_t most = kernels_.digit_places(rows, cells_.cell_bits(), cells_.digit_bits());
    scratch.digits.assign(size(words) * size(cells_.digit_bits()), 0);
    scratch.added.clear();
    scratch.subtracted.clear();
    for (int window = 0; window < tile.windows; ++window) {
        const std::int8_t* codes = &scratch.codes[size(window) * row_stride_ + size(cells_.first_row(block))];
        for (const mapping::InputPlane& plane : cells_.planes()) {
            if (plane.bits < cells_.digit_bits()) std::fill(scratch.digits.begin(), scratch.digits.end(), 0);
            const std::uint32_t driven =
                columns_.pack_digits(codes, rows, words, plane.shift, plane.bits, scratch.digits.data());
            if (driven <= static_cast<std::uint32_t>(safe_rows)) continue;
            PlaneList& list = plane.negative ? scratch.subtracted : scratch.added;
            const std::size_t places = kernels_.pack_plane(scratch.digits.data(), rows, cells_.cell_bits(),
                                                           cells_.digit_bits(), list.reserve(most));
            DrivenPlane item;
            item.accumulator = static_cast<std::uint32_t>(window * kLaneOutputs);
            item.shift = static_cast<std::uint32_t>(plane.shift);
            item.driven = driven;
            list.add(item, places);
        }
    }
    scratch.added.sort(rows);
    scratch.subtracted.sort(rows);
}

void LayerRunner::list_patterns(const WindowBatch& tile, int block, Scratch& scratch) const {
    const int rows = cells_.block_rows(block);
    const int chunks = (rows + kChunkRows - 1) / kChunkRows;
    const std::size_t registers = size(window_blocks(tile)) * quads_.size();
    scratch.patterns.assign(size(chunks) * registers * kChunkTableBytes, 0);
    for (int window = 0; window < tile.windows; ++window) {
        const std::int8_t* codes = &scratch.codes[size(window) * row_stride_ + size(cells_.first_row(block))];
        std::uint8_t* to = scratch.patterns.data() +
                           size(window / kLookUpWindows) * quads_.size() * kChunkTableBytes +
                           size(window % kLookUpWindows) * kQuadPlanes;
        for (int first = 0; first < rows; first += kChunkRows, to += registers * kChunkTableBytes) {
            std::uint64_t chunk;
            std::memcpy(&chunk, codes + first, sizeof chunk);  // buffers have room behind the last row
            const int here = std::min(kChunkRows, rows - first);
            chunk &= pattern_planes_ & ((std::uint64_t{1} << static_cast<unsigned>(8 * here)) - 1U);
            const std::uint64_t patterns = transpose_bits(chunk);
            for (std::size_t quad = 0; quad < quads_.size(); ++quad) {
                const auto four = static_cast<std::uint32_t>(patterns >> (32U * quad));
                std::memcpy(to + quad * kChunkTableBytes, &four, sizeof four);
            }
        }
    }
}

bool LayerRunner::look_up_is_cheaper(const LookUpCall& call, int rows, int planes) const {
    // In vector operations. Counting: AND, count and add for each register of cells, and what follows.
    const int counting = planes * (3 * ((rows + 31) / 32) * cells_.cell_bits() + kPlaneOperations);
    const int registers = call.window_blocks * call.quad_count;
    int looking_up = 0;
    for (int column = 0; column < call.column_count; ++column)
        if (call.columns[column].bound > call.harmless)
            looking_up += call.columns[column].chunks * (2 * registers + 1) + kColumnOperations +
                          kRegisterOperations * registers;
    return looking_up < counting;
}

void LayerRunner::add_looked_up(const WindowBatch& tile, Scratch& scratch) const {
    const std::int32_t* from = scratch.excess.data();
    const std::size_t stride = excess_stride(tile);
    const int groups = tile.groups * (cells_.output_groups() / cells_.column_groups());
    for (int group = 0; group < groups; ++group) {
        std::int32_t* to = scratch.accumulators.data() + size(group * tile.windows * kLaneOutputs);
        for (int lane = 0; lane < kLaneOutputs; ++lane, from += stride)
            for (int window = 0; window < tile.windows; ++window)
                to[window * kLaneOutputs + lane] =
                    wrapping_sum(to[window * kLaneOutputs + lane], from[window]);
    }
}

void LayerRunner::subtract_excess(const WindowBatch& tile, const ConverterPlan& plan, bool record_sums,
                                  Scratch& scratch, std::vector<SliceStatistics>& statistics) const {
    const int groups_each = cells_.output_groups() / cells_.column_groups();
    ExcessCall call;
    call.cell_bits = cells_.cell_bits();
    call.digit_bits = cells_.digit_bits();
    call.accumulator_stride = size(tile.windows) * kLaneOutputs;
    LookUpCall look_up;
    look_up.column_count = groups_each * kLaneOutputs;
    look_up.chunks = cells_.chunks();
    look_up.cell_bits = cells_.cell_bits();
    look_up.window_blocks = window_blocks(tile);
    look_up.quads = quads_.data();
    look_up.quad_count = static_cast<int>(quads_.size());
    look_up.excess_stride = excess_stride(tile);
    scratch.excess.clear();
    std::int32_t opposite[kMostGroupColumns];
    scratch.cut.assign(size(cells_.slices() * cells_.signs()) * kMostGroupColumns, 0);
    for (int block = 0; block < cells_.row_blocks(); ++block) {
        call.rows = cells_.block_rows(block);
        const int block_safe = record_sums ? 0 : plan.block_safe_rows[size(block)];
        if (block_safe >= call.rows) continue;
        list_planes(tile, block, block_safe, scratch);
        if (scratch.added.empty() && scratch.subtracted.empty()) continue;
        bool patterns_listed = false;
        std::size_t index = cells_.index(block, tile.first_group, 0, 0);
        for (int group = 0; group < tile.groups; ++group) {
            call.accumulators =
                scratch.accumulators.data() + size(group * groups_each) * call.accumulator_stride;
            for (int slice = 0; slice < cells_.slices(); ++slice) {
                SliceStatistics& statistic = statistics[size(slice)];
                const std::int32_t* lane_signs = cells_.lane_signs(block, tile.first_group + group, slice);
                call.slice_shift = cells_.shift(slice);
                for (int sign = 0; sign < cells_.signs(); ++sign, ++index) {
                    const CellGroup& cell_group = cells_.group(index);
                    int safe = plan.safe_rows[index];
                    if (record_sums)  // whatever it may change or may be larger than all seen so far
                        safe = std::min(safe, cells_.safe_rows(cell_group, statistic.largest_sum));
                    if (safe >= call.rows) continue;
                    const int added = scratch.added.empty() ? 0 : scratch.added.driven_above(safe);
                    const int subtracted =
                        scratch.subtracted.empty() ? 0 : scratch.subtracted.driven_above(safe);
                    if (added + subtracted == 0) continue;
                    const mapping::Converter converter =
                        plan.converters.exact ? kNoConverter
                                              : plan.converters.by_slice[size(slice)][size(sign)];
                    call.limit = converter.range();
                    call.drop = converter.drop;
                    call.cut = &scratch.cut[size((slice * cells_.signs() + sign) * kMostGroupColumns)];
                    call.largest = record_sums ? &statistic.largest_sum : nullptr;
                    call.lane_signs = lane_signs;
                    if (cells_.chunked()) {
                        look_up.columns = cells_.columns(cell_group);
                        look_up.harmless = call.drop > 0 ? 0 : call.limit;
                        if (record_sums) look_up.harmless = std::min(look_up.harmless, statistic.largest_sum);
                        if (look_up_is_cheaper(look_up, call.rows, added + subtracted)) {
                            if (!patterns_listed) list_patterns(tile, block, scratch);
                            patterns_listed = true;
                            if (scratch.excess.empty())
                                scratch.excess.assign(
                                    size(tile.groups * look_up.column_count) * look_up.excess_stride, 0);
                            look_up.digits = scratch.patterns.data();
                            look_up.limit = call.limit;
                            look_up.drop = call.drop;
                            look_up.slice_shift = call.slice_shift;
                            look_up.sign = sign == 1 ? ExcessSign::add : ExcessSign::subtract;
                            look_up.lane_signs = lane_signs;
                            look_up.excess = scratch.excess.data() +
                                             size(group * look_up.column_count) * look_up.excess_stride;
                            look_up.cut = call.cut;
                            look_up.largest = call.largest;
                            kernels_.look_up(look_up);
                            continue;
                        }
                    }
                    call.cells = cells_.cells(cell_group);
                    for (const PlaneList* list : {&scratch.added, &scratch.subtracted}) {
                        const bool negative_plane = list == &scratch.subtracted;
                        call.plane_count = negative_plane ? subtracted : added;
                        if (call.plane_count == 0) continue;
                        call.digits = list->digits();
                        call.planes = list->planes();
                        call.sign = (sign == 1) == negative_plane ? ExcessSign::subtract : ExcessSign::add;
                        if (lane_signs != nullptr) {
                            call.sign = ExcessSign::by_lane;
                            call.lane_signs = lane_signs;
                            if (negative_plane) {
                                for (int lane = 0; lane < groups_each * kLaneOutputs; ++lane)
                                    opposite[lane] = ~lane_signs[lane];
                                call.lane_signs = opposite;
                            }
                        }
                        kernels_.excess(call);
                    }
                }
            }
        }
    }
    if (!scratch.excess.empty()) add_looked_up(tile, scratch);
    const std::uint32_t* cut = scratch.cut.data();
    for (SliceStatistics& statistic : statistics) {
        for (int sign = 0; sign < cells_.signs(); ++sign) {
            for (int lane = 0; lane < kMostGroupColumns; ++lane, ++cut) {
                statistic.clipped += *cut;
                statistic.clipped_by_sign[size(sign)] += *cut;
            }
        }
    }
}

void LayerRunner::count_sums(const WindowBatch& tile, Scratch& scratch) const {
    const int group_columns = cells_.output_groups() / cells_.column_groups() * kLaneOutputs;
    SumsCall call;
    call.cell_bits = cells_.cell_bits();
    call.digit_bits = cells_.digit_bits();
    scratch.sums.resize(size(kCountedPlanes * group_columns));
    call.sums = scratch.sums.data();
    std::uint32_t largest[kMostGroupColumns];
    call.largest = largest;
    for (int block = 0; block < cells_.row_blocks(); ++block) {
        call.rows = cells_.block_rows(block);
        list_planes(tile, block, 0, scratch);
        for (const PlaneList* list : {&scratch.added, &scratch.subtracted}) {
            call.digits = list->digits();
            const int planes = list->driven_above(0);
            std::size_t index = cells_.index(block, tile.first_group, 0, 0);
            for (int group = tile.first_group; group < tile.first_group + tile.groups; ++group) {
                const int first_output = group * group_columns;
                const int columns = std::min(group_columns, cells_.outputs() - first_output);
                for (int slice = 0; slice < cells_.slices(); ++slice) {
                    for (int sign = 0; sign < cells_.signs(); ++sign, ++index) {
                        const CellGroup& cell_group = cells_.group(index);
                        if (cell_group.bound == 0) continue;
                        call.cells = cells_.cells(cell_group);
                        std::fill(largest, largest + group_columns, 0U);
                        for (int done = 0; done < planes; done += kCountedPlanes) {
                            call.planes = list->planes() + done;
                            call.plane_count = std::min(kCountedPlanes, planes - done);
                            kernels_.sums(call);
                            scratch.counter.count(slice, sign, call.sums, call.plane_count, columns,
                                                  group_columns);
                        }
                        mapping::ColumnExtreme& extreme = scratch.counter.largest(slice, sign);
                        for (int column = 0; column < columns; ++column)
                            if (largest[column] >= extreme.sum)
                                keep_larger(extreme, {largest[column], RowBlockIndex(size(block)),
                                                      first_output_ + first_output + column});
                    }
                }
            }
        }
    }
}

std::vector<bitline::ReadName> LayerRunner::names_of(const WindowBatch& tile) const {
    std::vector<bitline::ReadName> names;
    for (std::size_t window = tile.first_window; window < tile.first_window + size(tile.windows); ++window)
        names.push_back({tile.first_image + window / size(windows_), window % size(windows_), 0});
    return names;
}

void LayerRunner::run_analog(const WindowBatch& tile, const ConverterPlan& plan, Watch watch,
                             Scratch& scratch, std::vector<SliceStatistics>& statistics) const {
    if (linear_ != nullptr)
        linear_->run(scratch.codes.data(), row_stride_, tile.windows, scratch.linear,
                     scratch.analog.accumulators);
    else
        analog_->run(scratch.codes.data(), row_stride_, tile.windows, names_of(tile),
                     plan.converters.by_slice, watch == Watch::all_sums, scratch.analog, statistics);
    // From [window][output] to groups of 16 outputs.
    scratch.accumulators.assign(size(cells_.output_groups() * tile.windows) * kLaneOutputs, 0);
    for (int window = 0; window < tile.windows; ++window) {
        const std::int32_t* from = &scratch.analog.accumulators[size(window) * size(cells_.outputs())];
        for (int output = 0; output < cells_.outputs(); ++output)
            scratch.accumulators[size((output / kLaneOutputs * tile.windows + window) * kLaneOutputs +
                                      output % kLaneOutputs)] = from[output];
    }
}

void LayerRunner::start_counting(Scratch& scratch) const {
    if (is_analog())
        scratch.analog.counted.assign(size(cells_.slices()), {});
    else
        scratch.counter.start(cells_);
}

void LayerRunner::add_counted(Scratch& scratch,
                              std::vector<std::array<mapping::SumHistogram, 2>>& groups) const {
    if (!is_analog()) {
        scratch.counter.add_to(groups);
        return;
    }
    for (std::size_t slice = 0; slice < groups.size(); ++slice) {
        for (std::size_t sign = 0; sign < 2; ++sign) {
            const mapping::SumHistogram& own = scratch.analog.counted[slice][sign];
            mapping::add_counts(own.counts, groups[slice][sign].counts);
            if (!own.counts.empty()) keep_larger(groups[slice][sign].largest, own.largest);
        }
    }
}

void LayerRunner::finish(const WindowBatch& tile, Scratch& scratch,
                         std::vector<std::vector<std::int32_t>>& outputs) const {
    const int group_columns = cells_.output_groups() / cells_.column_groups() * kLaneOutputs;
    const int first = tile.first_group * group_columns;
    const int last = std::min(cells_.outputs(), first + tile.groups * group_columns);
    const std::size_t stride = size(tile.windows) * kLaneOutputs;
    for (int group = first; group < last; group += kLaneOutputs) {
        std::int32_t* sums = scratch.accumulators.data() + size((group - first) / kLaneOutputs) * stride;
        const int lanes = std::min(kLaneOutputs, last - group);
        if (finish_ == Finish::narrow)
            finish_narrow(group, tile.windows, sums);
        else if (finish_ == Finish::scaled)
            finish_scaled(group, tile.windows, sums);
        else
            for (int window = 0; window < tile.windows; ++window)
                for (int lane = 0; lane < lanes; ++lane) {
                    std::int32_t& sum = sums[window * kLaneOutputs + lane];
                    sum = network::finish_accumulator(node_, input_format_.exponent, group + lane, sum);
                }
        // From [window][lane] to one map a lane, image by image.
        std::size_t image = tile.first_window / size(windows_), pixel = tile.first_window % size(windows_);
        for (int window = 0; window < tile.windows;) {
            const int here = std::min(tile.windows - window, windows_ - static_cast<int>(pixel));
            const std::int32_t* from = sums + window * kLaneOutputs;
            for (int lane = 0; lane < lanes; ++lane) {
                std::int32_t* to =
                    &outputs[image][size(first_output_ + group + lane) * size(windows_) + pixel];
                for (int i = 0; i < here; ++i) to[i] = from[i * kLaneOutputs + lane];
            }
            window += here;
            pixel = 0;
            ++image;
        }
    }
}

void LayerRunner::finish_narrow(int first_output, int windows, std::int32_t* sums) const {
    const std::int32_t* bias = &padded_bias_[size(first_output)];
    const std::int32_t lowest = limits_.lowest, highest = limits_.highest;
    const int shift = finish_shift_;
    const std::int32_t finer = 1 << node_.weights.bias_bits;
    const std::int32_t below_half = (1 << (shift - 1)) - 1;
    for (int window = 0; window < windows; ++window, sums += kLaneOutputs) {
        for (int lane = 0; lane < kLaneOutputs; ++lane) {
            const std::int32_t value = sums[lane] * finer + bias[lane];
            // Half to even: a tie rounds up just where the quotient's last bit is 1.
            const std::int32_t code = (value + below_half + (value >> shift & 1)) >> shift;
            sums[lane] = std::min(std::max(code, lowest), highest);
        }
    }
}

void LayerRunner::finish_scaled(int first_output, int windows, std::int32_t* sums) const {
    const std::int32_t* bias = &padded_bias_[size(first_output)];
    const std::int64_t* multiplier = &multipliers_[size(first_output)];
    const std::int64_t* shift = &shifts_[size(first_output)];
    const std::int64_t floor = node_.relu ? 0 : std::numeric_limits<std::int64_t>::min();
    const std::int64_t lowest = limits_.lowest, highest = limits_.highest, zero = node_.format.zero;
    const std::int64_t finer = std::int64_t{1} << node_.weights.bias_bits;
    for (int window = 0; window < windows; ++window, sums += kLaneOutputs) {
        for (int lane = 0; lane < kLaneOutputs; ++lane) {
            const std::int64_t value = std::max<std::int64_t>(sums[lane] * finer + bias[lane], floor);
            const std::int64_t product = value * multiplier[lane];
            const std::int64_t below_half = (std::int64_t{1} << (shift[lane] - 1)) - 1;
            const std::int64_t code = (product + below_half + (product >> shift[lane] & 1)) >> shift[lane];
            sums[lane] = static_cast<std::int32_t>(std::min(std::max(code + zero, lowest), highest));
        }
    }
}

void LayerRunner::choose_finish(const mapping::CellFormat& format) {
    finish_ = Finish::one_by_one;
    if (node_.format.wide()) return;
    // Twice: a coarse converter may round a sum up to its double.
    std::int64_t reach = 2 * std::int64_t{cells_.rows()} * ((std::int64_t{1} << format.stored_bits()) - 1) *
                         ((std::int64_t{1} << input_format_.bits) - 1);
    reach <<= node_.weights.bias_bits;
    std::int64_t largest_bias = 0;
    for (const std::int32_t bias : node_.weights.bias)
        largest_bias = std::max<std::int64_t>(largest_bias, bias < 0 ? -std::int64_t{bias} : bias);
    reach += largest_bias;
    constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();
    if (node_.rescale.empty()) {
        finish_shift_ =
            node_.format.exponent - node_.weights.exponent - input_format_.exponent + node_.weights.bias_bits;
        if (finish_shift_ >= 1 && finish_shift_ <= 29 &&
            reach + (std::int64_t{1} << finish_shift_) <= kLargest)
            finish_ = Finish::narrow;
        return;
    }
    // Products of 31 bits by 31 bits, and half a step.
    constexpr int kLongestShift = 61;
    const auto fits = [](const network::Rescale& by) { return by.shift >= 1 && by.shift <= kLongestShift; };
    if (reach > kLargest || !std::all_of(node_.rescale.begin(), node_.rescale.end(), fits)) return;
    finish_ = Finish::scaled;
    multipliers_.assign(padded_bias_.size(), 0);
    shifts_.assign(padded_bias_.size(), 1);
    for (std::size_t output = 0; output < size(cells_.outputs()); ++output) {
        const network::Rescale& by = node_.rescale[node_.rescale.size() == 1 ? 0 : output];
        multipliers_[output] = by.multiplier;
        shifts_[output] = by.shift;
    }
}

}  // namespace sliver::engine
