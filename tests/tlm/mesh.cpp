// Interconnects alone: stations on their ports send and receive, times by hand from docs/time.md (Mesh), each
// looked at a femtosecond before and at it. No chip, and nothing of timing/mesh_routes.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "model/interconnect.h"
#include "packet_station.h"
#include "tb/checked_links.h"

BOOST_AUTO_TEST_SUITE(tlm_mesh)

namespace {

using namespace sliver;
using packet_station::Fs;
using packet_station::PacketStation;
using packet_station::Parcel;

/// Femtoseconds of a clock; hops are in clocks.
struct Speed {
    Fs clock = 1'000'000;
    Fs router = 3, link = 1;
    std::uint64_t bits = 32;

    /// One head flit, and the payload's bits.
    [[nodiscard]] Fs flits(std::size_t bytes) const { return 1 + (8 * bytes + bits - 1) / bits; }
    [[nodiscard]] Fs moving(std::size_t bytes) const { return flits(bytes) * clock; }
    /// From the port to the head's being in router `number` of its way, 1 being the first.
    [[nodiscard]] Fs head_at(Fs number) const { return (link + (number - 1) * (router + link)) * clock; }
    /// Nobody in the way. Injection link, every router and the link behind it, then the last flit.
    [[nodiscard]] Fs alone(Fs hops, std::size_t bytes) const {
        return (link + (hops + 1) * (router + link)) * clock + moving(bytes);
    }
};

config::MeshConfig grid(int columns, int rows, int concentration, const Speed& speed, double clock_hz) {
    config::MeshConfig config;
    config.columns = columns;
    config.rows = rows;
    config.concentration = concentration;
    config.link_bits = static_cast<int>(speed.bits);
    config.clock_hz = clock_hz;
    config.router_cycles = static_cast<int>(speed.router);
    config.link_cycles = static_cast<int>(speed.link);
    return config;
}

/// 5x5 tiles, a router each: tile 5 y + x.
config::MeshConfig single(const Speed& speed) {
    return grid(5, 5, 1, speed, 1e15 / static_cast<double>(speed.clock));
}

/// Gives interconnects, whose names are always the same, a name of their own before theirs.
struct Board : sc_core::sc_module {
    std::unique_ptr<model::Interconnect> made;
    Board(const sc_core::sc_module_name& name, const model::InterconnectSetup& setup)
        : sc_module(name), made(model::make_interconnect(setup)) {}
};

/// Interconnects side by side, each with a station on every port.
class MeshBench {
  public:
    static constexpr std::size_t kHost = 1000;

