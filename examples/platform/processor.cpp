#include "processor.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "model/packet_pool.h"

namespace platform {
namespace {

constexpr std::size_t kWordBytes = 4;
constexpr std::size_t kLineBytes = 64;  ///< largest transaction

}  // namespace

Processor::Processor(const sc_core::sc_module_name& name, std::size_t interrupt_lines, Program program)
    : sc_module(name),
      isock("isock"),
      interrupts("interrupt", interrupt_lines),
      program_(std::move(program)) {
    SC_THREAD(run);
}

void Processor::run() {
    keeper_.reset();
    program_(*this);
    keeper_.sync();
    finished_ = true;
}

std::uint32_t Processor::load(std::uint64_t address) {
    unsigned char bytes[kWordBytes] = {};
    move(tlm::TLM_READ_COMMAND, address, bytes, kWordBytes);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < kWordBytes; ++i) word |= std::uint32_t{bytes[i]} << 8U * i;
    return word;
}

void Processor::store(std::uint64_t address, std::uint32_t word) {
    unsigned char bytes[kWordBytes];
    for (std::size_t i = 0; i < kWordBytes; ++i) bytes[i] = static_cast<unsigned char>(word >> 8U * i);
    move(tlm::TLM_WRITE_COMMAND, address, bytes, kWordBytes);
}

std::vector<unsigned char> Processor::load_bytes(std::uint64_t address, std::size_t count) {
    std::vector<unsigned char> bytes(count);
    move(tlm::TLM_READ_COMMAND, address, bytes.data(), count);
    return bytes;
}

void Processor::store_bytes(std::uint64_t address, std::vector<unsigned char> bytes) {
    move(tlm::TLM_WRITE_COMMAND, address, bytes.data(), bytes.size());
}

void Processor::move(tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                     std::size_t bytes) {
    tlm::tlm_generic_payload payload;
    while (bytes != 0) {
        const std::size_t part = std::min(bytes, kLineBytes);
        sliver::model::initialise(payload, command, address, data, part);
        transport(payload);
        if (payload.is_response_error())
            throw std::runtime_error(fmt::format("{} at 0x{:x}: {}",
                                                 command == tlm::TLM_READ_COMMAND ? "load" : "store", address,
                                                 payload.get_response_string()));
        address += part;
        data += part;
        bytes -= part;
    }
}

void Processor::transport(tlm::tlm_generic_payload& payload) {
    sc_core::sc_time delay = keeper_.get_local_time();
    isock->b_transport(payload, delay);
    keeper_.set(delay);
    if (keeper_.need_sync()) keeper_.sync();
}

unsigned Processor::debug(tlm::tlm_generic_payload& payload) {
    return isock->transport_dbg(payload);
}

void Processor::wait_for_interrupt(std::size_t line) {
    keeper_.sync();
    while (!interrupts[line].read()) sc_core::wait(interrupts[line].posedge_event());
    keeper_.reset();
}

void Processor::wait_for_release(std::size_t line) {
    keeper_.sync();
    while (interrupts[line].read()) sc_core::wait(interrupts[line].negedge_event());
    keeper_.reset();
}

void Processor::work(const sc_core::sc_time& time) {
    keeper_.inc(time);
    if (keeper_.need_sync()) keeper_.sync();
}

}  // namespace platform
