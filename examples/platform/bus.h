// Bus: decodes addresses, for examples and benches.
//
// Models: a map of regions, one a target; a fixed time for each transaction that passes, annotated. Targets
// see addresses from the start of their region. Addresses of no region, and bursts that leave theirs, get
// TLM_ADDRESS_ERROR_RESPONSE. Does not model: arbitration (transactions do not hinder each other), DMI.
// Speaks: base protocol, loosely timed (nb_transport through the sockets' adapters).
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

namespace platform {

class Bus : public sc_core::sc_module {
  public:
    struct Region {
        std::uint64_t base = 0, bytes = 0;
    };

    /// Target i has regions[i]; regions do not overlap.
    Bus(const sc_core::sc_module_name& name, std::size_t initiators, std::vector<Region> regions,
        const sc_core::sc_time& hop);

    [[nodiscard]] tlm::tlm_target_socket<>& initiator_tsock(std::size_t i) { return *tsocks_.at(i); }
    [[nodiscard]] tlm::tlm_initiator_socket<>& target_isock(std::size_t i) { return *isocks_.at(i); }

  private:
    void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& payload);
    /// The target of [address, address + bytes); regions_.size() where there is none.
    [[nodiscard]] std::size_t target_of(std::uint64_t address, std::uint64_t bytes) const;

    std::vector<Region> regions_;
    sc_core::sc_time hop_;
    std::vector<std::unique_ptr<tlm_utils::simple_target_socket_tagged<Bus>>> tsocks_;
    std::vector<std::unique_ptr<tlm_utils::simple_initiator_socket<Bus>>> isocks_;
};

}  // namespace platform
