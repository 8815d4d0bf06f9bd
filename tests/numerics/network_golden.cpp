// The golden executor against a second one, written here with four nested loops and 128-bit fractions, on
// random networks with convolutions of every shape, pools, residual additions and linear layers.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "network/golden.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_golden)

using namespace sliver::network;
using Map = std::vector<std::int32_t>;

namespace {

__extension__ using Wide = __int128;

/// numerator/denominator * 2^exponent to the nearest integer, ties to even, by exact comparison.
std::int64_t rounded(Wide numerator, Wide denominator, int exponent) {
    (exponent > 0 ? numerator : denominator) *= Wide{1} << std::abs(exponent);
    Wide floor = numerator / denominator;
    if (floor * denominator > numerator) --floor;
    const Wide twice = 2 * (numerator - floor * denominator);
    const bool up = twice > denominator || (twice == denominator && floor % 2 != 0);
    return static_cast<std::int64_t>(floor + (up ? 1 : 0));
}

std::int32_t clipped(const Format& format, std::int64_t code) {
    const std::int64_t low = format.is_signed ? -(1 << (format.bits - 1)) : 0;
    const std::int64_t high = low + (1 << format.bits) - 1;
    return static_cast<std::int32_t>(std::min(std::max(code, low), high));
}

std::int32_t at(const Map& map, const Shape& shape, int c, int y, int x) {
    return map[static_cast<std::size_t>((c * shape.height + y) * shape.width + x)];
}

bool inside(const Shape& shape, int y, int x) {
    return y >= 0 && x >= 0 && y < shape.height && x < shape.width;
}

std::int32_t naive_matrix(const Node& node, const Node& source, const Map& input, int o, int y, int x) {
    const Window& w = node.window;
    Wide sum = node.weights.bias[static_cast<std::size_t>(o)];
    for (int c = 0; c < source.shape.channels; ++c)
        for (int ky = 0; ky < w.kernel_height; ++ky)
            for (int kx = 0; kx < w.kernel_width; ++kx) {
                const int iy = y * w.stride_y + ky - w.pad_top, ix = x * w.stride_x + kx - w.pad_left;
                const int row = (c * w.kernel_height + ky) * w.kernel_width + kx;
                if (inside(source.shape, iy, ix))
                    sum += Wide{at(input, source.shape, c, iy, ix)} *
                           node.weights.codes[static_cast<std::size_t>(o * node.weights.rows + row)];
            }
    if (node.relu && sum < 0) sum = 0;
    if (node.is_output) return static_cast<std::int32_t>(sum);
    return clipped(node.format,
                   rounded(sum, 1, node.weights.exponent + source.format.exponent - node.format.exponent));
}

std::int32_t naive_pool(const Node& node, const Node& source, const Map& input, int c, int y, int x) {
    const Window& w = node.window;
    std::int64_t sum = 0, count = 0, largest = -1000000;
    for (int ky = 0; ky < w.kernel_height; ++ky)
        for (int kx = 0; kx < w.kernel_width; ++kx) {
            const int iy = y * w.stride_y + ky - w.pad_top, ix = x * w.stride_x + kx - w.pad_left;
            if (!inside(source.shape, iy, ix)) continue;
            sum += at(input, source.shape, c, iy, ix);
            largest = std::max<std::int64_t>(largest, at(input, source.shape, c, iy, ix));
            ++count;
        }
    if (node.kind == NodeKind::max_pool) return static_cast<std::int32_t>(largest);
    if (node.count_include_pad) count = w.kernel_height * w.kernel_width;
    return clipped(node.format, rounded(sum, count, source.format.exponent - node.format.exponent));
}

Map naive_node(const QuantisedNetwork& network, const Node& node, const std::vector<Map>& maps) {
    const Node& source = network.nodes[node.inputs[0]];
    const Map& input = maps[node.inputs[0]];
    Map result;
    for (int c = 0; c < node.shape.channels; ++c)
        for (int y = 0; y < node.shape.height; ++y)
            for (int x = 0; x < node.shape.width; ++x) {
                const std::size_t index = result.size();
                if (node.kind == NodeKind::matrix) {
                    result.push_back(naive_matrix(node, source, input, c, y, x));
                } else if (node.kind == NodeKind::flatten) {
                    result.push_back(input[index]);
                } else if (node.kind == NodeKind::relu) {
                    result.push_back(
                        clipped(node.format, rounded(std::max(input[index], 0), 1,
                                                     source.format.exponent - node.format.exponent)));
                } else if (node.kind == NodeKind::add) {
                    // both over the finest step this test uses, 2^-40
                    const Node& other = network.nodes[node.inputs[1]];
                    Wide sum = Wide{input[index]} * (Wide{1} << (source.format.exponent + 40)) +
                               Wide{maps[node.inputs[1]][index]} * (Wide{1} << (other.format.exponent + 40));
                    if (node.relu && sum < 0) sum = 0;
                    result.push_back(clipped(node.format, rounded(sum, 1, -40 - node.format.exponent)));
                } else {
                    result.push_back(naive_pool(node, source, input, c, y, x));
                }
            }
    return result;
}

class Builder {
  public:
    explicit Builder(std::uint64_t seed) : random(seed) {
        Node input;
        input.name = "input";
        input.shape = {random.between(1, 4), random.between(5, 9), random.between(5, 9)};
        input.format = {random.between(0, 1) == 1, random.between(2, 8), random.between(-8, 2)};
        network.nodes.push_back(input);
    }

