#include "bus.h"

#include <string>
#include <utility>

namespace platform {

Bus::Bus(const sc_core::sc_module_name& name, std::size_t initiators, std::vector<Region> regions,
         const sc_core::sc_time& hop)
    : sc_module(name), regions_(std::move(regions)), hop_(hop) {
    for (std::size_t i = 0; i < initiators; ++i) {
        tsocks_.push_back(std::make_unique<tlm_utils::simple_target_socket_tagged<Bus>>(
            ("initiator_tsock_" + std::to_string(i)).c_str()));
        tsocks_.back()->register_b_transport(this, &Bus::b_transport, static_cast<int>(i));
        tsocks_.back()->register_transport_dbg(this, &Bus::transport_dbg, static_cast<int>(i));
    }
    for (std::size_t i = 0; i < regions_.size(); ++i)
        isocks_.push_back(std::make_unique<tlm_utils::simple_initiator_socket<Bus>>(
            ("target_isock_" + std::to_string(i)).c_str()));
}

std::size_t Bus::target_of(std::uint64_t address, std::uint64_t bytes) const {
    std::size_t target = 0;
    for (; target < regions_.size(); ++target) {
        const Region& region = regions_[target];
        if (address >= region.base && bytes <= region.bytes && address - region.base <= region.bytes - bytes)
            break;
    }
    return target;
}

void Bus::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    const std::size_t target = target_of(address, payload.get_data_length());
    delay += hop_;
    if (target == regions_.size()) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    payload.set_address(address - regions_[target].base);
    (*isocks_[target])->b_transport(payload, delay);
    payload.set_address(address);
}

unsigned Bus::transport_dbg(int, tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    const std::size_t target = target_of(address, payload.get_data_length());
    if (target == regions_.size()) return 0;
    payload.set_address(address - regions_[target].base);
    const unsigned bytes = (*isocks_[target])->transport_dbg(payload);
    payload.set_address(address);
    return bytes;
}

}  // namespace platform
