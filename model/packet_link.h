// PacketSender: the initiator side of a port of the mesh, for tiles and the host.
//
// Sends one request at a time (base protocol: the next BEGIN_REQ waits for END_REQ) and holds every packet
// until it is answered. Which packet goes next is its owner's choice (output_queue.h). Takes no time.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "model/packet_pool.h"

namespace sliver::model {

class PacketSender {
  public:
    /// `taken` is called when the interconnect has taken the packet that was sent last: the next may follow.
    PacketSender(tlm::tlm_initiator_socket<>& socket, std::function<void()> taken)
        : socket_(socket), taken_(std::move(taken)) {}

    [[nodiscard]] bool free() const { return requesting_ == nullptr; }

    /// Only when free(). True: taken at once; false: `taken` will say so.
    bool send(PacketRef packet) {
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        requesting_ = &*packet;
        const tlm::tlm_sync_enum answer = socket_->nb_transport_fw(*packet, phase, delay);
        if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) {
            check(*packet);
            requesting_ = nullptr;
            return true;
        }
        in_flight_.push_back(std::move(packet));
        if (answer == tlm::TLM_UPDATED) requesting_ = nullptr;
        return answer == tlm::TLM_UPDATED;
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, const tlm::tlm_phase& phase) {
        const bool taken = &packet == requesting_;  // END_REQ, or BEGIN_RESP which implies it
        if (taken) requesting_ = nullptr;
        if (phase == tlm::BEGIN_RESP) retire(packet);
        if (taken) taken_();
        return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
    }

  private:
    static void check(const tlm::tlm_generic_payload& packet) {
        if (packet.is_response_error())
            SC_REPORT_ERROR("/sliver/packet", packet.get_response_string().c_str());
    }
    void retire(const tlm::tlm_generic_payload& packet) {
        check(packet);
        const auto place = std::find_if(in_flight_.begin(), in_flight_.end(),
                                        [&](const PacketRef& held) { return &*held == &packet; });
        if (place == in_flight_.end()) return;
        *place = std::move(in_flight_.back());
        in_flight_.pop_back();
    }

    tlm::tlm_initiator_socket<>& socket_;
    std::function<void()> taken_;
    std::vector<PacketRef> in_flight_;
    const tlm::tlm_generic_payload* requesting_ = nullptr;
};

}  // namespace sliver::model
