#include "model/mesh.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "model/address_map.h"
#include "model/kernel_time.h"

namespace sliver::model {

/// One port: the tile's (or host's) two links to its router, and the protocol state of both sockets.
class Mesh::Port : public tlm::tlm_fw_transport_if<>, public tlm::tlm_bw_transport_if<> {
  public:
    Port(Mesh& mesh, std::size_t port_number)
        : tsock(("port_tsock_" + std::to_string(port_number)).c_str()),
          isock(("port_isock_" + std::to_string(port_number)).c_str()),
          number(port_number),
          mesh_(mesh) {
        tsock.bind(*this);
        isock.bind(*this);
    }

    // The sender's side.
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
        if (phase != tlm::BEGIN_REQ) {
            SC_REPORT_ERROR("/sliver/mesh", "a sender may send BEGIN_REQ and END_RESP only");
            return tlm::TLM_COMPLETED;
        }
        if (!mesh_.config_.enabled) {
            if (!header_of(packet).receivers.empty())
                SC_REPORT_ERROR("/sliver/mesh", "a packet has one receiver where the mesh is off");
            return pass(packet, phase, delay);
        }
        packet.acquire();
        mesh_.inject(*this, packet, later(sc_core::sc_time_stamp(), delay));
        return tlm::TLM_ACCEPTED;
    }

    void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override {
        SC_REPORT_ERROR("/sliver/mesh", "the mesh is approximately timed: use nb_transport");
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload& packet) override {
        return mesh_.ports_[mesh_.port_of(packet.get_address())]->isock->transport_dbg(packet);
    }

    // The receiver's side: END_REQ needs nothing, BEGIN_RESP goes back to the sender.
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        const bool response = phase == tlm::BEGIN_RESP;
        if (response) respond(packet, delay);
        if (requesting_ == &packet) {  // END_REQ, or BEGIN_RESP which implies it
            requesting_ = nullptr;
            offer();
        }
        return response ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

    /// A packet came out of the network: offer it to the receiver, one request at a time.
    void deliver(tlm::tlm_generic_payload& packet) {
        arrived_.push_back(&packet);
        offer();
    }

    /// Tells the sender that the network has taken its packet.
    void accept(tlm::tlm_generic_payload& packet) {
        tlm::tlm_phase phase = tlm::END_REQ;
        sc_core::sc_time delay;
        tsock->nb_transport_bw(packet, phase, delay);
    }

    tlm::tlm_target_socket<> tsock;
    tlm::tlm_initiator_socket<> isock;
    std::size_t number;
    Link injection, ejection;

