// BufferMemory: a tile's way to a memory that is not its own, where the bytes of its input map lie
// (ChipSetup::buffer_memory).
//
// Models: nothing itself; what the memory takes comes on top of the tile's own times. The memory is any
// target of the TLM-2.0 base protocol that keeps bytes: addresses from 0 to bytes() - 1, reads and writes.
// Which pixels have room is the tile's business (room.h). Pixels, numbered in raster order over all images,
// lie in a ring: pixel n at n modulo the room, each with its channels. Transactions are sent one after the
// other, in their order. Speaks: base protocol, approximately timed (packet_link.h); b_transport and
// transport_dbg for those who asked the tile so. An error of the memory ends the simulation. Called by Tile.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "model/address_map.h"
#include "model/packet_link.h"
#include "timing/footprint.h"

namespace sliver::model {

class BufferMemory : public tlm::tlm_bw_transport_if<> {
  public:
    tlm::tlm_initiator_socket<> isock;

    /// `room`: in pixels. `layout`: what the tile keeps of the map.
    BufferMemory(const MapLayout& layout, std::size_t room, Agenda& agenda, PacketPool& pool);

    [[nodiscard]] std::size_t bytes() const { return room_ * channels_; }

    /// `done` when the memory has it.
    void write(std::uint64_t image, const MapLayout::Run& run, const unsigned char* data,
               std::function<void()> done);
    /// The pixels of a window, all of their channels: `done` with them, pixel by pixel, when they are here.
    using Bytes = std::vector<unsigned char>;
    void read(std::uint64_t image, const timing::Footprint& area, std::size_t map_width,
              std::function<void(const Bytes&)> done);

    /// What has been asked for is forgotten; a memory that still answers finds nobody.
    void reset() {
        sender_.reset();
        jobs_.clear();
        waiting_.clear();
        parts_.clear();
    }

    /// For callers that wait. `delay`: as of b_transport.
    void access(tlm::tlm_command command, std::uint64_t image, const MapLayout::Run& run, unsigned char* data,
                sc_core::sc_time& delay);
    /// Without time. Whether the memory did all of it.
    bool debug(tlm::tlm_command command, std::uint64_t image, const MapLayout::Run& run, unsigned char* data);

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        return sender_.nb_transport_bw(packet, phase, delay);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    /// Of one write or read.
    struct Job {
        std::size_t missing = 0;  ///< transactions
        Bytes bytes;
        std::function<void(const Bytes&)> done;
    };
    /// What one transaction is for: of a read, where its bytes go.
    struct Part {
        Job* job;
        std::size_t place;
    };
    template <typename Visit>
    void for_pieces(std::uint64_t image, const MapLayout::Run& run, const Visit& visit) const;
    void request(Job& job, tlm::tlm_command command, std::uint64_t address, std::size_t place,
                 std::size_t bytes);
    void begin(Job& job);
    void go_on();
    void answered(tlm::tlm_generic_payload& packet);

    MapLayout layout_;
    std::size_t room_, channels_;
    PacketPool& pool_;
    PacketSender sender_;
    std::deque<Job> jobs_;
    std::deque<PacketRef> waiting_;
    std::unordered_map<const tlm::tlm_generic_payload*, Part> parts_;
};

}  // namespace sliver::model
