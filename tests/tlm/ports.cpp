// The ports between tiles, host and interconnect as a stranger meets them: what they refuse and how, what a
// debugger and a caller that waits see, and delays that are annotated where others wait.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "model/address_map.h"
#include "model/agenda.h"
#include "support/networks.h"
#include "system/chip_trials.h"
#include "tb/checked_links.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(tlm_ports)

namespace {

using namespace sliver;
using model::Region;

constexpr std::uint64_t kNowhere = std::uint64_t{0x7777} << 48;

/// One chip, at whose interconnect the test has a hand on the tiles' and the host's sockets.
struct OpenChip {
    network::QuantisedNetwork network = support::small_vgg(3);
    config::ChipConfig chip = support::oracle_chip();
    std::vector<std::int32_t> images = support::random_images(network, 1, 6);
    tb::ChipBench bench;
    model::Interconnect* between = nullptr;
    std::size_t tiles = 0;
    model::PacketPool pool;

    void build() {
        chip.adc.bits = 12;
        tb::ChipBench::Options options;
        options.check_protocol = false;  // mistakes are made on purpose
        options.interconnect = [this](const model::InterconnectSetup& setup) {
            std::unique_ptr<model::Interconnect> made = model::make_interconnect(setup);
            between = made.get();
            tiles = setup.tiles;
            return made;
        };
        bench.add(network, chip, images, options);
    }
    [[nodiscard]] const network::Shape& input() const { return network.nodes.front().shape; }
    /// Of the first layer's input map, which tile 0 keeps whole.
    [[nodiscard]] std::uint64_t input_at(std::size_t pixel, int channel) const {
        return model::encode(
            {0, Region::matrix_input, network.matrix_nodes().front(), 0,
             pixel * static_cast<std::size_t>(input().channels) + static_cast<std::size_t>(channel)});
    }
    /// Straight to the tile or the host behind a port.
    tlm::tlm_response_status to_tile(tlm::tlm_generic_payload& payload, std::size_t port = 0) {
        return ask(*between->port_isock(port).operator->(), payload);
    }
    /// Into the interconnect by a port.
    tlm::tlm_response_status to_port(tlm::tlm_generic_payload& payload, std::size_t port = 0) {
        return ask(entrance(port), payload);
    }
    tlm::tlm_fw_transport_if<>& entrance(std::size_t port) {
        return *dynamic_cast<tlm::tlm_fw_transport_if<>*>(between->port_tsock(port).get_interface());
    }

  private:
    static tlm::tlm_response_status ask(tlm::tlm_fw_transport_if<>& target,
                                        tlm::tlm_generic_payload& payload) {
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        const tlm::tlm_sync_enum said = target.nb_transport_fw(payload, phase, delay);
        return said == tlm::TLM_COMPLETED ? payload.get_response_status() : tlm::TLM_INCOMPLETE_RESPONSE;
    }
};

/// A fixed time on the way there and on the way back, by annotation or by waiting.
class DelayLink : public sc_core::sc_module,
                  public tlm::tlm_fw_transport_if<>,
                  public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(DelayLink);
    tlm::tlm_target_socket<> tsock;
    tlm::tlm_initiator_socket<> isock;

    DelayLink(const sc_core::sc_module_name& name, bool annotates, const sc_core::sc_time& each)
        : sc_module(name), tsock("tsock"), isock("isock"), annotates_(annotates), each_(each) {
        tsock.bind(*this);
        isock.bind(*this);
        SC_METHOD(step);
        sensitive << agenda_.event();
        dont_initialize();
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (phase == tlm::END_RESP || annotates_) {
            if (phase == tlm::BEGIN_REQ) delay += each_;
            const tlm::tlm_sync_enum said = isock->nb_transport_fw(payload, phase, delay);
            if (said == tlm::TLM_COMPLETED && phase == tlm::BEGIN_REQ) delay += each_;
            return said;
        }
        agenda_.at(sc_core::sc_time_stamp() + delay + each_, [this, held = model::PacketRef(payload)] {
            tlm::tlm_phase begin = tlm::BEGIN_REQ;
            sc_core::sc_time none;
            const tlm::tlm_sync_enum said = isock->nb_transport_fw(*held, begin, none);
            if (said == tlm::TLM_UPDATED && begin == tlm::END_REQ) {
                up(held, tlm::END_REQ);
            } else if (said == tlm::TLM_COMPLETED) {
                agenda_.at(sc_core::sc_time_stamp() + each_, [this, held] { up(held, tlm::BEGIN_RESP); });
            }
        });
        return tlm::TLM_ACCEPTED;
    }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (phase != tlm::BEGIN_RESP) return tsock->nb_transport_bw(payload, phase, delay);
        if (annotates_) {
            delay += each_;
            return tsock->nb_transport_bw(payload, phase, delay);
        }
        agenda_.at(sc_core::sc_time_stamp() + delay + each_, [this, held = model::PacketRef(payload)] {
            up(held, tlm::BEGIN_RESP);
            tlm::tlm_phase end = tlm::END_RESP;
            sc_core::sc_time none;
            isock->nb_transport_fw(*held, end, none);
        });
        return tlm::TLM_ACCEPTED;
    }
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
        isock->b_transport(payload, delay);
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload& payload) override {
        return isock->transport_dbg(payload);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void step() { agenda_.run_due(); }
    void up(const model::PacketRef& payload, tlm::tlm_phase phase) {
        sc_core::sc_time none;
        tsock->nb_transport_bw(*payload, phase, none);
    }
    bool annotates_;
    sc_core::sc_time each_;
    model::Agenda agenda_;
};

}  // namespace

