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

InputRegister::Driven& InputRegister::shared() {
    thread_local Driven driven;
    return driven;
}

InputRegister::InputRegister(const std::vector<mapping::InputPlane>& planes, bitline::PackDigits pack_digits,
                             bool detects_zeros, bool keeps_planes)
    : detects_zeros_(detects_zeros), driven_(keeps_planes ? own_ : shared()), pack_digits_(pack_digits) {
    for (const mapping::InputPlane& plane : planes) {
        planes_.push_back(bitline::plane_of(plane));
        digit_bits_ = std::max(digit_bits_, static_cast<std::size_t>(plane.bits));
    }
}

std::size_t InputRegister::add_rows(const RowRange& rows) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
        if (rows_[i].first == rows.first && rows_[i].count == rows.count && rows_[i].list == rows.list)
            return i;
    rows_.push_back(rows);
    const auto count = static_cast<std::size_t>(rows.count);
    Block block;
    block.rows = rows.count;
    block.words = (rows.count + kWordRows - 1) / kWordRows;
    block.offset = bytes_;
    block.digits = words_;
    blocks_.push_back(block);
    bytes_ += count;
    const std::size_t a_plane = digit_bits_ * static_cast<std::size_t>(block.words);
    words_ += planes_.size() * a_plane;
    driven_.digits.resize(std::max(driven_.digits.size(), words_), 0);
    driven_.planes.resize(std::max(driven_.planes.size(), blocks_.size() * planes_.size()));
    part_digits_.resize(std::max(part_digits_.size(), a_plane), 0);
    drives_.push_back({RowCounts(count), std::nullopt});
    if (digit_bits_ > 1) drives_.back().squares.emplace(count);
    if (rows.list != nullptr) listed_rows_ += rows.list->size();
    return blocks_.size() - 1;
}

void InputRegister::write(const std::int8_t* bytes) {
    lookups_ += listed_rows_;
    if (detects_zeros_) checks_ += blocks_.size() * planes_.size();
    bitline::DigitPlane* plane = driven_.planes.data();
    for (std::size_t number = 0; number < blocks_.size(); ++number) {
        const Block& block = blocks_[number];
        std::uint64_t* digits = driven_.digits.data() + block.digits;
        for (std::size_t i = 0; i < planes_.size(); ++i, ++plane) {
            *plane = planes_[i];
            plane->digits = digits;
            plane->driven_rows = pack_digits_(bytes + block.offset, block.rows, block.words, plane->shift,
                                              plane->digit_bits, digits);
            plane->unit_sum = plane->driven_rows;  // of digits of one bit
            if (plane->digit_bits > 1) plane->unit_sum = sum_of_digits(*plane, block.words);
            digits += digit_bits_ * static_cast<std::size_t>(block.words);
        }
        count_drives(number);
    }
}

/// Every row whose digit is not zero is driven, in each plane, whichever planes are left out.
void InputRegister::count_drives(std::size_t block) {
    constexpr std::size_t kTimesDigits = 4;     // up to kMostPlanes
    constexpr std::size_t kSquaresDigits = 16;  // the square of a byte
    const auto words = static_cast<std::size_t>(blocks_[block].words);
    const bitline::DigitPlane* const planes = &plane_of(block, 0);
    RowDrives& drives = drives_[block];
    for (std::size_t word = 0; word < words; ++word) {
        RowNumbers<kTimesDigits> times{};
        for (std::size_t i = 0; i < planes_.size(); ++i) {
            std::uint64_t driven = planes[i].digits[word];
            for (std::size_t bit = 1; bit < static_cast<std::size_t>(planes[i].digit_bits); ++bit)
                driven |= planes[i].digits[bit * words + word];
            model::add_rows(times, driven);
        }
        drives.times.add(word, times);
        if (!drives.squares) continue;
        RowNumbers<kSquaresDigits> squares{};
        for (std::size_t i = 0; i < planes_.size(); ++i)
            for (std::size_t a = 0; a < static_cast<std::size_t>(planes[i].digit_bits); ++a) {
                const std::uint64_t digit = planes[i].digits[a * words + word];
                model::add_rows(squares, digit, 2 * a);
                for (std::size_t b = 0; b < a; ++b)
                    model::add_rows(squares, digit & planes[i].digits[b * words + word], a + b + 1);
            }
        drives.squares->add(word, squares);
    }
}

void InputRegister::reset() {
    accesses_ = lookups_ = checks_ = 0;
    for (RowDrives& drives : drives_) {
        drives.times.clear();
        if (drives.squares) drives.squares->clear();
    }
}

int InputRegister::driven_parts(std::size_t block, int plane, int parts) const {
    if (!detects_zeros_) return parts;
    const Block& own = blocks_[block];
    const bitline::DigitPlane& digits = plane_of(block, plane);
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
    part_ = plane_of(block, read.plane);
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
    const bitline::DigitPlane* const planes = &plane_of(block, 0);
    std::size_t count = 0;
    for (std::size_t i = 0; i < planes_.size(); ++i) count += planes[i].driven_rows != 0 ? 1 : 0;
    read.planes = planes;
    read.plane_count = static_cast<int>(count);
    if (count == planes_.size()) return;
    std::copy_if(planes, planes + planes_.size(), list.begin(),
                 [](const bitline::DigitPlane& plane) { return plane.driven_rows != 0; });
    read.planes = list.data();
}

void InputRegister::list_hot(std::vector<const void*>& addresses) const {
    constexpr std::size_t kLineBytes = 64;
    const auto add = [&](const auto& items) {
        for (std::size_t at = 0; at < items.size() * sizeof items.front(); at += kLineBytes)
            addresses.push_back(reinterpret_cast<const std::uint8_t*>(items.data()) + at);
    };
    add(blocks_);
    add(planes_);
    add(own_.planes);
    add(own_.digits);
    add(drives_);
    for (const RowDrives& drives : drives_) drives.times.list_hot(addresses);
}

}  // namespace sliver::model