    Node& add(NodeKind kind, std::vector<NodeId> inputs) {
        Node node;
        node.kind = kind;
        node.name = "node" + std::to_string(network.nodes.size());
        node.inputs = std::move(inputs);
        node.shape = network.nodes[node.inputs[0]].shape;
        node.format = network.nodes[node.inputs[0]].format;
        network.nodes.push_back(node);
        return network.nodes.back();
    }

    void random_window(Node& node, const Shape& input, bool pool) {
        Window& w = node.window;
        w.kernel_height = random.between(1, std::min(3, input.height));
        w.kernel_width = random.between(1, std::min(3, input.width));
        w.stride_y = random.between(1, 2);
        w.stride_x = random.between(1, 3);
        const int most_y = pool ? w.kernel_height - 1 : 2, most_x = pool ? w.kernel_width - 1 : 2;
        w.pad_top = random.between(0, most_y);
        w.pad_bottom = random.between(0, most_y);
        w.pad_left = random.between(0, most_x);
        w.pad_right = random.between(0, most_x);
        node.shape.height = (input.height + w.pad_top + w.pad_bottom - w.kernel_height) / w.stride_y + 1;
        node.shape.width = (input.width + w.pad_left + w.pad_right - w.kernel_width) / w.stride_x + 1;
    }

    void random_weights(Node& node, const Node& source) {
        MatrixWeights& weights = node.weights;
        weights.outputs = node.shape.channels;
        weights.rows = source.shape.channels * node.window.kernel_height * node.window.kernel_width;
        weights.exponent = random.between(-12, -4);
        for (int i = 0; i < weights.outputs * weights.rows; ++i)
            weights.codes.push_back(static_cast<std::int16_t>(random.between(-255, 255)));
        for (int o = 0; o < weights.outputs; ++o) weights.bias.push_back(random.between(-5000, 5000));
        node.relu = random.between(0, 1) == 1;
        const int sum_bits = 8 + 8 + 3;  // about where sums of this size end
        node.format = {!node.relu, 8, weights.exponent + source.format.exponent + sum_bits - 8};
    }

