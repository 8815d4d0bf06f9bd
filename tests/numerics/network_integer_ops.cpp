// Rounding, requantisation, pooling and window gathering against tables worked out by hand and against
// arithmetic in 128-bit fractions that shares no code with the product.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <limits>

#include "network/integer_ops.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_integer_ops)

using namespace sliver::network;

namespace {

__extension__ using Wide = __int128;

/// round_half_even(value / divisor) by trying the neighbours: the one with the smaller distance, the even one
/// on a tie.
Wide nearest_even(Wide value, Wide divisor) {
    Wide best = value / divisor - 1;
    for (Wide candidate = best; candidate <= value / divisor + 1; ++candidate) {
        const auto distance = [&](Wide at) {
            return value > at * divisor ? value - at * divisor : at * divisor - value;
        };
        if (distance(candidate) < distance(best) ||
            (distance(candidate) == distance(best) && candidate % 2 == 0))
            best = candidate;
    }
    return best;
}

Node node_of(NodeKind kind, Shape shape, Format format) {
    Node node;
    node.kind = kind;
    node.name = "node";
    node.shape = shape;
    node.format = format;
    return node;
}

}  // namespace

BOOST_AUTO_TEST_CASE(shift_round_table) {
    struct Row {
        std::int64_t value;
        int shift;
        std::int64_t expected;
    };
    for (const Row& row : {Row{5, 1, 2},
                           {7, 1, 4},
                           {-5, 1, -2},
                           {-7, 1, -4},
                           {1, 1, 0},
                           {3, 1, 2},
                           {-1, 1, 0},
                           {-3, 1, -2},
                           {6, 2, 2},
                           {10, 2, 2},
                           {14, 2, 4},
                           {-6, 2, -2},
                           {-10, 2, -2},
                           {9, 2, 2},
                           {11, 2, 3},
                           {0, 5, 0},
                           {3, 0, 3},
                           {3, -4, 48},
                           {-3, -4, -48},
                           {127, 8, 0},
                           {128, 8, 0},
                           {129, 8, 1},
                           {384, 8, 2},
                           {std::int64_t{1} << 61, 62, 0},
                           {(std::int64_t{1} << 61) + 1, 62, 1},
                           {1, 200, 0},
                           {-1, 200, 0},
                           {std::numeric_limits<std::int64_t>::min(), 63, -1},
                           {std::int64_t{1} << 62, 63, 0},
                           {(std::int64_t{1} << 62) + 1, 63, 1},
                           {std::numeric_limits<std::int64_t>::min(), 64, 0},
                           {1, -61, std::int64_t{1} << 61},
                           {1, -100, std::int64_t{1} << 62},
                           {-1, -100, -(std::int64_t{1} << 62)},
                           {0, -100, 0}})
        BOOST_TEST(shift_round(row.value, row.shift) == row.expected, row.value << " >> " << row.shift);
}

BOOST_AUTO_TEST_CASE(divide_round_table) {
    struct Row {
        std::int64_t value, divisor, expected;
    };
    for (const Row& row : {Row{5, 2, 2},
                           {7, 2, 4},
                           {-5, 2, -2},
                           {-7, 2, -4},
                           {7, 3, 2},
                           {8, 3, 3},
                           {-7, 3, -2},
                           {-8, 3, -3},
                           {0, 9, 0},
                           {9, 1, 9},
                           {18, 4, 4},
                           {22, 4, 6},
                           {-18, 4, -4},
                           {4, 9, 0},
                           {5, 9, 1}})
        BOOST_TEST(divide_round(row.value, row.divisor) == row.expected, row.value << " / " << row.divisor);
}

BOOST_AUTO_TEST_CASE(rounding_equals_the_fraction_reference) {
    for (int value = -300; value <= 300; ++value) {
        for (int shift = 0; shift < 11; ++shift)
            BOOST_REQUIRE_EQUAL(shift_round(value, shift),
                                static_cast<std::int64_t>(nearest_even(value, Wide{1} << shift)));
        for (int divisor = 1; divisor < 40; ++divisor)
            BOOST_REQUIRE_EQUAL(divide_round(value, divisor),
                                static_cast<std::int64_t>(nearest_even(value, divisor)));
    }
    test::Random random(1);
    for (int i = 0; i < 20000; ++i) {
        const auto value = static_cast<std::int64_t>(random.next()) >> random.between(0, 60);
        const int shift = random.between(0, 62);
        BOOST_REQUIRE_EQUAL(shift_round(value, shift),
                            static_cast<std::int64_t>(nearest_even(value, Wide{1} << shift)));
        const std::int64_t divisor = random.between(1, 100000);
        BOOST_REQUIRE_EQUAL(divide_round(value, divisor),
                            static_cast<std::int64_t>(nearest_even(value, divisor)));
    }
}

BOOST_AUTO_TEST_CASE(accumulators_are_finished_as_the_contract_says) {
    Node node = node_of(NodeKind::matrix, {2, 1, 1}, {false, 8, -5});
    node.weights = {2, 1, 8, -7, {1, 1}, {4, -4}};
    node.relu = true;
    // unit 2^(-7-3) = 2^-10, output step 2^-5: divide by 32
    BOOST_TEST(finish_accumulator(node, -3, 0, 44) == 2);     // 48/32 = 1.5, to even
    BOOST_TEST(finish_accumulator(node, -3, 1, 84) == 2);     // 80/32 = 2.5, to even
    BOOST_TEST(finish_accumulator(node, -3, 0, -1000) == 0);  // ReLU
    BOOST_TEST(finish_accumulator(node, -3, 0, 1 << 20) == 255);
    node.relu = false;
    node.format.is_signed = true;
    BOOST_TEST(finish_accumulator(node, -3, 0, -1000) == -31);  // -996/32 = -31.125
    BOOST_TEST(finish_accumulator(node, -3, 0, -(1 << 20)) == -128);
    BOOST_TEST(finish_accumulator(node, -3, 0, 1 << 20) == 127);
    node.format = {true, 32, -10};  // logits
    BOOST_TEST(finish_accumulator(node, -3, 0, -1000) == -996);
    BOOST_TEST(finish_accumulator(node, -3, 1, 2147483651) == 2147483647);
    BOOST_CHECK_THROW(finish_accumulator(node, -3, 0, 2147483647), std::overflow_error);
}

