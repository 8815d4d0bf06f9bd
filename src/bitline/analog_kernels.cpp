#include "bitline/analog_kernels.h"

#include <algorithm>
#include <cmath>

namespace sliver::bitline {

AnalogArray::AnalogArray(int row_count, int column_count, const std::vector<float>& used)
    : rows(row_count), columns(column_count), stride((column_count + kLanes - 1) / kLanes * kLanes) {
    const auto width = static_cast<std::size_t>(column_count), padded = static_cast<std::size_t>(stride);
    levels.assign(static_cast<std::size_t>(row_count) * padded, 0.0F);
    for (std::size_t row = 0; row < static_cast<std::size_t>(row_count); ++row)
        std::copy_n(used.data() + row * width, width, levels.data() + row * padded);
    gain.assign(padded, 1.0F);
    offset.assign(padded, 0.0F);
}

namespace {

/// Lanes that are worked on side by side; plain loops over them, which compilers turn into vectors.
constexpr int kSideBySide = 16;

/// Nothing here depends on the order of columns: lane by lane counts and largest values.
struct Lanes {
    float largest[kSideBySide] = {};
    std::int32_t cut[kSideBySide] = {};
};

template <int kCount>
void convert_lanes(const float* gain, const float* offset, const float* sums, float per_step, float last,
                   unsigned drop, Lanes& lanes, std::uint32_t* codes) {
    for (int i = 0; i < kCount; ++i) {
        const float value = gain[i] * sums[i] + offset[i];
        lanes.largest[i] = lanes.largest[i] < value ? value : lanes.largest[i];
        const float level = value * per_step + 0.5F, above = level < 0.0F ? 0.0F : level;
        lanes.cut[i] += above >= last + 1.0F ? 1 : 0;
        const float within = above < last ? above : last;
        codes[i] = static_cast<std::uint32_t>(static_cast<std::int32_t>(within)) << drop;  // towards zero
    }
}

}  // namespace

Converted convert_analog(const AnalogArray& array, const mapping::Converter& converter, const float* sums,
                         int first, int count, std::uint32_t* codes) {
    const auto drop = static_cast<unsigned>(converter.drop);
    const float per_step = 1.0F / static_cast<float>(1U << drop);  // exact
    const auto last = static_cast<float>((1U << static_cast<unsigned>(converter.bits)) - 1U);
    Lanes lanes;
    int column = first;
    for (; column + kSideBySide <= first + count; column += kSideBySide)
        convert_lanes<kSideBySide>(&array.gain[static_cast<std::size_t>(column)],
                                   &array.offset[static_cast<std::size_t>(column)], sums + column, per_step,
                                   last, drop, lanes, codes + column);
    for (; column < first + count; ++column)
        convert_lanes<1>(&array.gain[static_cast<std::size_t>(column)],
                         &array.offset[static_cast<std::size_t>(column)], sums + column, per_step, last, drop,
                         lanes, codes + column);
    Converted result;
    float largest = 0;
    for (int i = 0; i < kSideBySide; ++i) {
        result.cut += static_cast<std::uint32_t>(lanes.cut[i]);
        largest = std::max(largest, lanes.largest[i]);
    }
    result.largest = static_cast<std::uint32_t>(std::floor(largest + 0.5F));
    return result;
}

void analog_sums_portable(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                          float* sums) {
    std::fill_n(sums, array.stride, 0.0F);
    for_driven_rows(array, digits, digit_bits, [&](int row, int digit) {
        const float* levels =
            &array.levels[static_cast<std::size_t>(row) * static_cast<std::size_t>(array.stride)];
        const auto factor = static_cast<float>(digit);
        for (int column = 0; column < array.stride; ++column) sums[column] += factor * levels[column];
    });
}

AnalogSums analog_sums(InstructionSet set) {
    require(set);
#if SLIVER_X86
    if (set == InstructionSet::avx512) return analog_sums_avx512;
    if (set == InstructionSet::avx2) return analog_sums_avx2;
#endif
    return analog_sums_portable;
}

}  // namespace sliver::bitline
