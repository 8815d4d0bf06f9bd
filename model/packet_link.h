// PacketSender: the initiator side of a port of the mesh, for tiles and the host.
//
// Keeps a queue of packets, sends one request at a time (base protocol: the next BEGIN_REQ waits for
// END_REQ), holds every packet until it is answered, and knows how many are on their way. Header-only helper
// of Tile and Host; takes no time.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "model/packet_pool.h"

namespace sliver::model {

class PacketSender {
  public:
    /// `answered` is called when the interconnect or the receiver has freed a place.
    PacketSender(tlm::tlm_initiator_socket<>& socket, std::function<void()> answered)
        : socket_(socket), answered_(std::move(answered)) {}

    void send(PacketRef packet) {
        queue_.push_back(std::move(packet));
        pump();
    }
    /// Packets not yet taken over by their receivers.
    [[nodiscard]] std::size_t pending() const { return queue_.size() + in_flight_.size(); }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, const tlm::tlm_phase& phase) {
        if (&packet == requesting_) requesting_ = nullptr;  // END_REQ, or BEGIN_RESP which implies it
        if (phase == tlm::BEGIN_RESP) retire(packet);
        answered_();
        return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
    }

    void pump() {
        while (requesting_ == nullptr && !queue_.empty()) {
            PacketRef packet = std::move(queue_.front());
            queue_.pop_front();
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay;
            const tlm::tlm_sync_enum answer = socket_->nb_transport_fw(*packet, phase, delay);
            if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) {
                check(*packet);
                continue;
            }
            if (answer == tlm::TLM_ACCEPTED) requesting_ = &*packet;
            in_flight_.push_back(std::move(packet));
        }
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
    std::function<void()> answered_;
    std::deque<PacketRef> queue_;
    std::vector<PacketRef> in_flight_;
    const tlm::tlm_generic_payload* requesting_ = nullptr;
};

}  // namespace sliver::model
