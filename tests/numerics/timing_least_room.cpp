// The least room of input maps: numbers by hand for single layers and branches; how eDRAM is shared.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "timing/least_room.h"

BOOST_AUTO_TEST_SUITE(timing_least_room)

using namespace sliver;
using network::Node;
using network::NodeId;
using network::NodeKind;
using network::Shape;
using network::Window;
using timing::least_room;
using timing::RoomNeed;
using timing::share_room;

namespace {

/// Shapes and windows only: no weights are asked for.
struct Graph {
    network::QuantisedNetwork network;

    explicit Graph(int height, int width) {
        Node node;
        node.name = "image";
        node.shape = {1, height, width};
        network.nodes.push_back(node);
    }
    NodeId add(NodeKind kind, std::vector<NodeId> inputs, const Window& window = {}) {
        const Shape& map = network.nodes[inputs.front()].shape;
        Node node;
        node.kind = kind;
        node.name = "n" + std::to_string(network.nodes.size());
        node.inputs = std::move(inputs);
        node.window = window;
        node.shape = {
            1, (map.height + window.pad_top + window.pad_bottom - window.kernel_height) / window.stride_y + 1,
            (map.width + window.pad_left + window.pad_right - window.kernel_width) / window.stride_x + 1};
        network.nodes.push_back(node);
        return network.nodes.size() - 1;
    }
    NodeId convolution(NodeId input, int kernel, int stride = 1) {
        const int pad = kernel / 2;
        return add(NodeKind::matrix, {input}, {kernel, kernel, stride, stride, pad, pad, pad, pad});
    }
    [[nodiscard]] std::size_t room(NodeId node, std::size_t input = 0, bool pipelined = true) const {
        return least_room(network, pipelined)[node][input];
    }
};

std::string refusal_of(std::int64_t bytes, const std::vector<RoomNeed>& needs) {
    try {
        (void)share_room(bytes, needs, "conv3");
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

// A window of 3x3 reads from the pixel above and left of it to the one below and right of it: two rows and
// three pixels.
BOOST_AUTO_TEST_CASE(kernels) {
    for (const int width : {3, 4, 9, 17}) {
        Graph graph(8, width);
        const NodeId first = graph.convolution(0, 1), three = graph.convolution(first, 3),
                     five = graph.convolution(three, 5), one = graph.convolution(five, 1);
        const auto w = static_cast<std::size_t>(width);
        BOOST_TEST(graph.room(first) == w);  // the image comes row by row
        BOOST_TEST(graph.room(three) == 2 * w + 3);
        if (width >= 5) BOOST_TEST(graph.room(five) == 4 * w + 5);
        BOOST_TEST(graph.room(one) == 1U);
    }
    Graph image(8, 6);
    BOOST_TEST(image.room(image.convolution(0, 3)) == 3U * 6);
}

// Without pipelining a layer starts when its whole map is there; a pool still begins with its first window.
BOOST_AUTO_TEST_CASE(whole_maps) {
    Graph graph(8, 6);
    const NodeId first = graph.convolution(0, 1);
    const NodeId pool = graph.add(NodeKind::max_pool, {first}, {2, 2, 2, 2, 0, 0, 0, 0});
    const NodeId three = graph.convolution(pool, 3);
    BOOST_TEST(graph.room(first, 0, false) == 48U);
    BOOST_TEST(graph.room(pool, 0, false) == 6U + 2);
    BOOST_TEST(graph.room(three, 0, false) == 12U);
}

// Every row of windows reads the only row of the map again: all of it stays.
BOOST_AUTO_TEST_CASE(map_lower_than_its_kernel) {
    Graph graph(1, 6);
    const NodeId first = graph.convolution(0, 1);
    const NodeId again = graph.add(NodeKind::matrix, {first}, {3, 1, 1, 1, 2, 0, 2, 0});
    BOOST_TEST(graph.network.nodes[again].shape.height == 3);
    BOOST_TEST(graph.room(again) == 6U);
    // One row of windows: a kernel of 3x3 sees three pixels of it.
    const NodeId once = graph.convolution(first, 3);
    BOOST_TEST(graph.room(once) == 3U);
}

BOOST_AUTO_TEST_CASE(pools) {
    Graph graph(8, 6);
    const NodeId first = graph.convolution(0, 1);
    const NodeId pool = graph.add(NodeKind::max_pool, {first}, {2, 2, 2, 2, 0, 0, 0, 0});
    const NodeId overlapping = graph.add(NodeKind::average_pool, {first}, {3, 3, 2, 2, 1, 1, 1, 1});
    const NodeId relu = graph.add(NodeKind::relu, {pool});
    BOOST_TEST(graph.room(pool) == 6U + 2);
    BOOST_TEST(graph.room(overlapping) == 2U * 6 + 3);
    BOOST_TEST(graph.room(relu) == 1U);
}

// In front of an addition stays what the short branch is ahead.
BOOST_AUTO_TEST_CASE(branches) {
    constexpr std::size_t kWidth = 7;
    Graph graph(9, kWidth);
    const NodeId x = graph.convolution(0, 1);
    const NodeId a = graph.convolution(x, 3), b = graph.convolution(a, 3);
    const NodeId sum = graph.add(NodeKind::add, {b, x});
    // The second convolution is two rows and two pixels behind the map it began with.
    BOOST_TEST(graph.room(sum, 1) == 2 * kWidth + 3);
    BOOST_TEST(graph.room(sum, 0) == 1U);
    BOOST_TEST(graph.room(a) == 2 * kWidth + 3);
    BOOST_TEST(graph.room(b) == 2 * kWidth + 3);

    // A pool against a convolution of stride 2 and another one: the pool is a row ahead.
    Graph pooled(8, 8);
    const NodeId y = pooled.convolution(0, 1);
    const NodeId pool = pooled.add(NodeKind::max_pool, {y}, {2, 2, 2, 2, 0, 0, 0, 0});
    const NodeId longer = pooled.convolution(pooled.convolution(y, 3, 2), 3);
    const NodeId join = pooled.add(NodeKind::add, {longer, pool});
    BOOST_TEST(pooled.room(join, 1) == 4U + 1);
    BOOST_TEST(pooled.room(join, 0) == 1U);

    // The same map twice: one buffer.
    Graph twice(4, 4);
    const NodeId z = twice.convolution(0, 1);
    const NodeId doubled = twice.add(NodeKind::add, {z, z});
    BOOST_TEST(twice.room(doubled, 0) == 1U);
    BOOST_TEST(twice.room(doubled, 1) == 1U);
}

BOOST_AUTO_TEST_CASE(shares) {
    // 10 pixels of 3 channels and 5 of 2 need 40 bytes.
    const std::vector<RoomNeed> needs = {{10, 3}, {5, 2}};
    BOOST_TEST(share_room(40, needs, "conv3") == (std::vector<std::size_t>{10, 5}),
               boost::test_tools::per_element());
    BOOST_TEST(share_room(79, needs, "conv3") == (std::vector<std::size_t>{19, 9}),
               boost::test_tools::per_element());
    BOOST_TEST(share_room(80, needs, "conv3") == (std::vector<std::size_t>{20, 10}),
               boost::test_tools::per_element());
    // The key's largest value and the largest map.
    const std::size_t pixels = 1U << 24U;
    BOOST_TEST(share_room(1 << 30, {{pixels, 64}}, "conv3").front() == pixels);
    BOOST_TEST(refusal_of(40, needs) == "accepted");
    BOOST_TEST(refusal_of(39, needs) ==
               "tile.buffer: 39 bytes; a tile of conv3 needs at least 40 bytes: 10 pixels of 3 channels + "
               "5 pixels of 2 channels");
    BOOST_TEST(share_room(5, {}, "conv3").empty());
}

// Kernel rows two apart: four rows and five pixels, where those of 3x3 need two and three.
BOOST_AUTO_TEST_CASE(dilated_kernels) {
    Graph graph(8, 9);
    const NodeId first = graph.convolution(0, 1);
    Window window{3, 3, 1, 1, 2, 2, 2, 2, 2, 2};
    graph.network.nodes.push_back(graph.network.nodes[first]);
    Node& node = graph.network.nodes.back();
    node.inputs = {first};
    node.window = window;
    BOOST_TEST(graph.room(2) == 4U * 9 + 5);
}

// What a gather holds follows from its table: nothing but the pixel where rows stay in order, the whole map
// where the last comes first, and what is left of it where the first half is not asked for.
BOOST_AUTO_TEST_CASE(gathers) {
    const auto room_of = [](std::vector<std::int32_t> table) {
        Graph graph(4, 3);
        const NodeId gather = graph.add(NodeKind::gather, {graph.convolution(0, 1)});
        graph.network.nodes[gather].table = std::move(table);
        return graph.room(gather);
    };
    BOOST_TEST(room_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) == 1U);
    BOOST_TEST(room_of({11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}) == 12U);
    BOOST_TEST(room_of({11, 10, 9, 8, 7, 6, 6, 6, 6, 6, 6, 6}) == 6U);
    BOOST_TEST(room_of({-1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8}) == 1U);
    BOOST_TEST(room_of({2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9}) == 3U);
}

// A factor by channel comes when the whole map has been pooled: the map waits for it. A concat holds what its
// shorter branch is ahead.
BOOST_AUTO_TEST_CASE(products_and_concats) {
    Graph graph(4, 6);
    const NodeId first = graph.convolution(0, 1);
    Window whole;
    whole.kernel_height = 4;
    whole.kernel_width = 6;
    const NodeId factor = graph.add(NodeKind::average_pool, {first}, whole);
    const NodeId product = graph.add(NodeKind::multiply, {first, factor});
    BOOST_TEST(graph.room(product, 0) == 24U);
    BOOST_TEST(graph.room(product, 1) == 1U);
    Graph other(8, 6);
    const NodeId shorter = other.convolution(0, 1), longer = other.convolution(shorter, 3);
    const NodeId concat = other.add(NodeKind::concat, {longer, shorter, shorter});
    BOOST_TEST(other.room(concat, 0) == 1U);
    BOOST_TEST(other.room(concat, 1) == 8U);  // a row and two pixels
    BOOST_TEST(other.room(concat, 2) == 8U);
}

BOOST_AUTO_TEST_SUITE_END()