BOOST_AUTO_TEST_CASE(pools_round_half_to_even_and_honour_padding) {
    const Node source = node_of(NodeKind::input, {1, 3, 3}, {true, 8, -4});
    const std::vector<std::int32_t> map{1, 2, 3, 4, 5, 6, 7, 8, -9};
    Node pool = node_of(NodeKind::average_pool, {1, 2, 2}, {true, 8, -4});
    pool.window = {2, 2, 2, 2, 1, 1, 0, 0};
    const auto run = [&] { return apply_digital(pool, {&source}, {&map}); };
    // windows: {1}, {2,3}, {4,7}, {5,6,8,-9}
    BOOST_TEST((run() == std::vector<std::int32_t>{1, 2, 6, 2}));  // 1, 2.5, 5.5, 10/4 = 2.5
    pool.count_include_pad = true;
    BOOST_TEST((run() == std::vector<std::int32_t>{0, 1, 3, 2}));  // 0.25, 1.25, 2.75, 2.5
    pool.format.exponent = -6;                                     // a step of its own, four times finer
    BOOST_TEST((run() == std::vector<std::int32_t>{1, 5, 11, 10}));
    pool.format.exponent = -3;
    BOOST_TEST((run() == std::vector<std::int32_t>{0, 1, 1, 1}));  // 0.125, 0.625, 1.375, 1.25
    pool.format.exponent = -4;
    pool.kind = NodeKind::max_pool;
    BOOST_TEST((run() == std::vector<std::int32_t>{1, 3, 7, 8}));
    const std::vector<std::int32_t> negative(9, -5);
    BOOST_TEST((apply_digital(pool, {&source}, {&negative}) ==
                std::vector<std::int32_t>(4, -5)));  // padding never wins
}

BOOST_AUTO_TEST_CASE(additions_align_to_the_finer_step) {
    const Node a = node_of(NodeKind::input, {1, 1, 4}, {true, 8, -4}),
               b = node_of(NodeKind::input, {1, 1, 4}, {false, 8, -6});
    const std::vector<std::int32_t> left{1, -2, 127, -128}, right{3, 1, 255, 2};
    Node sum = node_of(NodeKind::add, {1, 1, 4}, {true, 8, -5});
    const auto run = [&] { return apply_digital(sum, {&a, &b}, {&left, &right}); };
    // in 2^-6: 7, -7, 763, -510; halved to even: 4, -4, 382, -255
    BOOST_TEST((run() == std::vector<std::int32_t>{4, -4, 127, -128}));
    sum.relu = true;
    sum.format.is_signed = false;
    BOOST_TEST((run() == std::vector<std::int32_t>{4, 0, 255, 0}));
    // A step of the file's may be signed behind a ReLU, and logits are not saturated: nothing else cuts
    // there.
    sum.format.is_signed = true;
    BOOST_TEST((run() == std::vector<std::int32_t>{4, 0, 127, 0}));
    sum.format = {true, 32, -6};
    BOOST_TEST((run() == std::vector<std::int32_t>{7, 0, 763, 0}));
    sum.relu = false;
    BOOST_TEST((run() == std::vector<std::int32_t>{7, -7, 763, -510}));
}

BOOST_AUTO_TEST_CASE(relu_and_flatten) {
    const Node a = node_of(NodeKind::input, {2, 1, 2}, {true, 8, -4});
    const std::vector<std::int32_t> map{-128, -1, 5, 127};
    Node relu = node_of(NodeKind::relu, {2, 1, 2}, {false, 8, -4});
    BOOST_TEST((apply_digital(relu, {&a}, {&map}) == std::vector<std::int32_t>{0, 0, 5, 127}));
    relu.format.exponent = -3;
    BOOST_TEST((apply_digital(relu, {&a}, {&map}) == std::vector<std::int32_t>{0, 0, 2, 64}));
    const Node flat = node_of(NodeKind::flatten, {4, 1, 1}, {true, 8, -4});
    BOOST_TEST((apply_digital(flat, {&a}, {&map}) == map));
    BOOST_CHECK_THROW(apply_digital(a, {&a}, {&map}), std::logic_error);
}

BOOST_AUTO_TEST_CASE(windows_are_gathered_channel_row_column) {
    Node node = node_of(NodeKind::matrix, {1, 2, 2}, {});
    node.window = {3, 2, 2, 3, 1, 0, 1, 1};
    node.weights.rows = 12;
    const Node input = node_of(NodeKind::input, {2, 3, 4}, {});
    std::vector<std::int32_t> map(24);
    for (int i = 0; i < 24; ++i) map[static_cast<std::size_t>(i)] = i + 1;
    std::vector<std::int32_t> rows(12);
    gather_window(node, input, map.data(), 0, 0, rows.data());
    BOOST_TEST((rows == std::vector<std::int32_t>{0, 0, 1, 2, 5, 6, 0, 0, 13, 14, 17, 18}));
    gather_window(node, input, map.data(), 1, 1, rows.data());
    BOOST_TEST((rows == std::vector<std::int32_t>{8, 0, 12, 0, 0, 0, 20, 0, 24, 0, 0, 0}));
}

BOOST_AUTO_TEST_SUITE_END()
