// Routes, flits and times of packets, and the flits of each link, against walks from tile to tile and numbers
// by hand.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "timing/link_loads.h"
#include "timing/mesh_routes.h"
#include "timing/multicast.h"

BOOST_AUTO_TEST_SUITE(timing_mesh_routes)

using namespace sliver;
using timing::Direction;
using timing::LinkLoads;
using timing::MeshRoutes;

namespace {

config::MeshConfig mesh_of(int columns, int rows, int side) {
    config::MeshConfig config;
    config.columns = columns;
    config.rows = rows;
    config.concentration = side * side;
    return config;
}

/// A router by its place in the grid.
struct Place {
    int x = 0, y = 0;
};

Place place_of(std::size_t port, int columns, int side) {
    if (port == MeshRoutes::kHost) return {};
    const int tile = static_cast<int>(port);
    return {tile % columns / side, tile / columns / side};
}

/// A link: of a router to one side, or of a port in or out.
using LinkName = std::tuple<char, int, int>;

/// Calls visit(link, router reached) along the row, then along the column.
template <typename Visitor>
void walk(Place at, const Place& to, Visitor&& visit) {
    while (at.x != to.x) {
        const bool east = at.x < to.x;
        const LinkName link{east ? 'e' : 'w', at.x, at.y};
        at.x += east ? 1 : -1;
        visit(link, at);
    }
    while (at.y != to.y) {
        const bool south = at.y < to.y;
        const LinkName link{south ? 's' : 'n', at.x, at.y};
        at.y += south ? 1 : -1;
        visit(link, at);
    }
}

char letter(Direction direction) {
    switch (direction) {
        case Direction::east:
            return 'e';
        case Direction::west:
            return 'w';
        case Direction::north:
            return 'n';
        default:
            return 's';
    }
}

}  // namespace

// Every pair of ports of grids that the routers divide and that they do not.
BOOST_AUTO_TEST_CASE(every_route) {
    for (const auto& [columns, rows, side] :
         {std::tuple{4, 3, 1}, {1, 6, 1}, {6, 1, 1}, {6, 4, 2}, {5, 5, 2}, {7, 4, 3}, {14, 12, 2}}) {
        const MeshRoutes routes(mesh_of(columns, rows, side));
        const int across = (columns + side - 1) / side, down = (rows + side - 1) / side;
        BOOST_TEST(routes.routers() == static_cast<std::size_t>(across * down));
        std::vector<std::size_t> ports(static_cast<std::size_t>(columns * rows));
        for (std::size_t i = 0; i < ports.size(); ++i) ports[i] = i;
        ports.push_back(MeshRoutes::kHost);
        int wrong = 0;
        for (const std::size_t from : ports)
            for (const std::size_t to : ports) {
                const Place a = place_of(from, columns, side), b = place_of(to, columns, side);
                const auto router = [&, width = across](const Place& place) {
                    return static_cast<std::size_t>(place.y * width + place.x);
                };
                std::size_t at = routes.router_of(from);
                if (at != router(a) || routes.router_of(to) != router(b)) ++wrong;
                std::uint64_t passed = 1;
                walk(a, b, [&](const LinkName& link, const Place& reached) {
                    const MeshRoutes::Hop hop = routes.next(at, router(b));
                    if (letter(hop.direction) != std::get<0>(link) || hop.router != router(reached)) ++wrong;
                    at = hop.router;
                    ++passed;
                });
                if (routes.routers_between(from, to) != passed) ++wrong;
            }
        BOOST_TEST(wrong == 0, columns << "x" << rows << " tiles, " << side << "x" << side << " a router");
    }
}

