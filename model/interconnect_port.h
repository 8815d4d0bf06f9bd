// InterconnectPort: one port of an interconnect: its two sockets and what they have to say to each other in
// the TLM-2.0 base protocol.
//
// Models: nothing that takes time. A packet that comes in goes to the owner, which says when it is taken and
// later offers it to a port, where it comes out: one request at a time, in the order in which they were
// offered. What its receiver answers goes back to the port where it came in. Refuses at once what belongs to
// no port and what nobody manages the memory of. Speaks: base protocol, approximately timed, with partners of
// any kind (packet_link.h); b_transport with the time that the owner adds; transport_dbg. No DMI. Owned and
// called by the interconnects of this folder.
#pragma once

#include <deque>
#include <string>
#include <systemc>
#include <tlm>

#include "model/agenda.h"
#include "model/packet_link.h"

namespace sliver::model {

class InterconnectPort : public tlm::tlm_fw_transport_if<>, public tlm::tlm_bw_transport_if<> {
  public:
    /// The interconnect that a port belongs to.
    class Owner {
      public:
        /// The port an address belongs to; null: none.
        virtual InterconnectPort* port_at(std::uint64_t address) = 0;
        /// A request came in, which is really there only `delay` later. As nb_transport_fw; what is not
        /// completed at once the owner holds, and answers by port.respond().
        virtual tlm::tlm_sync_enum take(InterconnectPort& port, tlm::tlm_generic_payload& packet,
                                        tlm::tlm_phase& phase, sc_core::sc_time& delay) = 0;
        /// What was offered has its response.
        virtual void answered(tlm::tlm_generic_payload& packet) = 0;
        /// Of a packet that is alone in the interconnect, for callers that wait for it (b_transport).
        virtual sc_core::sc_time alone(const InterconnectPort& from, const InterconnectPort& to,
                                       const tlm::tlm_generic_payload& packet) = 0;

      protected:
        ~Owner() = default;
    };

    InterconnectPort(Owner& owner, Agenda& agenda, std::size_t number);

    tlm::tlm_target_socket<> tsock;
    tlm::tlm_initiator_socket<> isock;

    [[nodiscard]] std::size_t number() const { return number_; }
    /// The packet that came in here has been taken: END_REQ.
    void accept(tlm::tlm_generic_payload& packet);
    /// The packet that came in here has its answer.
    void respond(PacketRef packet) { responder_.respond(std::move(packet)); }
    /// A packet is to come out here. True: it did, and has its response already.
    bool offer(PacketRef packet);
    [[nodiscard]] bool at_rest() const {
        return sender_.at_rest() && responder_.at_rest() && arrived_.empty();
    }

    void reset() {
        sender_.reset();
        responder_.reset();
        arrived_.clear();
    }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void b_transport(tlm::tlm_generic_payload& packet, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload& packet) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void go_on();

    Owner& owner_;
    std::size_t number_;
    PacketSender sender_;        ///< what comes out
    PacketResponder responder_;  ///< to what came in
    std::deque<PacketRef> arrived_;
};

}  // namespace sliver::model
