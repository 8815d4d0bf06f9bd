// The chip's kernels against loops over rows and columns, for every instruction set of this processor.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "bitline/column_kernels.h"
#include "bitline_reference.h"

BOOST_AUTO_TEST_SUITE(bitline_kernels)

using namespace sliver;
using bitline_reference::Dice;

namespace {

mapping::CellArray random_array(int rows, int columns, int cell_bits, int filled, Dice& dice) {
    mapping::CellArray array;
    array.rows = rows;
    array.columns = columns;
    array.words = (rows + 63) / 64;
    array.groups = (columns + 7) / 8;
    array.cell_bits = cell_bits;
    array.bits.assign(static_cast<std::size_t>(array.groups * array.words * cell_bits * 8), 0);
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
            if (dice.chance(filled)) array.set_level(row, column, dice.between(0, (1 << cell_bits) - 1));
    return array;
}

/// A window's planes with any digits, and what their kernels have to read.
struct Planes {
    int words;
    std::vector<std::vector<int>> driven;            ///< [plane][row]
    std::vector<std::vector<std::uint64_t>> digits;  ///< by plane
    std::vector<bitline::DigitPlane> planes;

    Planes(int count, int rows, int most_digit_bits, Dice& dice) : words((rows + 63) / 64) {
        for (int i = 0; i < count; ++i) {
            mapping::InputPlane plane;
            plane.bits = dice.between(1, most_digit_bits);
            plane.shift = dice.between(0, 8 - plane.bits);
            plane.negative = dice.chance(30);
            planes.push_back(bitline::plane_of(plane));
            driven.emplace_back();
            digits.emplace_back(static_cast<std::size_t>(plane.bits * words), 0);
            const int density = dice.one_of<int>({0, 30, 100});
            for (int row = 0; row < rows; ++row) {
                const int digit = dice.chance(density) ? dice.between(0, (1 << plane.bits) - 1) : 0;
                driven.back().push_back(digit);
                for (int bit = 0; bit < plane.bits; ++bit)
                    digits.back()[static_cast<std::size_t>(bit * words + row / 64)] |=
                        static_cast<std::uint64_t>(digit >> bit & 1) << (row % 64);
            }
        }
        for (std::size_t i = 0; i < planes.size(); ++i) planes[i].digits = digits[i].data();
    }
    [[nodiscard]] bitline::PlaneRows rows(std::size_t stride) const {
        return {planes.data(), static_cast<int>(planes.size()), stride};
    }
};

/// Values behind the last that a kernel may write.
constexpr std::size_t kGuards = 3;

}  // namespace

