// SharedBus: one bus between a chip's tiles and its host, as somebody would write it who has never seen the
// mesh: for tests, and as an example of an interconnect that is not Sliver's (model/interconnect.h).
//
// Models: one transfer at a time, `width` bytes a clock and one clock for the address; the ports take turns
// (round robin). Counts packets and waiting. Knows addresses and bytes, nothing else: every transfer is a
// transaction of its own, of which the one that came in sees the bytes and the response. Does not model:
// several receivers of a packet. Speaks: base protocol in four phases: it ends a request when the bus has
// been granted, and a response one clock after it began.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include "model/interconnect.h"

namespace sliver::tb {

class SharedBus : public sc_core::sc_module, public model::Interconnect, private tlm::tlm_mm_interface {
  public:
    SC_HAS_PROCESS(SharedBus);
    /// `tiles`: ports 0 .. tiles - 1; port `tiles` is the host's.
    SharedBus(const sc_core::sc_module_name& name, std::size_t tiles, std::size_t width,
              const sc_core::sc_time& clock);
    ~SharedBus() override;

    [[nodiscard]] tlm::tlm_target_socket<>& port_tsock(std::size_t port) override;
    [[nodiscard]] tlm::tlm_initiator_socket<>& port_isock(std::size_t port) override;
    [[nodiscard]] const Counters& counters() const override { return counters_; }
    [[nodiscard]] std::vector<LinkUse> busiest_links(std::size_t) const override { return {}; }
    [[nodiscard]] sc_core::sc_time credit_delay(std::size_t, std::size_t) const override { return clock_; }
    [[nodiscard]] bool forks() const override { return false; }
    [[nodiscard]] bool at_rest() const override { return on_its_way_ == 0; }

  private:
    struct Request {
        tlm::tlm_generic_payload* payload = nullptr;
        sc_core::sc_time comes;
    };
    struct Port;
    /// A transfer on the bus's own account.
    struct Transfer;
    struct Answer {
        Transfer* transfer = nullptr;
        sc_core::sc_time comes;
        bool is_phase = true;  ///< and has to be ended
    };
    tlm::tlm_sync_enum from_initiator(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                      sc_core::sc_time& delay);
    tlm::tlm_sync_enum from_target(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay);
    void arbitrate();
    void answer();
    void transfer(std::size_t from, tlm::tlm_generic_payload& payload);
    [[nodiscard]] std::optional<std::size_t> next_port();
    void wait_for_request();
    void free(tlm::tlm_generic_payload* payload) override;

    std::size_t width_;
    sc_core::sc_time clock_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::vector<std::unique_ptr<Transfer>> transfers_;
    std::vector<Transfer*> idle_;
    std::deque<Answer> answers_;
    std::size_t turn_ = 0, on_its_way_ = 0;
    sc_core::sc_event requested_, granted_, answered_, ended_;
    const tlm::tlm_generic_payload* requesting_ = nullptr;  ///< the target has not ended it
    Counters counters_;
};

}  // namespace sliver::tb
