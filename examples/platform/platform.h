// Platform: a processor, a memory and accelerators on one bus: how to bind model/accelerator.h.
//
//   processor --> bus --> memory                     registers of accelerator i at kRegisters + i * kStride
//   DMA of accelerator i --> bus --> memory          memory at kMemory
//   bus --> registers of accelerator i               interrupt of accelerator i: line i of the processor
//
// The processor's program decides what happens. One simulation a process, of one platform (run()) or several
// (sc_start(), then finish() for each).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "bus.h"
#include "memory.h"
#include "model/accelerator.h"
#include "processor.h"

namespace platform {

/// What an accelerator is built from.
struct Guest {
    sliver::model::ChipSetup setup;  ///< what it refers to outlives the platform
    std::string network_sha256;      ///< for NETWORK_HASH; may be empty
};

struct Options {
    std::size_t memory_bytes = std::size_t{1} << 20;
    double bus_hop_s = 10e-9, memory_access_s = 50e-9, memory_byte_s = 0.25e-9;
    double register_access_s = 10e-9;
    double quantum_s = 1e-6;  ///< of all processors: the last platform decides
    /// Binds what is on the bus; benches put checkers in between. Empty: a plain bind.
    std::function<void(tlm::tlm_initiator_socket<>&, tlm::tlm_target_socket<>&)> connect = {};
};

class Platform : public sc_core::sc_module {
  public:
    static constexpr std::uint64_t kMemory = 0x8000'0000;
    static constexpr std::uint64_t kRegisters = 0x4000'0000, kStride = 0x1000;

    Platform(const sc_core::sc_module_name& name, const std::vector<Guest>& guests, const Options& options,
             Processor::Program program);

    /// Simulates until nothing happens any more, then finish().
    void run();
    /// After the simulation. std::runtime_error when the program did not come to its end.
    virtual void finish();

    [[nodiscard]] Processor& processor() { return *processor_; }
    [[nodiscard]] sliver::model::Accelerator& accelerator(std::size_t i) { return *accelerators_.at(i); }
    /// Reset input of an accelerator.
    [[nodiscard]] sc_core::sc_signal<bool>& reset(std::size_t i) { return *resets_.at(i); }
    static std::uint64_t registers(std::size_t accelerator) { return kRegisters + accelerator * kStride; }

  private:
    std::unique_ptr<Memory> memory_;
    std::unique_ptr<Processor> processor_;
    std::vector<std::unique_ptr<sliver::model::Accelerator>> accelerators_;
    std::vector<std::unique_ptr<sc_core::sc_signal<bool>>> interrupts_, resets_;
    std::unique_ptr<Bus> bus_;
};

}  // namespace platform
