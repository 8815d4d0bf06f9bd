#include "tb/shared_bus.h"

#include <algorithm>
#include <string>

namespace sliver::tb {
namespace {

/// Bits 63..48 of an address; the host's port is all ones.
std::size_t port_of(std::uint64_t address, std::size_t tiles) {
    return std::min<std::size_t>(address >> 48, tiles);
}

void wait_until(const sc_core::sc_time& time) {
    if (time > sc_core::sc_time_stamp()) sc_core::wait(time - sc_core::sc_time_stamp());
}

}  // namespace

struct SharedBus::Port {
    tlm_utils::simple_target_socket_tagged<SharedBus> tsock;
    tlm_utils::simple_initiator_socket_tagged<SharedBus> isock;
    std::deque<Request> requests;
    bool responding = false;
    sc_core::sc_time free_at;  ///< the last response has ended, as annotated

    explicit Port(std::size_t number)
        : tsock(("tsock_" + std::to_string(number)).c_str()),
          isock(("isock_" + std::to_string(number)).c_str()) {}
};

struct SharedBus::Transfer : tlm::tlm_generic_payload {
    explicit Transfer(tlm::tlm_mm_interface* manager) : tlm_generic_payload(manager) {}
    std::vector<unsigned char> bytes;
    tlm::tlm_generic_payload* origin = nullptr;
    std::size_t from = 0, to = 0;
};

SharedBus::SharedBus(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t width,
                     const sc_core::sc_time& clock)
    : sc_module(name), width_(width), clock_(clock) {
    for (std::size_t i = 0; i <= tiles; ++i) {
        ports_.push_back(std::make_unique<Port>(i));
        ports_.back()->tsock.register_nb_transport_fw(this, &SharedBus::from_initiator, static_cast<int>(i));
        ports_.back()->isock.register_nb_transport_bw(this, &SharedBus::from_target, static_cast<int>(i));
    }
    SC_THREAD(arbitrate);
    SC_THREAD(answer);
}

SharedBus::~SharedBus() = default;

tlm::tlm_target_socket<>& SharedBus::port_tsock(std::size_t port) {
    return ports_.at(port)->tsock;
}
tlm::tlm_initiator_socket<>& SharedBus::port_isock(std::size_t port) {
    return ports_.at(port)->isock;
}

tlm::tlm_sync_enum SharedBus::from_initiator(int port, tlm::tlm_generic_payload& payload,
                                             tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    Port& own = *ports_[static_cast<std::size_t>(port)];
    if (phase == tlm::END_RESP) {
        own.responding = false;
        own.free_at = sc_core::sc_time_stamp() + delay;
        payload.release();
        ended_.notify(sc_core::SC_ZERO_TIME);
        return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    ++on_its_way_;
    ++counters_.packets;
    own.requests.push_back({&payload, sc_core::sc_time_stamp() + delay});
    requested_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
}

/// The next port in turn with a request that is there.
std::optional<std::size_t> SharedBus::next_port() {
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        const std::size_t port = (turn_ + i) % ports_.size();
        const std::deque<Request>& requests = ports_[port]->requests;
        if (requests.empty() || requests.front().comes > sc_core::sc_time_stamp()) continue;
        turn_ = port + 1;
        return port;
    }
    return std::nullopt;
}

void SharedBus::wait_for_request() {
    std::optional<sc_core::sc_time> first;
    for (const auto& port : ports_)
        if (!port->requests.empty() && (!first || port->requests.front().comes < *first))
            first = port->requests.front().comes;
    if (first)
        sc_core::wait(*first - sc_core::sc_time_stamp(), requested_);
    else
        sc_core::wait(requested_);
}

void SharedBus::arbitrate() {
    for (;;) {
        const std::optional<std::size_t> port = next_port();
        if (!port) {
            wait_for_request();
            continue;
        }
        const Request request = ports_[*port]->requests.front();
        ports_[*port]->requests.pop_front();
        if (request.comes < sc_core::sc_time_stamp()) {
            ++counters_.waits;
            counters_.waited += sc_core::sc_time_stamp() - request.comes;
        }
        transfer(*port, *request.payload);
    }
}

void SharedBus::transfer(std::size_t from, tlm::tlm_generic_payload& payload) {
    const std::size_t length = payload.get_data_length();
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    ports_[from]->tsock->nb_transport_bw(payload, phase, delay);
    const std::size_t cycles = 1 + (length + width_ - 1) / width_;
    sc_core::wait(clock_ * static_cast<double>(cycles));
    if (idle_.empty()) {
        transfers_.push_back(std::make_unique<Transfer>(static_cast<tlm::tlm_mm_interface*>(this)));
        idle_.push_back(transfers_.back().get());
    }
    Transfer& own = *idle_.back();
    idle_.pop_back();
    own.acquire();
    own.origin = &payload;
    own.from = from;
    own.to = port_of(payload.get_address(), ports_.size() - 1);
    own.bytes.assign(payload.get_data_ptr(), payload.get_data_ptr() + length);
    own.set_command(payload.get_command());
    own.set_address(payload.get_address());
    own.set_data_ptr(own.bytes.data());
    own.set_data_length(static_cast<unsigned>(length));
    own.set_streaming_width(static_cast<unsigned>(length));
    own.set_byte_enable_ptr(nullptr);
    own.set_dmi_allowed(false);
    own.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    ++counters_.delivered;
    phase = tlm::BEGIN_REQ;
    delay = sc_core::SC_ZERO_TIME;
    requesting_ = &own;
    const tlm::tlm_sync_enum said = ports_[own.to]->isock->nb_transport_fw(own, phase, delay);
    if (said == tlm::TLM_ACCEPTED) {
        if (requesting_ != nullptr) sc_core::wait(granted_);
        return;
    }
    requesting_ = nullptr;
    if (said == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) {
        answers_.push_back({&own, sc_core::sc_time_stamp() + delay, said != tlm::TLM_COMPLETED});
        answered_.notify(sc_core::SC_ZERO_TIME);
    }
    wait_until(sc_core::sc_time_stamp() + delay);
}

tlm::tlm_sync_enum SharedBus::from_target(int, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
    if (requesting_ == &payload) {  // END_REQ, or BEGIN_RESP which implies it
        requesting_ = nullptr;
        granted_.notify(delay);
    }
    if (phase == tlm::BEGIN_RESP) {
        answers_.push_back({&static_cast<Transfer&>(payload), sc_core::sc_time_stamp() + delay, true});
        answered_.notify(sc_core::SC_ZERO_TIME);
    }
    return tlm::TLM_ACCEPTED;
}

void SharedBus::answer() {
    for (;;) {
        while (answers_.empty()) sc_core::wait(answered_);
        const Answer next = answers_.front();
        answers_.pop_front();
        Transfer& own = *next.transfer;
        wait_until(next.comes);
        sc_core::wait(clock_);
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time delay;
        if (next.is_phase) ports_[own.to]->isock->nb_transport_fw(own, phase, delay);
        Port& source = *ports_[own.from];
        tlm::tlm_generic_payload& origin = *own.origin;
        origin.set_response_status(own.get_response_status());
        if (origin.is_read()) std::copy(own.bytes.begin(), own.bytes.end(), origin.get_data_ptr());
        own.release();
        while (source.responding) sc_core::wait(ended_);
        wait_until(source.free_at);
        source.responding = true;
        phase = tlm::BEGIN_RESP;
        delay = sc_core::SC_ZERO_TIME;
        --on_its_way_;
        if (source.tsock->nb_transport_bw(origin, phase, delay) == tlm::TLM_ACCEPTED) continue;
        wait_until(sc_core::sc_time_stamp() + delay);
        source.responding = false;
        origin.release();
    }
}

void SharedBus::free(tlm::tlm_generic_payload* payload) {
    payload->reset();
    idle_.push_back(static_cast<Transfer*>(payload));
}

}  // namespace sliver::tb
