// PacketSender, PacketResponder: the two ends of a memory-mapped link that speaks the TLM-2.0 base protocol,
// for tiles, the host, the ports of interconnects and a tile's memory.
//
// They keep what the protocol asks of each end: one request and one response at a time, every phase at the
// time that is annotated on it, and any partner: one that answers at once, in two phases or in four, with
// annotated delays or by waiting. Which packet goes next is their owner's choice (output_queue.h). They take
// no time themselves. Their owner passes its nb_transport calls on to them, and runs the agenda.
#pragma once

#include <deque>
#include <functional>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "model/agenda.h"
#include "model/packet_pool.h"

namespace sliver::model {

/// Runs `action` when `delay`, as annotated on a call, is over: now where it is nothing.
void when_over(const sc_core::sc_time& delay, Agenda& agenda, Agenda::Action action);

/// What every target of the chip says to a request before it looks at what it is about: TLM_OK_RESPONSE, or
/// the error. Targets take no byte enables and no streaming, and hold what nb_transport brings them, so it
/// needs a memory manager. Where the target has nothing to be read, only writes.
[[nodiscard]] tlm::tlm_response_status judge(const tlm::tlm_generic_payload& payload, bool readable);
/// The same for nb_transport.
[[nodiscard]] tlm::tlm_response_status judge_held(const tlm::tlm_generic_payload& payload, bool readable);

/// The initiator's end.
class PacketSender {
  public:
    /// `taken`: the packet that was sent last has been taken, the next may follow. `answered`: a packet has
    /// its response. Neither is called for what send() itself says.
    PacketSender(tlm::tlm_initiator_socket<>& socket, Agenda& agenda, std::function<void()> taken,
                 std::function<void(tlm::tlm_generic_payload&)> answered)
        : socket_(socket), agenda_(agenda), taken_(std::move(taken)), answered_(std::move(answered)) {}

    [[nodiscard]] bool free() const { return requesting_ == nullptr; }
    [[nodiscard]] bool at_rest() const { return in_flight_.empty(); }

    enum class Sent {
        waiting,   ///< `taken` will say when the next may follow
        taken,     ///< the next may follow
        answered,  ///< and the packet has its response
    };
    /// Only when free(). The packet is held until it is answered.
    Sent send(PacketRef packet);

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, const tlm::tlm_phase& phase,
                                       const sc_core::sc_time& delay);

    /// Both sides of the port are reset: what was sent is forgotten.
    void reset() {
        in_flight_.clear();
        requesting_ = nullptr;
    }

  private:
    void end_request(const tlm::tlm_generic_payload& packet);
    void finish(const tlm::tlm_generic_payload& packet);
    void end_response(tlm::tlm_generic_payload& packet);
    PacketRef drop(const tlm::tlm_generic_payload& packet);

    tlm::tlm_initiator_socket<>& socket_;
    Agenda& agenda_;
    std::function<void()> taken_;
    std::function<void(tlm::tlm_generic_payload&)> answered_;
    std::vector<PacketRef> in_flight_;
    const tlm::tlm_generic_payload* requesting_ = nullptr;
};

/// The target's end, as far as responses go: they leave one at a time, in their order.
class PacketResponder {
  public:
    PacketResponder(tlm::tlm_target_socket<>& socket, Agenda& agenda) : socket_(socket), agenda_(agenda) {}

    /// The packet has its status: its response leaves as soon as the one before it has ended.
    void respond(PacketRef packet);
    /// END_RESP on the forward path.
    tlm::tlm_sync_enum end_response(const tlm::tlm_generic_payload& packet, const sc_core::sc_time& delay);
    [[nodiscard]] bool at_rest() const { return !responding_ && waiting_.empty(); }
    void reset() {
        responding_ = PacketRef();
        waiting_.clear();
    }

  private:
    void go_on();
    void ended();

    tlm::tlm_target_socket<>& socket_;
    Agenda& agenda_;
    PacketRef responding_;
    std::deque<PacketRef> waiting_;
};

}  // namespace sliver::model
