#include "tb/base_protocol_checker.h"

#include <utility>

namespace sliver::tb {
namespace {

/// FNV-1a of the bytes that a write brings.
std::uint64_t digest(const tlm::tlm_generic_payload& payload) {
    std::uint64_t sum = 0xCBF29CE484222325;
    if (!payload.is_write() || payload.get_data_ptr() == nullptr) return sum;
    for (unsigned i = 0; i < payload.get_data_length(); ++i)
        sum = (sum ^ payload.get_data_ptr()[i]) * 0x100000001B3;
    return sum;
}

}  // namespace

BaseProtocolChecker::BaseProtocolChecker(const sc_core::sc_module_name& name, std::string link)
    : sc_module(name), tsock("tsock"), isock("isock"), link_(std::move(link)) {
    tsock.bind(*this);
    isock.bind(*this);
}

void BaseProtocolChecker::note(const std::string& clause, const std::string& what) {
    violations_.push_back(link_ + " at " + sc_core::sc_time_stamp().to_string() + ": " + what + " (clause " +
                          clause + ")");
}

void BaseProtocolChecker::check_manager(const tlm::tlm_generic_payload& payload) {
    if (!payload.has_mm()) note("14.5 i", "nb_transport with a payload that has no memory manager");
    if (payload.get_ref_count() <= 0) note("14.5 t", "payload with reference count 0");
}

void BaseProtocolChecker::check_attributes(const tlm::tlm_generic_payload& payload) {
    if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE)
        note("14.17 e", "response status was not set to INCOMPLETE");
    if (payload.is_dmi_allowed()) note("14.16", "DMI hint was not cleared");
    if (payload.get_data_ptr() == nullptr) note("14.11", "no data pointer");
    if (payload.get_data_length() == 0) note("14.12", "data length 0");
    if (payload.get_streaming_width() == 0) note("14.15", "streaming width 0");
    if (payload.get_byte_enable_ptr() != nullptr && payload.get_byte_enable_length() == 0)
        note("14.14", "byte enables without a length");
}

void BaseProtocolChecker::check_time(Live& live, const sc_core::sc_time& delay) {
    const sc_core::sc_time time = sc_core::sc_time_stamp() + delay;
    if (time < live.last) note("15.2.7 c", "annotated time goes backwards");
    live.last = time;
}

void BaseProtocolChecker::check_unchanged(const Live& live, const tlm::tlm_generic_payload& payload) {
    if (payload.get_command() != live.command || payload.get_data_ptr() != live.data ||
        payload.get_data_length() != live.length)
        note("14.7", "command, data pointer or length changed in flight");
    else if (payload.get_streaming_width() != live.streaming_width ||
             payload.get_byte_enable_ptr() != live.enables)
        note("14.7", "streaming width or byte enables changed in flight");
    else if (digest(payload) != live.bytes)
        note("14.7", "bytes of a write changed in flight");
}

BaseProtocolChecker::Live BaseProtocolChecker::begun(const tlm::tlm_generic_payload& payload) {
    Live live;
    live.last = sc_core::sc_time_stamp();
    live.command = payload.get_command();
    live.data = payload.get_data_ptr();
    live.length = payload.get_data_length();
    live.streaming_width = payload.get_streaming_width();
    live.enables = payload.get_byte_enable_ptr();
    live.bytes = digest(payload);
    return live;
}

void BaseProtocolChecker::end_request(const tlm::tlm_generic_payload& payload,
                                      const sc_core::sc_time& delay) {
    if (requesting_ != &payload) return;
    requesting_ = nullptr;
    request_ended_ = sc_core::sc_time_stamp() + delay;
}

void BaseProtocolChecker::end_response(const tlm::tlm_generic_payload& payload,
                                       const sc_core::sc_time& delay) {
    if (responding_ != &payload) return;
    responding_ = nullptr;
    response_ended_ = sc_core::sc_time_stamp() + delay;
}

