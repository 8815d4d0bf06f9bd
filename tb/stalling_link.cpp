#include "tb/stalling_link.h"

#include <algorithm>

namespace sliver::tb {

using model::PacketRef;

StallingLink::StallingLink(const sc_core::sc_module_name& name, std::uint32_t seed,
                           const sc_core::sc_time& longest)
    : sc_module(name), tsock("tsock"), isock("isock"), random_(seed), longest_(longest) {
    tsock.bind(*this);
    isock.bind(*this);
    SC_METHOD(step);
    sensitive << agenda_.event();
    dont_initialize();
}

sc_core::sc_time StallingLink::stall() {
    return sc_core::sc_time::from_value(random_() % (longest_.value() + 1));
}

tlm::tlm_sync_enum StallingLink::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ)
        agenda_.at(sc_core::sc_time_stamp() + delay + stall(),
                   [this, held = PacketRef(payload)] { forward(held); });
    return phase == tlm::BEGIN_REQ ? tlm::TLM_ACCEPTED : tlm::TLM_COMPLETED;
}

void StallingLink::forward(const PacketRef& payload) {
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const tlm::tlm_sync_enum result = isock->nb_transport_fw(*payload, phase, delay);
    if (result == tlm::TLM_UPDATED && phase == tlm::END_REQ)
        answer(payload, tlm::END_REQ);
    else if (result != tlm::TLM_ACCEPTED)
        answer_later(payload);
}

tlm::tlm_sync_enum StallingLink::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time&) {
    if (phase != tlm::BEGIN_RESP) {
        answer(PacketRef(payload), phase);
        return tlm::TLM_ACCEPTED;
    }
    answer_later(PacketRef(payload));
    return tlm::TLM_COMPLETED;
}

void StallingLink::answer(const PacketRef& payload, tlm::tlm_phase phase) {
    sc_core::sc_time delay;
    tsock->nb_transport_bw(*payload, phase, delay);
}

void StallingLink::answer_later(const PacketRef& payload) {
    // Responses keep their order: the initiator sees one at a time.
    last_response_ = std::max(last_response_, sc_core::sc_time_stamp()) + stall();
    agenda_.at(last_response_, [this, held = payload] { answer(held, tlm::BEGIN_RESP); });
}

void StallingLink::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += stall();
    isock->b_transport(payload, delay);
}

}  // namespace sliver::tb
