#include "memory.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace platform {

Memory::Memory(const sc_core::sc_module_name& name, std::size_t bytes, const Timing& timing)
    : sc_module(name), tsock("tsock"), bytes_(bytes, 0), timing_(timing) {
    tsock.register_b_transport(this, &Memory::b_transport);
    tsock.register_transport_dbg(this, &Memory::transport_dbg);
}

void Memory::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    const std::size_t length = payload.get_data_length();
    if (length > bytes_.size() || address > bytes_.size() - length)
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    else if (payload.get_byte_enable_ptr() != nullptr)
        payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    else if (payload.get_streaming_width() < length)
        payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    else {
        copy(payload, length);
        delay += timing_.access + timing_.byte * static_cast<double>(length);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    if (address >= bytes_.size()) return 0;
    const std::size_t length = std::min<std::size_t>(payload.get_data_length(), bytes_.size() - address);
    copy(payload, length);
    return static_cast<unsigned>(length);
}

void Memory::copy(tlm::tlm_generic_payload& payload, std::size_t bytes) {
    unsigned char* const here = bytes_.data() + payload.get_address();
    if (payload.is_read())
        std::memcpy(payload.get_data_ptr(), here, bytes);
    else if (payload.is_write())
        std::memcpy(here, payload.get_data_ptr(), bytes);
}

}  // namespace platform