void BaseProtocolChecker::advance(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                                  bool forward, const sc_core::sc_time& delay) {
    const auto found = live_.find(&payload);
    if (phase == tlm::BEGIN_REQ) {
        if (!forward) note("15.2.3 c", "BEGIN_REQ on the backward path");
        if (found != live_.end()) note("14.5 x", "BEGIN_REQ with a payload that is still in use");
        if (requesting_ != nullptr) note("15.2.6 e", "BEGIN_REQ before the END_REQ of the last request");
        if (sc_core::sc_time_stamp() + delay < request_ended_)
            note("15.2.6 e", "BEGIN_REQ before the annotated end of the last request");
        check_manager(payload);
        check_attributes(payload);
        live_[&payload] = begun(payload);
        requesting_ = &payload;
        ++transactions_;
        return;
    }
    if (found == live_.end()) {
        note("15.2.3 c", "phase of a transaction that was never begun");
        return;
    }
    Live& live = found->second;
    check_unchanged(live, payload);
    if (phase == tlm::END_REQ) {
        if (forward) note("15.2.3 c", "END_REQ on the forward path");
        if (live.state != State::request) note("15.2.4", "END_REQ out of order");
        live.state = State::accepted;
        end_request(payload, delay);
    } else if (phase == tlm::BEGIN_RESP) {
        if (forward) note("15.2.3 c", "BEGIN_RESP on the forward path");
        if (live.state == State::response) note("15.2.4", "BEGIN_RESP twice");
        if (responding_ != nullptr && responding_ != &payload)
            note("15.2.6 f", "BEGIN_RESP before the END_RESP of the last response");
        if (sc_core::sc_time_stamp() + delay < response_ended_)
            note("15.2.6 f", "BEGIN_RESP before the annotated end of the last response");
        if (payload.is_response_error())
            note("14.17", "response with error status " + payload.get_response_string());
        live.state = State::response;
        end_request(payload, delay);
        responding_ = &payload;
    } else if (phase == tlm::END_RESP) {
        if (!forward) note("15.2.3 c", "END_RESP on the backward path");
        if (live.state != State::response) note("15.2.4", "END_RESP out of order");
        complete(payload, delay);
    } else {
        note("15.2.3", "a phase that is not of the base protocol");
    }
}

void BaseProtocolChecker::complete(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
    end_request(payload, delay);
    end_response(payload, delay);
    live_.erase(&payload);
}

tlm::tlm_sync_enum BaseProtocolChecker::nb_transport_fw(tlm::tlm_generic_payload& payload,
                                                        tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (const auto live = live_.find(&payload); live != live_.end()) check_time(live->second, delay);
    advance(payload, phase, true, delay);
    if (const auto live = live_.find(&payload); live != live_.end()) check_time(live->second, delay);
    const tlm::tlm_phase sent = phase;
    const tlm::tlm_sync_enum answer = isock->nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_UPDATED) {
        if (phase == sent) note("15.2.5", "TLM_UPDATED without a new phase");
        advance(payload, phase, false, delay);
    }
    if (const auto live = live_.find(&payload); live != live_.end() && answer != tlm::TLM_ACCEPTED)
        check_time(live->second, delay);
    if (answer == tlm::TLM_COMPLETED && live_.count(&payload) != 0) {
        check_unchanged(live_.at(&payload), payload);
        if (sent == tlm::BEGIN_REQ && payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
            note("14.17", "completed without a response status");
        complete(payload, delay);
    }
    return answer;
}

tlm::tlm_sync_enum BaseProtocolChecker::nb_transport_bw(tlm::tlm_generic_payload& payload,
                                                        tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (const auto live = live_.find(&payload); live != live_.end()) check_time(live->second, delay);
    advance(payload, phase, false, delay);
    const tlm::tlm_phase sent = phase;
    // The initiator may let go of the payload in this call: hold it until its state is settled.
    if (payload.has_mm()) payload.acquire();
    const tlm::tlm_sync_enum answer = tsock->nb_transport_bw(payload, phase, delay);
    if (answer != tlm::TLM_ACCEPTED)
        if (const auto live = live_.find(&payload); live != live_.end()) check_time(live->second, delay);
    if (answer == tlm::TLM_UPDATED) advance(payload, phase, true, delay);
    if (answer == tlm::TLM_COMPLETED) {
        if (sent != tlm::BEGIN_RESP)
            note("15.2.5", "the initiator completed a transaction that had no response");
        complete(payload, delay);
    }
    if (payload.has_mm()) payload.release();
    return answer;
}

void BaseProtocolChecker::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (live_.count(&payload) != 0)
        note("15.2.10 c", "b_transport on a transaction that lives on nb_transport");
    ++transactions_;
    check_attributes(payload);
    Live live = begun(payload);
    live.last = sc_core::sc_time_stamp() + delay;
    isock->b_transport(payload, delay);
    check_time(live, delay);
    check_unchanged(live, payload);
    if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
        note("14.17", "returned without a response status");
}

bool BaseProtocolChecker::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    return isock->get_direct_mem_ptr(payload, dmi);
}

unsigned BaseProtocolChecker::transport_dbg(tlm::tlm_generic_payload& payload) {
    const unsigned bytes = isock->transport_dbg(payload);
    if (bytes > payload.get_data_length())
        note("11.3.4", "debug transport returned more than the data length");
    return bytes;
}

void BaseProtocolChecker::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
    tsock->invalidate_direct_mem_ptr(start, end);
}

void BaseProtocolChecker::finish() {
    if (!live_.empty()) note("15.2.4", std::to_string(live_.size()) + " transactions never completed");
}

}  // namespace sliver::tb
