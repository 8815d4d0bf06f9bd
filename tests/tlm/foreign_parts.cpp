// Parts that are not Sliver's in the place of its own: a shared bus that knows addresses and bytes
// (tb/shared_bus.h) between tiles and host, and plain memories (examples/platform/memory.h) that hold the
// input maps. The logits are those of the golden model, and every link keeps the protocol.
#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "model/address_map.h"
#include "platform/memory.h"
#include "support/networks.h"
#include "system/chip_trials.h"
#include "tb/chip_bench.h"
#include "tb/shared_bus.h"
#include "timing/any_nodes.h"

BOOST_AUTO_TEST_SUITE(tlm_foreign_parts)

namespace {

using namespace sliver;

constexpr std::size_t kImages = 3;

/// Small tiles, so that column blocks lie on several of them, and copies: partial sums and packets for
/// several tiles cross the interconnect.
config::ChipConfig small_tiles(int copies) {
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    chip.tile.processing_elements = 1;
    chip.mesh.columns = chip.mesh.rows = 20;
    chip.mesh.kind = config::MeshKind::mesh;
    chip.mesh.multicast = config::Multicast::tree;
    chip.tile.buffer_bytes = 4096;
    chip.tile.output_queue_packets = 2;
    if (copies > 1) {
        chip.replication.mode = config::ReplicationMode::balance;
        chip.replication.target_interval_cycles = 200;
    }
    return chip;
}

/// Chips with parts of their own, which must outlive them.
struct ForeignBench {
    std::vector<std::unique_ptr<platform::Memory>> memories;
    tb::ChipBench bench;
    std::vector<std::vector<std::int32_t>> golden;

    void add(const network::QuantisedNetwork& network, const config::ChipConfig& chip, bool bus, bool memory,
             std::optional<std::uint32_t> stall_seed = {}) {
        const auto images = support::random_images(network, kImages, 6);
        tb::ChipBench::Options options;
        options.images = kImages;
        options.stall_seed = stall_seed;
        if (bus)
            options.interconnect = [](const model::InterconnectSetup& setup) {
                return std::make_unique<tb::SharedBus>("shared_bus", setup.tiles, 16,
                                                       sc_core::sc_time(1, sc_core::SC_NS));
            };
        if (memory)
            options.buffer_memory = [this](std::size_t, std::size_t bytes) -> tlm::tlm_target_socket<>& {
                memories.push_back(std::make_unique<platform::Memory>(
                    sc_core::sc_gen_unique_name("memory"), bytes,
                    platform::Memory::Timing{sc_core::sc_time(5, sc_core::SC_NS),
                                             sc_core::sc_time(100, sc_core::SC_PS)}));
                return memories.back()->tsock;
            };
        golden.push_back(chip_trials::golden_logits(network, images, kImages));
        bench.add(network, chip, images, options);
    }
    void run() {
        bench.run();
        for (std::size_t i = 0; i < golden.size(); ++i) {
            BOOST_TEST(bench.record(i).logits == golden[i], boost::test_tools::per_element());
            BOOST_TEST(bench.chip(i).at_rest());
        }
        for (const std::string& violation : bench.violations()) BOOST_ERROR(violation);
    }
};

}  // namespace

// All four: both of ours, a bus, memories, and bus and memories. A residual network has additions, whose
// operands come over the bus, too.
BOOST_AUTO_TEST_CASE(bus_and_memories) {
    ForeignBench all;
    for (const auto& network : {support::small_vgg(3), support::small_resnet(5)})
        for (const bool bus : {false, true})
            for (const bool memory : {false, true}) all.add(network, small_tiles(1), bus, memory);
    all.run();
    for (const std::size_t first : {std::size_t{0}, std::size_t{4}}) {
        // What a packet costs is counted by the mesh; the bus has no flits.
        BOOST_TEST(results::total_actions(all.bench.record(first)).flit_hops > 0U);
        BOOST_TEST(results::total_actions(all.bench.record(first + 2)).flit_hops == 0U);
        // The bus forks no packet.
        BOOST_TEST(all.bench.record(first + 2).mesh.packets == all.bench.record(first + 2).mesh.delivered);
        BOOST_TEST(all.bench.record(first + 2).mesh.waits > 0U);
        // A memory takes time on top, and nothing else.
        BOOST_TEST(all.bench.record(first + 1).elapsed_fs > all.bench.record(first).elapsed_fs);
        BOOST_TEST(results::total_actions(all.bench.record(first + 1)).buffer_bytes_read ==
                   results::total_actions(all.bench.record(first)).buffer_bytes_read);
        BOOST_TEST(results::total_actions(all.bench.record(first + 1)).buffer_bytes_written ==
                   results::total_actions(all.bench.record(first)).buffer_bytes_written);
    }
}

// Dilated windows over padding come from the memories, 32-bit sums and what a concat joins over the bus.
BOOST_AUTO_TEST_CASE(nodes_of_any_kind) {
    ForeignBench all;
    config::ChipConfig chip = small_tiles(1);
    chip.tile.buffer_bytes.reset();
    for (std::uint64_t seed = 1; seed <= 16; ++seed) {
        any_nodes::Dice dice(seed);
        all.add(any_nodes::any_network(8, 8, false, dice), chip, seed % 4 != 0, true);
    }
    all.run();
}

// Copies of layers, the least of room, and an eDRAM whose port takes time: rows of pixels go round the end of
// the memory.
BOOST_AUTO_TEST_CASE(memories_with_little_room) {
    ForeignBench all;
    config::ChipConfig chip = small_tiles(8);
    chip.tile.buffer_bytes = 1500;
    all.add(support::small_vgg(3), chip, false, true);
    chip.tile.buffer_port_bytes_per_s = 1e9;
    chip.tile.buffer_bytes.reset();
    all.add(support::small_vgg(3), chip, true, true);
    all.run();
}

// Every link of the bus has a partner that behaves in every way that the protocol permits. (Not those of the
// memories: the adapter of simple_target_socket overlooks the annotated end of a response.)
BOOST_AUTO_TEST_CASE(stalling_partners) {
    ForeignBench all;
    for (const std::uint32_t seed : {1U, 2U, 3U})
        all.add(support::small_resnet(5), small_tiles(1), true, false, 1000 * seed);
    all.run();
}

BOOST_AUTO_TEST_SUITE_END()
