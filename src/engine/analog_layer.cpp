#include "engine/analog_layer.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/size.h"
#include "engine/sum_counter.h"

namespace sliver::engine {
namespace {

/// Where the columns of an array add: among the accumulators of all outputs.
bitline::AccumulatorPlaces outputs_of(const mapping::CrossbarSlot& slot) {
    return {slot.first_output, slot.output_list};
}

}  // namespace

AnalogLayer::AnalogLayer(const network::Node& node, const mapping::LayerMapping& layer,
                         const std::vector<bitline::AnalogArray>& arrays, InstructionSet set)
    : kernels_(bitline::kernels(set)),
      sums_(bitline::analog_sums(set)),
      outputs_(layer.outputs),
      planes_(layer.planes),
      arrays_(arrays) {
    if (arrays_.size() != layer.crossbars.size())
        throw std::invalid_argument("AnalogLayer: one array a crossbar");
    for (const mapping::InputPlane& plane : planes_) digit_bits_ = std::max(digit_bits_, plane.bits);
    const std::vector<bool> flipped = mapping::flipped_columns(node.weights, layer);
    for (const mapping::CrossbarSlot& slot : layer.crossbars) {
        std::vector<bool> own;
        for (const mapping::ColumnRun& run : slot.runs)
            for (int column = run.first; column < run.end(); ++column)
                own.push_back(
                    flipped[mapping::column_flag(layer, slot.row_block, run.slice, slot.output(column))]);
        places_.push_back(
            {slot, bitline::ColumnAdder(layer, slot, outputs_of(slot), std::move(own), kernels_.shift_add)});
    }
    order_.resize(places_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
        const mapping::CrossbarSlot &one = places_[a].slot, &other = places_[b].slot;
        return std::tie(one.first_row, one.rows, one.row_list) <
               std::tie(other.first_row, other.rows, other.row_list);
    });
}

void AnalogLayer::pack(const std::int8_t* codes, std::size_t row_stride, int windows,
                       const mapping::CrossbarSlot& slot, AnalogScratch& scratch) const {
    const int words = (slot.rows + 63) / 64;
    const std::size_t places = size(digit_bits_) * size(words);
    scratch.digits.assign(size(windows) * planes_.size() * places, 0);
    scratch.driven.clear();
    scratch.units.clear();
    std::uint64_t* digits = scratch.digits.data();
    for (int window = 0; window < windows; ++window) {
        const std::int8_t* const all = codes + size(window) * row_stride;
        const std::int8_t* rows = all + slot.first_row;
        if (slot.row_list != nullptr) {
            scratch.gathered.resize(size(words) * 64);
            for (int row = 0; row < slot.rows; ++row) scratch.gathered[size(row)] = all[slot.matrix_row(row)];
            rows = scratch.gathered.data();
        }
        for (const mapping::InputPlane& plane : planes_) {
            scratch.driven.push_back(
                kernels_.pack_digits(rows, slot.rows, words, plane.shift, plane.bits, digits));
            std::uint32_t units = 0;
            for (int bit = 0; bit < plane.bits; ++bit)
                for (int word = 0; word < words; ++word)
                    units += static_cast<std::uint32_t>(__builtin_popcountll(digits[bit * words + word]))
                             << bit;
            scratch.units.push_back(units);
            digits += places;
        }
    }
}

/// `codes`: of the run.
void AnalogLayer::count(const Place& place, const mapping::ColumnRun& run, const std::uint32_t* codes,
                        AnalogScratch& scratch) const {
    const mapping::CrossbarSlot& slot = place.slot;
    mapping::SumHistogram& histogram =
        scratch.counted[size(run.slice)][slot.sign == mapping::Sign::negative ? 1 : 0];
    const auto* const largest = std::max_element(codes, codes + run.columns);
    if (histogram.counts.size() <= *largest) histogram.counts.resize(*largest + std::size_t{1}, 0);
    for (int column = 0; column < run.columns; ++column) ++histogram.counts[codes[column]];
    keep_larger(histogram.largest,
                {*largest, slot.row_block, slot.output(run.first + static_cast<int>(largest - codes))});
}

void AnalogLayer::run(const std::int8_t* codes, std::size_t row_stride, int windows,
                      const std::vector<bitline::ReadName>& names, const ConverterTable& converters,
                      bool count_all, AnalogScratch& scratch,
                      std::vector<SliceStatistics>& statistics) const {
    scratch.accumulators.assign(size(windows) * size(outputs_), 0);
    const mapping::CrossbarSlot* packed = nullptr;
    for (const std::size_t index : order_) {
        const Place& place = places_[index];
        const mapping::CrossbarSlot& slot = place.slot;
        const bitline::AnalogArray& array = arrays_[index];
        if (packed == nullptr || packed->first_row != slot.first_row || packed->rows != slot.rows ||
            packed->row_list != slot.row_list)
            pack(codes, row_stride, windows, slot, scratch);
        packed = &slot;
        scratch.sums.resize(size(array.stride));
        scratch.codes.resize(size(array.stride));
        const std::size_t sign = slot.sign == mapping::Sign::negative ? 1 : 0;
        const std::size_t places = size(digit_bits_) * size((slot.rows + 63) / 64);
        for (int window = 0; window < windows; ++window) {
            std::int32_t* accumulators = &scratch.accumulators[size(window) * size(outputs_)];
            for (std::size_t plane = 0; plane < planes_.size(); ++plane) {
                const std::size_t read = size(window) * planes_.size() + plane;
                if (scratch.driven[read] == 0) continue;
                const mapping::InputPlane& digit = planes_[plane];
                sums_(array, &scratch.digits[read * places], digit.bits, scratch.sums.data());
                bitline::ReadName name = names[size(window)];
                name.shift = static_cast<std::uint64_t>(digit.shift);
                bitline::add_read_noise(array, &scratch.digits[read * places], digit.bits, name,
                                        scratch.sums.data());
                for (const mapping::ColumnRun& run : slot.runs) {
                    const std::size_t of_layer = size(run.slice);
                    const bitline::Converted converted = bitline::convert_analog(
                        array, converters.empty() ? bitline::kEndlessConverter : converters[of_layer][sign],
                        scratch.sums.data(), run.first, run.columns, scratch.codes.data());
                    SliceStatistics& statistic = statistics[of_layer];
                    statistic.clipped += converted.cut;
                    statistic.clipped_by_sign[sign] += converted.cut;
                    statistic.largest_sum = std::max(statistic.largest_sum, converted.largest);
                    if (count_all) count(place, run, scratch.codes.data() + run.first, scratch);
                }
                bitline::DigitPlane driven = bitline::plane_of(digit);
                driven.unit_sum = scratch.units[read];
                place.adder.add(scratch.codes.data(), {&driven, 1, 0}, accumulators);
            }
        }
    }
}

}  // namespace sliver::engine
