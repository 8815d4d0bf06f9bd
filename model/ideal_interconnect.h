// IdealInterconnect: packets between tiles and host are there at once (mesh.kind: ideal).
//
// Models: nothing that takes time or room; nobody is in anybody's way, and a sender is free at once. A
// receiver that is slow to end a request finds the next one behind it. Counts packets; no flits, no waiting.
// A packet has one receiver. Speaks: base protocol, a port each for tiles and host (interconnect_port.h).
#pragma once

#include <memory>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "model/interconnect.h"
#include "model/interconnect_port.h"

namespace sliver::model {

class IdealInterconnect : public sc_core::sc_module, public Interconnect, private InterconnectPort::Owner {
  public:
    SC_HAS_PROCESS(IdealInterconnect);
    IdealInterconnect(const sc_core::sc_module_name& name, const InterconnectSetup& setup);
    ~IdealInterconnect() override;

    [[nodiscard]] tlm::tlm_target_socket<>& port_tsock(std::size_t port) override {
        return ports_.at(port)->tsock;
    }
    [[nodiscard]] tlm::tlm_initiator_socket<>& port_isock(std::size_t port) override {
        return ports_.at(port)->isock;
    }
    [[nodiscard]] const Counters& counters() const override { return counters_; }
    [[nodiscard]] std::vector<LinkUse> busiest_links(std::size_t) const override { return {}; }
    [[nodiscard]] sc_core::sc_time credit_delay(std::size_t, std::size_t) const override {
        return sc_core::SC_ZERO_TIME;
    }
    [[nodiscard]] bool forks() const override { return false; }
    [[nodiscard]] bool at_rest() const override;
    void reset() override;

  private:
    InterconnectPort* port_at(std::uint64_t address) override;
    tlm::tlm_sync_enum take(InterconnectPort& port, tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay) override;
    void answered(tlm::tlm_generic_payload& packet) override;
    sc_core::sc_time alone(const InterconnectPort& from, const InterconnectPort& to,
                           const tlm::tlm_generic_payload& packet) override;
    void step() { delays_.run_due(); }

    InterconnectSetup setup_;
    Counters counters_;
    Agenda delays_;
    std::vector<std::unique_ptr<InterconnectPort>> ports_;
    /// What is not answered yet, and where it came in.
    struct Transit {
        PacketRef packet;
        InterconnectPort* source;
    };
    std::unordered_map<const tlm::tlm_generic_payload*, Transit> transits_;
};

}  // namespace sliver::model