BOOST_AUTO_TEST_CASE(times_by_hand) {
    config::MeshConfig config = mesh_of(14, 12, 2);
    config.link_bits = 32;
    config.clock_hz = 1e9;
    config.router_cycles = 3;
    config.link_cycles = 1;
    const MeshRoutes routes(config);
    BOOST_TEST(routes.clock_fs() == 1'000'000U);
    BOOST_TEST(routes.router_fs() == 3'000'000U);
    BOOST_TEST(routes.link_fs() == 1'000'000U);
    BOOST_TEST(routes.flits(0) == 1U);
    BOOST_TEST(routes.flits(1) == 2U);
    BOOST_TEST(routes.flits(4) == 2U);
    BOOST_TEST(routes.flits(5) == 3U);
    BOOST_TEST(routes.flits(64) == 17U);
    // Tiles 0 and 33 (5,2): routers (0,0) and (2,1), three hops, four routers.
    BOOST_TEST(routes.routers_between(0, 33) == 4U);
    BOOST_TEST(routes.packet_fs(0, 33, 64) == (1U + 4 * (3 + 1) + 17) * 1'000'000);
    BOOST_TEST(routes.flit_hops(0, 33, 64) == 4U * 17);
    BOOST_TEST(routes.credit_fs(33, 0) == (1U + 4 * (3 + 1)) * 1'000'000);
    BOOST_TEST(routes.packet_fs(MeshRoutes::kHost, 0, 4) == (1U + 4 + 2) * 1'000'000);
    BOOST_TEST(routes.packet_fs(33, 32, 4) == (1U + 4 + 2) * 1'000'000);

    config.link_bits = 1;
    config.clock_hz = 3e8;
    config.router_cycles = 0;
    config.link_cycles = 7;
    const MeshRoutes slow(config);
    BOOST_TEST(slow.clock_fs() == 3'333'333U);
    BOOST_TEST(slow.flits(5) == 41U);
    BOOST_TEST(slow.packet_fs(0, 33, 5) == (7U + 4 * 7 + 41) * 3'333'333);

    config.kind = config::MeshKind::ideal;
    const MeshRoutes off(config);
    BOOST_TEST(off.packet_fs(0, 33, 64) == 0U);
    BOOST_TEST(off.credit_fs(0, 33) == 0U);
    BOOST_TEST(off.flit_hops(0, 33, 64) == 0U);
}

// Packets at random; the link that moves most, counted link by link.
BOOST_AUTO_TEST_CASE(busiest_link) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        const auto draw = [&](unsigned below) { return static_cast<std::size_t>(random() % below); };
        const int side = static_cast<int>(1 + draw(3)), columns = static_cast<int>(2 + draw(7));
        config::MeshConfig config = mesh_of(columns, 6, side);
        config.link_bits = seed % 2 == 0 ? 8 : 13;
        const MeshRoutes routes(config);
        LinkLoads loads(routes);
        BOOST_TEST(loads.busiest_fs() == 0U);
        std::map<LinkName, std::uint64_t> flits;
        std::uint64_t most = 0;
        const auto tiles = static_cast<unsigned>(columns * 6);
        for (int i = 0; i < 30; ++i) {
            const std::size_t from = draw(8) == 0 ? MeshRoutes::kHost : draw(tiles);
            const std::size_t to = draw(8) == 0 ? MeshRoutes::kHost : draw(tiles);
            const std::uint64_t bytes = 1 + draw(40), packets = draw(5);
            loads.add(from, to, bytes, packets);
            const auto link_bits = static_cast<std::uint64_t>(config.link_bits);
            const std::uint64_t moved = packets * (1 + (8 * bytes + link_bits - 1) / link_bits);
            const auto add = [&](const LinkName& link) { most = std::max(most, flits[link] += moved); };
            const auto number = [](std::size_t port) {
                return port == MeshRoutes::kHost ? -1 : static_cast<int>(port);
            };
            add({'i', number(from), 0});
            add({'o', number(to), 0});
            walk(place_of(from, columns, side), place_of(to, columns, side),
                 [&](const LinkName& link, const Place&) { add(link); });
            BOOST_TEST(loads.busiest_fs() == most * 1'000'000, "seed " << seed << ", packet " << i);
        }
    }
}