    std::size_t add(const config::MeshConfig& config, Fs ends_after = 0) {
        const std::string number = std::to_string(sites_.size());
        Site& site = sites_.emplace_back();
        site.tiles = static_cast<std::size_t>(config.columns * config.rows);
        site.config = config;
        site.board = std::make_unique<Board>(
            ("board_" + number).c_str(),
            model::InterconnectSetup{site.config, site.tiles, 1, payers_, pool_, nullptr});
        site.mesh = site.board->made.get();
        for (std::size_t port = 0; port <= site.tiles; ++port) {
            site.stations.push_back(std::make_unique<PacketStation>(
                ("station_" + number + "_" + std::to_string(port)).c_str(), pool_, parcels_, ends_after));
            links_.connect(site.stations.back()->isock, site.mesh->port_tsock(port), {});
            links_.connect(site.mesh->port_isock(port), site.stations.back()->tsock, {});
        }
        return sites_.size() - 1;
    }
    /// A packet, when it must come, and where `taken` is given when its sender must be free.
    void send(std::size_t mesh, std::size_t from, std::size_t to, std::size_t bytes, Fs sent, Fs arrives,
              Fs taken = 0) {
        send(mesh, from, {{to, arrives}}, bytes, sent, taken);
    }
    /// A packet for several ports; each may be named more than once. `answered`: when its sender must have
    /// its response.
    struct Receiver {
        std::size_t port = 0;
        Fs arrives = 0;
    };
    void send(std::size_t mesh, std::size_t from, const std::vector<Receiver>& to, std::size_t bytes, Fs sent,
              Fs taken = 0, Fs answered = 0) {
        Site& site = sites_[mesh];
        const std::size_t number = parcels_.size();
        Parcel& parcel = parcels_.emplace_back();
        parcel.from = from == kHost ? site.tiles : from;
        parcel.bytes = bytes;
        parcel.sent = sent;
        const std::string name = "mesh " + std::to_string(mesh) + ", port " + std::to_string(from) + ", " +
                                 std::to_string(bytes) + " bytes";
        for (const Receiver& receiver : to) {
            const std::size_t port = receiver.port == kHost ? model::kHostPort : receiver.port;
            parcel.to.push_back({port, parcel.to.size()});
            std::optional<Fs>& arrived = parcel.arrived[packet_station::address_of(number, parcel.to.back())];
            probes_.push_back(
                {receiver.arrives, &arrived, name + ", arrival at " + std::to_string(receiver.port)});
        }
        site.stations[parcel.from]->plan(number);
        if (taken != 0) probes_.push_back({taken, &parcel.taken, name + ", taken"});
        if (answered != 0) probes_.push_back({answered, &parcel.answered, name + ", answered"});
    }
    void run() {
        std::sort(probes_.begin(), probes_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        for (std::size_t i = 0; i < probes_.size();) {
            const Fs at = probes_[i].at;
            std::size_t end = i;
            while (end < probes_.size() && probes_[end].at == at) ++end;
            kernel_steps::run_until(at - 1);
            for (std::size_t j = i; j < end; ++j)
                BOOST_TEST(!probes_[j].time->has_value(),
                           probes_[j].what << " before " << at << " fs, at " << probes_[j].time->value_or(0));
            kernel_steps::run_until(at);
            for (; i < end; ++i)
                BOOST_TEST(probes_[i].time->has_value(), probes_[i].what << " not at " << at << " fs");
        }
        sc_core::sc_start();
        links_.finish();
        BOOST_TEST(links_.violations().empty());
        for (const Site& site : sites_)
            for (const auto& station : site.stations) {
                BOOST_TEST(station->faults() == 0);
                BOOST_TEST(station->idle());
            }
    }
    [[nodiscard]] const model::Interconnect& mesh(std::size_t number) const { return *sites_[number].mesh; }

  private:
    struct Site {
        std::size_t tiles = 0;
        config::MeshConfig config;
        std::unique_ptr<Board> board;
        model::Interconnect* mesh = nullptr;
        std::vector<std::unique_ptr<PacketStation>> stations;
    };
    struct Probe {
        Fs at = 0;
        const std::optional<Fs>* time = nullptr;
        std::string what;
    };

    model::PacketPool pool_;
    model::Payers payers_;
    std::deque<Parcel> parcels_;
    tb::CheckedLinks links_;
    std::deque<Site> sites_;
    std::vector<Probe> probes_;
};

constexpr std::size_t kHost = MeshBench::kHost;

struct Route {
    std::size_t from = 0, to = 0;
    Fs hops = 0;
};

/// One packet after the other, never two at once.
void send_all(MeshBench& bench, const config::MeshConfig& config, const Speed& speed,
              const std::vector<Route>& routes) {
    const std::size_t mesh = bench.add(config);
    Fs sent = 1'234'567;  // off the clock: a packet goes when it comes
    for (const Route& route : routes)
        for (const std::size_t bytes : {1, 4, 5, 64}) {
            const Fs arrives = sent + speed.alone(route.hops, bytes);
            bench.send(mesh, route.from, route.to, bytes, sent, arrives, sent + speed.moving(bytes));
            sent = arrives + 999'983;
        }
}

/// No hop, one and three to every side, round a corner, from and to the host at router 0.
const std::vector<Route> kSingleRoutes = {
    {0, kHost, 0}, {kHost, 0, 0}, {12, 13, 1}, {12, 11, 1}, {12, 7, 1},     {12, 17, 1},    {10, 13, 3},
    {13, 10, 3},   {1, 16, 3},    {16, 1, 3},  {0, 11, 3},  {11, 0, 3},     {20, 4, 8},     {4, 20, 8},
    {24, 0, 8},    {kHost, 3, 3}, {3, 4, 1},   {4, 5, 5},   {kHost, 24, 8}, {15, kHost, 3},
};

}  // namespace

BOOST_AUTO_TEST_CASE(one_packet) {
    MeshBench bench;
    for (const Speed& speed :
         {Speed{1'000'000, 3, 1, 32}, Speed{1'000'000, 3, 1, 1}, Speed{1'000'000, 3, 1, 13},
          Speed{1'000'000, 3, 1, 256}, Speed{1'000'000, 0, 1, 32}, Speed{1'000'000, 20, 1, 32},
          Speed{1'000'000, 3, 0, 32}, Speed{1'000'000, 3, 7, 32}, Speed{100'000'000, 3, 1, 32},
          Speed{10'000'000, 1, 2, 8}})
        send_all(bench, single(speed), speed, kSingleRoutes);
    // 300 MHz: a third of a femtosecond less than the clock.
    const Speed uneven{3'333'333, 3, 1, 32};
    send_all(bench, grid(5, 5, 1, uneven, 300e6), uneven, kSingleRoutes);
    bench.run();
}

// 4 and 9 tiles at a router, also where the grid does not divide by that.
BOOST_AUTO_TEST_CASE(tiles_share_routers) {
    MeshBench bench;
    const Speed speed;
    // 6x4 tiles, 3x2 routers.
    send_all(bench, grid(6, 4, 4, speed, 1e9), speed,
             {{0, 1, 0},
              {0, 7, 0},
              {7, kHost, 0},
              {0, 2, 1},
              {1, 8, 1},
              {0, 12, 1},
              {19, kHost, 1},
              {0, 5, 2},
              {23, kHost, 3},
              {23, 22, 0},
              {4, 18, 3},
              {14, 9, 1}});
    // 5x5 tiles, 3x3 routers: the last column and row have a router of their own.
    send_all(bench, grid(5, 5, 4, speed, 1e9), speed,
             {{0, 5, 0}, {0, 4, 2}, {4, 9, 0}, {10, kHost, 1}, {20, kHost, 2}, {24, 0, 4}, {8, 14, 2}});
    // 5x5 tiles, 2x2 routers.
    send_all(bench, grid(5, 5, 9, speed, 1e9), speed,
             {{0, 12, 0}, {0, 3, 1}, {3, 14, 0}, {15, kHost, 1}, {24, 0, 2}, {18, 13, 1}});
    bench.run();
}

// The sender is free when the injection link has moved its last flit; the next packet follows at once.
BOOST_AUTO_TEST_CASE(injection_link) {
    MeshBench bench;
    const Speed speed;
    const std::size_t mesh = bench.add(single(speed));
    const Fs first = speed.moving(32), second = speed.moving(4);  // 9 and 2 clocks
    bench.send(mesh, 12, 14, 32, 1'000'000, 1'000'000 + speed.alone(2, 32), 1'000'000 + first);
    // Wanted three clocks later; the link is free after nine.
    bench.send(mesh, 12, 2, 4, 4'000'000, 1'000'000 + first + speed.alone(2, 4), 1'000'000 + first + second);
    bench.run();
    BOOST_TEST(bench.mesh(mesh).counters().packets == 2U);
    BOOST_TEST(bench.mesh(mesh).counters().waits == 0U);
    // Flits times routers.
    BOOST_TEST(bench.mesh(mesh).counters().flit_hops[0] == 3U * (9 + 2));
}

// Two packets want the link from one router to the next: the later one waits for as long as the other moves.
BOOST_AUTO_TEST_CASE(shared_link) {
    const Speed speed;
    MeshBench bench;
    // Row 2: tile 10 sends to 14, tile 11 to 13; both need the link from router 11 to router 12.
    // At router 11 tile 10's head is two links and a router after it was sent, tile 11's a link.
    const Fs apart = speed.head_at(2) - speed.head_at(1);
    const Fs start = 50'000'000;
    // The one from tile 11 is there 2 clocks before the other.
    const std::size_t other_first = bench.add(single(speed));
    bench.send(other_first, 11, 13, 64, start + apart - 2'000'000,
               start + apart - 2'000'000 + speed.alone(2, 64));
    const Fs waits = speed.moving(64) - 2'000'000;
    bench.send(other_first, 10, 14, 4, start, start + speed.alone(4, 4) + waits);
    // A femtosecond after the other: it waits for all of it but that.
    const std::size_t just_after = bench.add(single(speed));
    bench.send(just_after, 10, 14, 16, start, start + speed.alone(4, 16));
    bench.send(just_after, 11, 13, 4, start + apart + 1,
               start + apart + 1 + speed.alone(2, 4) + speed.moving(16) - 1);
    // When the other's last flit has just gone: nobody waits.
    const std::size_t just_free = bench.add(single(speed));
    bench.send(just_free, 10, 14, 16, start, start + speed.alone(4, 16));
    const Fs late = start + apart + speed.moving(16);
    bench.send(just_free, 11, 13, 4, late, late + speed.alone(2, 4));
    bench.run();
    BOOST_TEST(bench.mesh(other_first).counters().waits == 1U);
    BOOST_TEST(bench.mesh(other_first).counters().waited.value() == waits);
    BOOST_TEST(bench.mesh(just_after).counters().waits == 1U);
    BOOST_TEST(bench.mesh(just_after).counters().waited.value() == speed.moving(16) - 1);
    BOOST_TEST(bench.mesh(just_free).counters().waits == 0U);
}

// Two packets for one tile, from its west and its north: the ejection link takes them one after the other.
BOOST_AUTO_TEST_CASE(ejection_link) {
    const Speed speed;
    MeshBench bench;
    const std::size_t mesh = bench.add(single(speed));
    bench.send(mesh, 11, 12, 64, 1'000'000, 1'000'000 + speed.alone(1, 64));
    bench.send(mesh, 7, 12, 8, 3'000'000, 1'000'000 + speed.alone(1, 64) + speed.moving(8));
    bench.run();
    BOOST_TEST(bench.mesh(mesh).counters().waited.value() == speed.moving(64) - 2'000'000);
}

// Along the row first: flows that would meet if it were the column, and the other way round.
BOOST_AUTO_TEST_CASE(rows_before_columns) {
    const Speed speed;
    MeshBench bench;
    const std::size_t apart = bench.add(single(speed));
    // (0,0) to (2,1) goes east in row 0, (0,1) to (3,1) in row 1.
    bench.send(apart, 0, 7, 200, 1'000'000, 1'000'000 + speed.alone(3, 200));
    bench.send(apart, 5, 8, 200, 1'000'000, 1'000'000 + speed.alone(3, 200));
    // The same upwards and westwards: (4,4) to (2,3) and (4,3) to (1,3).
    bench.send(apart, 24, 17, 200, 1'000'000, 1'000'000 + speed.alone(3, 200));
    bench.send(apart, 19, 16, 200, 1'000'000, 1'000'000 + speed.alone(3, 200));
    // (0,0) to (2,1) and (1,0) to (2,0) share the link east of (1,0). The second is there first, by a router
    // and a link.
    const std::size_t meet = bench.add(single(speed));
    const Fs sooner = speed.head_at(2) - speed.head_at(1);
    bench.send(meet, 0, 7, 200, 1'000'000, 1'000'000 + speed.alone(3, 200) + speed.moving(200) - sooner);
    bench.send(meet, 1, 2, 200, 1'000'000, 1'000'000 + speed.alone(1, 200));
    bench.run();
    BOOST_TEST(bench.mesh(apart).counters().waits == 0U);
    BOOST_TEST(bench.mesh(meet).counters().waits == 1U);
}

// What a link was busy with: a clock a flit.
BOOST_AUTO_TEST_CASE(busy_links) {
    const Speed speed;
    MeshBench bench;
    const std::size_t mesh = bench.add(single(speed));
    const auto at = [&](Fs number) { return number * 1'000'000'000; };
    bench.send(mesh, 11, 12, 64, at(1), at(1) + speed.alone(1, 64));                           // 17 flits
    bench.send(mesh, 11, 13, 64, at(2), at(2) + speed.alone(2, 64));                           // 17
    bench.send(mesh, kHost, 13, 128, at(3), at(3) + speed.alone(5, 128));                      // 33, by (3,0)
    for (Fs i = 4; i < 9; ++i) bench.send(mesh, 24, 19, 4, at(i), at(i) + speed.alone(1, 4));  // 5 times 2
    bench.run();
    const auto links = bench.mesh(mesh).busiest_links(100);
    const auto busy = [&](const std::string& name) -> Fs {
        for (const auto& link : links)
            if (link.name == name) return link.busy.value();
        return 0;
    };
    BOOST_TEST(links.front().name == "router 13 to tile 13");
    BOOST_TEST(busy("router 13 to tile 13") == 50 * speed.clock);
    BOOST_TEST(busy("tile 11 to router 11") == 34 * speed.clock);
    BOOST_TEST(busy("router 11 east") == 34 * speed.clock);
    BOOST_TEST(busy("router 12 east") == 17 * speed.clock);
    BOOST_TEST(busy("host to router 0") == 33 * speed.clock);
    BOOST_TEST(busy("router 3 south") == 33 * speed.clock);
    BOOST_TEST(busy("router 24 north") == 10 * speed.clock);
    BOOST_TEST(busy("router 12 to tile 12") == 17 * speed.clock);
    BOOST_TEST(bench.mesh(mesh).busiest_links(1).size() == 1U);
}

// A receiver that is slow to end a request gets the next one when it has, on a mesh and where
// packets take no time.
BOOST_AUTO_TEST_CASE(slow_receiver) {
    const Speed speed;
    constexpr Fs kEndsAfter = 70'000'000;
    MeshBench bench;
    const std::size_t on = bench.add(single(speed), kEndsAfter);
    const Fs first = 1'000'000 + speed.alone(1, 4);
    bench.send(on, 11, 12, 4, 1'000'000, first);
    bench.send(on, 13, 12, 4, 5'000'000, first + kEndsAfter);
    config::MeshConfig config = single(speed);
    config.kind = config::MeshKind::ideal;
    const std::size_t off = bench.add(config, kEndsAfter);
    bench.send(off, 0, 24, 64, 1'000'000, 1'000'000, 1'000'000);
    bench.send(off, 1, 24, 64, 3'000'000, 1'000'000 + kEndsAfter);
    bench.send(off, 1, 23, 64, 3'000'001, 3'000'001);  // its sender was free at once
    bench.run();
}

// One packet for three tiles forks at router 12: out to tile 12, on to the east, and to the south. Every
// receiver has it when it would have a packet of its own.
//
//     10 -- 11 -- 12 -- 13 -- 14
//                 17
//                 22
BOOST_AUTO_TEST_CASE(three_receivers) {
    const Speed speed;
    MeshBench bench;
    const std::size_t mesh = bench.add(single(speed));
    const Fs start = 1'234'567, last = start + speed.alone(4, 64);
    bench.send(mesh, 10, {{22, last}, {12, start + speed.alone(2, 64)}, {14, last}}, 64, start,
               start + speed.moving(64), last);
    bench.run();
    const auto& counters = bench.mesh(mesh).counters();
    BOOST_TEST(counters.packets == 1U);
    BOOST_TEST(counters.delivered == 3U);
    BOOST_TEST(counters.waits == 0U);
    // 17 flits in the routers 10, 11, 12, 13, 14, 17 and 22; three packets would pass 3 + 5 + 5.
    BOOST_TEST(counters.flit_hops[0] == 7U * 17);
    // Injection, five links between routers, three ejections: each once.
    const auto links = bench.mesh(mesh).busiest_links(100);
    BOOST_TEST(links.size() == 1U + 6 + 3);
    for (const auto& link : links) BOOST_TEST(link.busy.value() == speed.moving(64), link.name);
}

// Forks in the first router, from the host and to it, and with several tiles at a router.
BOOST_AUTO_TEST_CASE(forks_at_the_ends) {
    const Speed speed;
    MeshBench bench;
    const std::size_t ones = bench.add(single(speed));
    const Fs start = 1'000'000, later = 1'000'000'000;
    const auto at = [&](Fs sent, Fs hops, std::size_t bytes) { return sent + speed.alone(hops, bytes); };
    // From the middle to all four sides, back to its own tile, and to the host.
    bench.send(ones, 12,
               {{2, at(start, 2, 5)},
                {10, at(start, 2, 5)},
                {12, at(start, 0, 5)},
                {13, at(start, 1, 5)},
                {22, at(start, 2, 5)},
                {kHost, at(start, 4, 5)}},
               5, start, start + speed.moving(5));
    bench.send(ones, kHost, {{0, at(later, 0, 1)}, {24, at(later, 8, 1)}, {4, at(later, 4, 1)}}, 1, later);
    const std::size_t fours = bench.add(grid(6, 4, 4, speed, 1e9));
    bench.send(fours, 0, {{1, at(start, 0, 64)}, {7, at(start, 0, 64)}, {2, at(start, 1, 64)}}, 64, start);
    bench.run();
    // 3 flits: 12; 7 and 2; 11, 10, 5 and 0 (the host's way west shares 11 and 10); 13; 17 and 22. 2 flits:
    // row 0, then down column 4.
    BOOST_TEST(bench.mesh(ones).counters().flit_hops[0] == 3U * (1 + 2 + 4 + 1 + 2) + 2U * (5 + 4));
    BOOST_TEST(bench.mesh(fours).counters().flit_hops[0] == 17U * 2);
    BOOST_TEST(bench.mesh(ones).counters().delivered == 9U);
}

// A branch that finds its link busy waits; the others do not.
BOOST_AUTO_TEST_CASE(branches_wait_alone) {
    const Speed speed;
    MeshBench bench;
    const std::size_t mesh = bench.add(single(speed));
    const Fs start = 50'000'000, apart = speed.head_at(2) - speed.head_at(1);
    // Tile 12 sends 33 flits east by the link that the branch to tile 14 needs, 2 clocks before its head is
    // in router 12.
    const Fs other = start + apart - 2'000'000, waits = speed.moving(128) - 2'000'000;
    bench.send(mesh, 12, 13, 128, other, other + speed.alone(1, 128));
    bench.send(mesh, 11,
               {{12, start + speed.alone(1, 16)},
                {14, start + speed.alone(3, 16) + waits},
                {22, start + speed.alone(3, 16)}},
               16, start, start + speed.moving(16), start + speed.alone(3, 16) + waits);
    bench.run();
    BOOST_TEST(bench.mesh(mesh).counters().waits == 1U);
    BOOST_TEST(bench.mesh(mesh).counters().waited.value() == waits);
}

// Who comes after a branch waits for its flits, on every link once.
BOOST_AUTO_TEST_CASE(branches_are_waited_for) {
    const Speed speed;
    MeshBench bench;
    const std::size_t mesh = bench.add(single(speed));
    const Fs start = 50'000'000, apart = speed.head_at(2) - speed.head_at(1);
    bench.send(mesh, 11, {{13, start + speed.alone(2, 64)}, {14, start + speed.alone(3, 64)}}, 64, start);
    // The link east of router 12 takes the packet for both tiles once.
    bench.send(mesh, 12, 13, 4, start + apart + 1, start + apart + speed.alone(1, 4) + speed.moving(64));
    bench.run();
    BOOST_TEST(bench.mesh(mesh).counters().waited.value() == speed.moving(64) - 1);
}

// Two receivers at a port: the flits come out once, each has a delivery of its own. The sender has its
// response when the last has ended its request.
BOOST_AUTO_TEST_CASE(receivers_at_one_port) {
    const Speed speed;
    constexpr Fs kEndsAfter = 70'000'000;
    MeshBench bench;
    const std::size_t fast = bench.add(single(speed)), slow = bench.add(single(speed), kEndsAfter);
    const Fs start = 1'000'000, near = start + speed.alone(1, 16), far = start + speed.alone(2, 16);
    bench.send(fast, 11, {{12, near}, {12, near}, {13, far}}, 16, start, start + speed.moving(16), far);
    bench.send(slow, 11, {{12, near}, {12, near + kEndsAfter}, {13, far}}, 16, start,
               start + speed.moving(16), near + 2 * kEndsAfter);
    bench.run();
    BOOST_TEST(bench.mesh(fast).counters().flit_hops[0] == 5U * 3);
    BOOST_TEST(bench.mesh(fast).counters().delivered == 3U);
    for (const auto& link : bench.mesh(fast).busiest_links(100))
        BOOST_TEST(link.busy.value() == speed.moving(16), link.name);
}

// ---- one central switch

namespace {

config::MeshConfig central(const Speed& speed) {
    config::MeshConfig config = single(speed);
    config.kind = config::MeshKind::crossbar_switch;
    return config;
}

}  // namespace

// Every port is one stage away from every other.
BOOST_AUTO_TEST_CASE(one_packet_through_the_switch) {
    MeshBench bench;
    const std::vector<Route> routes = {{0, 24, 0}, {24, 0, 0}, {12, 12, 0}, {7, kHost, 0}, {kHost, 19, 0}};
    for (const Speed& speed : {Speed{1'000'000, 3, 1, 32}, Speed{1'000'000, 0, 0, 13},
                               Speed{1'000'000, 20, 7, 256}, Speed{10'000'000, 1, 2, 8}})
        send_all(bench, central(speed), speed, routes);
    bench.run();
}

// Packets wait for the link of their own port and for no other: flows that share neither do not meet.
BOOST_AUTO_TEST_CASE(links_of_the_switch) {
    const Speed speed;
    MeshBench bench;
    const std::size_t apart = bench.add(central(speed));
    for (const auto& [from, to] : {std::pair{0, 7}, {5, 8}, {1, 2}, {2, 1}, {24, 0}})
        bench.send(apart, static_cast<std::size_t>(from), static_cast<std::size_t>(to), 200, 1'000'000,
                   1'000'000 + speed.alone(0, 200));
    // Into the same port: the later one waits for what the other's flits still need.
    const std::size_t meet = bench.add(central(speed));
    bench.send(meet, 11, 12, 64, 1'000'000, 1'000'000 + speed.alone(0, 64));
    bench.send(meet, 7, 12, 8, 3'000'000, 1'000'000 + speed.alone(0, 64) + speed.moving(8));
    // Out of the same port: one after the other.
    const std::size_t follow = bench.add(central(speed));
    const Fs first = speed.moving(32);
    bench.send(follow, 12, 14, 32, 1'000'000, 1'000'000 + speed.alone(0, 32), 1'000'000 + first);
    bench.send(follow, 12, 2, 4, 4'000'000, 1'000'000 + first + speed.alone(0, 4));
    bench.run();
    BOOST_TEST(bench.mesh(apart).counters().waits == 0U);
    BOOST_TEST(bench.mesh(apart).counters().flit_hops[0] == 5U * 51);
    BOOST_TEST(bench.mesh(meet).counters().waits == 1U);
    BOOST_TEST(bench.mesh(meet).counters().waited.value() == speed.moving(64) - 2'000'000);
    BOOST_TEST(bench.mesh(meet).busiest_links(1).front().name == "switch to tile 12");
    BOOST_TEST(bench.mesh(meet).credit_delay(24, 25).value() == (1 + 3 + 1) * speed.clock);
    BOOST_TEST(bench.mesh(meet).at_rest());
}

// One packet for several ports goes in once and comes out at each.
BOOST_AUTO_TEST_CASE(forks_in_the_switch) {
    const Speed speed;
    MeshBench bench;
    config::MeshConfig config = central(speed);
    config.multicast = config::Multicast::tree;
    const std::size_t mesh = bench.add(config);
    const Fs start = 1'234'567, there = start + speed.alone(0, 64);
    bench.send(mesh, 10, {{22, there}, {12, there}, {kHost, there}}, 64, start, start + speed.moving(64),
               there);
    bench.run();
    BOOST_TEST(bench.mesh(mesh).forks());
    BOOST_TEST(bench.mesh(mesh).counters().flit_hops[0] == 17U);
    BOOST_TEST(bench.mesh(mesh).busiest_links(100).size() == 4U);
}

BOOST_AUTO_TEST_SUITE_END()
