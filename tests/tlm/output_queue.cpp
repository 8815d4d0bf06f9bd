// The output queue alone: its owner, credit lines that a receiver raises by hand, and a port that takes one
// packet at a time and is slow. What leaves when, in which order, and when a place is free again.
#include "model/output_queue.h"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernel_steps.h"
#include "tb/checked_links.h"

BOOST_AUTO_TEST_SUITE(tlm_output_queue)

namespace {

using namespace sliver;
using kernel_steps::Fs;
using kernel_steps::fs;
using kernel_steps::now;
using kernel_steps::run_until;
using model::CreditLine;
using model::OutputQueue;

/// Takes a packet, and is free for the next one `kHold` later. Packets are told apart by their addresses.
class SlowPort : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
  public:
    SC_HAS_PROCESS(SlowPort);
    static constexpr Fs kHold = 100;
    tlm::tlm_target_socket<> tsock;

    explicit SlowPort(const sc_core::sc_module_name& name) : sc_module(name), tsock("tsock") {
        tsock.bind(*this);
        SC_METHOD(step);
        sensitive << agenda_.event();
        dont_initialize();
    }
    struct Seen {
        Fs time;
        std::uint64_t packet;
    };
    std::vector<Seen> seen;

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
        if (phase != tlm::BEGIN_REQ) return tlm::TLM_COMPLETED;
        seen.push_back({now(), packet.get_address()});
        packet.set_response_status(tlm::TLM_OK_RESPONSE);
        agenda_.at(fs(now() + kHold), [this, &packet] {
            tlm::tlm_phase response = tlm::BEGIN_RESP;
            sc_core::sc_time none;
            tsock->nb_transport_bw(packet, response, none);
        });
        return tlm::TLM_ACCEPTED;
    }
    void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override {}
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

  private:
    void step() { agenda_.run_due(); }
    model::Agenda agenda_;
};

/// The queue's owner.
class Owner : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(Owner);
    tlm::tlm_initiator_socket<> isock;
    model::Agenda agenda;
    std::vector<std::uint64_t> local;  ///< packets handed over on the tile
    int freed = 0;
    OutputQueue queue;

    explicit Owner(const sc_core::sc_module_name& name)
        : sc_module(name),
          isock("isock"),
          queue(
              isock, agenda,
              [this](tlm::tlm_generic_payload& packet) { local.push_back(packet.get_address()); },
              [this] { ++freed; }) {
        isock.bind(*this);
        SC_METHOD(step);
        sensitive << agenda.event();
        dont_initialize();
    }
    void at(Fs time, model::Agenda::Action action) { agenda.at(fs(time), std::move(action)); }
    void post(OutputQueue::StreamIndex stream, std::size_t part, std::size_t consumer,
              const OutputQueue::Value& value, std::uint64_t packet) {
        queue.post(stream, part, consumer, value, pool_.make_packet(packet, 1));
    }
    void send_sums(std::uint64_t image, std::uint64_t packet) {
        queue.send_sums(image, pool_.make_packet(packet, 1));
    }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        return queue.nb_transport_bw(packet, phase, delay);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void step() {
        agenda.run_due();
        queue.pump();
    }
    model::PacketPool pool_;
};

struct QueueBench {
    Owner owner{"owner"};
    SlowPort port{"port"};
    tb::CheckedLinks links;
    QueueBench() { links.connect(owner.isock, port.tsock, {}); }

    /// What has left, as "time:packet".
    [[nodiscard]] std::vector<std::string> left() const {
        std::vector<std::string> all;
        for (const SlowPort::Seen& seen : port.seen)
            all.push_back(std::to_string(seen.time) + ":" + std::to_string(seen.packet));
        return all;
    }
    void finish(const std::vector<std::string>& expected) {
        sc_core::sc_start();
        links.finish();
        BOOST_TEST(links.violations().empty());
        BOOST_TEST(left() == expected, boost::test_tools::per_element());
    }
};

}  // namespace

// The oldest image first, then what was made first; partial sums like all others.
BOOST_AUTO_TEST_CASE(order) {
    QueueBench bench;
    OutputQueue& queue = bench.owner.queue;
    const auto first = queue.add_stream(8, 1, 1), second = queue.add_stream(8, 1, 1),
               third = queue.add_stream(8, 1, 1);
    for (const auto stream : {first, second, third}) queue.connect(stream, 0, nullptr, fs(0), false);
    bench.owner.at(1'000, [&] {
        bench.owner.post(first, 0, 0, {0, 2, 0}, 20);  // nothing else is there: it goes
        queue.pump();
        bench.owner.post(first, 0, 0, {1, 2, 1}, 21);
        bench.owner.post(second, 0, 0, {0, 1, 0}, 10);
        bench.owner.post(third, 0, 0, {0, 1, 0}, 11);
        bench.owner.send_sums(1, 12);
        bench.owner.send_sums(1, 13);
        bench.owner.post(third, 0, 0, {1, 0, 1}, 2);  // behind 11 in its own queue
    });
    bench.owner.at(1'150, [&] { bench.owner.post(first, 0, 0, {2, 0, 9}, 3); });
    bench.finish({"1000:20", "1100:10", "1200:11", "1300:2", "1400:12", "1500:13", "1600:21", "1700:3"});
}

