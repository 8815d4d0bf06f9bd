#include "model/output_queue.h"

#include <utility>

namespace sliver::model {

OutputQueue::OutputQueue(tlm::tlm_initiator_socket<>& socket, Agenda& agenda, Deliver deliver,
                         std::function<void()> freed)
    : agenda_(agenda),
      sender_(socket,
              [this] {
                  left(leaving_stream_, leaving_window_);
                  agenda_.soon();
              }),
      deliver_(std::move(deliver)),
      freed_(std::move(freed)) {}

OutputQueue::StreamIndex OutputQueue::add_stream(std::size_t places, std::size_t parts,
                                                 std::size_t consumers) {
    streams_.emplace_back(places, parts, lanes_.size());
    lanes_.resize(lanes_.size() + consumers);
    for (std::size_t i = 0; i < consumers; ++i)
        lanes_[streams_.back().first_lane + i].stream = streams_.size() - 1;
    return streams_.size() - 1;
}

void OutputQueue::connect(StreamIndex stream, std::size_t consumer, CreditLine* room,
                          const sc_core::sc_time& delay, bool local) {
    Lane& lane = lanes_[streams_[stream].first_lane + consumer];
    lane.room = room;
    lane.delay = delay;
    lane.local = local;
    if (room != nullptr) room->connect(delay);
}

bool OutputQueue::has_place(StreamIndex stream, std::uint64_t window) const {
    return window < streams_[stream].sent + streams_[stream].places;
}

bool OutputQueue::passes(StreamIndex stream, std::size_t consumer, std::uint64_t number) const {
    const Lane& lane = lanes_[streams_[stream].first_lane + consumer];
    return lane.local && lane.entries.empty() &&
           (lane.room == nullptr || lane.room->grants(number, lane.delay));
}

OutputQueue::Place& OutputQueue::place(Stream& stream, std::uint64_t window) {
    while (stream.taken.size() <= window - stream.sent) stream.taken.push_back({stream.parts, 0});
    return stream.taken[window - stream.sent];
}

void OutputQueue::post(StreamIndex stream, std::size_t consumer, std::uint64_t window, std::uint64_t image,
                       std::uint64_t number, PacketRef packet) {
    const std::size_t lane = streams_[stream].first_lane + consumer;
    ++place(streams_[stream], window).packets;
    lanes_[lane].entries.push_back({std::move(packet), window, image, number, order_++});
    if (lanes_[lane].entries.size() == 1) look_at(lane);
}

void OutputQueue::close(StreamIndex stream, std::uint64_t window) {
    Stream& own = streams_[stream];
    --place(own, window).parts;
    free_places(own);
}

/// The head of a lane is new: it may go, or is called when it may.
void OutputQueue::look_at(std::size_t number) {
    while (!lanes_[number].entries.empty()) {
        Lane& lane = lanes_[number];
        const Entry& head = lane.entries.front();
        if (lane.room != nullptr && !lane.room->grants(head.number, lane.delay)) {
            lane.refused_at = sc_core::sc_time_stamp();
            lane.room->call(head.number, lane.delay, agenda_, [this, number] { granted_late(number); });
            return;
        }
        if (!lane.local) {
            ready_.push({head.image, head.order, number});
            return;
        }
        const Entry entry = std::move(lane.entries.front());
        lane.entries.pop_front();
        deliver_(*entry.packet);
        left(lanes_[number].stream, entry.window);
    }
}

void OutputQueue::granted_late(std::size_t number) {
    const Lane& lane = lanes_[number];
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    ++counters_.waits;
    add_to(counters_.waited, now - lane.refused_at);
    if (scope_.timeline != nullptr && now > lane.refused_at)
        scope_.timeline->span(Timeline::Kind::buffer_full, lane_, lane.refused_at, now,
                              {lane.entries.front().image,
                               lane.entries.front().number,
                               {lane.entries.front().packet->get_data_length()}});
    look_at(number);
}

void OutputQueue::send_sums(std::uint64_t image, PacketRef packet) {
    sums_.push_back({std::move(packet), image, order_++});
}

void OutputQueue::pump() {
    while (sender_.free() && !(ready_.empty() && sums_.empty())) {
        const bool sums_first =
            !sums_.empty() &&
            (ready_.empty() || ready_.top() < Ready{sums_.front().image, sums_.front().order, 0});
        PacketRef packet;
        if (sums_first) {
            packet = std::move(sums_.front().packet);
            sums_.pop_front();
            leaving_stream_.reset();
        } else {
            const std::size_t number = ready_.top().lane;
            ready_.pop();
            packet = std::move(lanes_[number].entries.front().packet);
            leaving_stream_ = lanes_[number].stream;
            leaving_window_ = lanes_[number].entries.front().window;
            lanes_[number].entries.pop_front();
            look_at(number);
        }
        const std::optional<StreamIndex> stream = leaving_stream_;
        const std::uint64_t window = leaving_window_;
        if (sender_.send(std::move(packet))) left(stream, window);
    }
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
