// StallingLink: a link that is slow at random, to shake out orderings that only ever worked by luck.
//
// Sits on a memory-mapped link and keeps the base protocol: every request is passed on after a random time,
// every response too (both up to `longest`). Seeded: the same seed gives the same stalls. For tests.
#pragma once

#include <cstdint>
#include <random>
#include <systemc>
#include <tlm>

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
    void step() { agenda_.run_due(); }
    [[nodiscard]] sc_core::sc_time stall();
    void forward(const model::PacketRef& payload);
    void answer(const model::PacketRef& payload, tlm::tlm_phase phase);
    void answer_later(const model::PacketRef& payload);

    std::mt19937 random_;
    sc_core::sc_time longest_;
    sc_core::sc_time last_response_;
    model::Agenda agenda_;
};

}  // namespace sliver::tb
