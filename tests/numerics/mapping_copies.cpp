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

BOOST_AUTO_TEST_CASE(no_more_than_there_are_windows) {
    BOOST_TEST(copies(8) == 16);
    BOOST_TEST(copies(7) == 16);
    BOOST_TEST(copies(0.1) == 16);
}

BOOST_AUTO_TEST_SUITE_END()
