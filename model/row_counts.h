// RowCounts: a number for each row of a block of rows, kept by binary digit, 64 rows a word.
//
// What rows of crossbars are counted by comes as words of 64 rows each: so a window's planes are added to the
// counts of all rows in some operations a word, and cells of a kind are counted 64 rows at a time. Exact up
// to 2^64 - 1. Plain arithmetic. Used by InputRegister and Crossbar.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sliver::model {

/// A number for each of 64 rows, lowest digit first; bit r of every digit is row r's.
template <std::size_t Digits>
using RowNumbers = std::array<std::uint64_t, Digits>;

/// Adds 2^digit to the numbers of the rows whose bits are set. All sums fit.
template <std::size_t Digits>
inline void add_rows(RowNumbers<Digits>& numbers, std::uint64_t rows, std::size_t digit = 0) {
    for (; digit < Digits; ++digit) {
        const std::uint64_t carry = numbers[digit] & rows;
        numbers[digit] ^= rows;
        rows = carry;
    }
}

/// Adds the numbers row by row. All sums fit.
template <std::size_t Digits, std::size_t Others>
inline void add_numbers(RowNumbers<Digits>& numbers, const RowNumbers<Others>& others) {
    std::uint64_t carry = 0;
    for (std::size_t digit = 0; digit < Others; ++digit) {
        const std::uint64_t either = numbers[digit] ^ others[digit], both = numbers[digit] & others[digit];
        numbers[digit] = either ^ carry;
        carry = both | (either & carry);
    }
    for (std::size_t digit = Others; carry != 0; ++digit) {
        const std::uint64_t next = numbers[digit] & carry;
        numbers[digit] ^= carry;
        carry = next;
    }
}

class RowCounts {
  public:
    static constexpr std::size_t kWordRows = 64;
    static constexpr std::size_t kFirstDigits = 32;  ///< there is room for more when they are there

    /// All zero.
    explicit RowCounts(std::size_t rows) : words_((rows + kWordRows - 1) / kWordRows) {
        digits_.reserve(kFirstDigits * words_);
    }

    /// To the counts of the rows of `word`.
    template <std::size_t Digits>
    void add(std::size_t word, const RowNumbers<Digits>& numbers) {
        if (digits_.size() < Digits * words_) digits_.resize(Digits * words_, 0);
        std::uint64_t* count = digits_.data() + word;
        std::uint64_t carry = 0;
        for (const std::uint64_t number : numbers) {
            const std::uint64_t either = *count ^ number;
            const std::uint64_t both = *count & number;
            *count = either ^ carry;
            carry = both | (either & carry);
            count += words_;
        }
        for (std::size_t at = Digits * words_ + word; carry != 0; at += words_) {
            if (at >= digits_.size()) digits_.resize(digits_.size() + words_, 0);
            const std::uint64_t next = digits_[at] & carry;
            digits_[at] ^= carry;
            carry = next;
        }
    }
    [[nodiscard]] std::uint64_t of(std::size_t row) const {
        std::uint64_t count = 0;
        for (std::size_t at = row / kWordRows, digit = 0; at < digits_.size(); at += words_, ++digit)
            count |= (digits_[at] >> row % kWordRows & 1U) << digit;
        return count;
    }
    /// Of the rows of `word` that `rows` names.
    [[nodiscard]] std::uint64_t sum(std::size_t word, std::uint64_t rows) const {
        std::uint64_t sum = 0;
        for (std::size_t at = word, digit = 0; at < digits_.size(); at += words_, ++digit)
            sum += static_cast<std::uint64_t>(__builtin_popcountll(digits_[at] & rows)) << digit;
        return sum;
    }
    /// Of all rows of `word`, each as often as `times` has it.
    template <std::size_t Digits>
    [[nodiscard]] std::uint64_t sum(std::size_t word, const RowNumbers<Digits>& times) const {
        std::uint64_t total = 0;
        for (std::size_t digit = 0; digit < Digits; ++digit)
            if (times[digit] != 0) total += sum(word, times[digit]) << digit;
        return total;
    }
    [[nodiscard]] std::uint64_t total() const {
        std::uint64_t total = 0;
        for (std::size_t word = 0; word < words_; ++word) total += sum(word, ~std::uint64_t{0});
        return total;
    }
    void clear() { digits_.clear(); }
    /// Appends the addresses of the digits that an addition touches most.
    void list_hot(std::vector<const void*>& addresses) const {
        constexpr std::size_t kHotDigits = 12, kLineWords = 8;
        for (std::size_t at = 0; at < kHotDigits * words_; at += kLineWords)
            addresses.push_back(digits_.data() + at);
    }

  private:
    std::size_t words_;
    std::vector<std::uint64_t> digits_;  ///< digit after digit, those there are
};

}  // namespace sliver::model
