// How often a layer is copied, by hand.
#include <boost/test/unit_test.hpp>

#include "base/error.h"
#include "mapping/placement.h"

BOOST_AUTO_TEST_SUITE(mapping_copies)

using namespace sliver;

namespace {

/// One convolution with 16 windows, 8 planes each: 128 reads of one cycle an
/// image.
network::QuantisedNetwork sixteen_windows() {
    network::QuantisedNetwork network;
    network.nodes.resize(2);
    network.nodes[0].shape = {2, 4, 4};
    network::Node& layer = network.nodes[1];
    layer.kind = network::NodeKind::matrix;
    layer.name = "conv";
    layer.inputs = {0};
    layer.shape = {3, 4, 4};
    layer.weights.outputs = 3;
    layer.weights.rows = 2;
    layer.weights.codes.assign(6, 1);
    layer.weights.bias.assign(3, 0);
    return network;
}

config::ChipConfig balanced(double cycles) {
    config::ChipConfig chip;
    chip.replication.mode = config::ReplicationMode::balance;
    chip.replication.target_interval_cycles = cycles;
    return chip;
}

int copies(double target, double read_cycles = 1) {
    const network::QuantisedNetwork network = sixteen_windows();
    const config::ChipConfig chip = balanced(target);
    return mapping::replication(network, mapping::map_network(network, chip), chip, read_cycles).front();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_fewest_that_reach_the_interval) {
    BOOST_TEST(copies(1000) == 1);
    BOOST_TEST(copies(128) == 1);
    BOOST_TEST(copies(127) == 2);
    BOOST_TEST(copies(64) == 2);
    BOOST_TEST(copies(50) == 3);
    BOOST_TEST(copies(50, 2) == 6);
}

// Shapes alone refuse what the placement refuses, in its words, and nothing else.
BOOST_AUTO_TEST_CASE(shapes_tell_what_does_not_fit) {
    const auto said = [](const auto& attempt) -> std::string {
        try {
            attempt();
        } catch (const InputError& error) {
            return error.what();
        }
        return "nothing";
    };
    network::QuantisedNetwork network = sixteen_windows();
    network.name = "small";
    network::Node& layer = network.nodes[1];
    config::ChipConfig chip;
    chip.mesh.columns = chip.mesh.rows = 1;
    chip.tile.processing_elements = chip.tile.arrays_per_pe = 2;  // 4 arrays in all
    const auto refusals = [&](int rows, int outputs) {
        layer.weights.rows = rows;
        layer.weights.outputs = outputs;
        network.nodes[0].shape.channels = rows;
        layer.shape.channels = outputs;
        layer.weights.codes.assign(static_cast<std::size_t>(rows * outputs), 1);
        layer.weights.bias.assign(static_cast<std::size_t>(outputs), 0);
        const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
        return std::pair{said([&] {
                             mapping::refuse_too_large("small", {{rows, outputs}}, chip);
                         }),
                         said([&] { (void)mapping::place_network(network, mapped, {1}, chip); })};
    };
    for (const auto placement : {config::SlicePlacement::interleaved, config::SlicePlacement::grouped}) {
        chip.weights.slices = placement;
        for (const int rows : {2, 128, 129, 300})
            for (const int outputs : {3, 32, 33, 129, 400}) {
                const auto [shapes, placed] = refusals(rows, outputs);
                BOOST_TEST(shapes == placed, rows << " x " << outputs);
            }
    }
    BOOST_TEST(refusals(300, 400).first ==
               "network small does not fit chip " + chip.name +
                   ": it needs 24 tiles (96 crossbars in 48 processing elements) and the chip has 1");
    chip.weights.packing = config::Packing::rows;  // may be fewer
    BOOST_TEST(said([&] { mapping::refuse_too_large("small", {{300, 400}}, chip); }) == "nothing");
}

BOOST_AUTO_TEST_CASE(no_more_than_there_are_windows) {
    BOOST_TEST(copies(8) == 16);
    BOOST_TEST(copies(7) == 16);
    BOOST_TEST(copies(0.1) == 16);
}

BOOST_AUTO_TEST_SUITE_END()
