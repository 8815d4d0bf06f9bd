// Memory: the memory of a virtual platform, for examples and benches.
//
// Models: bytes; a fixed time for each access and one for each byte, annotated. Does not model: banks,
// refresh, DMI, byte enables. Speaks: base protocol, loosely timed (nb_transport through the socket's
// adapter), transport_dbg both ways. Its own addresses begin at 0: a bus takes its base off.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstddef>
#include <systemc>
#include <tlm>
#include <vector>

namespace platform {

class Memory : public sc_core::sc_module {
  public:
    struct Timing {
        sc_core::sc_time access, byte;
    };

    tlm_utils::simple_target_socket<Memory> tsock;

    Memory(const sc_core::sc_module_name& name, std::size_t bytes, const Timing& timing);

  private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    void copy(tlm::tlm_generic_payload& payload, std::size_t bytes);

    std::vector<unsigned char> bytes_;
    Timing timing_;
};

}  // namespace platform