// A place is free when the last packet of its window has left, in the order of windows.
BOOST_AUTO_TEST_CASE(places) {
    QueueBench bench;
    OutputQueue& queue = bench.owner.queue;
    CreditLine room(1);
    const auto stream = queue.add_stream(2, 1, 2);
    queue.connect(stream, 0, &room, fs(0), false);
    queue.connect(stream, 1, nullptr, fs(0), false);
    BOOST_TEST(queue.has_place(stream, 1));
    BOOST_TEST(!queue.has_place(stream, 2));
    const auto window = [&](std::uint64_t number) {
        bench.owner.post(stream, 0, 0, {number, 0, number}, 10 * number);
        bench.owner.post(stream, 0, 1, {number, 0, number}, 10 * number + 1);
        queue.close(stream, number);
    };
    const auto limit = [&] {
        std::uint64_t number = 0;
        while (queue.places(stream).grants(number, fs(0))) ++number;
        BOOST_TEST(queue.has_place(stream, number - 1));
        BOOST_TEST(!queue.has_place(stream, number));
        return number;
    };
    bench.owner.at(1'000, [&] { window(0); });  // leaves at 1000 and 1100, the last one is taken at 1200
    run_until(1'199);
    BOOST_TEST(limit() == 2U);
    run_until(1'200);
    BOOST_TEST(limit() == 3U);
    BOOST_TEST(bench.owner.freed == 1);
    // Window 1 waits for room at one consumer, window 2 at the same; what they have for the other goes.
    bench.owner.at(2'000, [&] { window(1); });
    bench.owner.at(2'500, [&] { window(2); });
    run_until(3'000);
    BOOST_TEST(limit() == 3U);
    // Room for window 1 only.
    bench.owner.at(4'000, [&] { room.raise(2); });
    run_until(4'099);
    BOOST_TEST(limit() == 3U);
    run_until(4'100);
    BOOST_TEST(limit() == 4U);
    bench.owner.at(5'000, [&] { room.raise(3); });
    run_until(5'100);
    BOOST_TEST(limit() == 5U);
    BOOST_TEST(bench.owner.freed == 3);
    bench.finish({"1000:0", "1100:1", "2000:11", "2500:21", "4000:10", "5000:20"});
    BOOST_TEST(room.calls() == 2U);
}

// Two parts come at different times: a later window that has left altogether keeps its place until the one
// before it has.
BOOST_AUTO_TEST_CASE(places_in_order) {
    QueueBench bench;
    OutputQueue& queue = bench.owner.queue;
    const auto stream = queue.add_stream(4, 2, 1);
    queue.connect(stream, 0, nullptr, fs(0), false);
    const auto part = [&](std::size_t number, std::uint64_t window) {
        bench.owner.post(stream, number, 0, {window, 0, window}, 10 * window + number);
        queue.close(stream, window);
    };
    bench.owner.at(1'000, [&] {
        part(0, 0);
        part(0, 1);
    });
    bench.owner.at(2'000, [&] { part(0, 2); });
    bench.owner.at(3'000, [&] { part(1, 0); });
    run_until(3'099);
    BOOST_TEST(!queue.has_place(stream, 4));
    run_until(3'100);
    BOOST_TEST(queue.has_place(stream, 4));
    BOOST_TEST(!queue.has_place(stream, 5));
    bench.owner.at(4'000, [&] {
        part(1, 1);
        part(1, 2);
    });
    run_until(4'200);
    BOOST_TEST(queue.has_place(stream, 6));
    BOOST_TEST(!queue.has_place(stream, 7));
    bench.finish({"1000:0", "1100:10", "2000:20", "3000:1", "4000:11", "4100:21"});
}

// Nobody waits behind another's packet: not behind another consumer's, another copy's or another part's.
BOOST_AUTO_TEST_CASE(nobody_in_the_way) {
    QueueBench bench;
    OutputQueue& queue = bench.owner.queue;
    CreditLine full(5), other(100);
    constexpr Fs kFar = 30;
    const auto copy_0 = queue.add_stream(16, 2, 2), copy_1 = queue.add_stream(16, 2, 2);
    for (const auto stream : {copy_0, copy_1}) {
        queue.connect(stream, 0, &full, fs(kFar), false);
        queue.connect(stream, 1, &other, fs(0), false);
    }
    bench.owner.at(1'000, [&] {
        bench.owner.post(copy_0, 0, 0, {0, 0, 6}, 1);  // no room
        bench.owner.post(copy_0, 0, 1, {0, 0, 6}, 2);  // the other consumer
        bench.owner.post(copy_1, 0, 0, {0, 0, 4}, 3);  // the other copy, with an older pixel
        bench.owner.post(copy_0, 1, 0, {0, 0, 4}, 4);  // the other part
    });
    // Room for 6: known a delay later.
    bench.owner.at(2'000, [&] { full.raise(7); });
    bench.finish({"1000:2", "1100:3", "1200:4", "2030:1"});
    BOOST_TEST(full.calls() == 1U);
}

// Consumers that share a packet: it goes when the last of them is known to have room. Other parts and other
// consumers have packets of their own.
BOOST_AUTO_TEST_CASE(shared_packets) {
    QueueBench bench;
    OutputQueue& queue = bench.owner.queue;
    CreditLine first(5), second(5), third(5);
    const auto stream = queue.add_stream(16, 2, 3);
    queue.connect(stream, 0, &first, fs(0), false);
    queue.connect(stream, 1, &second, fs(0), false);
    queue.connect(stream, 2, &third, fs(30), false);
    queue.share(stream, 0, 0, 2);
    BOOST_TEST(queue.receivers(stream, 0, 0) == (std::vector<std::size_t>{0, 2}),
               boost::test_tools::per_element());
    BOOST_TEST(queue.receivers(stream, 0, 1) == (std::vector<std::size_t>{1}),
               boost::test_tools::per_element());
    BOOST_TEST(queue.receivers(stream, 0, 2).empty());
    BOOST_TEST(queue.receivers(stream, 1, 2) == (std::vector<std::size_t>{2}),
               boost::test_tools::per_element());
    bench.owner.at(1'000, [&] {
        bench.owner.post(stream, 0, 0, {0, 0, 6}, 1);  // no room at either
        bench.owner.post(stream, 0, 1, {0, 0, 4}, 2);
        bench.owner.post(stream, 1, 2, {0, 0, 4}, 3);
        bench.owner.post(stream, 0, 0, {1, 0, 7}, 4);  // behind the first
        queue.close(stream, 0);
        queue.close(stream, 0);
        queue.close(stream, 1);
        queue.close(stream, 1);
    });
    bench.owner.at(2'000, [&] { first.raise(8); });
    bench.owner.at(3'000, [&] { third.raise(7); });
    bench.owner.at(4'000, [&] { third.raise(8); });
    run_until(3'129);
    BOOST_TEST(!queue.has_place(stream, 16));
    run_until(3'130);
    BOOST_TEST(queue.has_place(stream, 16));
    BOOST_TEST(!queue.has_place(stream, 17));
    bench.finish({"1000:2", "1100:3", "3030:1", "4030:4"});
    // The first packet had to be called by both, the second by one.
    BOOST_TEST(first.calls() == 1U);
    BOOST_TEST(third.calls() == 2U);
    BOOST_TEST(second.calls() == 0U);
}

// For consumers on the tile: handed over at once where there is room and nothing older waits.
BOOST_AUTO_TEST_CASE(consumers_on_the_tile) {
    QueueBench bench;
    OutputQueue& queue = bench.owner.queue;
    CreditLine room(1);
    const auto stream = queue.add_stream(4, 1, 1);
    queue.connect(stream, 0, &room, fs(0), true);
    bench.owner.at(1'000, [&] {
        BOOST_TEST(queue.passes(stream, 0, 0, 0));
        BOOST_TEST(!queue.passes(stream, 0, 0, 1));
        bench.owner.post(stream, 0, 0, {0, 0, 1}, 1);
        BOOST_TEST(!queue.passes(stream, 0, 0, 0));  // behind the one that waits
        bench.owner.post(stream, 0, 0, {1, 0, 2}, 2);
        queue.close(stream, 0);
        queue.close(stream, 1);
    });
    run_until(1'500);
    BOOST_TEST(bench.owner.local.empty());
    bench.owner.at(2'000, [&] { room.raise(3); });
    run_until(2'000);
    BOOST_TEST(bench.owner.local == (std::vector<std::uint64_t>{1, 2}), boost::test_tools::per_element());
    BOOST_TEST(queue.has_place(stream, 5));
    BOOST_TEST(queue.passes(stream, 0, 0, 2));
    bench.finish({});
}

BOOST_AUTO_TEST_CASE(sums_of_the_oldest_image_first) {
    QueueBench bench;
    bench.owner.at(1'000, [&] {
        bench.owner.send_sums(2, 20);
        bench.owner.queue.pump();
        bench.owner.send_sums(1, 10);
        bench.owner.send_sums(0, 1);
    });
    bench.finish({"1000:20", "1100:1", "1200:10"});
}

BOOST_AUTO_TEST_SUITE_END()
