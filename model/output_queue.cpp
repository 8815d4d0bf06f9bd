#include "model/output_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/log.h"

namespace sliver::model {
namespace {

void check_answer(const tlm::tlm_generic_payload& packet) {
    if (packet.is_response_error()) SC_REPORT_ERROR("/sliver/packet", packet.get_response_string().c_str());
}

}  // namespace

OutputQueue::OutputQueue(tlm::tlm_initiator_socket<>& socket, Agenda& agenda, Deliver deliver,
                         std::function<void()> freed)
    : agenda_(agenda),
      sender_(
          socket, agenda,
          [this] {
              left(leaving_stream_, leaving_window_);
              agenda_.soon();
          },
          check_answer),
      deliver_(std::move(deliver)),
      freed_(std::move(freed)) {}

OutputQueue::StreamIndex OutputQueue::add_stream(std::size_t places, std::size_t parts,
                                                 std::size_t consumers) {
    Lane lane;
    lane.stream = streams_.size();
    streams_.emplace_back(places, parts, consumers, lanes_.size());
    lanes_.resize(lanes_.size() + parts * consumers, lane);
    return lane.stream;
}

void OutputQueue::connect(StreamIndex stream, std::size_t consumer, CreditLine* room,
                          const sc_core::sc_time& delay, bool local) {
    for (std::size_t part = 0; part < streams_[stream].parts; ++part) {
        Lane& lane = lanes_[lane_of(stream, part, consumer)];
        lane.receivers = {consumer};
        lane.rooms = {{room, delay}};
        lane.local = local;
    }
    if (room != nullptr) room->connect(delay);
}

void OutputQueue::share(StreamIndex stream, std::size_t part, std::size_t first, std::size_t consumer) {
    Lane &lane = lanes_[lane_of(stream, part, first)], &joined = lanes_[lane_of(stream, part, consumer)];
    lane.receivers.push_back(consumer);
    lane.rooms.push_back(joined.rooms.front());
    joined.receivers.clear();
    joined.rooms.clear();
}

bool OutputQueue::has_place(StreamIndex stream, std::uint64_t window) const {
    return streams_[stream].credit.grants(window, sc_core::SC_ZERO_TIME);
}

bool OutputQueue::at_rest() const {
    return sums_.empty() && sender_.at_rest() &&
           std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.head == kNone; }) &&
           std::all_of(streams_.begin(), streams_.end(),
                       [](const Stream& stream) { return stream.taken.empty(); });
}

bool OutputQueue::passes(StreamIndex stream, std::size_t part, std::size_t consumer,
                         std::uint64_t number) const {
    const Lane& lane = lanes_[lane_of(stream, part, consumer)];
    return lane.local && lane.head == kNone && full(lane, number) == nullptr;
}

const OutputQueue::Lane::Room* OutputQueue::full(const Lane& lane, std::uint64_t number) {
    const auto room = std::find_if(lane.rooms.begin(), lane.rooms.end(), [&](const Lane::Room& each) {
        return each.credit != nullptr && !each.credit->grants(number, each.delay);
    });
    return room == lane.rooms.end() ? nullptr : &*room;
}

OutputQueue::Place& OutputQueue::place(Stream& stream, std::uint64_t window) {
    while (stream.taken.size() <= window - stream.sent) stream.taken.push_back({stream.parts, 0});
    return stream.taken[window - stream.sent];
}

void OutputQueue::post(StreamIndex stream, std::size_t part, std::size_t consumer, const Value& value,
                       PacketRef packet) {
    std::size_t entry = unused_;
    if (entry == kNone) {
        entry = entries_.size();
        entries_.emplace_back();
    } else {
        unused_ = entries_[entry].next;
    }
    entries_[entry].packet = std::move(packet);
    entries_[entry].value = value;
    entries_[entry].order = order_++;
    entries_[entry].next = kNone;
    ++place(streams_[stream], value.window).packets;
    const std::size_t number = lane_of(stream, part, consumer);
    Lane& lane = lanes_[number];
    if (lane.head == kNone) {
        lane.head = lane.tail = entry;
        look_at(number);
    } else {
        entries_[lane.tail].next = entry;
        lane.tail = entry;
    }
}

