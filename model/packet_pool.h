// Pooled generic payloads for memory-mapped traffic: packets between host, tiles and mesh, register traffic
// inside a tile, a tile and its memory. Addresses and bytes say everything (address_map.h).
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

/// Mandatory extension, only between the chip and an interconnect whose packets may have several receivers
/// (Interconnect::forks): their addresses; the packet's own address is then the first of them. None: it has
/// one receiver, at its address. Each of them gets a copy of its own, without this. In any order: whoever
/// forwards the packet may sort them. A receiver that finds any refuses the packet: somebody forgot them.
struct Receivers : tlm::tlm_extension<Receivers> {
    std::vector<std::uint64_t> addresses;
    [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new Receivers(*this); }
    void copy_from(const tlm::tlm_extension_base& other) override {
        *this = static_cast<const Receivers&>(other);
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
        // The analyser does not follow reference counts: it takes a payload for gone that others hold.
        if (payload_ != nullptr) payload_->release();  // NOLINT(clang-analyzer-unix.Malloc)
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

    /// A write of `bytes` bytes to `address`, for one receiver; the data is whatever was there.
    PacketRef make_packet(std::uint64_t address, std::size_t bytes);
    /// What one of the receivers of `packet` gets. It has the packet's data, which are not copied, and keeps
    /// the packet for as long.
    PacketRef make_copy(tlm::tlm_generic_payload& packet, std::uint64_t address);
    /// An access of `bytes` bytes to a register at `address`, of the data at `data`, which stay with the
    /// caller; null: data of its own, uninitialised.
    PacketRef make_access(tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                          std::size_t bytes);
    void free(tlm::tlm_generic_payload* payload) override;
    /// Handed out and not yet given back.
    [[nodiscard]] std::size_t in_use() const { return entries_.size() - idle_.size(); }

  private:
    struct Entry;
    Entry& take();
    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<Entry*> idle_;
};

/// Sets every attribute of `payload` for a transfer of `bytes` bytes at `data`.
void initialise(tlm::tlm_generic_payload& payload, tlm::tlm_command command, std::uint64_t address,
                unsigned char* data, std::size_t bytes);

/// Null: the payload has no such extension, and so one receiver. Those of a PacketPool always have it.
[[nodiscard]] inline std::vector<std::uint64_t>* receivers_of(const tlm::tlm_generic_payload& payload) {
    Receivers* const receivers = payload.get_extension<Receivers>();
    return receivers == nullptr ? nullptr : &receivers->addresses;
}

}  // namespace sliver::model
