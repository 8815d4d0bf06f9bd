// OutputQueue: where the values of a tile (or the rows of the host) wait until whoever consumes them has
// room.
//
// Models: streams, one for each copy of a layer whose values come into being here, one for each digital node
// of the tile, one for the host's rows. A stream has `tile.output_queue_packets` places; a place is taken
// when a window starts (its values must have somewhere to go) and free when the last packet of the window has
// left; places are freed in the order of windows. A window's values come in parts (column blocks that come
// together here), each at its own time. For each stream, part and consumer a queue of its own, in the order
// of windows: nobody waits behind another's packet; consumers that share their packets (mesh.multicast: tree)
// have one queue. The oldest of each queue may go when all its consumers have room for it (credit_line.h);
// partial sums always may: their home keeps a place for them. Of those that may, the one of the oldest image
// goes first, then the one that was made first. One packet at a time enters the mesh. Consumers on the same
// tile take theirs at once, without the mesh. Called by Tile and Host; no module of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <systemc>
#include <vector>

#include "model/credit_line.h"
#include "model/packet_link.h"
#include "model/timeline.h"

namespace sliver::model {

class OutputQueue {
  public:
    using StreamIndex = std::size_t;
    using Deliver = std::function<void(tlm::tlm_generic_payload&)>;

    /// `deliver`: takes a packet for a consumer on the same tile. `freed`: a place of a stream is free again.
    OutputQueue(tlm::tlm_initiator_socket<>& socket, Agenda& agenda, Deliver deliver,
                std::function<void()> freed);

    /// A stream of `places` windows, each of which has `parts` parts; `consumers`: how many there are.
    StreamIndex add_stream(std::size_t places, std::size_t parts, std::size_t consumers);
    /// Before the simulation: where consumer `consumer` of a stream says how much room it has; null where
    /// that is without end. `local`: it is on the same tile.
    void connect(StreamIndex stream, std::size_t consumer, CreditLine* room, const sc_core::sc_time& delay,
                 bool local);
    /// Then: packets of a part for `consumer` are those for `first`, a consumer before it.
    void share(StreamIndex stream, std::size_t part, std::size_t first, std::size_t consumer);
    /// Consumers of a packet of `consumer`, itself the first; none where its packets are those of another.
    [[nodiscard]] const std::vector<std::size_t>& receivers(StreamIndex stream, std::size_t part,
                                                            std::size_t consumer) const {
        return lanes_[lane_of(stream, part, consumer)].receivers;
    }
    /// Which windows of a stream may start: for those who work for it, here and on other tiles.
    [[nodiscard]] CreditLine& places(StreamIndex stream) { return streams_[stream].credit; }
    [[nodiscard]] bool has_place(StreamIndex stream, std::uint64_t window) const;
    /// Nothing waits, and every place is free.
    [[nodiscard]] bool at_rest() const;

    /// Whether a value for a consumer on this tile may be handed over at once: it has room for pixel
    /// `number`, and nothing older waits. Then post() is not needed.
    [[nodiscard]] bool passes(StreamIndex stream, std::size_t part, std::size_t consumer,
                              std::uint64_t number) const;
    struct Value {
        std::uint64_t window = 0;  ///< of the stream
        std::uint64_t image = 0;
        std::uint64_t number = 0;  ///< of the last pixel in the packet, over all images
    };
    /// A packet for a consumer and those that share it. Those of a part are posted in the order of windows.
    void post(StreamIndex stream, std::size_t part, std::size_t consumer, const Value& value,
              PacketRef packet);
    /// One part of the window has been posted to all its consumers.
    void close(StreamIndex stream, std::uint64_t window);
    /// Partial sums for another tile, which has kept a place for them since their window started.
    void send_sums(std::uint64_t image, PacketRef packet);
    /// Sends what may go; the owner calls it whenever its agenda wakes it.
    void pump();

    /// Nothing waits, every place is free, all receivers have the room of the beginning.
    void reset();

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, const tlm::tlm_phase& phase,
                                       const sc_core::sc_time& delay) {
        return sender_.nb_transport_bw(packet, phase, delay);
    }
    void watch(const TimelineScope& scope, Timeline::Lane lane) {
        scope_ = scope;
        lane_ = lane;
    }

  private:
    struct Place {
        std::size_t parts = 0;    ///< to come
        std::size_t packets = 0;  ///< that have not left
    };
    struct Stream {
        Stream(std::size_t place_count, std::size_t part_count, std::size_t consumer_count, std::size_t first)
            : credit(place_count),
              places(place_count),
              parts(part_count),
              consumers(consumer_count),
              first_lane(first) {}
        void reset() {
            credit.reset();
            sent = 0;
            taken.clear();
        }
        CreditLine credit;
        std::size_t places, parts, consumers, first_lane;
        std::uint64_t sent = 0;   ///< windows whose place is free again: all before this one
        std::deque<Place> taken;  ///< from window `sent` on
    };
    static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
    struct Entry {
        PacketRef packet;
        Value value;
        std::uint64_t order = 0;
        std::size_t next = kNone;  ///< of its lane, or of those that are not in use
    };
    /// A queue: a list in entries_.
    struct Lane {
        StreamIndex stream = 0;
        /// Of each receiver; null where it is without end.
        struct Room {
            CreditLine* credit = nullptr;
            sc_core::sc_time delay;
        };
        std::vector<std::size_t> receivers;  ///< consumers
        std::vector<Room> rooms;             ///< of these
        bool local = false;
        std::size_t head = kNone, tail = kNone;
        sc_core::sc_time refused_at;
    };
    struct Sums {
        std::uint64_t image, order;
        PacketRef packet;
        bool operator<(const Sums& other) const {
            return image != other.image ? image > other.image : order > other.order;
        }
    };
    /// The head of a lane that may go.
    struct Ready {
        std::uint64_t image, order;
        std::size_t lane;
        bool operator<(const Ready& other) const {
            return image != other.image ? image > other.image : order > other.order;
        }
    };
    [[nodiscard]] std::size_t lane_of(StreamIndex stream, std::size_t part, std::size_t consumer) const {
        const Stream& own = streams_[stream];
        return own.first_lane + part * own.consumers + consumer;
    }
    /// The first receiver of a lane that has no room for pixel `number`; null: all have.
    [[nodiscard]] static const Lane::Room* full(const Lane& lane, std::uint64_t number);
    /// Takes the head of a lane off.
    PacketRef pop(Lane& lane);
    void look_at(std::size_t lane);
    void granted_late(std::size_t lane);
    void left(std::optional<StreamIndex> stream, std::uint64_t window);
    Place& place(Stream& stream, std::uint64_t window);
    void free_places(Stream& stream);

    Agenda& agenda_;
    PacketSender sender_;
    Deliver deliver_;
    std::function<void()> freed_;
    std::deque<Stream> streams_;  ///< others hold on to their credit lines
    std::priority_queue<Sums> sums_;
    std::vector<Lane> lanes_;
    std::vector<Entry> entries_;  ///< of all lanes
    std::size_t unused_ = kNone;  ///< first entry that no lane holds
    std::priority_queue<Ready> ready_;
    std::uint64_t order_ = 0;
    std::optional<StreamIndex> leaving_stream_;  ///< of the packet that was sent last; none: sums
    std::uint64_t leaving_window_ = 0;
    TimelineScope scope_;
    Timeline::Lane lane_ = 0;
};

}  // namespace sliver::model
