// BitlineChecker: sits on a bitline link and notes every breach of the protocol (model/bitline_protocol.h).
//
// Loosely timed: BEGIN_REQ alone, completed on the forward path; the annotated delay of a read does not
// shrink, that of values is none and stays so; values come after reads that have none. Approximately timed:
// nothing annotated, every read carries everything, one request at a time, END_REQ before BEGIN_RESP,
// responses in the order of the reads and completed at once, nothing left at the end. A link has one style
// and reads one array. Passes every call on unchanged. For tests: it costs time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <systemc>
#include <vector>

#include "model/bitline_protocol.h"

namespace sliver::tb {

class BitlineChecker : public sc_core::sc_module, public model::bitline_fw_if, public model::bitline_bw_if {
  public:
    model::bitline_target_socket tsock;
    model::bitline_initiator_socket isock;

    BitlineChecker(const sc_core::sc_module_name& name, std::string link);

    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
    [[nodiscard]] std::uint64_t reads() const { return reads_; }
    /// To be called when the simulation has ended: reads still alive are breaches.
    void finish();

    tlm::tlm_sync_enum nb_transport_fw(model::BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_bw(model::BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void b_transport(model::BitlineRead& read, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(model::BitlineRead&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(model::BitlineRead&) override { return 0; }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void note(const std::string& what);
    void check_completed(const model::BitlineRead& read, const sc_core::sc_time& before,
                         const sc_core::sc_time& after);
    void end_request(const model::BitlineRead& read);

    std::string link_;
    std::deque<const model::BitlineRead*> live_;      ///< in the order of their requests
    const model::BitlineRead* requesting_ = nullptr;  ///< has no END_REQ yet
    bool completes_ = false, has_phases_ = false;     ///< the style that was seen
    std::size_t array_ = 0;
    std::uint64_t reads_ = 0, without_values_ = 0;  ///< the latter since the last values
    std::vector<std::string> violations_;
};

}  // namespace sliver::tb
