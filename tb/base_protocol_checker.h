// BaseProtocolChecker: sits on a memory-mapped link and notes every breach of the TLM-2.0 base protocol.
//
// Clauses are those of IEEE 1666-2011. Checked: order and path of the phases (15.2.3, 15.2.4); one request
// and one response outstanding at a time (15.2.6 e, f), also where the end of one is annotated and still to
// come; annotated times that do not go backwards on a transaction (15.2.7 c); no mixing of blocking and
// non-blocking calls on a live transaction (15.2.10 c); memory manager and reference count (14.5 i, t); all
// attributes set, response status INCOMPLETE, DMI hint clear on the first call (14.11 to 14.17); attributes
// and bytes of a write that must not change in flight (14.7); an error-free final status set by the target;
// nothing left unfinished at the end. Blocking calls: the same attributes, a final status (an error is one,
// too), nothing changed by the target that is not its to change, annotated time that does not go backwards.
// Passes every call on unchanged. For tests: it costs time.
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

namespace sliver::tb {

class BaseProtocolChecker : public sc_core::sc_module,
                            public tlm::tlm_fw_transport_if<>,
                            public tlm::tlm_bw_transport_if<> {
  public:
    tlm::tlm_target_socket<> tsock;
    tlm::tlm_initiator_socket<> isock;

    BaseProtocolChecker(const sc_core::sc_module_name& name, std::string link);

    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
    [[nodiscard]] std::uint64_t transactions() const { return transactions_; }
    /// Both sides of the link have been reset: transactions that were alive are over.
    void reset() {
        live_.clear();
        requesting_ = responding_ = nullptr;
        request_ended_ = response_ended_ = sc_core::SC_ZERO_TIME;
    }
    /// To be called when the simulation has ended: transactions still alive are breaches.
    void finish();

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) override;
    unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

  private:
    enum class State { request, accepted, response };  ///< BEGIN_REQ seen, END_REQ seen, BEGIN_RESP seen
    struct Live {
        State state = State::request;
        sc_core::sc_time last;
        tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
        unsigned char* data = nullptr;
        unsigned length = 0, streaming_width = 0;
        unsigned char* enables = nullptr;
        std::uint64_t bytes = 0;  ///< digest of what a write brings
    };
    void note(const std::string& clause, const std::string& what);
    void check_attributes(const tlm::tlm_generic_payload& payload);
    void check_manager(const tlm::tlm_generic_payload& payload);
    static Live begun(const tlm::tlm_generic_payload& payload);
    void check_time(Live& live, const sc_core::sc_time& delay);
    void end_request(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
    void end_response(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
    void check_unchanged(const Live& live, const tlm::tlm_generic_payload& payload);
    void advance(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase, bool forward,
                 const sc_core::sc_time& delay);
    void complete(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);

    std::string link_;
    std::unordered_map<const tlm::tlm_generic_payload*, Live> live_;
    const tlm::tlm_generic_payload* requesting_ = nullptr;
    const tlm::tlm_generic_payload* responding_ = nullptr;
    sc_core::sc_time request_ended_, response_ended_;  ///< the last ones, as annotated
    std::vector<std::string> violations_;
    std::uint64_t transactions_ = 0;
};

}  // namespace sliver::tb
