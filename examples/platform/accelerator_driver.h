// AcceleratorDriver: the software side of an accelerator, as a driver of an operating system would be: loads
// and stores to registers (model/register_map.h) and memory, nothing else. Runs inside a program of
// Processor.
#pragma once

#include <cstdint>
#include <vector>

#include "model/register_map.h"
#include "processor.h"

namespace platform {

class AcceleratorDriver {
  public:
    struct Counters {
        std::uint64_t images_done = 0, time_fs = 0, busy_time_fs = 0, latency_fs = 0;
        std::uint64_t dynamic_energy_fj = 0, static_energy_fj = 0, conversions = 0, clipped = 0;
    };

    /// `base`: of the registers. `line`: of the processor's interrupts.
    AcceleratorDriver(Processor& processor, std::uint64_t base, std::size_t line)
        : processor_(processor), base_(base), line_(line) {}

    [[nodiscard]] std::uint32_t get(sliver::model::reg::Offset offset) {
        return processor_.load(base_ + offset);
    }
    void set(sliver::model::reg::Offset offset, std::uint32_t word) {
        processor_.store(base_ + offset, word);
    }
    /// A counter: low word, then the high word that was kept with it.
    [[nodiscard]] std::uint64_t get_long(sliver::model::reg::Offset low);
    [[nodiscard]] Counters counters();

    /// Input codes to memory, a byte each.
    void write_images(std::uint64_t address, const std::vector<std::int32_t>& codes);
    [[nodiscard]] std::vector<std::int32_t> read_logits(std::uint64_t address, std::size_t count);

    /// Enables the interrupt of the end of a job and rings the doorbell.
    void start(std::uint64_t input, std::uint64_t output, std::uint32_t images);
    /// Waits for the interrupt and clears it. Returns STATUS, whose errors it clears, too.
    std::uint32_t finish();

  private:
    Processor& processor_;
    std::uint64_t base_;
    std::size_t line_;
};

}  // namespace platform
