#include "model/ideal_interconnect.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/log.h"

namespace sliver::model {

IdealInterconnect::IdealInterconnect(const sc_core::sc_module_name& name, const InterconnectSetup& setup)
    : sc_module(name), setup_(setup), delays_(setup.calendar) {
    for (std::size_t port = 0; port <= setup.tiles; ++port)
        ports_.push_back(
            std::make_unique<InterconnectPort>(static_cast<InterconnectPort::Owner&>(*this), delays_, port));
    counters_.flit_hops.assign(setup.nodes, 0);
    SC_METHOD(step);
    sensitive << delays_.event();
    dont_initialize();
}

IdealInterconnect::~IdealInterconnect() = default;

bool IdealInterconnect::at_rest() const {
    return transits_.empty() &&
           std::all_of(ports_.begin(), ports_.end(), [](const auto& port) { return port->at_rest(); });
}

void IdealInterconnect::reset() {
    delays_.reset();
    for (const auto& port : ports_) port->reset();
    transits_.clear();
    counters_.reset();
}

InterconnectPort* IdealInterconnect::port_at(std::uint64_t address) {
    const std::size_t port = setup_.port_of(address);
    return port < ports_.size() ? ports_[port].get() : nullptr;
}

tlm::tlm_sync_enum IdealInterconnect::take(InterconnectPort& port, tlm::tlm_generic_payload& packet,
                                           tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const std::vector<std::uint64_t>* const receivers = receivers_of(packet);
    if (receivers != nullptr && !receivers->empty()) {  // it cannot fork
        packet.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return tlm::TLM_COMPLETED;
    }
    ++counters_.packets;
    ++counters_.delivered;
    InterconnectPort& target = *port_at(packet.get_address());
    log(LogModule::mesh, LogLevel::debug, [&] {
        return fmt::format("port {} sends {} bytes to port {}, at once", port.number(),
                           packet.get_data_length(), target.number());
    });
    transits_.emplace(&packet, Transit{PacketRef(packet), &port});
    if (delay == sc_core::SC_ZERO_TIME) {
        if (target.offer(PacketRef(packet))) {
            transits_.erase(&packet);
            return tlm::TLM_COMPLETED;
        }
        if (transits_.count(&packet) == 0) return tlm::TLM_ACCEPTED;  // answered in this call
    } else {
        when_over(delay, delays_, [this, &target, &packet] {
            if (target.offer(PacketRef(packet))) answered(packet);
        });
    }
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void IdealInterconnect::answered(tlm::tlm_generic_payload& packet) {
    const auto transit = transits_.find(&packet);
    if (transit == transits_.end()) return;
    const Transit over = std::move(transit->second);
    transits_.erase(transit);
    over.source->respond(over.packet);
}

sc_core::sc_time IdealInterconnect::alone(const InterconnectPort&, const InterconnectPort&,
                                          const tlm::tlm_generic_payload&) {
    ++counters_.packets;
    ++counters_.delivered;
    return sc_core::SC_ZERO_TIME;
}

}  // namespace sliver::model
