// SWIS on crossbars: worked examples, and the search on histograms against one over all sets of windows.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/error.h"
#include "dice.h"
#include "mapping/digits.h"
#include "mapping/shared_bits.h"

BOOST_AUTO_TEST_SUITE(mapping_shared_bits)

using namespace sliver;
using ::test::Dice;

namespace {

/// One output, all in one row block.
network::MatrixWeights layer_of(const std::vector<int>& codes) {
    network::MatrixWeights weights;
    weights.rows = static_cast<int>(codes.size());
    weights.outputs = 1;
    for (const int code : codes) weights.codes.push_back(static_cast<std::int16_t>(code));
    return weights;
}

mapping::SharedBitsOptions options_of(int digits, bool keeps_mean, bool consecutive = false) {
    mapping::SharedBitsOptions options;
    options.cell_bits = 1;
    options.most_digits = digits;
    options.keeps_mean = keeps_mean;
    options.consecutive = consecutive;
    return options;
}

/// Both signs in one group: what the worked examples have. Errors carry the sign of their weight.
struct Chosen {
    std::uint32_t mask = 0;
    std::int64_t cost = std::numeric_limits<std::int64_t>::max(), sum = 0;
    std::vector<int> codes;
};
Chosen by_hand(const std::vector<int>& codes, std::uint32_t mask, std::int64_t a) {
    Chosen chosen;
    chosen.mask = mask;
    chosen.cost = 0;
    for (const int code : codes) {
        int nearest = 0;
        for (int number = 0; number < 256; ++number)
            if ((static_cast<std::uint32_t>(number) & ~mask) == 0 &&
                std::abs(number - std::abs(code)) <= std::abs(nearest - std::abs(code)))
                nearest = number;
        const int error = nearest - std::abs(code);
        chosen.codes.push_back(code < 0 ? -nearest : nearest);
        chosen.cost += error * error;
        chosen.sum += code < 0 ? -error : error;
    }
    chosen.cost += a * chosen.sum * chosen.sum;
    return chosen;
}

/// Over all sets of exactly `digits` windows of `width` bits.
Chosen brute_force(const std::vector<int>& codes, int digits, int width, std::int64_t a, bool consecutive) {
    Chosen best;
    for (std::uint32_t starts = 0; starts < 256; ++starts) {
        if (__builtin_popcount(starts) > digits) continue;
        std::uint32_t mask = 0;
        int next = -1;
        bool in_a_row = true;
        for (int start = 0; start < 8; ++start)
            if ((starts >> start & 1U) != 0) {
                in_a_row = in_a_row && (next < 0 || start == next);
                next = start + width;
                mask |= ((1U << width) - 1U) << start & 255U;
            }
        if (consecutive && !in_a_row) continue;
        const Chosen found = by_hand(codes, mask, a);
        if (found.cost < best.cost || (found.cost == best.cost && found.mask < best.mask)) best = found;
    }
    return best;
}

}  // namespace

