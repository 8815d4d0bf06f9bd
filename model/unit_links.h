// How the sockets inside a tile are bound: to its processing elements, and from block to block within them.
#pragma once

#include <functional>
#include <systemc>
#include <tlm>

#include "model/bitline_protocol.h"

namespace sliver::model {

/// Tests put protocol checkers in between. Empty: plain binds.
struct UnitLinks {
    std::function<void(tlm::tlm_initiator_socket<>&, tlm::tlm_target_socket<>&)> bus;
    std::function<void(bitline_initiator_socket&, bitline_target_socket&)> bitline;

    void connect(tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to) const {
        if (bus)
            bus(from, to);
        else
            from.bind(to);
    }
    void connect(bitline_initiator_socket& from, bitline_target_socket& to) const {
        if (bitline)
            bitline(from, to);
        else
            from.bind(to);
    }
};

}  // namespace sliver::model
