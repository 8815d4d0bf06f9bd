#include "accelerator_driver.h"

#include <utility>

namespace platform {

namespace reg = sliver::model::reg;

std::uint64_t AcceleratorDriver::get_long(reg::Offset low) {
    const std::uint64_t low_word = get(low);
    return std::uint64_t{get(static_cast<reg::Offset>(low + 4))} << 32U | low_word;
}

AcceleratorDriver::Counters AcceleratorDriver::counters() {
    Counters counters;
    counters.images_done = get_long(reg::images_done_lo);
    counters.time_fs = get_long(reg::time_lo);
    counters.busy_time_fs = get_long(reg::busy_time_lo);
    counters.latency_fs = get_long(reg::latency_lo);
    counters.dynamic_energy_fj = get_long(reg::dynamic_energy_lo);
    counters.static_energy_fj = get_long(reg::static_energy_lo);
    counters.conversions = get_long(reg::conversions_lo);
    counters.clipped = get_long(reg::clipped_lo);
    return counters;
}

void AcceleratorDriver::write_images(std::uint64_t address, const std::vector<std::int32_t>& codes) {
    std::vector<unsigned char> bytes;
    for (const std::int32_t code : codes) bytes.push_back(static_cast<unsigned char>(code));
    processor_.store_bytes(address, std::move(bytes));
}

std::vector<std::int32_t> AcceleratorDriver::read_logits(std::uint64_t address, std::size_t count) {
    constexpr std::size_t kLogitBytes = 4;
    const std::vector<unsigned char> bytes = processor_.load_bytes(address, count * kLogitBytes);
    std::vector<std::int32_t> logits;
    for (std::size_t i = 0; i < bytes.size(); i += kLogitBytes) {
        std::uint32_t word = 0;
        for (std::size_t byte = 0; byte < kLogitBytes; ++byte)
            word |= std::uint32_t{bytes[i + byte]} << 8U * byte;
        logits.push_back(static_cast<std::int32_t>(word));
    }
    return logits;
}

void AcceleratorDriver::start(std::uint64_t input, std::uint64_t output, std::uint32_t images) {
    set(reg::input_address_lo, static_cast<std::uint32_t>(input));
    set(reg::input_address_hi, static_cast<std::uint32_t>(input >> 32U));
    set(reg::output_address_lo, static_cast<std::uint32_t>(output));
    set(reg::output_address_hi, static_cast<std::uint32_t>(output >> 32U));
    set(reg::image_count, images);
    set(reg::interrupt_enable, reg::kInterruptDone);
    set(reg::doorbell, reg::kStart);
}

std::uint32_t AcceleratorDriver::finish() {
    processor_.wait_for_interrupt(line_);
    set(reg::interrupt_status, reg::kInterrupts);
    processor_.wait_for_release(line_);
    const std::uint32_t status = get(reg::status);
    set(reg::status, reg::kErrors);
    return status;
}

}  // namespace platform
