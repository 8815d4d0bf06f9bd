#include "model/routed_interconnect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/kernel_time.h"
#include "model/log.h"

namespace sliver::model {

RoutedInterconnect::RoutedInterconnect(const sc_core::sc_module_name& name, const InterconnectSetup& setup,
                                       const std::string& process,
                                       std::function<std::string(std::size_t)> router_name)
    : sc_module(name),
      setup_(setup),
      routes_(setup.config),
      router_name_(std::move(router_name)),
      links_{from_femtoseconds(routes_.clock_fs()), from_femtoseconds(routes_.link_fs()), counters_,
             setup.timeline},
      delays_(setup.calendar),
      alarm_(setup.calendar) {
    for (std::size_t port = 0; port <= setup.tiles; ++port)
        sites_.push_back(
            std::make_unique<Site>(static_cast<InterconnectPort::Owner&>(*this), delays_, port, links_));
    for (std::size_t router = 0; router < routes_.routers(); ++router)
        routers_.emplace_back(router, routes_, links_);
    counters_.flit_hops.assign(setup.nodes, 0);
    if (setup.timeline != nullptr) build_lanes(process);
    SC_METHOD(step);
    sensitive << alarm_.event() << delays_.event();
    dont_initialize();
}

RoutedInterconnect::~RoutedInterconnect() = default;

/// All links in a row: from each port to its router, between routers, to each port.
template <typename Self, typename Visit>
void RoutedInterconnect::for_each_link(Self& self, const Visit& visit) {
    constexpr std::array<const char*, timing::kDirections> kNames = {"east", "west", "north", "south"};
    const auto port_name = [&](std::size_t port) {
        return port == self.setup_.tiles ? std::string("host") : "tile " + std::to_string(port);
    };
    for (std::size_t port = 0; port < self.sites_.size(); ++port)
        visit(self.sites_[port]->injection,
              [&] { return port_name(port) + " to " + self.router_name_(self.router_of(port)); });
    for (std::size_t router = 0; self.routers_.size() > 1 && router < self.routers_.size(); ++router)
        for (std::size_t direction = 0; direction < timing::kDirections; ++direction)
            visit(self.routers_[router].links()[direction],
                  [&] { return self.router_name_(router) + " " + kNames[direction]; });
    for (std::size_t port = 0; port < self.sites_.size(); ++port)
        visit(self.sites_[port]->ejection,
              [&] { return self.router_name_(self.router_of(port)) + " to " + port_name(port); });
}

/// A lane a link.
void RoutedInterconnect::build_lanes(const std::string& process) {
    const std::uint32_t number = setup_.timeline->add_process(process, 1 + sites_.size());
    for_each_link(
        *this, [&](Link& link, const auto& name) { link.watch(setup_.timeline->add_lane(number, name())); });
}

std::vector<Interconnect::LinkUse> RoutedInterconnect::busiest_links(std::size_t most) const {
    struct Used {
        const Link* link;
        std::size_t place;  // among all links
    };
    std::vector<Used> used;
    std::size_t place = 0;
    for_each_link(*this, [&](const Link& link, const auto&) {
        if (link.server().busy() != sc_core::SC_ZERO_TIME) used.push_back({&link, place});
        ++place;
    });
    // Of links that are equally busy the first.
    std::stable_sort(used.begin(), used.end(), [](const Used& a, const Used& b) {
        return a.link->server().busy() > b.link->server().busy();
    });
    used.resize(std::min(used.size(), most));
    std::vector<std::string> names;
    for_each_link(*this, [&](const Link&, const auto& name) { names.push_back(name()); });
    std::vector<LinkUse> busiest;
    for (const Used& each : used) {
        const Server& server = each.link->server();
        busiest.push_back({names[each.place], server.busy(), server.idle(sc_core::sc_time_stamp())});
    }
    return busiest;
}

tlm::tlm_target_socket<>& RoutedInterconnect::port_tsock(std::size_t port) {
    return sites_.at(port)->port.tsock;
}
tlm::tlm_initiator_socket<>& RoutedInterconnect::port_isock(std::size_t port) {
    return sites_.at(port)->port.isock;
}

std::size_t RoutedInterconnect::route_port(std::size_t port) const {
    return port == setup_.tiles ? timing::MeshRoutes::kHost : port;
}

std::size_t RoutedInterconnect::router_of(std::size_t port) const {
    return routes_.router_of(route_port(port));
}

sc_core::sc_time RoutedInterconnect::credit_delay(std::size_t from, std::size_t to) const {
    return from_femtoseconds(routes_.credit_fs(route_port(from), route_port(to)));
}

bool RoutedInterconnect::at_rest() const {
    return transits_.empty() && agenda_.empty() &&
           std::all_of(sites_.begin(), sites_.end(), [](const auto& site) { return site->port.at_rest(); });
}

void RoutedInterconnect::reset() {
    agenda_ = {};
    order_ = 0;
    delays_.reset();
    for (const auto& site : sites_) site->port.reset();
    for_each_link(*this, [](Link& link, const auto&) { link.reset(); });
    deliveries_.clear();
    transits_.clear();
    counters_.reset();
}

InterconnectPort* RoutedInterconnect::port_at(std::uint64_t address) {
    const std::size_t port = setup_.port_of(address);
    return port < sites_.size() ? &sites_[port]->port : nullptr;
}

Link::Load RoutedInterconnect::load_of(const tlm::tlm_generic_payload& packet, std::size_t port) const {
    return {routes_.flits(packet.get_data_length()), port, setup_.payers.of(packet.get_address())};
}

sc_core::sc_time RoutedInterconnect::alone(const InterconnectPort& from, const InterconnectPort& to,
                                           const tlm::tlm_generic_payload& packet) {
    const std::size_t source = route_port(from.number()), target = route_port(to.number());
    ++counters_.packets;
    ++counters_.delivered;
    const std::uint64_t bytes = packet.get_data_length();
    counters_.flit_hops[setup_.payers.of(packet.get_address())] += routes_.flit_hops(source, target, bytes);
    return from_femtoseconds(routes_.packet_fs(source, target, bytes));
}

void RoutedInterconnect::schedule(Hop hop) {
    if (has_wrapped(hop.time, sc_core::sc_time_stamp())) end_of_kernel_time();
    hop.order = order_++;
    if (agenda_.empty() || hop.time < agenda_.top().time) alarm_.ring(hop.time);
    agenda_.push(hop);
}

void RoutedInterconnect::step() {
    delays_.run_due();
    while (!agenda_.empty() && agenda_.top().time <= sc_core::sc_time_stamp()) {
        const Hop hop = agenda_.top();
        agenda_.pop();
        switch (hop.event) {
            case Hop::Event::injected:
                sites_[hop.port]->port.accept(*hop.packet);
                break;
            case Hop::Event::at_router:
                forward(hop);
                break;
            case Hop::Event::delivered:
                deliver(hop);
                break;
        }
    }
    if (!agenda_.empty()) alarm_.ring(agenda_.top().time);
}

/// Onto the injection link, from the moment that is annotated.
tlm::tlm_sync_enum RoutedInterconnect::take(InterconnectPort& port, tlm::tlm_generic_payload& packet,
                                            tlm::tlm_phase&, sc_core::sc_time& delay) {
    ++counters_.packets;
    const std::vector<std::uint64_t>* const addresses = receivers_of(packet);
    const std::size_t receivers = addresses == nullptr ? 0 : addresses->size();
    transits_.emplace(&packet,
                      Transit{PacketRef(packet), port.number(), std::max<std::size_t>(1, receivers)});
    log(LogModule::mesh, LogLevel::debug, [&] {
        return fmt::format("port {} sends {} bytes to port {}{}", port.number(), packet.get_data_length(),
                           setup_.port_of(packet.get_address()),
                           receivers > 1 ? fmt::format(" and {} more", receivers - 1) : "");
    });
    Link& injection = sites_[port.number()]->injection;
    const sc_core::sc_time start = injection.carry(later(sc_core::sc_time_stamp(), delay),
                                                   load_of(packet, setup_.port_of(packet.get_address())));
    schedule({start + injection.latency(), 0, &packet, router_of(port.number()), Hop::Event::at_router, 0, 0,
              receivers});
    schedule({injection.server().free_at(), 0, &packet, 0, Hop::Event::injected, port.number()});
    return tlm::TLM_ACCEPTED;
}

/// The head of a packet is in `hop.router`: on to the next router, or out to its port; where the ways to its
/// receivers part, on all of them.
void RoutedInterconnect::forward(const Hop& hop) {
    const std::uint64_t address = hop.packet->get_address();
    counters_.flit_hops[setup_.payers.of(address)] += routes_.flits(hop.packet->get_data_length());
    if (hop.first == hop.end) {
        go_on(hop, setup_.port_of(address), 0, 0);
        return;
    }
    routers_[hop.router].fork(
        *receivers_of(*hop.packet), hop.first, hop.end,
        [this](std::uint64_t receiver) { return setup_.port_of(receiver); },
        [this](std::size_t port) { return router_of(port); },
        [&](std::size_t port, std::size_t first, std::size_t end) { go_on(hop, port, first, end); });
}

/// Out of the router on the way to `port`, for the receivers from `first` to `end`.
void RoutedInterconnect::go_on(const Hop& hop, std::size_t port, std::size_t first, std::size_t end) {
    tlm::tlm_generic_payload& packet = *hop.packet;
    Router& router = routers_[hop.router];
    const Link::Load load = load_of(packet, port);
    const sc_core::sc_time leaves = hop.time + router.latency();
    const std::size_t target = router_of(port);
    if (router.is(target)) {
        Link& ejection = sites_[port]->ejection;
        const sc_core::sc_time start = ejection.carry(leaves, load);
        const sc_core::sc_time there =
            start + ejection.latency() + static_cast<double>(load.flits) * links_.clock;
        schedule({there, 0, &packet, 0, Hop::Event::delivered, port, first, end});
        return;
    }
    const Router::Onward onward = router.onward(target);
    const sc_core::sc_time start = onward.link.carry(leaves, load);
    schedule(
        {start + onward.link.latency(), 0, &packet, onward.router, Hop::Event::at_router, 0, first, end});
}

/// The last flit of a packet has come out at a port: one delivery for each of its receivers there.
void RoutedInterconnect::deliver(const Hop& hop) {
    InterconnectPort& port = sites_[hop.port]->port;
    if (hop.first == hop.end) {
        come_out(port, PacketRef(*hop.packet));
        return;
    }
    for (std::size_t i = hop.first; i < hop.end; ++i) {
        PacketRef copy = setup_.pool.make_copy(*hop.packet, (*receivers_of(*hop.packet))[i]);
        deliveries_.emplace(&*copy, Delivery{copy, hop.packet});
        come_out(port, std::move(copy));
    }
}

void RoutedInterconnect::come_out(InterconnectPort& port, PacketRef packet) {
    ++counters_.delivered;
    tlm::tlm_generic_payload& payload = *packet;
    log(LogModule::mesh, LogLevel::debug,
        [&] { return fmt::format("port {} gets {} bytes", port.number(), payload.get_data_length()); });
    if (port.offer(std::move(packet))) answered(payload);
}

void RoutedInterconnect::answered(tlm::tlm_generic_payload& packet) {
    tlm::tlm_generic_payload* whole = &packet;
    if (const auto delivery = deliveries_.find(&packet); delivery != deliveries_.end()) {
        whole = delivery->second.packet;
        // An error of one receiver is that of the packet.
        if (packet.is_response_error() || whole->get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
            whole->set_response_status(packet.get_response_status());
        deliveries_.erase(delivery);
    }
    const auto transit = transits_.find(whole);
    if (transit == transits_.end() || --transit->second.unanswered != 0) return;
    const Transit over = std::move(transit->second);
    transits_.erase(transit);
    sites_[over.source]->port.respond(over.packet);
}

}  // namespace sliver::model
