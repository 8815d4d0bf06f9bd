// When a stream of images has come to a steady pace: gaps by hand.
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <vector>

#include "timing/settled.h"

BOOST_AUTO_TEST_SUITE(timing_settled)

using sliver::timing::settled;
using Gaps = std::vector<std::uint64_t>;

namespace {

/// `gaps`, the last `period` of them `times` over.
Gaps repeated(Gaps gaps, std::size_t period, std::size_t times) {
    const Gaps last(gaps.end() - static_cast<std::ptrdiff_t>(period), gaps.end());
    for (std::size_t i = 1; i < times; ++i) gaps.insert(gaps.end(), last.begin(), last.end());
    return gaps;
}

auto of(const Gaps& gaps, std::uint64_t least = 0, bool at_last = false, std::size_t cycle = 1) {
    std::vector<std::uint64_t> completed = {1'000'000'007};
    for (const std::uint64_t gap : gaps) completed.push_back(completed.back() + gap);
    return settled(completed, least, at_last, cycle);
}

/// Alternates around 100,000 by up to `noise`, never with a period.
Gaps noisy(std::size_t count, std::uint64_t noise) {
    Gaps gaps;
    for (std::size_t i = 0; i < count; ++i)
        gaps.push_back(100'000 + (i % 2 == 0 ? 1 : -1) * static_cast<std::int64_t>(noise - i));
    return gaps;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_yet) {
    BOOST_TEST(!settled({}, 0, true));
    BOOST_TEST(!settled({5}, 0, true));
    BOOST_TEST(!of({7, 7, 7}, 0, true));
}

BOOST_AUTO_TEST_CASE(equal_gaps) {
    const auto found = of({900, 30, 7, 7, 7, 7});  // the first ones fill the chip
    BOOST_REQUIRE(found);
    BOOST_TEST(found->period == 1U);
    BOOST_TEST(found->measured == 4U);
    BOOST_TEST(found->sum_fs == 28U);
    BOOST_TEST(found->spread_fs == 0U);
    BOOST_TEST(!of({900, 30, 7, 7, 7}));
    BOOST_TEST(!of({7, 7, 7, 7, 7, 7, 8}));  // the newest count
}

BOOST_AUTO_TEST_CASE(two_gaps_in_turn) {
    const auto found = of({900, 3, 9, 3, 9, 3, 9});
    BOOST_REQUIRE(found);
    BOOST_TEST(found->period == 2U);
    BOOST_TEST(found->measured == 6U);
    BOOST_TEST(found->sum_fs == 36U);
    BOOST_TEST(!of({900, 9, 3, 9, 3, 9}));      // two and a half times
    BOOST_TEST(!of({900, 3, 9, 3, 9, 3, 10}));  // a femtosecond
}

BOOST_AUTO_TEST_CASE(longest_period) {
    Gaps sixteen = {50};
    for (std::uint64_t i = 1; i <= 16; ++i) sixteen.push_back(i * i);
    const auto found = of(repeated(sixteen, 16, 3));
    BOOST_REQUIRE(found);
    BOOST_TEST(found->period == 16U);
    BOOST_TEST(found->measured == 48U);
    BOOST_TEST(found->sum_fs == 3U * 1496);
    Gaps short_of_one = repeated(sixteen, 16, 3);
    short_of_one.erase(short_of_one.begin(), short_of_one.begin() + 2);
    BOOST_TEST(!of(short_of_one));
    sixteen.push_back(17 * 17);
    BOOST_TEST(!of(repeated(sixteen, 17, 3)));  // one image too long
}

// A shorter period that only seems to be one is not taken for a pace that the busiest resource cannot keep.
BOOST_AUTO_TEST_CASE(faster_than_the_busiest_resource) {
    BOOST_TEST(!of({7, 7, 7, 7}, 8, true));
    BOOST_TEST(of({7, 7, 7, 7}, 7).has_value());
    // Four quick ones after long ones: they catch up. With the longer period the mean is 10.
    const Gaps catching_up = repeated({22, 14, 6, 6, 6, 6}, 6, 3);
    BOOST_TEST(of(catching_up, 10)->period == 6U);
    Gaps quick = repeated({90, 6}, 1, 4);
    BOOST_TEST(of(quick, 6)->measured == 4U);
    BOOST_TEST(!of(quick, 7));
    BOOST_TEST(!of(repeated({30'000, 100}, 1, 24), 101, true));  // means are no excuse
}

BOOST_AUTO_TEST_CASE(drifting) {
    Gaps gaps;
    for (std::uint64_t i = 0; i < 63; ++i) gaps.push_back(100'000 + 1'000 * i);
    BOOST_TEST(!of(gaps));
    BOOST_TEST(!of(gaps, 0, true));
}

// Images that come in turn: whole turns are measured, whatever repeats within one.
BOOST_AUTO_TEST_CASE(images_in_turn) {
    // Of three images in turn: three turns, nine gaps.
    const auto found = of({900, 3, 9, 5, 3, 9, 5, 3, 9, 5}, 0, false, 3);
    BOOST_REQUIRE(found);
    BOOST_TEST(found->period == 3U);
    BOOST_TEST(found->measured == 9U);
    BOOST_TEST(found->sum_fs == 51U);
    BOOST_TEST(!of({900, 9, 5, 3, 9, 5, 3, 9, 5}, 0, false, 3));
    // Equal gaps by chance are no period of their own.
    const auto equal = of({7, 7, 7, 7, 7, 7, 7, 7, 7}, 0, false, 3);
    BOOST_REQUIRE(equal);
    BOOST_TEST(equal->period == 3U);
    BOOST_TEST(!of({7, 7, 7, 7, 7, 7, 7, 7}, 0, false, 3));
    // Two turns make a period: twelve gaps are two of them, eighteen three.
    Gaps two_turns = {50, 3, 9, 5, 4, 8, 5};
    BOOST_TEST(!of(repeated(two_turns, 6, 2), 0, false, 3));
    BOOST_TEST(of(repeated(two_turns, 6, 3), 0, false, 3)->period == 6U);
    // More images than the longest period otherwise: one turn is always looked for.
    Gaps many = {50};
    for (std::uint64_t i = 1; i <= 20; ++i) many.push_back(i * i);
    BOOST_TEST(!of(repeated(many, 20, 3)));
    BOOST_TEST(of(repeated(many, 20, 3), 0, false, 20)->period == 20U);
    BOOST_TEST(!of(repeated(many, 20, 2), 0, true, 20));
    // Means are those of whole turns: of 30 gaps 2 x 5 of turns of 5, not 2 x 7.
    const auto mean = of(noisy(30, 90), 0, false, 5);
    BOOST_REQUIRE(mean);
    BOOST_TEST(mean->period == 0U);
    BOOST_TEST(mean->measured == 10U);
    BOOST_TEST(!of(noisy(30, 90), 0, true, 8));  // a half holds no whole turn
}

// 24 gaps that never repeat: the newest 12 are measured, if the means of their halves agree.
BOOST_AUTO_TEST_CASE(noise) {
    const Gaps gaps = noisy(24, 90);
    const auto found = of(gaps);
    BOOST_REQUIRE(found);
    BOOST_TEST(found->period == 0U);
    BOOST_TEST(found->measured == 12U);
    std::uint64_t sum = 0, older = 0;
    for (std::size_t i = 12; i < 24; ++i) sum += gaps[i];
    for (std::size_t i = 12; i < 18; ++i) older += gaps[i];
    BOOST_TEST(found->sum_fs == sum);
    const std::uint64_t newer = sum - older;
    BOOST_TEST(found->spread_fs == (older < newer ? newer - older : older - newer) / 6);
    BOOST_TEST(!of(Gaps(gaps.begin() + 1, gaps.end()), 0, true));  // 23
    BOOST_TEST(!of(gaps, 100'001));

    // The mean moves by 0.5 % in the newest half: enough for the last image, not before.
    Gaps moving = noisy(24, 90);
    for (std::size_t i = 18; i < 24; ++i) moving[i] += 500;
    BOOST_TEST(!of(moving));
    BOOST_TEST(of(moving, 0, true)->measured == 12U);
    for (std::size_t i = 18; i < 24; ++i) moving[i] += 600;  // 1.1 %
    BOOST_TEST(!of(moving, 0, true));
    // What came before the newest half does not count.
    Gaps warm = noisy(24, 90);
    for (std::size_t i = 0; i < 12; ++i) warm[i] += 70'000;
    BOOST_TEST(of(warm)->sum_fs == sum);
}

BOOST_AUTO_TEST_SUITE_END()
