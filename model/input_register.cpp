#include "model/input_register.h"

#include <algorithm>

namespace sliver::model {
namespace {

constexpr int kWordRows = 64;

/// Bits of the 64 rows of `word` that are in [first, last).
std::uint64_t row_mask(int word, int first, int last) {
    const auto below = [&](int row) {  // rows of the word in front of `row`
        const int rows = std::clamp(row - word * kWordRows, 0, kWordRows);
        return rows == kWordRows ? ~std::uint64_t{0} : (std::uint64_t{1} << rows) - 1;
    };
    return below(last) & ~below(first);
}

std::uint32_t count_ones(std::uint64_t word) {
    return static_cast<std::uint32_t>(__builtin_popcountll(word));
}

}  // namespace

std::size_t InputRegister::add_rows(const RowRange& rows) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
        if (rows_[i].first == rows.first && rows_[i].count == rows.count && rows_[i].list == rows.list)
            return i;
    rows_.push_back(rows);
    Block block;
    block.rows = rows.count;
    block.words = (rows.count + kWordRows - 1) / kWordRows;
    block.offset = bytes_;
    block.digits.assign(static_cast<std::size_t>(digit_bits_) * static_cast<std::size_t>(block.words), 0);
    part_digits_.resize(std::max(part_digits_.size(), block.digits.size()), 0);
    bytes_ += static_cast<std::size_t>(rows.count);
    if (rows.list != nullptr) listed_rows_ += rows.list->size();
    blocks_.push_back(std::move(block));
    return blocks_.size() - 1;
}

void InputRegister::write(const std::int8_t* bytes) {
    window_ = bytes;
    lookups_ += listed_rows_;
}

void InputRegister::select(const mapping::InputPlane& plane) {
    for (Block& block : blocks_) {
        block.driven_rows = pack_digits_(window_ + block.offset, block.rows, block.words, plane.shift,
                                         plane.bits, block.digits.data());
        block.unit_sum = 0;
        for (int bit = 0; bit < plane.bits; ++bit)
            for (int word = 0; word < block.words; ++word)
                block.unit_sum += count_ones(block.digits[static_cast<std::size_t>(bit * block.words + word)])
                                  << bit;
    }
}

void InputRegister::drive(std::size_t block, BitlineRead& read) {
    const Block& own = blocks_[block];
    ++accesses_;
    read.digits = own.digits.data();
    read.rows = static_cast<std::uint32_t>(own.rows);
    read.driven_rows = own.driven_rows;
    read.unit_sum = own.unit_sum;
}

void InputRegister::drive_part(std::size_t block, int part, int parts, BitlineRead& read) {
    const Block& own = blocks_[block];
    ++accesses_;
    const int rows = (own.rows + parts - 1) / parts;
    const int first = std::min(part * rows, own.rows), last = std::min(own.rows, first + rows);
    read.part = part;
    read.rows = static_cast<std::uint32_t>(last - first);
    read.driven_rows = read.unit_sum = 0;
    for (int word = 0; word < own.words; ++word) {
        const std::uint64_t mask = row_mask(word, first, last);
        std::uint64_t any = 0;
        for (int bit = 0; bit < read.digit_bits; ++bit) {
            const std::size_t at = static_cast<std::size_t>(bit * own.words + word);
            part_digits_[at] = own.digits[at] & mask;
            read.unit_sum += count_ones(part_digits_[at]) << bit;
            any |= part_digits_[at];
        }
        read.driven_rows += count_ones(any);
    }
    read.digits = part_digits_.data();
}

}  // namespace sliver::model