  private:
    /// Mesh switched off: straight to the receiver, in no time. One that is slow to end a request finds the
    /// next in the port's queue; the sender is free at once.
    tlm::tlm_sync_enum pass(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay) {
        ++mesh_.counters_.packets;
        ++mesh_.counters_.delivered;
        Port& target = *mesh_.ports_[mesh_.port_of(packet.get_address())];
        if (target.requesting_ != nullptr || !target.arrived_.empty()) {
            target.arrived_.push_back(&packet);
        } else {
            const tlm::tlm_sync_enum answer = target.isock->nb_transport_fw(packet, phase, delay);
            if (answer == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) return answer;
            if (answer == tlm::TLM_ACCEPTED) target.requesting_ = &packet;
        }
        packet.acquire();  // held until the late answer
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    void offer() {
        while (requesting_ == nullptr && !arrived_.empty()) {
            tlm::tlm_generic_payload& packet = *arrived_.front();
            arrived_.pop_front();
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay;
            requesting_ = &packet;
            const tlm::tlm_sync_enum answer = isock->nb_transport_fw(packet, phase, delay);
            if (answer == tlm::TLM_ACCEPTED) return;
            requesting_ = nullptr;
            if (answer == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) respond(packet, delay);
        }
    }

    void respond(tlm::tlm_generic_payload& packet, sc_core::sc_time& delay) {
        tlm::tlm_generic_payload* const answered = mesh_.answered(packet);
        if (answered == nullptr) return;
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        Port& source = *mesh_.ports_[header_of(*answered).source];
        source.tsock->nb_transport_bw(*answered, phase, delay);
        answered->release();
    }

    Mesh& mesh_;
    const tlm::tlm_generic_payload* requesting_ = nullptr;
    std::deque<tlm::tlm_generic_payload*> arrived_;
};

Mesh::Mesh(const sc_core::sc_module_name& name, const config::MeshConfig& config, std::size_t tiles,
           std::size_t nodes, PacketPool& pool, Timeline* timeline, Calendar* calendar)
    : sc_module(name),
      config_(config),
      routes_(config),
      clock_(sc_core::sc_time::from_value(routes_.clock_fs())),
      link_time_(sc_core::sc_time::from_value(routes_.link_fs())),
      router_time_(sc_core::sc_time::from_value(routes_.router_fs())),
      links_(routes_.routers() * timing::kDirections),
      alarm_(calendar),
      pool_(pool),
      timeline_(timeline) {
    for (std::size_t port = 0; port <= tiles; ++port) ports_.push_back(std::make_unique<Port>(*this, port));
    counters_.flit_hops.assign(nodes, 0);
    if (timeline_ != nullptr) build_lanes();
    SC_METHOD(step);
    sensitive << alarm_.event();
    dont_initialize();
}

Mesh::~Mesh() = default;

/// All links in a row: from each port to its router, between routers, to each port.
std::string Mesh::link_name(std::size_t place) const {
    constexpr std::array<const char*, timing::kDirections> kNames = {"east", "west", "north", "south"};
    const auto port_name = [this](std::size_t port) {
        return port == host_port() ? std::string("host") : "tile " + std::to_string(port);
    };
    if (place < ports_.size()) return port_name(place) + " to router " + std::to_string(router_of(place));
    place -= ports_.size();
    if (place < links_.size())
        return "router " + std::to_string(place / timing::kDirections) + " " +
               kNames[place % timing::kDirections];
    place -= links_.size();
    return "router " + std::to_string(router_of(place)) + " to " + port_name(place);
}

/// A lane a link.
void Mesh::build_lanes() {
    const std::uint32_t process = timeline_->add_process("mesh", 1 + ports_.size());
    std::size_t place = 0;
    const auto add = [&](Link& link) { link.lane = timeline_->add_lane(process, link_name(place++)); };
    for (const auto& port : ports_) add(port->injection);
    for (Link& link : links_) add(link);
    for (const auto& port : ports_) add(port->ejection);
}

std::vector<Mesh::LinkUse> Mesh::busiest_links(std::size_t most) const {
    struct Used {
        const Link* link;
        std::size_t place;  // among all links
    };
    std::vector<Used> used;
    std::size_t place = 0;
    const auto add = [&](const Link& link) {
        if (link.server.busy() != sc_core::SC_ZERO_TIME) used.push_back({&link, place});
        ++place;
    };
    for (const auto& port : ports_) add(port->injection);
    for (const Link& link : links_) add(link);
    for (const auto& port : ports_) add(port->ejection);
    // Of links that are equally busy the first.
    std::stable_sort(used.begin(), used.end(), [](const Used& a, const Used& b) {
        return a.link->server.busy() > b.link->server.busy();
    });
    used.resize(std::min(used.size(), most));
    std::vector<LinkUse> busiest;
    for (const Used& each : used) busiest.push_back({link_name(each.place), &each.link->server});
    return busiest;
}

tlm::tlm_target_socket<>& Mesh::port_tsock(std::size_t port) {
    return ports_.at(port)->tsock;
}
tlm::tlm_initiator_socket<>& Mesh::port_isock(std::size_t port) {
    return ports_.at(port)->isock;
}

std::size_t Mesh::flits(const tlm::tlm_generic_payload& packet) const {
    return routes_.flits(packet.get_data_length());
}

std::size_t Mesh::router_of(std::size_t port) const {
    return routes_.router_of(port == host_port() ? timing::MeshRoutes::kHost : port);
}

std::size_t Mesh::port_of(std::uint64_t address) const {
    const std::size_t port = decode(address).port;
    return port == kHostPort ? host_port() : port;
}

std::size_t Mesh::way_on(std::size_t router, std::size_t port) const {
    const std::size_t target = router_of(port);
    if (router == target) return links_.size() + port;
    return router * timing::kDirections + static_cast<std::size_t>(routes_.next(router, target).direction);
}

void Mesh::schedule(Hop hop) {
    if (has_wrapped(hop.time, sc_core::sc_time_stamp())) end_of_kernel_time();
    hop.order = order_++;
    if (agenda_.empty() || hop.time < agenda_.top().time) alarm_.ring(hop.time);
    agenda_.push(hop);
}

void Mesh::step() {
    while (!agenda_.empty() && agenda_.top().time <= sc_core::sc_time_stamp()) {
        const Hop hop = agenda_.top();
        agenda_.pop();
        switch (hop.event) {
            case Hop::Event::injected:
                ports_[hop.port]->accept(*hop.packet);
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

/// Reserves `link`, on the way to `port`, from the moment the packet is ready; returns when its head starts
/// to move.
sc_core::sc_time Mesh::occupy(Link& link, const sc_core::sc_time& ready, tlm::tlm_generic_payload& packet,
                              std::size_t port) {
    const std::size_t flit_count = flits(packet);
    const sc_core::sc_time start = link.server.serve(ready, times(clock_, flit_count));
    if (start > ready) {
        ++counters_.waits;
        add_to(counters_.waited, start - ready);
    }
    if (timeline_ != nullptr && timeline_->follows_node(header_of(packet).charged_to))
        timeline_->span(Timeline::Kind::packet, link.lane, start, link.server.free_at(),
                        {0, 0, {flit_count, port, (start - ready).value()}});
    return start;
}

void Mesh::inject(Port& port, tlm::tlm_generic_payload& packet, const sc_core::sc_time& arrival) {
    ++counters_.packets;
    const std::size_t receivers = header_of(packet).receivers.size();
    if (receivers != 0) unanswered_[&packet] = receivers;
    const sc_core::sc_time start = occupy(port.injection, arrival, packet, port_of(packet.get_address()));
    schedule(
        {start + link_time_, 0, &packet, router_of(port.number), Hop::Event::at_router, 0, 0, receivers});
    schedule({port.injection.server.free_at(), 0, &packet, 0, Hop::Event::injected, port.number});
}

/// The head of a packet is in `hop.router`: on to the next router, or out to its port; where the ways to its
/// receivers part, on all of them.
void Mesh::forward(const Hop& hop) {
    PacketHeader& header = header_of(*hop.packet);
    counters_.flit_hops[header.charged_to] += flits(*hop.packet);
    if (hop.first == hop.end) {
        go_on(hop, port_of(hop.packet->get_address()), 0, 0);
        return;
    }
    const auto at = [&](std::size_t place) {
        return header.receivers.begin() + static_cast<std::ptrdiff_t>(place);
    };
    for (std::size_t first = hop.first; first < hop.end;) {
        const std::size_t port = port_of(*at(first)), way = way_on(hop.router, port);
        const auto others = std::stable_partition(at(first), at(hop.end), [&](std::uint64_t receiver) {
            return way_on(hop.router, port_of(receiver)) == way;
        });
        const auto end = static_cast<std::size_t>(others - header.receivers.begin());
        go_on(hop, port, first, end);
        first = end;
    }
}

/// Out of the router on the way to `port`, for the receivers from `first` to `end`.
void Mesh::go_on(const Hop& hop, std::size_t port, std::size_t first, std::size_t end) {
    tlm::tlm_generic_payload& packet = *hop.packet;
    const std::size_t target = router_of(port);
    const sc_core::sc_time leaves = hop.time + router_time_;
    if (hop.router == target) {
        const sc_core::sc_time start = occupy(ports_[port]->ejection, leaves, packet, port);
        const sc_core::sc_time there = start + link_time_ + static_cast<double>(flits(packet)) * clock_;
        schedule({there, 0, &packet, 0, Hop::Event::delivered, port, first, end});
        return;
    }
    const timing::MeshRoutes::Hop next = routes_.next(hop.router, target);
    Link& link = links_[hop.router * timing::kDirections + static_cast<std::size_t>(next.direction)];
    const sc_core::sc_time start = occupy(link, leaves, packet, port);
    schedule({start + link_time_, 0, &packet, next.router, Hop::Event::at_router, 0, first, end});
}

/// The last flit of a packet has come out at a port: one delivery for each of its receivers there.
void Mesh::deliver(const Hop& hop) {
    Port& port = *ports_[hop.port];
    if (hop.first == hop.end) {
        ++counters_.delivered;
        port.deliver(*hop.packet);
        return;
    }
    for (std::size_t i = hop.first; i < hop.end; ++i) {
        ++counters_.delivered;
        PacketRef copy = pool_.make_copy(*hop.packet, header_of(*hop.packet).receivers[i]);
        tlm::tlm_generic_payload& payload = *copy;
        deliveries_.emplace(&payload, Delivery{std::move(copy), hop.packet});
        port.deliver(payload);
    }
}

tlm::tlm_generic_payload* Mesh::answered(tlm::tlm_generic_payload& packet) {
    const auto delivery = deliveries_.find(&packet);
    if (delivery == deliveries_.end()) return &packet;
    tlm::tlm_generic_payload& whole = *delivery->second.packet;
    // An error of one receiver is that of the packet.
    if (packet.is_response_error() || whole.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
        whole.set_response_status(packet.get_response_status());
    deliveries_.erase(delivery);
    const auto missing = unanswered_.find(&whole);
    if (--missing->second != 0) return nullptr;
    unanswered_.erase(missing);
    return &whole;
}

}  // namespace sliver::model
