// The protocol checker sees what it should, and the chip keeps the protocol when every link stalls at random.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "network/golden.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(tlm_links)

using namespace sliver;

namespace {

/// Sends what `script` says, in a thread of its own; answers of the target are counted.
class Scripted : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(Scripted);
    tlm::tlm_initiator_socket<> isock;
    std::function<void(Scripted&)> script;
    model::PacketPool pool;
    int responses = 0;
    bool annotated = false;  ///< the memory is to end requests by an annotated time
    sc_core::sc_time response_takes;

    explicit Scripted(const sc_core::sc_module_name& name) : sc_module(name), isock("isock") {
        isock.bind(*this);
        SC_THREAD(run);
    }
    tlm::tlm_sync_enum send(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase = tlm::BEGIN_REQ) {
        sc_core::sc_time delay;
        if (annotated) payload.set_byte_enable_length(1);  // without enables of no other meaning: asks for it
        return isock->nb_transport_fw(payload, phase, delay);
    }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
        delay += response_takes;
        ++responses;
        return tlm::TLM_COMPLETED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void run() { script(*this); }
};

/// Takes a request at once, ends it after 10 ns, responds after 20 ns; never responds when `silent`.
class Memory : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
  public:
    SC_HAS_PROCESS(Memory);
    tlm::tlm_target_socket<> tsock;
    bool silent = false;

    explicit Memory(const sc_core::sc_module_name& name) : sc_module(name), tsock("tsock") {
        tsock.bind(*this);
        SC_METHOD(step);
        sensitive << agenda_.event();
        dont_initialize();
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (phase != tlm::BEGIN_REQ || silent) return tlm::TLM_ACCEPTED;
        const sc_core::sc_time now = sc_core::sc_time_stamp();
        const sc_core::sc_time step(10, sc_core::SC_NS);
        const bool annotates = payload.get_byte_enable_length() == 1;
        if (!annotates) agenda_.at(now + step, [this, &payload] { answer(payload, tlm::END_REQ); });
        agenda_.at(now + step + step, [this, &payload] {
            payload.set_response_status(tlm::TLM_OK_RESPONSE);
            answer(payload, tlm::BEGIN_RESP);
        });
        if (annotates) {
            phase = tlm::END_REQ;
            delay += step;
            return tlm::TLM_UPDATED;
        }
        return tlm::TLM_ACCEPTED;
    }
    std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> blocking;
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
        blocking(payload, delay);
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

  private:
    void step() { agenda_.run_due(); }
    void answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase) {
        sc_core::sc_time delay;
        tsock->nb_transport_bw(payload, phase, delay);
    }
    model::Agenda agenda_;
};

/// Runs the script over a checked link and returns what the checker noted, one line a breach.
std::string breaches(const std::function<void(Scripted&)>& script, bool silent = false,
                     const std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)>& blocking = {}) {
    Scripted initiator("initiator");
    tb::BaseProtocolChecker checker("checker", "link");
    Memory memory("memory");
    memory.silent = silent;
    memory.blocking = blocking;
    initiator.script = script;
    initiator.isock.bind(checker.tsock);
    checker.isock.bind(memory.tsock);
    sc_core::sc_start(1, sc_core::SC_US);
    checker.finish();
    std::string all;
    for (const std::string& violation : checker.violations()) all += violation + "\n";
    return all;
}