PacketRef OutputQueue::pop(Lane& lane) {
    Entry& entry = entries_[lane.head];
    PacketRef packet = std::move(entry.packet);
    entry.packet = PacketRef();
    const std::size_t next = entry.next;
    entry.next = unused_;
    unused_ = lane.head;
    lane.head = next;
    return packet;
}

void OutputQueue::close(StreamIndex stream, std::uint64_t window) {
    Stream& own = streams_[stream];
    --place(own, window).parts;
    free_places(own);
}

/// The head of a lane is new: it may go, or is called when it may.
void OutputQueue::look_at(std::size_t number) {
    while (lanes_[number].head != kNone) {
        Lane& lane = lanes_[number];
        const Value value = entries_[lane.head].value;
        if (const Lane::Room* room = full(lane, value.number)) {
            lane.refused_at = sc_core::sc_time_stamp();
            log(LogModule::tile, LogLevel::debug, [&] {
                return fmt::format("a packet of image {} waits for room of its receiver, pixel {}",
                                   value.image, value.number);
            });
            room->credit->call(value.number, room->delay, agenda_, [this, number] { granted_late(number); });
            return;
        }
        if (!lane.local) {
            ready_.push({value.image, entries_[lane.head].order, number});
            return;
        }
        const PacketRef packet = pop(lane);
        deliver_(*packet);
        left(lanes_[number].stream, value.window);
    }
}

void OutputQueue::granted_late(std::size_t number) {
    const Lane& lane = lanes_[number];
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    if (scope_.timeline != nullptr && now > lane.refused_at) {
        const Entry& head = entries_[lane.head];
        scope_.timeline->span(Timeline::Kind::buffer_full, lane_, lane.refused_at, now,
                              {head.value.image, head.value.number, {head.packet->get_data_length()}});
    }
    look_at(number);
}

void OutputQueue::send_sums(std::uint64_t image, PacketRef packet) {
    sums_.push({image, order_++, std::move(packet)});
}

void OutputQueue::pump() {
    while (sender_.free() && !(ready_.empty() && sums_.empty())) {
        const bool sums_first =
            !sums_.empty() &&
            (ready_.empty() || ready_.top() < Ready{sums_.top().image, sums_.top().order, 0});
        PacketRef packet;
        if (sums_first) {
            packet = sums_.top().packet;
            sums_.pop();
            leaving_stream_.reset();
        } else {
            const std::size_t number = ready_.top().lane;
            ready_.pop();
            Lane& lane = lanes_[number];
            leaving_stream_ = lane.stream;
            leaving_window_ = entries_[lane.head].value.window;
            packet = pop(lane);
            look_at(number);
        }
        const std::optional<StreamIndex> stream = leaving_stream_;
        const std::uint64_t window = leaving_window_;
        const PacketSender::Sent sent = sender_.send(packet);
        if (sent == PacketSender::Sent::answered) check_answer(*packet);
        if (sent != PacketSender::Sent::waiting) left(stream, window);
    }
}

void OutputQueue::reset() {
    for (Stream& stream : streams_) stream.reset();
    for (Lane& lane : lanes_) lane.head = lane.tail = kNone;
    sums_ = {};
    ready_ = {};
    entries_.clear();
    unused_ = kNone;
    order_ = 0;
    leaving_stream_.reset();
    leaving_window_ = 0;
    sender_.reset();
}

void OutputQueue::left(std::optional<StreamIndex> stream, std::uint64_t window) {
    if (!stream) return;
    --place(streams_[*stream], window).packets;
    free_places(streams_[*stream]);
}

void OutputQueue::free_places(Stream& stream) {
    const std::uint64_t before = stream.sent;
    while (!stream.taken.empty() && stream.taken.front().parts == 0 && stream.taken.front().packets == 0) {
        stream.taken.pop_front();
        ++stream.sent;
    }
    if (stream.sent == before) return;
    stream.credit.raise(stream.sent + stream.places);
    freed_();
}

}  // namespace sliver::model