    test::Random random;
    QuantisedNetwork network;
};

QuantisedNetwork random_network(std::uint64_t seed) {
    Builder b(seed);
    const auto node = [&](NodeId id) -> const Node& { return b.network.nodes[id]; };
    Node& first = b.add(NodeKind::matrix, {0});
    b.random_window(first, node(0).shape, false);
    first.shape.channels = b.random.between(1, 6);
    b.random_weights(first, node(0));
    Node& second = b.add(NodeKind::matrix, {1});  // same size: 3x3, padding 1
    second.window = {3, 3, 1, 1, 1, 1, 1, 1};
    b.random_weights(second, node(1));
    second.format.exponent += b.random.between(-2, 2);
    Node& sum = b.add(NodeKind::add, {2, 1});
    sum.relu = b.random.between(0, 1) == 1;
    sum.format = {!sum.relu, 8, std::max(node(1).format.exponent, node(2).format.exponent)};
    Node& pool = b.add(b.random.between(0, 1) == 1 ? NodeKind::max_pool : NodeKind::average_pool, {3});
    b.random_window(pool, node(3).shape, true);
    pool.count_include_pad = b.random.between(0, 1) == 1;
    if (pool.kind == NodeKind::average_pool) pool.format.exponent += b.random.between(-2, 2);
    Node& relu = b.add(NodeKind::relu, {4});
    relu.format.is_signed = false;
    Node& flat = b.add(NodeKind::flatten, {5});
    flat.shape = {static_cast<int>(node(5).shape.size()), 1, 1};
    Node& last = b.add(NodeKind::matrix, {6});
    last.shape = {10, 1, 1};
    b.random_weights(last, node(6));
    last.relu = false;
    last.is_output = true;
    last.format = {true, 32, last.weights.exponent + node(6).format.exponent};
    return b.network;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_networks_equal_the_naive_executor) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const QuantisedNetwork network = random_network(seed);
        test::Random random(seed + 1000);
        Map image;
        for (std::size_t i = 0; i < network.nodes[0].shape.size(); ++i)
            image.push_back(
                random.between(network.nodes[0].format.lowest(), network.nodes[0].format.highest()));
        const std::vector<Map> maps = run_golden_maps(network, image);
        for (NodeId id = 1; id < network.nodes.size(); ++id)
            BOOST_REQUIRE_MESSAGE(maps[id] == naive_node(network, network.nodes[id], maps),
                                  "seed " << seed << ", " << network.nodes[id].name);
        BOOST_TEST(run_golden(network, image) == maps.back());
    }
}

// 40,000 rows at full scale pass through the 32-bit partial sums: 40000 * 255 * 255 > 2^31.
BOOST_AUTO_TEST_CASE(long_sums_do_not_wrap) {
    Builder b(1);
    b.network.nodes[0].shape = {40000, 1, 1};
    b.network.nodes[0].format = {false, 8, 0};
    Node& last = b.add(NodeKind::matrix, {0});
    last.shape = {1, 1, 1};
    last.weights = {1, 40000, 8, 0, std::vector<std::int16_t>(40000, 255), {0}};
    const auto sums = matrix_accumulators(last, b.network.nodes[0], Map(40000, 255));
    BOOST_TEST(sums.at(0) == std::int64_t{40000} * 255 * 255);
    last.weights.codes.assign(40000, -255);
    BOOST_TEST(matrix_accumulators(last, b.network.nodes[0], Map(40000, 255)).at(0) ==
               std::int64_t{-40000} * 255 * 255);
    BOOST_CHECK_THROW(run_golden(b.network, Map(3)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(images_round_half_to_even_and_saturate) {
    Node input;
    input.shape = {1, 1, 8};
    input.format = {true, 8, -2};
    const std::vector<float> pixels{0.125F, 0.375F, -0.125F, -0.375F, 100.0F, -100.0F, 0.3F, 31.75F};
    BOOST_TEST((quantise_image(input, pixels.data()) == Map{0, 2, 0, -2, 127, -128, 1, 127}));
    input.format.is_signed = false;
    BOOST_TEST((quantise_image(input, pixels.data()) == Map{0, 2, 0, 0, 255, 0, 1, 127}));
}

BOOST_AUTO_TEST_SUITE_END()
