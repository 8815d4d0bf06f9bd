#include "model/packet_link.h"

#include <algorithm>

namespace sliver::model {

void when_over(const sc_core::sc_time& delay, Agenda& agenda, Agenda::Action action) {
    if (delay == sc_core::SC_ZERO_TIME)
        action();
    else
        agenda.at(later(sc_core::sc_time_stamp(), delay), std::move(action));
}

tlm::tlm_response_status judge(const tlm::tlm_generic_payload& payload, bool readable) {
    if (!payload.is_write() && !(readable && payload.is_read())) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (payload.get_data_ptr() == nullptr || payload.get_data_length() == 0 ||
        payload.get_streaming_width() < payload.get_data_length())
        return tlm::TLM_BURST_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status judge_held(const tlm::tlm_generic_payload& payload, bool readable) {
    return payload.has_mm() ? judge(payload, readable) : tlm::TLM_GENERIC_ERROR_RESPONSE;
}

// ---- requests
// ----------------------------------------------------------------------------------------------------------

PacketSender::Sent PacketSender::send(PacketRef packet) {
    tlm::tlm_generic_payload& payload = *packet;
    requesting_ = &payload;
    in_flight_.push_back(std::move(packet));
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const tlm::tlm_sync_enum answer = socket_->nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_ACCEPTED) return Sent::waiting;
    const bool now = delay == sc_core::SC_ZERO_TIME;
    if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
        if (now) {
            requesting_ = nullptr;
            return Sent::taken;
        }
        when_over(delay, agenda_, [this, &payload] { end_request(payload); });
        return Sent::waiting;
    }
    // It has its response, which this end still has to end where it is a phase.
    if (!now) {
        when_over(delay, agenda_, [this, &payload, updated = answer == tlm::TLM_UPDATED] {
            if (updated) end_response(payload);
            finish(payload);
        });
        return Sent::waiting;
    }
    if (answer == tlm::TLM_UPDATED) end_response(payload);
    requesting_ = nullptr;
    drop(payload);
    return Sent::answered;
}

void PacketSender::end_response(tlm::tlm_generic_payload& packet) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay;
    socket_->nb_transport_fw(packet, phase, delay);
}

tlm::tlm_sync_enum PacketSender::nb_transport_bw(tlm::tlm_generic_payload& packet,
                                                 const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) {
        when_over(delay, agenda_, [this, &packet] { end_request(packet); });
        return tlm::TLM_ACCEPTED;
    }
    if (phase != tlm::BEGIN_RESP)
        return tlm::TLM_ACCEPTED;  // a phase of another protocol, which may be ignored
    // It ends when it begins. END_REQ, where that has not come, is implied.
    when_over(delay, agenda_, [this, &packet] { finish(packet); });
    return tlm::TLM_COMPLETED;
}

void PacketSender::end_request(const tlm::tlm_generic_payload& packet) {
    if (&packet != requesting_) return;
    requesting_ = nullptr;
    taken_();
}

void PacketSender::finish(const tlm::tlm_generic_payload& packet) {
    const bool was_requesting = &packet == requesting_;
    if (was_requesting) requesting_ = nullptr;
    if (const PacketRef held = drop(packet)) answered_(*held);
    if (was_requesting) taken_();
}

PacketRef PacketSender::drop(const tlm::tlm_generic_payload& packet) {
    const auto place = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const PacketRef& held) { return &*held == &packet; });
    if (place == in_flight_.end()) return {};
    PacketRef held = std::move(*place);
    *place = std::move(in_flight_.back());
    in_flight_.pop_back();
    return held;
}

// ---- responses
// ---------------------------------------------------------------------------------------------------------

void PacketResponder::respond(PacketRef packet) {
    waiting_.push_back(std::move(packet));
    go_on();
}

void PacketResponder::go_on() {
    while (!responding_ && !waiting_.empty()) {
        responding_ = std::move(waiting_.front());
        waiting_.pop_front();
        const PacketRef held = responding_;  // the initiator may end it in this call
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay;
        if (socket_->nb_transport_bw(*held, phase, delay) == tlm::TLM_ACCEPTED) return;
        if (delay != sc_core::SC_ZERO_TIME) {
            when_over(delay, agenda_, [this] { ended(); });
            return;
        }
        responding_ = PacketRef();
    }
}

tlm::tlm_sync_enum PacketResponder::end_response(const tlm::tlm_generic_payload& packet,
                                                 const sc_core::sc_time& delay) {
    if (responding_ && &*responding_ == &packet) when_over(delay, agenda_, [this] { ended(); });
    return tlm::TLM_COMPLETED;
}

void PacketResponder::ended() {
    responding_ = PacketRef();
    go_on();
}

}  // namespace sliver::model
