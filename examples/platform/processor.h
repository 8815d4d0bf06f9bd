// Processor: an initiator that runs a program of a platform, for examples and benches.
//
// Models: one thread with its own time, ahead of the kernel's by up to the global quantum
// (tlm_quantumkeeper); loads and stores over the bus; interrupt lines that it can wait for. A program is a
// C++ function. Does not model: instructions and their time (work() lets time pass), caches. Speaks: base
// protocol, loosely timed.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>
#include <vector>

namespace platform {

class Processor : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Processor);

    using Program = std::function<void(Processor&)>;

    tlm_utils::simple_initiator_socket<Processor> isock;
    sc_core::sc_vector<sc_core::sc_in<bool>> interrupts;

    Processor(const sc_core::sc_module_name& name, std::size_t interrupt_lines, Program program);

    // For programs. Words are 32 bits, in the order of the bytes in memory where that is meant
    // (little-endian); std::runtime_error, with address and status, when the platform answers an error.
    [[nodiscard]] std::uint32_t load(std::uint64_t address);
    void store(std::uint64_t address, std::uint32_t word);
    [[nodiscard]] std::vector<unsigned char> load_bytes(std::uint64_t address, std::size_t count);
    void store_bytes(std::uint64_t address, std::vector<unsigned char> bytes);
    /// Any transaction; the caller looks at its status.
    void transport(tlm::tlm_generic_payload& payload);
    [[nodiscard]] unsigned debug(tlm::tlm_generic_payload& payload);
    /// Until the line is high.
    void wait_for_interrupt(std::size_t line);
    /// Until it is low again: what cleared it takes a moment to be seen.
    void wait_for_release(std::size_t line);
    void work(const sc_core::sc_time& time);
    /// The processor's own time.
    [[nodiscard]] sc_core::sc_time now() const { return keeper_.get_current_time(); }
    /// Whether the program has come to its end.
    [[nodiscard]] bool finished() const { return finished_; }

  private:
    void run();
    void move(tlm::tlm_command command, std::uint64_t address, unsigned char* data, std::size_t bytes);

    Program program_;
    tlm_utils::tlm_quantumkeeper keeper_;
    bool finished_ = false;
};

}  // namespace platform
