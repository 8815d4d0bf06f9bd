// Platform: a processor, a memory and accelerators on one bus, for tests and as an example of how to bind
// model/accelerator.h.
//
//   processor --> bus --> memory                     registers of accelerator i at kRegisters + i * kStride
//   DMA of accelerator i --> bus --> memory          memory at kMemory
//   bus --> registers of accelerator i               interrupt of accelerator i: line i of the processor
//
// Every memory-mapped link, inside the chips as well, carries a base-protocol checker where PlatformOptions
// ask for it. The processor's program decides what happens. One simulation a process, of one platform (run())
// or several (sc_start(), then finish() for each).
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

#include "bitline/analog_kernels.h"
#include "mapping/adc_widths.h"
#include "mapping/placement.h"
#include "model/accelerator.h"
#include "tb/checked_links.h"
#include "tb/platform_bus.h"
#include "tb/platform_memory.h"
#include "tb/platform_processor.h"

namespace sliver::tb {

/// A network made ready for a chip, and what a chip or an accelerator is built from. Stays where it is: the
/// chip refers to it.
struct ChipDesign {
    ChipDesign(network::QuantisedNetwork net, config::ChipConfig config);
    ChipDesign(const ChipDesign&) = delete;
    ChipDesign& operator=(const ChipDesign&) = delete;
    [[nodiscard]] model::ChipSetup setup() const;

    network::QuantisedNetwork network;
    config::ChipConfig chip;
    mapping::NetworkMapping mapping;
    mapping::AdcWidths widths;
    mapping::Placement placement;
    std::string network_sha256 = {};
};

struct PlatformOptions {
    std::size_t memory_bytes = std::size_t{1} << 20;
    double bus_hop_s = 10e-9, memory_access_s = 50e-9, memory_byte_s = 0.25e-9;
    double register_access_s = 10e-9;
    double quantum_s = 1e-6;  ///< of all processors: the last platform decides
    bool check_protocol = true;
    std::optional<std::uint32_t> stall_seed =
        {};  ///< stalls at random on every link, inside the chips as well
    model::Style style = model::Style::loosely_timed;  ///< of all chips
    std::vector<model::Timeline*> timelines = {};      ///< by accelerator; null or missing: nobody watches
};

class Platform : public sc_core::sc_module {
  public:
    static constexpr std::uint64_t kMemory = 0x8000'0000;
    static constexpr std::uint64_t kRegisters = 0x4000'0000, kStride = 0x1000;

    /// `designs` outlive the platform.
    Platform(const sc_core::sc_module_name& name, const std::deque<ChipDesign>& designs,
             const PlatformOptions& options, PlatformProcessor::Program program);

    /// Simulates until nothing happens any more, then finish().
    void run();
    /// After the simulation. std::runtime_error when the program did not come to its end.
    void finish();

    [[nodiscard]] PlatformProcessor& processor() { return *processor_; }
    [[nodiscard]] model::Accelerator& accelerator(std::size_t i) { return *accelerators_.at(i); }
    /// Reset input of an accelerator.
    [[nodiscard]] sc_core::sc_signal<bool>& reset(std::size_t i) { return *resets_.at(i); }
    [[nodiscard]] std::vector<std::string> violations() const;
    [[nodiscard]] std::uint64_t transactions() const;
    static std::uint64_t registers(std::size_t accelerator) { return kRegisters + accelerator * kStride; }

  private:
    void connect(CheckedLinks& links, tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to);

    PlatformOptions options_;
    std::unique_ptr<PlatformMemory> memory_;
    std::unique_ptr<PlatformProcessor> processor_;
    std::vector<std::unique_ptr<model::Accelerator>> accelerators_;
    std::vector<std::unique_ptr<sc_core::sc_signal<bool>>> interrupts_, resets_;
    std::unique_ptr<PlatformBus> bus_;
    CheckedLinks links_;                   ///< of the bus
    std::deque<CheckedLinks> chip_links_;  ///< inside the chips, by accelerator
};

}  // namespace sliver::tb
