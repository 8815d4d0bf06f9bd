#include "mapping/digits.h"

#include <cstdlib>

#include "base/size.h"

namespace sliver::mapping {
namespace {

/// Bit positions that the weights of one sign of `output` have in some rows.
std::uint32_t positions_in_use(const network::MatrixWeights& weights, const std::vector<int>& rows,
                               int output, Sign sign) {
    std::uint32_t used = 0;
    for (const int row : rows) {
        const int code = weights.code(output, row);
        if ((code < 0) == (sign == Sign::negative)) used |= static_cast<std::uint32_t>(std::abs(code));
    }
    return used;
}

/// Of the windows at `windows`, those that hold a bit of `positions`, by class.
std::uint16_t classes_of(std::uint32_t positions, std::uint32_t windows, const std::vector<int>& shifts,
                         int width) {
    std::uint16_t classes = 0;
    const std::uint32_t mask = (1U << static_cast<unsigned>(width)) - 1U;
    for (std::size_t i = 0; i < shifts.size(); ++i)
        if ((windows >> static_cast<unsigned>(shifts[i]) & 1U) != 0 &&
            (positions >> static_cast<unsigned>(shifts[i]) & mask) != 0)
            classes = static_cast<std::uint16_t>(classes | 1U << i);
    return classes;
}

}  // namespace

std::vector<int> digit_shifts(const CellFormat& format, config::DigitColumns digits) {
    const bool free = digits == config::DigitColumns::planes || digits == config::DigitColumns::shared;
    std::vector<int> shifts;
    for (int shift = 0; shift < format.stored_bits(); shift += free ? 1 : format.cell_bits)
        shifts.push_back(shift);
    return shifts;
}

std::uint32_t cover(std::uint32_t positions, int width) {
    std::uint32_t windows = 0;
    for (unsigned position = 0; positions >> position != 0; ++position) {
        if ((positions >> position & 1U) == 0) continue;
        windows |= 1U << position;
        position += static_cast<unsigned>(width) - 1;
    }
    return windows;
}

StoredDigits stored_digits(const network::MatrixWeights& weights, const CellFormat& format,
                           config::DigitColumns digits, const std::vector<BlockLines>& blocks,
                           int row_blocks) {
    if (digits == config::DigitColumns::slices) return {};
    const std::size_t signs = size(format.signs());
    StoredDigits stored(size(row_blocks) * signs * size(weights.outputs), 0);
    std::uint32_t of_layer = 0;
    const auto each = [&](auto&& use) {
        for (const BlockLines& block : blocks)
            for (const BlockLines::Array& array : block.arrays)
                for (const int output : array.outputs)
                    for (std::size_t sign = 0; sign < signs; ++sign)
                        use(stored[(size(array.row_block) * signs + sign) * size(weights.outputs) +
                                   size(output)],
                            positions_in_use(weights, array.rows, output,
                                             sign == 0 ? Sign::positive : Sign::negative));
    };
    each([&](std::uint16_t& column, std::uint32_t positions) {
        column = static_cast<std::uint16_t>(positions);
        of_layer |= positions;
    });
    const std::vector<int> shifts = digit_shifts(format, digits);
    std::uint32_t windows = 0;
    if (digits == config::DigitColumns::packed)
        for (const int shift : shifts) windows |= 1U << static_cast<unsigned>(shift);
    else
        windows = cover(of_layer, format.cell_bits);
    for (std::uint16_t& column : stored)
        column = classes_of(
            column, digits == config::DigitColumns::shared ? cover(column, format.cell_bits) : windows,
            shifts, format.cell_bits);
    return stored;
}

}  // namespace sliver::mapping
