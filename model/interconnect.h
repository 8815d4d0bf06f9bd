// Interconnect: what the chip needs of whatever connects its tiles and its host. The chip knows nothing else
// of it, so any other one can take its place (ChipSetup::interconnect).
//
// It has a port for each tile, by number, and one more for the host, the last. A port is a target socket for
// what its tile sends and an initiator socket for what the tile is sent: TLM-2.0 base protocol, where to by
// bits 63..48 of the address (address_map.h), bytes as they are. It may hold a packet for as long as it
// likes: flow control is end to end, and a packet enters only when its receiver has room for it
// (credit_line.h). It must deliver packets of one port for one other port in the order in which they came.
// Receivers (packet_pool.h) are for interconnects that fork; others never see any.
//
// Made by make_interconnect() as the chip file says (mesh.kind), or by the factory of a ChipSetup. Called by
// Chip: sockets and credit_delay before the simulation, the rest at any time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "config/chip_config.h"
#include "model/address_map.h"
#include "model/calendar.h"
#include "model/packet_pool.h"
#include "model/timeline.h"

namespace sliver::model {

class Interconnect {
  public:
    Interconnect() = default;
    Interconnect(const Interconnect&) = delete;
    Interconnect& operator=(const Interconnect&) = delete;
    virtual ~Interconnect() = default;

    struct Counters {
        std::uint64_t packets = 0;    ///< that went in
        std::uint64_t delivered = 0;  ///< that came out, one a receiver
        std::uint64_t waits = 0;      ///< hops that found their link busy
        sc_core::sc_time waited;      ///< in all
        /// By the node that pays, in routers; once in one where the packet forks. Others beyond the end: 0.
        std::vector<std::uint64_t> flit_hops;
        void reset() {
            packets = delivered = waits = 0;
            waited = sc_core::SC_ZERO_TIME;
            std::fill(flit_hops.begin(), flit_hops.end(), std::uint64_t{0});
        }
    };
    struct LinkUse {
        std::string name;
        sc_core::sc_time busy, idle;  ///< up to now
    };

    [[nodiscard]] virtual tlm::tlm_target_socket<>& port_tsock(std::size_t port) = 0;
    [[nodiscard]] virtual tlm::tlm_initiator_socket<>& port_isock(std::size_t port) = 0;
    [[nodiscard]] virtual const Counters& counters() const = 0;
    /// Of the links that carried something, the `most` that were busy for the longest, those first.
    [[nodiscard]] virtual std::vector<LinkUse> busiest_links(std::size_t most) const = 0;
    /// From a port whose tile has room again to the one that may then send: a wire beside the links.
    [[nodiscard]] virtual sc_core::sc_time credit_delay(std::size_t from, std::size_t to) const = 0;
    /// Whether a packet may have several receivers.
    [[nodiscard]] virtual bool forks() const = 0;
    /// Nothing is on its way.
    [[nodiscard]] virtual bool at_rest() const = 0;
    /// As after elaboration: packets on their way are let go without an answer (Chip::reset()). One that does
    /// not know how is refused.
    virtual void reset();
};

/// What an interconnect is made from; all references outlive it.
struct InterconnectSetup {
    const config::MeshConfig& config;
    std::size_t tiles;  ///< in use; the host's port is number `tiles`
    std::size_t nodes;  ///< of the network: who may pay
    const Payers& payers;
    PacketPool& pool;              ///< for what the receivers of one packet get
    Timeline* timeline;            ///< null: nobody watches
    Calendar* calendar = nullptr;  ///< of the chip; null: the kernel wakes what it has to

    /// Of an address; tiles + 1 where it belongs to nobody.
    [[nodiscard]] std::size_t port_of(std::uint64_t address) const {
        const std::size_t port = decode(address).port;
        if (port == kHostPort) return tiles;
        return port < tiles ? port : tiles + 1;
    }
};

using InterconnectFactory = std::function<std::unique_ptr<Interconnect>(const InterconnectSetup&)>;

/// As the chip file says.
[[nodiscard]] std::unique_ptr<Interconnect> make_interconnect(const InterconnectSetup& setup);

}  // namespace sliver::model