// Packets for several ports at random, some of them twice: every link on the way to any of them once.
BOOST_AUTO_TEST_CASE(trees) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        std::mt19937 random(seed);
        const auto draw = [&](unsigned below) { return static_cast<std::size_t>(random() % below); };
        const int side = static_cast<int>(1 + draw(3)), columns = static_cast<int>(2 + draw(7));
        config::MeshConfig config = mesh_of(columns, 6, side);
        config.link_bits = 8;
        const MeshRoutes routes(config);
        LinkLoads loads(routes);
        std::map<LinkName, std::uint64_t> flits;
        std::uint64_t most = 0;
        const auto tiles = static_cast<unsigned>(columns * 6);
        const auto port = [&] { return draw(12) == 0 ? MeshRoutes::kHost : draw(tiles); };
        const auto number = [](std::size_t place) {
            return place == MeshRoutes::kHost ? -1 : static_cast<int>(place);
        };
        for (int i = 0; i < 10; ++i) {
            const std::size_t from = port();
            std::vector<std::size_t> to(1 + draw(6));
            for (std::size_t& each : to) each = port();
            const std::uint64_t bytes = 1 + draw(40), packets = draw(5);
            std::set<LinkName> links = {{'i', number(from), 0}};
            std::set<std::pair<int, int>> passed;
            for (const std::size_t each : to) {
                const Place start = place_of(from, columns, side);
                passed.insert({start.x, start.y});
                links.insert({'o', number(each), 0});
                walk(start, place_of(each, columns, side), [&](const LinkName& link, const Place& reached) {
                    links.insert(link);
                    passed.insert({reached.x, reached.y});
                });
            }
            for (const LinkName& link : links) most = std::max(most, flits[link] += packets * (1 + bytes));
            const MeshRoutes::Tree tree = routes.tree(from, to);
            loads.add(tree, bytes, packets);
            BOOST_TEST(tree.routers() == passed.size(), "seed " << seed << ", packet " << i);
            BOOST_TEST(routes.flit_hops(tree, bytes) == passed.size() * (1 + bytes));
            BOOST_TEST(loads.busiest_fs() == most * 1'000'000, "seed " << seed << ", packet " << i);
        }
    }
    config::MeshConfig off = mesh_of(4, 4, 1);
    off.kind = config::MeshKind::ideal;
    const MeshRoutes none(off);
    BOOST_TEST(none.flit_hops(none.tree(0, {3, 15}), 64) == 0U);
}

// One switch for all: whatever the grid, a packet takes its port's link, the switch, and the link out.
BOOST_AUTO_TEST_CASE(central_switch) {
    config::MeshConfig settings = mesh_of(6, 6, 2);
    settings.kind = config::MeshKind::crossbar_switch;
    settings.router_cycles = 5;
    const MeshRoutes routes(settings);
    BOOST_TEST(routes.routers() == 1U);
    for (const std::size_t from : {std::size_t{0}, std::size_t{35}, MeshRoutes::kHost})
        for (const std::size_t to : {std::size_t{1}, std::size_t{34}, MeshRoutes::kHost}) {
            BOOST_TEST(routes.routers_between(from, to) == 1U);
            BOOST_TEST(routes.credit_fs(from, to) == (1U + 5 + 1) * 1'000'000);
            BOOST_TEST(routes.packet_fs(from, to, 64) == (1U + 5 + 1 + 17) * 1'000'000);
            BOOST_TEST(routes.flit_hops(from, to, 64) == 17U);
        }
    BOOST_TEST(routes.flit_hops(routes.tree(0, {3, 15, 35}), 64) == 17U);
    LinkLoads loads(routes);
    loads.add(0, 2, 4, 10);  // 2 flits each
    loads.add(1, 2, 4, 7);   // both leave by the same link
    BOOST_TEST(loads.busiest_fs() == 34U * 1'000'000);
    loads.add(routes.tree(0, {3, 15, 35}), 4, 8);  // the link into the switch carries them once
    BOOST_TEST(loads.busiest_fs() == 36U * 1'000'000);
}

// Those that want the same channels have a packet together.
BOOST_AUTO_TEST_CASE(who_shares_a_packet) {
    using First = std::vector<std::size_t>;
    const auto first = [](const std::vector<timing::Wanted>& wanted) {
        return timing::shared_packets(wanted);
    };
    BOOST_TEST(first({}).empty());
    BOOST_TEST(first({{0, 8}, {0, 4}, {0, 8}, {4, 8}, {0, 4}, {0, 8}}) == (First{0, 1, 0, 3, 1, 0}),
               boost::test_tools::per_element());
    // On the tile itself, or nothing of what leaves: no part of it.
    BOOST_TEST(
        first({{0, 8, true}, {0, 8}, {0, 8, true}, {0, 8}, {3, 3}, {3, 3}}) == (First{0, 1, 2, 1, 4, 5}),
        boost::test_tools::per_element());
}

// A link between routers is the busiest although no port is.
BOOST_AUTO_TEST_CASE(busiest_between_routers) {
    const MeshRoutes routes(mesh_of(4, 1, 1));
    LinkLoads loads(routes);
    loads.add(0, 2, 4, 10);  // 2 flits each
    loads.add(1, 3, 4, 7);   // both pass from 1 to 2
    BOOST_TEST(loads.busiest_fs() == 34U * 1'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