bool mentions(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(clean_link) {
    int responses = 0;
    const std::string noted = breaches([&](Scripted& me) {
        for (int i = 0; i < 3; ++i) {
            const model::PacketRef packet = me.pool.make_packet(0x40, 8);
            me.send(*packet);
            sc_core::wait(50, sc_core::SC_NS);
        }
        responses = me.responses;
    });
    BOOST_TEST(noted == "");
    BOOST_TEST(responses == 3);
}

BOOST_AUTO_TEST_CASE(stale_status) {
    BOOST_TEST(mentions(breaches([](Scripted& me) {
                            const model::PacketRef packet = me.pool.make_packet(0x40, 8);
                            packet->set_response_status(tlm::TLM_OK_RESPONSE);
                            me.send(*packet);
                            sc_core::wait(50, sc_core::SC_NS);
                        }),
                        "clause 14.17 e"));
}

BOOST_AUTO_TEST_CASE(second_request) {
    BOOST_TEST(mentions(breaches([](Scripted& me) {
                            const model::PacketRef first = me.pool.make_packet(0x40, 8);
                            const model::PacketRef second = me.pool.make_packet(0x48, 8);
                            me.send(*first);
                            me.send(*second);
                            sc_core::wait(50, sc_core::SC_NS);
                        }),
                        "clause 15.2.6 e"));
}

BOOST_AUTO_TEST_CASE(no_memory_manager) {
    BOOST_TEST(mentions(breaches([](Scripted& me) {
                            tlm::tlm_generic_payload payload;
                            unsigned char data[4] = {};
                            model::initialise(payload, tlm::TLM_WRITE_COMMAND, 0, data, sizeof data);
                            me.send(payload);
                            sc_core::wait(50, sc_core::SC_NS);
                        }),
                        "clause 14.5 i"));
}

BOOST_AUTO_TEST_CASE(changed_in_flight) {
    BOOST_TEST(mentions(breaches([](Scripted& me) {
                            const model::PacketRef packet = me.pool.make_packet(0x40, 8);
                            me.send(*packet);
                            sc_core::wait(5, sc_core::SC_NS);
                            packet->set_data_length(4);
                            sc_core::wait(50, sc_core::SC_NS);
                        }),
                        "clause 14.7"));
}

BOOST_AUTO_TEST_CASE(bytes_changed_in_flight) {
    BOOST_TEST(mentions(breaches([](Scripted& me) {
                            const model::PacketRef packet = me.pool.make_packet(0x40, 8);
                            std::fill_n(packet->get_data_ptr(), 8, static_cast<unsigned char>(1));
                            me.send(*packet);
                            sc_core::wait(5, sc_core::SC_NS);
                            packet->get_data_ptr()[7] = 2;
                            sc_core::wait(50, sc_core::SC_NS);
                        }),
                        "bytes of a write changed in flight (clause 14.7)"));
}

BOOST_AUTO_TEST_CASE(width_changed_in_flight) {
    BOOST_TEST(mentions(breaches([](Scripted& me) {
                            const model::PacketRef packet = me.pool.make_packet(0x40, 8);
                            me.send(*packet);
                            sc_core::wait(5, sc_core::SC_NS);
                            packet->set_streaming_width(4);
                            sc_core::wait(50, sc_core::SC_NS);
                        }),
                        "streaming width or byte enables changed in flight (clause 14.7)"));
}

// The memory ends requests by an annotated time that is still to come.
BOOST_AUTO_TEST_CASE(annotated_end_of_a_request) {
    const auto noted = [](int wait_ns) {
        return breaches([wait_ns](Scripted& me) {
            me.annotated = true;
            const model::PacketRef first = me.pool.make_packet(0x40, 8);
            const model::PacketRef second = me.pool.make_packet(0x48, 8);
            me.send(*first);
            sc_core::wait(wait_ns, sc_core::SC_NS);
            me.send(*second);
            sc_core::wait(90, sc_core::SC_NS);
        });
    };
    BOOST_TEST(
        mentions(noted(9), "BEGIN_REQ before the annotated end of the last request (clause 15.2.6 e)"));
}

BOOST_AUTO_TEST_CASE(annotated_end_is_kept) {
    BOOST_TEST(breaches([](Scripted& me) {
                   me.annotated = true;
                   const model::PacketRef first = me.pool.make_packet(0x40, 8);
                   const model::PacketRef second = me.pool.make_packet(0x48, 8);
                   me.send(*first);
                   sc_core::wait(10, sc_core::SC_NS);
                   me.send(*second);
                   sc_core::wait(90, sc_core::SC_NS);
               }) == "");
}

// The initiator ends responses by an annotated time, 15 ns; the memory sends them 10 ns apart.
BOOST_AUTO_TEST_CASE(annotated_end_of_a_response) {
    BOOST_TEST(mentions(breaches([](Scripted& me) {
                            me.annotated = true;
                            me.response_takes = sc_core::sc_time(15, sc_core::SC_NS);
                            const model::PacketRef first = me.pool.make_packet(0x40, 8);
                            const model::PacketRef second = me.pool.make_packet(0x48, 8);
                            me.send(*first);
                            sc_core::wait(10, sc_core::SC_NS);
                            me.send(*second);
                            sc_core::wait(90, sc_core::SC_NS);
                        }),
                        "BEGIN_RESP before the annotated end of the last response (clause 15.2.6 f)"));
}

BOOST_AUTO_TEST_CASE(unfinished) {
    BOOST_TEST(mentions(breaches(
                            [](Scripted& me) {
                                const model::PacketRef packet = me.pool.make_packet(0x40, 8);
                                me.send(*packet);
                                sc_core::wait(50, sc_core::SC_NS);
                            },
                            true),
                        "never completed"));
}

BOOST_AUTO_TEST_CASE(blocking_calls) {
    // Six calls over one link: the first two are in order, an error response among them.
    int call = 0;
    const std::string noted = breaches(
        [&](Scripted& me) {
            for (call = 0; call < 6; ++call) {
                const model::PacketRef packet = me.pool.make_packet(0x40, 8);
                if (call == 2) packet->set_response_status(tlm::TLM_OK_RESPONSE);
                sc_core::sc_time delay(20, sc_core::SC_NS);
                me.isock->b_transport(*packet, delay);
                sc_core::wait(50, sc_core::SC_NS);
            }
        },
        false,
        [&](tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
            if (call != 3) payload.set_response_status(tlm::TLM_OK_RESPONSE);
            if (call == 1) payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            if (call == 4) delay = sc_core::SC_ZERO_TIME;
            if (call == 5) payload.set_data_length(4);
        });
    std::size_t lines = 0;
    for (const char* const expected :
         {"100 ns: response status was not set to INCOMPLETE", "150 ns: returned without a response status",
          "200 ns: annotated time goes backwards", "250 ns: command, data pointer or length changed"}) {
        BOOST_TEST(mentions(noted, expected), noted);
        ++lines;
    }
    BOOST_TEST(std::count(noted.begin(), noted.end(), '\n') == static_cast<std::ptrdiff_t>(lines));
}

// Every link of nine chips has a partner that behaves in every way that the protocol permits.
BOOST_AUTO_TEST_CASE(random_stalls) {
    constexpr std::array<config::MeshKind, 3> kKinds = {
        config::MeshKind::mesh, config::MeshKind::crossbar_switch, config::MeshKind::ideal};
    tb::ChipBench bench;
    const auto network = support::small_resnet(5);
    const auto images = support::random_images(network, 3, 6);
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    chip.tile.processing_elements = 1;
    chip.mesh.columns = chip.mesh.rows = 12;
    chip.tile.buffer_bytes = 4096;
    bench.add(network, chip, images, {3});
    constexpr std::uint32_t kSeeds = 9;
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        chip.mesh.kind = kKinds[seed % kKinds.size()];
        chip.mesh.multicast = seed < 5 ? config::Multicast::unicast : config::Multicast::tree;
        chip.tile.buffer_port_bytes_per_s = seed % 2 == 0 ? 0 : 1e9;
        chip.host.bytes_per_s = seed % 2 == 0 ? 25.6e9 : 0;
        tb::ChipBench::Options options;
        options.images = 3;
        options.stall_seed = 1000 * seed;
        bench.add(network, chip, images, options);
    }
    bench.run();
    for (std::size_t i = 1; i <= kSeeds; ++i) {
        BOOST_TEST(bench.record(i).logits == bench.record(0).logits);
        BOOST_TEST(bench.chip(i).at_rest());
        BOOST_TEST(bench.record(i).elapsed_fs > bench.record(0).elapsed_fs);
    }
    const std::size_t pixels = network.nodes.front().shape.size();
    const auto first =
        network::run_golden(network, {images.begin(), images.begin() + static_cast<std::ptrdiff_t>(pixels)});
    BOOST_TEST(std::equal(first.begin(), first.end(), bench.record(2).logits.begin()));
    for (const std::string& violation : bench.violations()) BOOST_ERROR(violation);
}

BOOST_AUTO_TEST_SUITE_END()
