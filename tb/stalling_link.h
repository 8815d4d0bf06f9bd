// StallingLink: a partner of every kind, slow at random, to shake out orderings that only ever worked by
// luck.
//
// Sits on a memory-mapped link and keeps the base protocol. For each request and each response it draws anew
// how it behaves: it passes requests on after a while or at once, now or with an annotated delay; ends them
// by a call of its own when the target has, or at once with an annotated time, or answers on the spot as the
// target does (TLM_COMPLETED, or TLM_UPDATED with a response); ends the target's responses when they begin,
// by TLM_UPDATED with an annotated time, or in a phase of their own (four phases); sends responses on after a
// while, now or with an annotated delay. Stalls are up to `longest`. Seeded: the same seed gives the same
// stalls. For tests.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <systemc>
#include <tlm>
#include <unordered_map>

#include "model/agenda.h"
#include "model/packet_pool.h"

namespace sliver::tb {

class StallingLink : public sc_core::sc_module,
                     public tlm::tlm_fw_transport_if<>,
                     public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(StallingLink);

    tlm::tlm_target_socket<> tsock;
    tlm::tlm_initiator_socket<> isock;

    StallingLink(const sc_core::sc_module_name& name, std::uint32_t seed, const sc_core::sc_time& longest);

    /// What is under way is forgotten.
    void reset() {
        agenda_.reset();
        requests_.clear();
        responses_.clear();
        live_.clear();
        requesting_ = nullptr;
        responding_ = false;
    }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload& payload) override {
        return isock->transport_dbg(payload);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    struct Request {
        model::PacketRef payload;
        sc_core::sc_time ready;
    };
    /// Of a transaction on its way.
    struct Live {
        bool owes_end = false;           ///< the initiator waits for END_REQ
        sc_core::sc_time request_ended;  ///< as annotated towards the initiator
    };
    struct Response {
        model::PacketRef payload;
        sc_core::sc_time ready;
    };
    void step() { agenda_.run_due(); }
    [[nodiscard]] sc_core::sc_time stall();
    [[nodiscard]] unsigned draw(unsigned kinds) { return static_cast<unsigned>(random_() % kinds); }
    tlm::tlm_sync_enum at_once(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                               sc_core::sc_time& delay);
    void forward();
    void request_ended(const model::PacketRef& payload);
    void end_target_response(const model::PacketRef& payload);
    void answered(const model::PacketRef& payload);
    void respond();

    std::mt19937 random_;
    sc_core::sc_time longest_;
    model::Agenda agenda_;
    std::deque<Request> requests_;
    const tlm::tlm_generic_payload* requesting_ = nullptr;  ///< the target has not ended it
    std::deque<Response> responses_;
    bool responding_ = false;  ///< the initiator has not ended the last response
    std::unordered_map<const tlm::tlm_generic_payload*, Live> live_;
};

}  // namespace sliver::tb
