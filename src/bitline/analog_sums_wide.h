// analog_sums() in registers of any width (base/wide_registers.h). Private to analog_kernels_*.cpp.
#pragma once

#include "base/wide_registers.h"
#include "bitline/analog_kernels.h"

namespace sliver::bitline {
namespace {

/// Driven rows of a read and their digits.
struct DrivenRows {
    std::uint16_t rows[kMostAnalogRows];
    float digits[kMostAnalogRows];
    int count = 0;
};

/// kVectors registers of columns stay there over all rows.
template <typename Wide, int kVectors, bool kScaled>
SLIVER_WIDE void add_rows(const float* levels, std::size_t stride, const DrivenRows& driven, float* sums) {
    typename Wide::Register sum[kVectors];
    for (auto& register_sum : sum) register_sum = Wide::all(0);
    for (int i = 0; i < driven.count; ++i) {
        const float* row = levels + driven.rows[i] * stride;
        if constexpr (kScaled) {
            const auto digit = Wide::all(driven.digits[i]);
            for (int v = 0; v < kVectors; ++v)
                sum[v] = Wide::add(sum[v], Wide::multiply(digit, Wide::load(row + v * Wide::kLanes)));
        } else {
            for (int v = 0; v < kVectors; ++v) sum[v] = Wide::add(sum[v], Wide::load(row + v * Wide::kLanes));
        }
    }
    for (int v = 0; v < kVectors; ++v) Wide::store(sums + v * Wide::kLanes, sum[v]);
}

template <typename Wide, bool kScaled>
SLIVER_WIDE void add_columns(const AnalogArray& array, const DrivenRows& driven, float* sums) {
    constexpr int kVectors = 8;
    const auto stride = static_cast<std::size_t>(array.stride);
    const float* levels = array.levels.data();
    int column = 0;
    for (; column + kVectors * Wide::kLanes <= array.stride; column += kVectors * Wide::kLanes)
        add_rows<Wide, kVectors, kScaled>(levels + column, stride, driven, sums + column);
    constexpr int kRest = AnalogArray::kLanes / Wide::kLanes;
    for (; column < array.stride; column += kRest * Wide::kLanes)
        add_rows<Wide, kRest, kScaled>(levels + column, stride, driven, sums + column);
}

template <typename Wide>
SLIVER_WIDE void wide_sums(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                           float* sums) {
    DrivenRows driven;
    for_driven_rows(array, digits, digit_bits, [&](int row, int digit) {
        driven.rows[driven.count] = static_cast<std::uint16_t>(row);
        driven.digits[driven.count++] = static_cast<float>(digit);
    });
    if (digit_bits == 1)
        add_columns<Wide, false>(array, driven, sums);
    else
        add_columns<Wide, true>(array, driven, sums);
}

}  // namespace
}  // namespace sliver::bitline