/// Group (88, -41, 9, 3) by hand; the program's groups have one sign, so that its halves are checked below.
BOOST_AUTO_TEST_CASE(worked_examples) {
    const std::vector<int> group = {88, -41, 9, 3};
    Chosen two = brute_force(group, 2, 1, 0, false);
    BOOST_TEST(two.mask == (1U << 5 | 1U << 6));
    BOOST_TEST(two.codes == (std::vector<int>{96, -32, 0, 0}), boost::test_tools::per_element());
    BOOST_TEST(two.cost == 235);
    BOOST_TEST(brute_force(group, 3, 1, 0, false).cost == 75);
    BOOST_TEST(brute_force(group, 3, 1, 0, true).cost == 171);

    // One sign: the program itself. Sum e^2 = 78, sum e = -10; keeping the mean: 94 and -2.
    const network::MatrixWeights positive = layer_of({16, 38, 35, 9});
    const mapping::SharedBits plain = mapping::share_bits(positive, options_of(2, false));
    BOOST_TEST(plain.masks[0] == (1 << 3 | 1 << 5));
    BOOST_TEST(plain.codes == (std::vector<std::int16_t>{8, 40, 32, 8}), boost::test_tools::per_element());
    BOOST_TEST(plain.squared_error == 78.0);
    const mapping::SharedBits mean = mapping::share_bits(positive, options_of(2, true));
    BOOST_TEST(mean.masks[0] == (1 << 4 | 1 << 5));
    BOOST_TEST(mean.codes == (std::vector<std::int16_t>{16, 32, 32, 16}), boost::test_tools::per_element());
    BOOST_TEST(mean.squared_error == 94.0);
    // Eight digits of one bit: nothing changes.
    const network::MatrixWeights any = layer_of({255, -254, 1, 0, 77, -3});
    BOOST_TEST(mapping::share_bits(any, options_of(8, true)).codes == any.codes,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_search_is_exact) {
    Dice dice(2103);
    for (int round = 0; round < 60; ++round) {
        const int width = dice.between(1, 4);
        const bool consecutive = dice.chance(40), keeps_mean = dice.chance(50);
        const mapping::WindowMasks masks(8, width, consecutive);
        std::vector<int> group(static_cast<std::size_t>(dice.between(1, 20)));
        for (int& code : group) code = dice.between(0, dice.chance(50) ? 255 : 20);
        const std::vector<mapping::GroupChoice> choices = mapping::best_masks(group, masks, keeps_mean);
        BOOST_TEST(choices.back().cost == 0);
        for (std::size_t digits = 0; digits < choices.size(); ++digits) {
            const Chosen want =
                brute_force(group, static_cast<int>(digits), width, keeps_mean ? 1 : 0, consecutive);
            BOOST_TEST(choices[digits].cost == want.cost, "width " << width << ", " << digits << " digits");
            BOOST_TEST(masks.windows(choices[digits].mask) <= static_cast<int>(digits));
            BOOST_TEST(by_hand(group, choices[digits].mask, keeps_mean ? 1 : 0).cost == want.cost);
            if (digits > 0) BOOST_TEST(choices[digits].cost <= choices[digits - 1].cost);
            if (!consecutive) continue;
            const auto free = mapping::best_masks(group, mapping::WindowMasks(8, width, false), keeps_mean);
            BOOST_TEST(free[std::min(digits, free.size() - 1)].cost <= choices[digits].cost);
        }
    }
}

BOOST_AUTO_TEST_CASE(groups_are_row_blocks_outputs_and_signs) {
    Dice dice(7);
    network::MatrixWeights weights;
    weights.rows = 50;
    weights.outputs = 3;
    for (int i = 0; i < 150; ++i) weights.codes.push_back(static_cast<std::int16_t>(dice.between(-255, 255)));
    mapping::SharedBitsOptions options = options_of(2, true);
    options.group_rows = 20;
    options.threads = 2;
    const mapping::SharedBits made = mapping::share_bits(weights, options);
    BOOST_TEST(made.row_blocks == 3);
    BOOST_TEST_REQUIRE(made.masks.size() == 18U);
    double squares = 0;
    for (int output = 0; output < 3; ++output)
        for (int block = 0; block < 3; ++block)
            for (int sign = 0; sign < 2; ++sign) {
                std::vector<int> own;
                int bits = 0;
                for (int row = 20 * block; row < std::min(50, 20 * block + 20); ++row) {
                    const int place = output * 50 + row;
                    const int code = weights.codes[static_cast<std::size_t>(place)],
                              now = made.codes[static_cast<std::size_t>(place)];
                    if (code == 0) BOOST_TEST(now == 0);
                    if (code == 0 || (code < 0) != (sign == 1)) continue;
                    own.push_back(std::abs(code));
                    bits |= std::abs(now);
                    BOOST_TEST((now == 0 || (now < 0) == (code < 0)));
                    squares += (now - code) * (now - code);
                }
                const auto mask = made.masks[static_cast<std::size_t>((block * 2 + sign) * 3 + output)];
                BOOST_TEST(by_hand(own, mask, 1).cost == brute_force(own, 2, 1, 1, false).cost);
                BOOST_TEST((bits & ~mask) == 0);
            }
    BOOST_TEST(made.squared_error == squares);
    options.threads = 1;
    BOOST_TEST(mapping::share_bits(weights, options).codes == made.codes, boost::test_tools::per_element());
}

/// Scheduled: no other choice of windows with at most as many of them costs less.
BOOST_AUTO_TEST_CASE(a_schedule_is_the_cheapest_of_its_mean) {
    Dice dice(11);
    for (int round = 0; round < 30; ++round) {
        network::MatrixWeights weights;
        weights.rows = 6;
        weights.outputs = 3;
        for (int i = 0; i < 18; ++i)
            weights.codes.push_back(static_cast<std::int16_t>(dice.between(0, dice.chance(50) ? 255 : 15)));
        mapping::SharedBitsOptions options = options_of(0, dice.chance(50));
        options.cell_bits = dice.between(1, 3);
        options.average = dice.between(1, 8) / 4.0;  // of six groups, three of them without weights
        const mapping::SharedBits made = mapping::share_bits(weights, options);
        BOOST_TEST(made.average <= options.average);
        const mapping::WindowMasks masks(8, options.cell_bits, false);
        std::vector<std::vector<mapping::GroupChoice>> choices;
        std::int64_t cost = 0;
        int used = 0;
        for (int output = 0; output < 3; ++output) {
            std::vector<int> group;
            for (int row = 0; row < 6; ++row)
                group.push_back(weights.codes[static_cast<std::size_t>(output * 6 + row)]);
            choices.push_back(mapping::best_masks(group, masks, options.keeps_mean));
            const auto mask = made.masks[static_cast<std::size_t>(output)];
            cost += by_hand(group, mask, options.keeps_mean ? 1 : 0).cost;
            used += masks.windows(mask);
        }
        for (std::size_t a = 0; a < choices[0].size(); ++a)
            for (std::size_t b = 0; b < choices[1].size(); ++b)
                for (std::size_t c = 0; c < choices[2].size(); ++c)
                    if (static_cast<int>(a + b + c) <= used)
                        BOOST_TEST(choices[0][a].cost + choices[1][b].cost + choices[2][c].cost >= cost);
    }
}

BOOST_AUTO_TEST_CASE(more_digits_than_bits_are_refused) {
    const network::MatrixWeights weights = layer_of({1, 2, 3});
    BOOST_CHECK_THROW(mapping::share_bits(weights, options_of(9, true)), InputError);
    mapping::SharedBitsOptions options = options_of(5, true);
    options.cell_bits = 2;
    BOOST_CHECK_THROW(mapping::share_bits(weights, options), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
