// CreditLine: what a receiver lets its senders know about its room.
//
// Models: a limit that only rises: what has a number below it has room. The receiver raises it; every sender
// knows of it a delay later, the way of a head flit from the receiver to it (timing/mesh_routes.h), on wires
// beside the links of the mesh. A sender that is refused may be called when the limit has passed its number.
// Does not model: energy of these wires, their being shared. One line a receiver: a buffer of a map, whose
// numbers are pixels in raster order over all images; or the places of a copy in a tile's output queue, whose
// numbers are the copy's windows. Called by tiles and host; no module of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <systemc>
#include <vector>

#include "model/agenda.h"

namespace sliver::model {

class CreditLine {
  public:
    /// Every sender knows `limit` from the beginning.
    explicit CreditLine(std::uint64_t limit) : first_limit_(limit), limit_(limit), known_(limit) {}

    /// Before the simulation, for every sender: how long it takes until it knows.
    void connect(const sc_core::sc_time& delay) { longest_ = std::max(longest_, delay); }
    /// From now on numbers below `limit` have room; a lower limit than before changes nothing.
    void raise(std::uint64_t limit);
    /// Whether a sender at that distance knows that `number` has room.
    [[nodiscard]] bool grants(std::uint64_t number, const sc_core::sc_time& delay) const;
    /// Runs `action` on the sender's agenda as soon as grants(number, delay). For senders that were refused.
    void call(std::uint64_t number, const sc_core::sc_time& delay, Agenda& agenda, Agenda::Action action);

    /// The limit of the beginning; nobody waits.
    void reset();

    /// How often a sender had to be called.
    [[nodiscard]] std::uint64_t calls() const { return calls_; }

  private:
    struct Change {
        sc_core::sc_time since;
        std::uint64_t limit;
    };
    struct Waiting {
        std::uint64_t number;
        sc_core::sc_time delay;
        Agenda* agenda;
        Agenda::Action action;
    };
    [[nodiscard]] const sc_core::sc_time& passed(std::uint64_t number) const;

    std::uint64_t first_limit_;
    std::uint64_t limit_;
    std::uint64_t known_;         ///< the limit that every sender knows
    std::deque<Change> changes_;  ///< after it, in the order of time
    sc_core::sc_time longest_;    ///< delay of a sender
    std::vector<Waiting> waiting_;
    std::uint64_t calls_ = 0;
};

}  // namespace sliver::model