// What a tile and the host cannot take they refuse at once, with the response that the standard has for it.
BOOST_AUTO_TEST_CASE(refused_by_tiles_and_host) {
    OpenChip open;
    open.chip.tile.buffer_bytes = 4096;
    open.chip.mesh.kind = config::MeshKind::ideal;
    open.build();
    const auto packet = [&](std::uint64_t address, std::size_t bytes) {
        return open.pool.make_packet(address, bytes);
    };
    const std::size_t pixels = open.input().pixels();
    BOOST_REQUIRE(open.input().channels == 3);
    // Of an image that is far ahead: there is no room for it.
    {
        const auto far =
            packet(model::encode({0, Region::matrix_input, open.network.matrix_nodes().front(), 60, 0}), 3);
        BOOST_TEST(open.to_tile(*far) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
    {
        const auto read = packet(open.input_at(0, 0), 3);
        read->set_command(tlm::TLM_READ_COMMAND);
        BOOST_TEST(open.to_tile(*read) == tlm::TLM_COMMAND_ERROR_RESPONSE);
        read->set_command(tlm::TLM_IGNORE_COMMAND);
        BOOST_TEST(open.to_tile(*read) == tlm::TLM_COMMAND_ERROR_RESPONSE);
        BOOST_TEST(open.to_tile(*read, open.tiles) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    }
    {
        const auto enabled = packet(open.input_at(0, 0), 3);
        std::array<unsigned char, 3> enables = {0xFF, 0xFF, 0xFF};
        enabled->set_byte_enable_ptr(enables.data());
        enabled->set_byte_enable_length(3);
        BOOST_TEST(open.to_tile(*enabled) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        enabled->set_byte_enable_ptr(nullptr);
    }
    {
        const auto streaming = packet(open.input_at(0, 0), 3);
        streaming->set_streaming_width(1);
        BOOST_TEST(open.to_tile(*streaming) == tlm::TLM_BURST_ERROR_RESPONSE);
        streaming->set_streaming_width(3);
        streaming->set_data_length(0);
        BOOST_TEST(open.to_tile(*streaming) == tlm::TLM_BURST_ERROR_RESPONSE);
    }
    {
        tlm::tlm_generic_payload own;  // nobody manages its memory
        std::array<unsigned char, 3> bytes = {};
        model::initialise(own, tlm::TLM_WRITE_COMMAND, open.input_at(0, 0), bytes.data(), bytes.size());
        BOOST_TEST(open.to_tile(own) == tlm::TLM_GENERIC_ERROR_RESPONSE);
        BOOST_TEST(open.to_port(own) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
    {
        const auto several = packet(open.input_at(0, 0), 3);
        model::receivers_of(*several)->push_back(open.input_at(0, 0));
        BOOST_TEST(open.to_tile(*several) == tlm::TLM_GENERIC_ERROR_RESPONSE);
        BOOST_TEST(open.to_tile(*several, open.tiles) == tlm::TLM_GENERIC_ERROR_RESPONSE);
        BOOST_TEST(open.to_port(*several) == tlm::TLM_GENERIC_ERROR_RESPONSE);  // ideal: cannot fork
    }
    // Bytes that are no run of values, beside the map, of another node, region or tile.
    const network::NodeId node = open.network.matrix_nodes().front();
    for (const auto& [address, bytes] :
         {std::pair{open.input_at(0, 1), std::size_t{3}},
          {open.input_at(0, 0), std::size_t{4}},
          {open.input_at(pixels - 1, 0), std::size_t{6}},
          {open.input_at(pixels, 0), std::size_t{3}},
          {model::encode({0, Region::matrix_input, node + 1, 0, 0}), std::size_t{3}},
          {model::encode({0, Region::first_operand, node, 0, 0}), std::size_t{3}},
          {model::encode({0, Region::logits, node, 0, 0}), std::size_t{4}},
          {model::encode({0, Region::reduction, node, 0, 4}), std::size_t{4}},
          {model::encode({1, Region::matrix_input, node, 0, 0}), std::size_t{3}}}) {
        const auto stray = packet(address, bytes);
        BOOST_TEST(open.to_tile(*stray) == tlm::TLM_ADDRESS_ERROR_RESPONSE, address << ", " << bytes);
    }
    const std::size_t output = open.network.nodes.size() - 1;
    for (const auto& [address, bytes] :
         {std::pair{model::encode({model::kHostPort, Region::matrix_input, output, 0, 0}), std::size_t{4}},
          {model::encode({model::kHostPort, Region::logits, output, 0, 2}), std::size_t{4}},
          {model::encode({model::kHostPort, Region::logits, output, 0, 0}), std::size_t{6}},
          {model::encode({model::kHostPort, Region::logits, output, 7, 0}), std::size_t{4}},
          {model::encode({3, Region::logits, output, 0, 0}), std::size_t{4}}}) {
        const auto stray = packet(address, bytes);
        BOOST_TEST(open.to_tile(*stray, open.tiles) == tlm::TLM_ADDRESS_ERROR_RESPONSE, address);
    }
    // None of it has done any harm.
    open.bench.run();
    BOOST_TEST(open.bench.record(0).logits == chip_trials::golden_logits(open.network, open.images, 1),
               boost::test_tools::per_element());
    // All logits are here: more of them are refused.
    const auto late = packet(model::encode({model::kHostPort, Region::logits, output, 0, 0}), 4);
    BOOST_TEST(open.to_tile(*late, open.tiles) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

// Of all kinds of interconnect: an address that nobody has.
BOOST_AUTO_TEST_CASE(refused_by_interconnects) {
    const model::Payers payers;
    model::PacketPool pool;
    config::MeshConfig config;
    std::vector<std::unique_ptr<model::Interconnect>> made;
    for (const config::MeshKind kind :
         {config::MeshKind::mesh, config::MeshKind::crossbar_switch, config::MeshKind::ideal}) {
        config.kind = kind;
        made.push_back(model::make_interconnect({config, 4, 1, payers, pool, nullptr}));
        auto& entrance =
            *dynamic_cast<tlm::tlm_fw_transport_if<>*>(made.back()->port_tsock(1).get_interface());
        for (const std::uint64_t address : {kNowhere, std::uint64_t{4} << 48}) {
            const auto lost = pool.make_packet(address, 4);
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay;
            BOOST_TEST(entrance.nb_transport_fw(*lost, phase, delay) == tlm::TLM_COMPLETED);
            BOOST_TEST(lost->get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
            lost->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            entrance.b_transport(*lost, delay);
            BOOST_TEST(lost->get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
            BOOST_TEST(entrance.transport_dbg(*lost) == 0U);
        }
    }
}

// A debugger reads a tile's eDRAM and the logits, from any port, and writes to the eDRAM. A caller that waits
// reads the same, and waits for the interconnect and the eDRAM's port.
BOOST_AUTO_TEST_CASE(debugger_and_waiting_callers) {
    OpenChip open;
    open.chip.mesh.kind = config::MeshKind::crossbar_switch;
    open.chip.tile.buffer_port_bytes_per_s = 1e9;
    open.build();
    sc_core::sc_start(2, sc_core::SC_US);
    const network::Shape& map = open.input();
    const std::size_t count = 2 * static_cast<std::size_t>(map.width * map.channels);  // two rows
    std::vector<unsigned char> expected, seen(count), again(count);
    for (std::size_t pixel = 0; pixel < count / 3; ++pixel)
        for (int channel = 0; channel < 3; ++channel)
            expected.push_back(
                static_cast<unsigned char>(open.images[static_cast<std::size_t>(channel) * map.pixels() +
                                                       map.pixels() - count / 3 + pixel]));
    const std::uint64_t address = open.input_at(map.pixels() - count / 3, 0);  // the last two rows
    tlm::tlm_generic_payload payload;
    model::initialise(payload, tlm::TLM_READ_COMMAND, address, seen.data(), count);
    BOOST_TEST(open.entrance(1).transport_dbg(payload) == count);
    BOOST_TEST(seen == expected, boost::test_tools::per_element());
    sc_core::sc_time delay;
    model::initialise(payload, tlm::TLM_READ_COMMAND, address, again.data(), count);
    open.entrance(1).b_transport(payload, delay);
    BOOST_TEST(payload.get_response_status() == tlm::TLM_OK_RESPONSE);
    BOOST_TEST(again == expected, boost::test_tools::per_element());
    // Injection, switch, ejection: 5 ns and the flits; a byte a nanosecond through the port.
    const std::uint64_t flits = 1 + (8 * count + 31) / 32;
    BOOST_TEST(delay.value() == (5 + flits + count) * 1'000'000);
    // One byte is changed, and put right again.
    unsigned char changed = static_cast<unsigned char>(expected[4] ^ 0x5A), back = 0;
    model::initialise(payload, tlm::TLM_WRITE_COMMAND, address + 4, &changed, 1);
    BOOST_TEST(open.entrance(2).transport_dbg(payload) == 1U);
    model::initialise(payload, tlm::TLM_READ_COMMAND, address + 4, &back, 1);
    BOOST_TEST(open.entrance(2).transport_dbg(payload) == 1U);
    BOOST_TEST(static_cast<int>(back) == static_cast<int>(changed));
    model::initialise(payload, tlm::TLM_WRITE_COMMAND, address + 4, &expected[4], 1);
    BOOST_TEST(open.entrance(2).transport_dbg(payload) == 1U);
    open.bench.run();
    const std::vector<std::int32_t> golden = chip_trials::golden_logits(open.network, open.images, 1);
    BOOST_TEST(open.bench.record(0).logits == golden, boost::test_tools::per_element());
    std::vector<std::int32_t> logits(golden.size());
    model::initialise(payload, tlm::TLM_READ_COMMAND,
                      model::encode({model::kHostPort, Region::logits, open.network.nodes.size() - 1, 0, 0}),
                      reinterpret_cast<unsigned char*>(logits.data()), logits.size() * sizeof(std::int32_t));
    BOOST_TEST(open.entrance(0).transport_dbg(payload) == logits.size() * sizeof(std::int32_t));
    BOOST_TEST(logits == golden, boost::test_tools::per_element());
    // The image is over, and with it what the eDRAM had of it.
    model::initialise(payload, tlm::TLM_READ_COMMAND, address, seen.data(), count);
    BOOST_TEST(open.entrance(1).transport_dbg(payload) == 0U);
}

// A link that annotates 40 ns on every request and response, and one that waits as long, give the same times
// to the femtosecond, for every kind of interconnect.
BOOST_AUTO_TEST_CASE(annotated_or_waited) {
    tb::CheckedLinks checked;
    std::deque<DelayLink> delays;
    tb::ChipBench bench;
    const auto network = support::small_vgg(3);
    const auto images = support::random_images(network, 3, 6);
    for (const config::MeshKind kind :
         {config::MeshKind::mesh, config::MeshKind::crossbar_switch, config::MeshKind::ideal})
        for (const bool annotates : {false, true}) {
            config::ChipConfig chip = support::oracle_chip();
            chip.adc.bits = 12;
            chip.mesh.kind = kind;
            chip.mesh.columns = chip.mesh.rows = 20;
            chip.tile.processing_elements = 1;
            chip.tile.buffer_bytes = 4096;
            chip.tile.buffer_port_bytes_per_s = 3e9;
            chip.tile.output_queue_packets = 1;
            chip.host.bytes_per_s = 1e9;
            tb::ChipBench::Options options;
            options.images = 3;
            options.connect = [&, annotates](tlm::tlm_initiator_socket<>& from,
                                             tlm::tlm_target_socket<>& to) {
                DelayLink& link = delays.emplace_back(sc_core::sc_gen_unique_name("delay"), annotates,
                                                      sc_core::sc_time(40, sc_core::SC_NS));
                checked.connect(from, link.tsock, {});
                checked.connect(link.isock, to, {});
            };
            bench.add(network, chip, images, options);
        }
    bench.run();
    checked.finish();
    for (const std::string& violation : checked.violations()) BOOST_ERROR(violation);
    const std::vector<std::int32_t> golden = chip_trials::golden_logits(network, images, 3);
    for (const std::size_t i : {0, 2, 4}) {
        BOOST_TEST(bench.record(i).logits == golden, boost::test_tools::per_element());
        BOOST_TEST(bench.record(i + 1).logits == golden, boost::test_tools::per_element());
        BOOST_TEST(bench.record(i + 1).completed_fs == bench.record(i).completed_fs,
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
