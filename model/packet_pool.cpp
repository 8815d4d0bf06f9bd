#include "model/packet_pool.h"

namespace sliver::model {

struct PacketPool::Entry : tlm::tlm_generic_payload {
    explicit Entry(tlm::tlm_mm_interface* pool) : tlm_generic_payload(pool) { set_extension(&receivers); }
    ~Entry() override { clear_extension(&receivers); }
    Receivers receivers;
    std::vector<unsigned char> data;
    PacketRef origin;  ///< whose data a copy has
};

PacketPool::PacketPool() = default;
PacketPool::~PacketPool() {
    for (const auto& entry : entries_) entry->origin = PacketRef();
}

PacketPool::Entry& PacketPool::take() {
    if (idle_.empty()) {
        entries_.push_back(std::make_unique<Entry>(this));
        idle_.push_back(entries_.back().get());
    }
    Entry& entry = *idle_.back();
    idle_.pop_back();
    entry.receivers.addresses.clear();
    return entry;
}

PacketRef PacketPool::make_packet(std::uint64_t address, std::size_t bytes) {
    Entry& entry = take();
    entry.data.resize(bytes);
    initialise(entry, tlm::TLM_WRITE_COMMAND, address, entry.data.data(), bytes);
    return PacketRef(entry);
}

PacketRef PacketPool::make_copy(tlm::tlm_generic_payload& packet, std::uint64_t address) {
    Entry& entry = take();
    entry.origin = PacketRef(packet);
    initialise(entry, packet.get_command(), address, packet.get_data_ptr(), packet.get_data_length());
    return PacketRef(entry);
}

PacketRef PacketPool::make_access(tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                                  std::size_t bytes) {
    Entry& entry = take();
    if (data == nullptr) {
        entry.data.resize(bytes);
        data = entry.data.data();
    }
    initialise(entry, command, address, data, bytes);
    return PacketRef(entry);
}

void PacketPool::free(tlm::tlm_generic_payload* payload) {
    payload->reset();  // drops auto-extensions a third-party interconnect may have left; ours is sticky
    Entry& entry = *static_cast<Entry*>(payload);
    entry.origin = PacketRef();
    idle_.push_back(&entry);
}

void initialise(tlm::tlm_generic_payload& payload, tlm::tlm_command command, std::uint64_t address,
                unsigned char* data, std::size_t bytes) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(static_cast<unsigned>(bytes));
    payload.set_streaming_width(static_cast<unsigned>(bytes));
    payload.set_byte_enable_ptr(nullptr);
    payload.set_byte_enable_length(0);
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

}  // namespace sliver::model
