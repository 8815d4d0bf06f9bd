#include "model/input_register.h"

#include <algorithm>
#include <utility>

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

std::uint32_t sum_of_digits(const bitline::DigitPlane& plane, int words) {
    std::uint32_t sum = 0;
    for (int bit = 0; bit < plane.digit_bits; ++bit)
        for (int word = 0; word < words; ++word) sum += count_ones(plane.digits[bit * words + word]) << bit;
    return sum;
}

}  // namespace

InputRegister::InputRegister(std::vector<mapping::InputPlane> planes, bitline::PackDigits pack_digits,
                             bool detects_zeros)
    : detects_zeros_(detects_zeros),
      planes_(std::move(planes)),
      digits_of_(mapping::code_digits(planes_)),
      pack_digits_(pack_digits) {
    for (const mapping::InputPlane& plane : planes_)
        digit_bits_ = std::max(digit_bits_, static_cast<std::size_t>(plane.bits));
}

std::size_t InputRegister::add_rows(const RowRange& rows) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
        if (rows_[i].first == rows.first && rows_[i].count == rows.count && rows_[i].list == rows.list)
            return i;
    rows_.push_back(rows);
    Block block;
    block.rows = rows.count;
    block.words = (rows.count + kWordRows - 1) / kWordRows;
    block.offset = bytes_;
    const std::size_t a_plane = digit_bits_ * static_cast<std::size_t>(block.words);
    block.digits.assign(planes_.size() * a_plane, 0);
    const std::uint64_t* digits = block.digits.data();
    for (const mapping::InputPlane& plane : planes_) {
        block.planes.push_back(bitline::plane_of(plane));
        block.planes.back().digits = digits;
        digits += a_plane;
    }
    part_digits_.resize(std::max(part_digits_.size(), a_plane), 0);
    block.drives.times.assign(static_cast<std::size_t>(rows.count), 0);
    if (digit_bits_ > 1) block.drives.squares.assign(static_cast<std::size_t>(rows.count), 0);
    bytes_ += static_cast<std::size_t>(rows.count);
    if (rows.list != nullptr) listed_rows_ += rows.list->size();
    blocks_.push_back(std::move(block));
    return blocks_.size() - 1;
}

void InputRegister::write(const std::int8_t* bytes) {
    lookups_ += listed_rows_;
    for (Block& block : blocks_) {
        count_drives(bytes + block.offset, block);
        if (detects_zeros_) checks_ += block.planes.size();
        std::uint64_t* digits = block.digits.data();
        for (bitline::DigitPlane& plane : block.planes) {
            plane.driven_rows = pack_digits_(bytes + block.offset, block.rows, block.words, plane.shift,
                                             plane.digit_bits, digits);
            plane.unit_sum = plane.driven_rows;  // of digits of one bit
            if (plane.digit_bits > 1) plane.unit_sum = sum_of_digits(plane, block.words);
            digits += digit_bits_ * static_cast<std::size_t>(block.words);
        }
    }
}

/// Every row whose digit is not zero is driven, in each plane, whichever planes are left out.
void InputRegister::count_drives(const std::int8_t* bytes, Block& block) const {
    for (std::size_t row = 0; row < block.drives.times.size(); ++row)
        block.drives.times[row] += digits_of_.driven[static_cast<std::uint8_t>(bytes[row])];
    for (std::size_t row = 0; row < block.drives.squares.size(); ++row)
        block.drives.squares[row] += digits_of_.squares[static_cast<std::uint8_t>(bytes[row])];
}

void InputRegister::reset() {
    accesses_ = lookups_ = checks_ = 0;
    for (Block& block : blocks_) {
        std::fill(block.drives.times.begin(), block.drives.times.end(), std::uint64_t{0});
        std::fill(block.drives.squares.begin(), block.drives.squares.end(), std::uint64_t{0});
    }
}

void InputRegister::drive(std::size_t block, BitlineRead& read) {
    const Block& own = blocks_[block];
    ++accesses_;
    read.rows = static_cast<std::uint32_t>(own.rows);
    read.planes = &own.planes[static_cast<std::size_t>(read.plane)];
    read.driven_rows = read.planes->driven_rows;
    read.plane_count = read.driven_rows == 0 ? 0 : 1;
}

int InputRegister::driven_parts(std::size_t block, int plane, int parts) const {
    if (!detects_zeros_) return parts;
    const Block& own = blocks_[block];
    const bitline::DigitPlane& digits = own.planes[static_cast<std::size_t>(plane)];
    const int rows = (own.rows + parts - 1) / parts;
    int driven = 0;
    for (int part = 0; part < parts; ++part) {
        std::uint64_t any = 0;
        for (int word = 0; word < own.words; ++word)
            for (int bit = 0; bit < digits.digit_bits; ++bit)
                any |= digits.digits[bit * own.words + word] &
                       row_mask(word, part * rows, std::min(own.rows, (part + 1) * rows));
        driven += any != 0 ? 1 : 0;
    }
    return driven;
}

bool InputRegister::drive_part(std::size_t block, int part, int parts, BitlineRead& read) {
    const Block& own = blocks_[block];
    const int rows = (own.rows + parts - 1) / parts;
    const int first = std::min(part * rows, own.rows), last = std::min(own.rows, first + rows);
    part_ = own.planes[static_cast<std::size_t>(read.plane)];
    part_.driven_rows = 0;
    for (int word = 0; word < own.words; ++word) {
        const std::uint64_t mask = row_mask(word, first, last);
        std::uint64_t any = 0;
        for (int bit = 0; bit < part_.digit_bits; ++bit) {
            const int at = bit * own.words + word;
            const std::uint64_t digits = part_.digits[at] & mask;
            part_digits_[static_cast<std::size_t>(at)] = digits;
            any |= digits;
        }
        part_.driven_rows += count_ones(any);
    }
    if (detects_zeros_ && parts > 1) ++checks_;
    if (detects_zeros_ && part_.driven_rows == 0) return false;
    ++accesses_;
    part_.digits = part_digits_.data();
    part_.unit_sum = sum_of_digits(part_, own.words);
    read.part = part;
    read.rows = static_cast<std::uint32_t>(last - first);
    read.driven_rows = part_.driven_rows;
    read.planes = &part_;
    read.plane_count = read.driven_rows == 0 ? 0 : 1;
    return true;
}

void InputRegister::show_planes(std::size_t block, PlaneList& list, BitlineRead& read) const {
    std::size_t count = 0;
    for (const bitline::DigitPlane& plane : blocks_[block].planes)
        if (plane.driven_rows != 0) list[count++] = plane;
    read.planes = list.data();
    read.plane_count = static_cast<int>(count);
}

void InputRegister::list_hot(std::vector<const void*>& addresses) const {
    constexpr std::size_t kLineBytes = 64;
    const auto add = [&](const void* first, std::size_t bytes) {
        for (std::size_t at = 0; at < bytes; at += kLineBytes)
            addresses.push_back(static_cast<const std::uint8_t*>(first) + at);
    };
    for (const Block& block : blocks_) {
        add(&block, sizeof block);
        add(block.planes.data(), block.planes.size() * sizeof block.planes.front());
        add(block.digits.data(), block.digits.size() * sizeof block.digits.front());
    }
}

}  // namespace sliver::model
