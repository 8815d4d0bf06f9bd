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
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    if (phase == tlm::END_RESP) {
        agenda_.at(now + delay, [this] {
            responding_ = false;
            respond();
        });
        return tlm::TLM_COMPLETED;
    }
    const unsigned kind = draw(3);
    if (kind == 0 && requesting_ == nullptr && requests_.empty() && delay == sc_core::SC_ZERO_TIME)
        return at_once(payload, phase, delay);
    Live& live = live_[&payload];
    requests_.push_back({PacketRef(payload), now + delay + stall()});
    agenda_.at(requests_.back().ready, [this] { forward(); });
    if (kind != 1) {
        live.owes_end = true;
        return tlm::TLM_ACCEPTED;
    }
    delay += stall();
    live.request_ended = now + delay;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

/// The target's answer is that of the link, but for what the link has to say later itself.
tlm::tlm_sync_enum StallingLink::at_once(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
    requesting_ = &payload;
    live_[&payload] = Live{true, {}};
    const tlm::tlm_sync_enum said = isock->nb_transport_fw(payload, phase, delay);
    if (said == tlm::TLM_ACCEPTED) return said;
    const PacketRef held(payload);
    const sc_core::sc_time over = sc_core::sc_time_stamp() + delay;
    live_[&payload] = Live{false, over};
    if (said == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
        agenda_.at(over, [this, held] { request_ended(held); });
        return said;
    }
    // The target is done with it.
    agenda_.at(over, [this, held, phased = said == tlm::TLM_UPDATED] {
        if (phased) end_target_response(held);
        request_ended(held);
    });
    delay += stall();
    live_.erase(&payload);
    if (draw(2) == 0 || responding_ || !responses_.empty()) return tlm::TLM_COMPLETED;
    responding_ = true;
    phase = tlm::BEGIN_RESP;
    return tlm::TLM_UPDATED;
}

/// The oldest request to the target, as soon as that has ended the one before it.
void StallingLink::forward() {
    if (requesting_ != nullptr || requests_.empty() || requests_.front().ready > sc_core::sc_time_stamp())
        return;
    const PacketRef held = requests_.front().payload;
    requests_.pop_front();
    requesting_ = &*held;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = draw(2) == 0 ? stall() : sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum said = isock->nb_transport_fw(*held, phase, delay);
    if (said == tlm::TLM_ACCEPTED) return;
    const bool ends_request = said == tlm::TLM_UPDATED && phase == tlm::END_REQ;
    agenda_.at(sc_core::sc_time_stamp() + delay, [this, held, said, ends_request] {
        if (said == tlm::TLM_UPDATED && !ends_request) end_target_response(held);
        request_ended(held);
        if (!ends_request) answered(held);
    });
}

tlm::tlm_sync_enum StallingLink::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay) {
    const PacketRef held(payload);
    const sc_core::sc_time begins = sc_core::sc_time_stamp() + delay;
    if (phase == tlm::END_REQ) {
        agenda_.at(begins, [this, held] { request_ended(held); });
        return tlm::TLM_ACCEPTED;
    }
    agenda_.at(begins, [this, held] {
        request_ended(held);
        answered(held);
    });
    switch (draw(3)) {
        case 0:
            return tlm::TLM_COMPLETED;
        case 1:
            delay += stall();
            phase = tlm::END_RESP;
            return tlm::TLM_UPDATED;
        default:
            agenda_.at(begins + stall(), [this, held] { end_target_response(held); });
            return tlm::TLM_ACCEPTED;
    }
}

/// The target has ended the request; so does the link, where the initiator waits for it, and sends the next.
void StallingLink::request_ended(const PacketRef& payload) {
    if (requesting_ != &*payload) return;  // by END_REQ, before its response
    const auto live = live_.find(&*payload);
    if (live != live_.end() && live->second.owes_end) {
        live->second.owes_end = false;
        tlm::tlm_phase phase = tlm::END_REQ;
        sc_core::sc_time delay;
        tsock->nb_transport_bw(*payload, phase, delay);
    }
    requesting_ = nullptr;
    forward();
}

void StallingLink::end_target_response(const PacketRef& payload) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay;
    isock->nb_transport_fw(*payload, phase, delay);
}

void StallingLink::answered(const PacketRef& payload) {
    responses_.push_back(
        {payload, std::max(sc_core::sc_time_stamp(), live_[&*payload].request_ended) + stall()});
    agenda_.at(responses_.back().ready, [this] { respond(); });
}

/// The oldest response to the initiator, as soon as that has ended the one before it.
void StallingLink::respond() {
    if (responding_ || responses_.empty() || responses_.front().ready > sc_core::sc_time_stamp()) return;
    const PacketRef held = responses_.front().payload;
    responses_.pop_front();
    responding_ = true;
    live_.erase(&*held);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = draw(2) == 0 ? stall() : sc_core::SC_ZERO_TIME;
    if (tsock->nb_transport_bw(*held, phase, delay) == tlm::TLM_ACCEPTED) return;
    agenda_.at(sc_core::sc_time_stamp() + delay, [this] {
        responding_ = false;
        respond();
    });
}

void StallingLink::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += stall();
    isock->b_transport(payload, delay);
}

}  // namespace sliver::tb