BOOST_AUTO_TEST_CASE(column_sums_equal_a_loop_over_rows) {
    Dice dice(1);
    for (int round = 0; round < 400; ++round) {
        const int rows = dice.one_of<int>({1, 16, 17, 27, 32, 63, 64, 65, 100, 128, 128, 192, 256, 512});
        const int columns = dice.one_of<int>({1, 8, 10, 17, 40, 128, 128, 512});
        const int count = dice.between(1, 8);
        const mapping::CellArray array =
            random_array(rows, columns, dice.between(1, 4), dice.one_of<int>({5, 100}), dice);
        const Planes planes(count, rows, dice.one_of<int>({1, 1, 2, 4}), dice);
        const std::size_t stride = static_cast<std::size_t>(array.groups) * 8;
        std::vector<std::uint32_t> want(static_cast<std::size_t>(count) * stride, 0);
        for (std::size_t plane = 0; plane < planes.driven.size(); ++plane)
            for (int column = 0; column < columns; ++column)
                for (int row = 0; row < rows; ++row)
                    want[plane * stride + static_cast<std::size_t>(column)] += static_cast<std::uint32_t>(
                        planes.driven[plane][static_cast<std::size_t>(row)] * array.level(row, column));
        want.resize(want.size() + kGuards, 12345);
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            BOOST_TEST_CONTEXT(bitline::name_of(set)
                               << " rows " << rows << " columns " << columns << " cell bits "
                               << array.cell_bits << " planes " << count) {
                std::vector<std::uint32_t> sums(want.size(), 12345);
                bitline::kernels(set).column_sums(array, planes.planes.data(), count, sums.data());
                BOOST_TEST(sums == want, boost::test_tools::per_element());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_largest_sum_is_that_of_a_loop) {
    Dice dice(11);
    for (const int count : {0, 1, 7, 8, 9, 16, 25, 40, 128}) {
        for (int planes = 0; planes <= 3; ++planes) {
            const std::size_t stride = static_cast<std::size_t>(count + dice.one_of<int>({0, 3, 8}));
            // What lies behind a slice is larger, and none of its business.
            std::vector<std::uint32_t> sums(stride * static_cast<std::size_t>(planes), 99999);
            std::uint32_t want = 0;
            for (int plane = 0; plane < planes; ++plane)
                for (int i = 0; i < count; ++i) {
                    const auto sum = static_cast<std::uint32_t>(dice.between(0, 7680));
                    sums[static_cast<std::size_t>(plane) * stride + static_cast<std::size_t>(i)] = sum;
                    want = std::max(want, sum);
                }
            for (const bitline::InstructionSet set : bitline::available_instruction_sets())
                BOOST_TEST(
                    bitline::kernels(set).largest_sum(sums.data(), count, {nullptr, planes, stride}) == want,
                    bitline::name_of(set) << " count " << count << " planes " << planes);
        }
    }
}

BOOST_AUTO_TEST_CASE(conversion_saturates_and_counts) {
    Dice dice(2);
    for (const int count : {8, 16, 24, 40, 128, 136}) {
        for (int planes = 1; planes <= 8; ++planes) {
            // A slice of an array has neighbours in every plane.
            const std::size_t stride = static_cast<std::size_t>(count + dice.one_of<int>({0, 8, 24}));
            std::vector<std::uint32_t> limits, sums(stride * static_cast<std::size_t>(planes), 7);
            for (int i = 0; i < count; ++i) limits.push_back((1U << dice.between(1, 12)) - 1U);
            std::vector<std::uint32_t> want = sums;
            std::uint32_t cut = 0;
            for (int plane = 0; plane < planes; ++plane) {
                for (int i = 0; i < count; ++i) {
                    const std::uint32_t limit = limits[static_cast<std::size_t>(i)];
                    const std::size_t at =
                        static_cast<std::size_t>(plane) * stride + static_cast<std::size_t>(i);
                    // At the limit, one below, one above, and anything.
                    const std::uint32_t near = limit + static_cast<std::uint32_t>(dice.between(0, 2)) - 1U;
                    sums[at] = dice.chance(60) ? near : static_cast<std::uint32_t>(dice.between(0, 7680));
                    want[at] = sums[at] > limit ? limit : sums[at];
                    cut += sums[at] > limit ? 1U : 0U;
                }
            }
            for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
                BOOST_TEST_CONTEXT(bitline::name_of(set) << " count " << count << " planes " << planes) {
                    std::vector<std::uint32_t> codes = sums;
                    const auto got = bitline::kernels(set).convert(codes.data(), limits.data(), count,
                                                                   {nullptr, planes, stride}, codes.data());
                    BOOST_TEST(got == cut);
                    BOOST_TEST(codes == want, boost::test_tools::per_element());
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(shift_add_adds_or_subtracts_the_planes_codes) {
    Dice dice(3);
    for (const int count : {1, 7, 8, 15, 16, 33, 128}) {
        for (int planes = 1; planes <= 8; ++planes) {
            for (const int sign : {1, -1}) {
                const Planes drawn(planes, 1, 2, dice);
                const int shift = dice.between(0, 8);
                const std::size_t stride = static_cast<std::size_t>(count + dice.between(0, 9));
                std::vector<std::uint32_t> codes(stride * static_cast<std::size_t>(planes));
                for (std::uint32_t& code : codes) code = static_cast<std::uint32_t>(dice.between(0, 4095));
                std::vector<std::int32_t> start, want;
                for (int i = 0; i < count; ++i) {
                    start.push_back(dice.between(-1000000, 1000000));
                    want.push_back(start.back());
                    for (std::size_t plane = 0; plane < drawn.planes.size(); ++plane) {
                        const bitline::DigitPlane& own = drawn.planes[plane];
                        const std::uint32_t code = codes[plane * stride + static_cast<std::size_t>(i)];
                        const auto value = static_cast<std::int32_t>(code << (own.shift + shift));
                        want.back() += own.weight < 0 ? -sign * value : sign * value;
                    }
                }
                start.insert(start.end(), kGuards, 77);
                want.insert(want.end(), kGuards, 77);
                for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
                    BOOST_TEST_CONTEXT(bitline::name_of(set) << " count " << count << " planes " << planes) {
                        std::vector<std::int32_t> got = start;
                        bitline::kernels(set).shift_add(codes.data(), count, drawn.rows(stride), shift, sign,
                                                        got.data());
                        BOOST_TEST(got == want, boost::test_tools::per_element());
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_weight_of_a_plane_is_that_of_its_lowest_bit) {
    BOOST_TEST(bitline::plane_of({0, 1, false}).weight == 1);
    BOOST_TEST(bitline::plane_of({6, 2, false}).weight == 64);
    BOOST_TEST(bitline::plane_of({7, 1, true}).weight == -128);
    BOOST_TEST(bitline::plane_of({4, 3, false}).digit_bits == 3);
}

BOOST_AUTO_TEST_CASE(digits_are_bits_of_the_twos_complement_code) {
    Dice dice(4);
    for (int round = 0; round < 200; ++round) {
        const int rows = dice.one_of<int>({1, 16, 17, 27, 64, 65, 100, 128, 512});
        const int words = (rows + 63) / 64 + dice.between(0, 1);
        const int bits = dice.between(1, 4);
        const int shift = dice.between(0, 8 - bits);
        std::vector<std::int8_t> codes;
        std::uint32_t driven = 0;
        std::vector<std::uint64_t> want(static_cast<std::size_t>(bits * words), 0);
        for (int row = 0; row < rows; ++row) {
            codes.push_back(static_cast<std::int8_t>(dice.between(-128, 127)));
            const int digit = (codes.back() >> shift) & ((1 << bits) - 1);
            driven += digit != 0 ? 1U : 0U;
            for (int bit = 0; bit < bits; ++bit)
                want[static_cast<std::size_t>(bit * words + row / 64)] |=
                    static_cast<std::uint64_t>(digit >> bit & 1) << (row % 64);
        }
        for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
            BOOST_TEST_CONTEXT(bitline::name_of(set)
                               << " rows " << rows << " bits " << bits << " shift " << shift) {
                std::vector<std::uint64_t> got(want.size(), ~std::uint64_t{0});
                BOOST_TEST(bitline::kernels(set).pack_digits(codes.data(), rows, words, shift, bits,
                                                             got.data()) == driven);
                BOOST_TEST(got == want, boost::test_tools::per_element());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_environment_chooses_the_instruction_set) {
    const char* before = std::getenv("SLIVER_ISA");
    const std::string kept = before == nullptr ? "" : before;
    for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
        setenv("SLIVER_ISA", bitline::name_of(set), 1);
        BOOST_TEST((bitline::best_instruction_set() == set));
        BOOST_TEST((bitline::kernels(set).set == set));
    }
    setenv("SLIVER_ISA", "neon", 1);
    BOOST_CHECK_THROW((void)bitline::best_instruction_set(), InputError);
    unsetenv("SLIVER_ISA");
    BOOST_TEST((bitline::best_instruction_set() == bitline::available_instruction_sets().front()));
    BOOST_TEST((bitline::available_instruction_sets().back() == bitline::InstructionSet::portable));
    if (!kept.empty()) setenv("SLIVER_ISA", kept.c_str(), 1);
}

BOOST_AUTO_TEST_SUITE_END()
