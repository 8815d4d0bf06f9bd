// Pooled generic payloads for memory-mapped traffic: packets between host, tiles and mesh, register traffic
// inside a tile.
//
// A payload is fully initialised each time it is handed out (command, address, data, length, streaming width,
// byte enables, DMI hint, response status); its data buffer is its own and keeps its capacity. PacketRef
// holds one reference.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "model/chip_plan.h"

namespace sliver::model {

/// Ignorable extension: what a packet's head flit says beside the address. Interconnects need not know it.
struct PacketHeader : tlm::tlm_extension<PacketHeader> {
    ChannelRange channels;           ///< of each pixel in the packet
    std::size_t pixels = 0;          ///< in the packet
    std::size_t source = 0;          ///< port that sent it
    network::NodeId map = 0;         ///< node whose values it carries
    network::NodeId charged_to = 0;  ///< node whose layer pays for the hops
    /// Addresses, where the packet is for several (mesh.multicast: tree); its own address is then the first
    /// of them. Every one has a copy of its own. In any order: whoever forwards it may sort them.
    std::vector<std::uint64_t> receivers;
    [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new PacketHeader(*this); }
    void copy_from(const tlm::tlm_extension_base& other) override {
        *this = static_cast<const PacketHeader&>(other);
    }
};

/// Reference to a pooled payload: acquires on construction, releases on destruction.
class PacketRef {
  public:
    PacketRef() = default;
    explicit PacketRef(tlm::tlm_generic_payload& payload) : payload_(&payload) { payload_->acquire(); }
    PacketRef(PacketRef&& other) noexcept : payload_(std::exchange(other.payload_, nullptr)) {}
    PacketRef& operator=(PacketRef&& other) noexcept {
        std::swap(payload_, other.payload_);
        return *this;
    }
    PacketRef(const PacketRef& other) : payload_(other.payload_) {
        if (payload_ != nullptr) payload_->acquire();
    }
    PacketRef& operator=(const PacketRef& other) {
        PacketRef copy(other);
        std::swap(payload_, copy.payload_);
        return *this;
    }
    ~PacketRef() {
        if (payload_ != nullptr) payload_->release();
    }
    [[nodiscard]] tlm::tlm_generic_payload& operator*() const { return *payload_; }
    [[nodiscard]] tlm::tlm_generic_payload* operator->() const { return payload_; }
    [[nodiscard]] explicit operator bool() const { return payload_ != nullptr; }

  private:
    tlm::tlm_generic_payload* payload_ = nullptr;
};

class PacketPool : public tlm::tlm_mm_interface {
  public:
    PacketPool();
    ~PacketPool() override;
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;

    /// A write of `bytes` bytes to `address` with a header; the data is uninitialised.
    PacketRef make_packet(std::uint64_t address, std::size_t bytes);
    /// What one of the receivers of `packet` gets. It has the packet's data, which are not copied: the packet
    /// must stay until this one has been answered.
    PacketRef make_copy(tlm::tlm_generic_payload& packet, std::uint64_t address);
    /// An access of `bytes` bytes to a register at `address`, of the data at `data`, which stay with the
    /// caller; null: data of its own, uninitialised.
    PacketRef make_access(tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                          std::size_t bytes);
    void free(tlm::tlm_generic_payload* payload) override;

  private:
    struct Entry;
    Entry& take();
    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<Entry*> idle_;
};

/// Sets every attribute of `payload` for a transfer of `bytes` bytes at `data`.
void initialise(tlm::tlm_generic_payload& payload, tlm::tlm_command command, std::uint64_t address,
                unsigned char* data, std::size_t bytes);

[[nodiscard]] inline PacketHeader& header_of(tlm::tlm_generic_payload& payload) {
    return *payload.get_extension<PacketHeader>();
}

}  // namespace sliver::model
