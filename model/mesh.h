// Mesh: the concentrated mesh of routers and links between the tiles and the host.
//
// Models: the routes and flits of timing/mesh_routes.h, and what is in the way there: a link carries
// one flit a clock and one packet at a time, first come first served (contention is waiting, and is counted);
// router and link latency a hop; injection and ejection links of every port. A packet with several receivers
// (PacketHeader::receivers) is injected once and takes every link on the way to any of them once; where ways
// part it forks, and its branches go on independently; every receiver has a delivery of its own, and the
// sender its response when all have answered. Switched off, packets have one receiver and arrive at once.
// Does not model: virtual channels, bit errors, finite router buffers: a packet moves on when the next link
// is free and is kept whole until then; flow control is end to end: a packet enters only when all its
// receivers have room for it (credit_line.h). So the mesh itself cannot lock up. Speaks: TLM-2.0 base
// protocol, approximately timed, one target and one initiator socket a port. Routes on bits 63..48 of
// addresses only; a third-party interconnect can take its place.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <queue>
#include <string>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "config/chip_config.h"
#include "model/calendar.h"
#include "model/packet_pool.h"
#include "model/server.h"
#include "model/timeline.h"
#include "timing/mesh_routes.h"

namespace sliver::model {

class Mesh : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Mesh);

    struct Counters {
        std::uint64_t packets = 0;    ///< that went in
        std::uint64_t delivered = 0;  ///< that came out, one a receiver
        std::uint64_t waits = 0;      ///< hops that found their link busy
        sc_core::sc_time waited;      ///< in all
        std::vector<std::uint64_t>
            flit_hops;  ///< by node the packet is charged to; once a router it forks in
    };

    /// Ports: tiles 0 .. tiles-1 (placed row by row on the grid), then the host at router 0. `pool`: for what
    /// the receivers of one packet get. `timeline`: null where nobody watches.
    Mesh(const sc_core::sc_module_name& name, const config::MeshConfig& config, std::size_t tiles,
         std::size_t nodes, PacketPool& pool, Timeline* timeline, Calendar* calendar = nullptr);
    ~Mesh() override;

    [[nodiscard]] tlm::tlm_target_socket<>& port_tsock(std::size_t port);
    [[nodiscard]] tlm::tlm_initiator_socket<>& port_isock(std::size_t port);
    [[nodiscard]] std::size_t host_port() const { return ports_.size() - 1; }
    [[nodiscard]] const Counters& counters() const { return counters_; }
    struct LinkUse {
        std::string name;
        const Server* link;
    };
    /// Of the links that carried something, the `most` that were busy for the longest, those first.
    [[nodiscard]] std::vector<LinkUse> busiest_links(std::size_t most) const;

  private:
    class Port;
    struct Link {
        Server server;
        Timeline::Lane lane = 0;
    };
    struct Hop {
        sc_core::sc_time time;
        std::uint64_t order = 0;
        tlm::tlm_generic_payload* packet = nullptr;
        std::size_t router = 0;
        enum class Event { injected, at_router, delivered } event = Event::injected;
        std::size_t port = 0;
        /// Of the packet's receivers, those behind this hop; none: it has one, at its address.
        std::size_t first = 0, end = 0;
        bool operator>(const Hop& other) const {
            return time != other.time ? time > other.time : order > other.order;
        }
    };
    void step();
    void schedule(Hop hop);
    void inject(Port& port, tlm::tlm_generic_payload& packet, const sc_core::sc_time& arrival);
    void forward(const Hop& hop);
    void go_on(const Hop& hop, std::size_t port, std::size_t first, std::size_t end);
    void deliver(const Hop& hop);
    /// A delivery has its response: the packet that its sender is to have one for, if that is due.
    tlm::tlm_generic_payload* answered(tlm::tlm_generic_payload& packet);
    [[nodiscard]] std::size_t flits(const tlm::tlm_generic_payload& packet) const;
    [[nodiscard]] std::size_t router_of(std::size_t port) const;
    [[nodiscard]] std::size_t port_of(std::uint64_t address) const;
    /// Where a packet for `port` goes out of `router`: a link to a router, or the port itself.
    [[nodiscard]] std::size_t way_on(std::size_t router, std::size_t port) const;
    sc_core::sc_time occupy(Link& link, const sc_core::sc_time& ready, tlm::tlm_generic_payload& packet,
                            std::size_t port);
    [[nodiscard]] std::string link_name(std::size_t place) const;
    void build_lanes();

    config::MeshConfig config_;
    timing::MeshRoutes routes_;
    sc_core::sc_time clock_, link_time_, router_time_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::vector<Link> links_;  ///< router * timing::kDirections + direction
    std::priority_queue<Hop, std::vector<Hop>, std::greater<>> agenda_;
    std::uint64_t order_ = 0;
    Alarm alarm_;
    /// Of packets with several receivers: who has not answered, and what was delivered and is not answered.
    std::unordered_map<const tlm::tlm_generic_payload*, std::size_t> unanswered_;
    struct Delivery {
        PacketRef copy;
        tlm::tlm_generic_payload* packet;
    };
    std::unordered_map<const tlm::tlm_generic_payload*, Delivery> deliveries_;
    PacketPool& pool_;
    Counters counters_;
    Timeline* timeline_;
};

}  // namespace sliver::model
