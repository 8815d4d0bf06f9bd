// RoutedInterconnect: packets on their way through routers and links: what the mesh and the central switch
// have in common.
//
// Models: a packet is one head flit and its payload (timing/mesh_routes.h). It takes the injection link of
// its port, then in each router `router_cycles` and the link on, last the ejection link of the port it is
// for; it is there with its last flit. Every link carries one flit a clock and one packet at a time, first
// come first served (link.h). The sender may send its next packet when the injection link has moved the last
// flit. A packet with several receivers (Receivers) is injected once and takes every link on the way to any
// of them once; where ways part it forks (router.h), and its branches go on independently; every receiver has
// a delivery of its own, and the sender its response when all have answered: an error of one is that of the
// packet. Counts what went in and came out, waiting, flits in routers. Who waits for a packet (b_transport)
// gets the time of an empty interconnect and occupies no link. Does not model: virtual channels, bit errors,
// finite buffers. Speaks: base protocol, a port each for tiles and host (interconnect_port.h); routes on bits
// 63..48 of addresses. Made by mesh.h and crossbar_switch.h.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "model/interconnect.h"
#include "model/interconnect_port.h"
#include "model/link.h"
#include "model/router.h"
#include "timing/mesh_routes.h"

namespace sliver::model {

class RoutedInterconnect : public sc_core::sc_module, public Interconnect, private InterconnectPort::Owner {
  public:
    SC_HAS_PROCESS(RoutedInterconnect);
    ~RoutedInterconnect() override;

    [[nodiscard]] tlm::tlm_target_socket<>& port_tsock(std::size_t port) override;
    [[nodiscard]] tlm::tlm_initiator_socket<>& port_isock(std::size_t port) override;
    [[nodiscard]] const Counters& counters() const override { return counters_; }
    [[nodiscard]] std::vector<LinkUse> busiest_links(std::size_t most) const override;
    [[nodiscard]] sc_core::sc_time credit_delay(std::size_t from, std::size_t to) const override;
    [[nodiscard]] bool forks() const override { return setup_.config.forms_trees(); }
    [[nodiscard]] bool at_rest() const override;
    void reset() override;

  protected:
    /// `process`: its name in a timeline. `router_name`: of a router's number.
    RoutedInterconnect(const sc_core::sc_module_name& name, const InterconnectSetup& setup,
                       const std::string& process, std::function<std::string(std::size_t)> router_name);

  private:
    /// A port and its two links.
    struct Site {
        Site(InterconnectPort::Owner& owner, Agenda& agenda, std::size_t number, const Link::Common& links)
            : port(owner, agenda, number), injection(links), ejection(links) {}
        InterconnectPort port;
        Link injection, ejection;
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
    /// A packet between its coming in and its response.
    struct Transit {
        PacketRef packet;
        std::size_t source = 0;      ///< port
        std::size_t unanswered = 1;  ///< receivers
    };
    InterconnectPort* port_at(std::uint64_t address) override;
    tlm::tlm_sync_enum take(InterconnectPort& port, tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay) override;
    void answered(tlm::tlm_generic_payload& packet) override;
    sc_core::sc_time alone(const InterconnectPort& from, const InterconnectPort& to,
                           const tlm::tlm_generic_payload& packet) override;

    void step();
    void schedule(Hop hop);
    void forward(const Hop& hop);
    void go_on(const Hop& hop, std::size_t port, std::size_t first, std::size_t end);
    void deliver(const Hop& hop);
    void come_out(InterconnectPort& port, PacketRef packet);
    [[nodiscard]] Link::Load load_of(const tlm::tlm_generic_payload& packet, std::size_t port) const;
    [[nodiscard]] std::size_t router_of(std::size_t port) const;
    /// As timing/mesh_routes.h numbers ports.
    [[nodiscard]] std::size_t route_port(std::size_t port) const;
    template <typename Self, typename Visit>
    static void for_each_link(Self& self, const Visit& visit);
    void build_lanes(const std::string& process);

    InterconnectSetup setup_;
    timing::MeshRoutes routes_;
    std::function<std::string(std::size_t)> router_name_;
    Counters counters_;
    Link::Common links_;
    Agenda delays_;  ///< of the ports: what is annotated
    std::vector<std::unique_ptr<Site>> sites_;
    std::deque<Router> routers_;
    std::priority_queue<Hop, std::vector<Hop>, std::greater<>> agenda_;
    std::uint64_t order_ = 0;
    Alarm alarm_;
    std::unordered_map<const tlm::tlm_generic_payload*, Transit> transits_;
    /// Of packets with several receivers: what was delivered and is not answered, and what it is a copy of.
    struct Delivery {
        PacketRef copy;
        tlm::tlm_generic_payload* packet;
    };
    std::unordered_map<const tlm::tlm_generic_payload*, Delivery> deliveries_;
};

}  // namespace sliver::model
