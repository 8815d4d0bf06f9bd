#include "model/interconnect_port.h"

#include <utility>

namespace sliver::model {

InterconnectPort::InterconnectPort(Owner& owner, Agenda& agenda, std::size_t number)
    : tsock(("port_tsock_" + std::to_string(number)).c_str()),
      isock(("port_isock_" + std::to_string(number)).c_str()),
      owner_(owner),
      number_(number),
      sender_(
          isock, agenda, [this] { go_on(); },
          [this](tlm::tlm_generic_payload& packet) { owner_.answered(packet); }),
      responder_(tsock, agenda) {
    tsock.bind(*this);
    isock.bind(*this);
}

// ---- the sender's side
// -------------------------------------------------------------------------------------------------

tlm::tlm_sync_enum InterconnectPort::nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) return responder_.end_response(packet, delay);
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;  // a phase of another protocol
    if (!packet.has_mm() || owner_.port_at(packet.get_address()) == nullptr) {
        packet.set_response_status(packet.has_mm() ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                   : tlm::TLM_GENERIC_ERROR_RESPONSE);
        return tlm::TLM_COMPLETED;
    }
    return owner_.take(*this, packet, phase, delay);
}

void InterconnectPort::accept(tlm::tlm_generic_payload& packet) {
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    tsock->nb_transport_bw(packet, phase, delay);
}

void InterconnectPort::b_transport(tlm::tlm_generic_payload& packet, sc_core::sc_time& delay) {
    InterconnectPort* const target = owner_.port_at(packet.get_address());
    if (target == nullptr) {
        packet.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    delay += owner_.alone(*this, *target, packet);
    target->isock->b_transport(packet, delay);
}

unsigned InterconnectPort::transport_dbg(tlm::tlm_generic_payload& packet) {
    InterconnectPort* const target = owner_.port_at(packet.get_address());
    if (target != nullptr) return target->isock->transport_dbg(packet);
    packet.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return 0;
}

// ---- the receiver's side
// -----------------------------------------------------------------------------------------------

tlm::tlm_sync_enum InterconnectPort::nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay) {
    return sender_.nb_transport_bw(packet, phase, delay);
}

bool InterconnectPort::offer(PacketRef packet) {
    if (!sender_.free() || !arrived_.empty()) {
        arrived_.push_back(std::move(packet));
        return false;
    }
    return sender_.send(std::move(packet)) == PacketSender::Sent::answered;
}

void InterconnectPort::go_on() {
    while (sender_.free() && !arrived_.empty()) {
        const PacketRef packet = std::move(arrived_.front());
        arrived_.pop_front();
        if (sender_.send(packet) == PacketSender::Sent::answered) owner_.answered(*packet);
    }
}

}  // namespace sliver::model
