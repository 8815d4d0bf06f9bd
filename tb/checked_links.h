// CheckedLinks: binds memory-mapped sockets with a base-protocol checker in between; where random stalls are
// asked for, a stalling link with a checker on each of its sides. Owns what it puts there; for benches, which
// hand violations() to their tests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "tb/base_protocol_checker.h"
#include "tb/bitline_checker.h"
#include "tb/stalling_link.h"

namespace sliver::tb {

class CheckedLinks {
  public:
    /// During elaboration. `stall_seed`: the link stalls at random, each link differently.
    void connect(tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to,
                 std::optional<std::uint32_t> stall_seed);
    /// A bitline link.
    void connect(model::bitline_initiator_socket& from, model::bitline_target_socket& to);
    /// All that the links connect has been reset: what is under way is forgotten.
    void reset();
    /// When the simulation has ended: transactions still alive are breaches.
    void finish();
    /// Messages of all checkers; empty when the protocol was kept.
    [[nodiscard]] std::vector<std::string> violations() const;
    /// Transactions the checkers saw.
    [[nodiscard]] std::uint64_t transactions() const;

  private:
    void check(tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to, const std::string& link);

    std::vector<std::unique_ptr<BaseProtocolChecker>> checkers_;
    std::vector<std::unique_ptr<BitlineChecker>> bitline_checkers_;
    std::vector<std::unique_ptr<StallingLink>> stalls_;
};

}  // namespace sliver::tb
