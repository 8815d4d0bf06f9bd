// A post-processor alone: operands by hand, in any order; its digital nodes give pixels in raster order, each
// with its last operand.
#include "model/postprocessor.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/networks.h"

BOOST_AUTO_TEST_SUITE(tlm_postprocessor)

namespace {

using namespace sliver;

/// One digital node of a network whose image is a map of one channel, all of it on one tile.
struct DigitalBench {
    network::QuantisedNetwork network;
    model::ChipPlan plan;
    model::TilePlan tile;
    std::vector<std::string> given;  ///< "pixel:value"
    bool has_place = true;
    model::Postprocessor postprocessor;

    DigitalBench(network::QuantisedNetwork made, network::NodeId node)
        : network(std::move(made)),
          plan(plan_of(network)),
          tile(tile_of(node)),
          postprocessor(
              "postprocessor", plan, tile,
              [this](const model::PixelValues& values) {
                  given.push_back(std::to_string(values.pixel) + ":" + std::to_string(values.values[0]));
              },
              [this](std::size_t, std::uint64_t) { return has_place; }) {}

    /// A pixel of the image arrives; returns what the node has given since the last call.
    std::vector<std::string> arrive(std::size_t pixel, std::int32_t value) {
        given.clear();
        postprocessor.accept_operand(0, 0, {0, 0, pixel, {0, 1}, &value});
        return given;
    }

  private:
    static model::ChipPlan plan_of(const network::QuantisedNetwork& network) {
        model::ChipPlan plan;
        plan.network = &network;
        return plan;
    }
    static model::TilePlan tile_of(network::NodeId node) {
        model::TilePlan tile;
        tile.digital.push_back({node, {0, 1}, {{0, {0, 1}, 0}}, {0}});
        return tile;
    }
};

using Given = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(relu_in_raster_order) {
    support::NetworkBuilder build({1, 1, 4}, {true, 8, -6}, 1);
    const network::NodeId relu = build.relu(support::NetworkBuilder::kInput);
    build.convolution(relu, 1, 1, 1, 0);
    DigitalBench bench(build.finish(), relu);
    BOOST_TEST(bench.arrive(2, 7) == Given{}, boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(0, -3) == Given{"0:0"}, boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(1, 5) == (Given{"1:5", "2:7"}), boost::test_tools::per_element());
    BOOST_TEST(bench.postprocessor.at_rest());  // what has been given is gone
    // Without a place for the result it waits, and is asked again.
    bench.has_place = false;
    BOOST_TEST(bench.arrive(3, 9) == Given{}, boost::test_tools::per_element());
    bench.has_place = true;
    bench.postprocessor.take_ready();
    BOOST_TEST(bench.given == Given{"3:9"}, boost::test_tools::per_element());
}

// 3x4 pixels, windows of 2x2 that overlap.
BOOST_AUTO_TEST_CASE(pool_with_its_last_operand) {
    support::NetworkBuilder build({1, 3, 4}, {true, 8, -6}, 1);
    const network::NodeId pool = build.max_pool(support::NetworkBuilder::kInput, 2, 1);
    build.convolution(pool, 1, 1, 1, 0);
    DigitalBench bench(build.finish(), pool);
    // The first window but for its first pixel; then but for the left one below.
    for (const std::size_t pixel : {1, 5, 2, 6})
        BOOST_TEST(bench.arrive(pixel, static_cast<std::int32_t>(pixel)) == Given{},
                   boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(0, 100) == Given{}, boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(4, 90) == (Given{"0:100", "1:6"}), boost::test_tools::per_element());
    // The third window lacks the one above on the right.
    BOOST_TEST(bench.arrive(7, 7) == Given{}, boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(3, 50) == Given{"2:50"}, boost::test_tools::per_element());
    BOOST_TEST(!bench.postprocessor.at_rest());
    for (const std::size_t pixel : {11, 10, 9})
        BOOST_TEST(bench.arrive(pixel, static_cast<std::int32_t>(pixel)) == Given{},
                   boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(8, 8) == (Given{"3:90", "4:10", "5:11"}), boost::test_tools::per_element());
    BOOST_TEST(bench.postprocessor.at_rest());
}

// Upside down, and a row that nothing is gathered for: that one is there with the first pixel of the image.
BOOST_AUTO_TEST_CASE(gather_with_what_its_table_names) {
    support::NetworkBuilder build({1, 2, 2}, {true, 8, -6}, 1);
    const network::NodeId moved = build.relu(support::NetworkBuilder::kInput);
    build.convolution(moved, 1, 1, 1, 0);
    network::QuantisedNetwork network = build.finish();
    network::Node& node = network.nodes[moved];
    node.kind = network::NodeKind::gather;
    node.shape.height = 3;
    node.table = {-1, -1, 2, 3, 0, 1};
    node.fill = {77};
    DigitalBench bench(std::move(network), moved);
    BOOST_TEST(bench.arrive(1, 11) == (Given{"0:77", "1:77"}), boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(3, 13) == Given{}, boost::test_tools::per_element());
    BOOST_TEST(bench.arrive(2, 12) == (Given{"2:12", "3:13"}), boost::test_tools::per_element());
    BOOST_TEST(!bench.postprocessor.at_rest());
    BOOST_TEST(bench.arrive(0, 10) == (Given{"4:10", "5:11"}), boost::test_tools::per_element());
    BOOST_TEST(bench.postprocessor.at_rest());
}

// Look-ups, additions, comparisons and multiplications of a value: shifts are for nothing.
BOOST_AUTO_TEST_CASE(work_is_counted) {
    const network::Rescale third{(std::int64_t{1} << 30) + 1, 30}, half{1, 1};
    const auto counted = [](network::NodeKind kind, std::vector<network::Rescale> rescale) {
        support::NetworkBuilder build({1, 1, 2}, {false, 8, -6}, 1);
        const network::NodeId node = build.relu(support::NetworkBuilder::kInput);
        build.convolution(node, 1, 1, 1, 0);
        network::QuantisedNetwork network = build.finish();
        network.nodes[node].kind = kind;
        network.nodes[node].rescale = std::move(rescale);
        network.nodes[node].table.resize(256, 5);  // by code
        network.nodes[node].offsets = {0};
        DigitalBench bench(std::move(network), node);
        bench.arrive(0, 3);
        bench.arrive(1, 4);
        cost::Actions actions;
        bench.postprocessor.count(actions);
        BOOST_TEST(actions.output_register_bytes == 2U);
        return std::vector<std::uint64_t>{actions.activation_ops, actions.pool_ops, actions.add_ops,
                                          actions.table_lookups, actions.rescale_ops};
    };
    using Counts = std::vector<std::uint64_t>;
    const auto each = boost::test_tools::per_element();
    BOOST_TEST(counted(network::NodeKind::relu, {}) == (Counts{2, 0, 0, 0, 0}), each);
    BOOST_TEST(counted(network::NodeKind::relu, {third}) == (Counts{2, 0, 0, 0, 2}), each);
    BOOST_TEST(counted(network::NodeKind::relu, {half}) == (Counts{2, 0, 0, 0, 0}), each);
    BOOST_TEST(counted(network::NodeKind::table, {}) == (Counts{0, 0, 0, 2, 0}), each);
    BOOST_TEST(counted(network::NodeKind::scale, {third}) == (Counts{0, 0, 2, 0, 2}), each);
    BOOST_TEST(counted(network::NodeKind::scale, {half}) == (Counts{0, 0, 2, 0, 0}), each);
}

BOOST_AUTO_TEST_SUITE_END()
