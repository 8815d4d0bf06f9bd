#include "model/host.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "model/kernel_time.h"
#include "timing/multicast.h"

namespace sliver::model {
Host::Host(const sc_core::sc_module_name& name, const ChipPlan& plan, const config::HostConfig& config,
           PacketPool& pool, std::size_t port, Timeline* timeline, Calendar* calendar)
    : sc_module(name),
      mesh_isock("mesh_isock"),
      mesh_tsock("mesh_tsock"),
      plan_(plan),
      config_(config),
      pool_(pool),
      port_(port),
      logits_per_image_(plan.network->nodes[plan.output_node].shape.size()),
      agenda_(calendar),
      outputs_(
          mesh_isock, agenda_, [](tlm::tlm_generic_payload&) {}, [this] { agenda_.soon(); }),
      timeline_(timeline) {
    outputs_.add_stream(kRowsWaiting, 1, plan.consumers.front().size());
    if (timeline_ != nullptr) {
        const std::uint32_t process = timeline_->add_process("host", 0);
        images_lane_ = timeline_->add_lane(process, "images");
        in_lane_ = timeline_->add_lane(process, "rows in");
        out_lane_ = timeline_->add_lane(process, "logits out");
        outputs_.watch({timeline_, process}, timeline_->add_lane(process, "rows without room"));
    }
    mesh_isock.bind(*this);
    mesh_tsock.bind(*this);
    SC_METHOD(step);
    sensitive << agenda_.event();
}

void Host::share_packets() {
    std::vector<timing::Wanted> wanted;
    for (const Consumer& consumer : plan_.consumers.front())
        wanted.push_back({consumer.channels.first, consumer.channels.end()});
    const std::vector<std::size_t> first = timing::shared_packets(wanted);
    for (std::size_t i = 0; i < first.size(); ++i)
        if (first[i] != i) outputs_.share(0, 0, first[i], i);
}

void Host::give(Codes codes, std::size_t count) {
    const std::uint64_t first = completed_.size(), end = first + count;
    if (codes != nullptr) logits_.resize(end * logits_per_image_, 0);
    missing_.resize(end, logits_per_image_);
    injected_.resize(end);
    completed_.resize(end);
    batches_.push_back({std::move(codes), first, end});
    if (sc_core::sc_is_running()) agenda_.soon();  // before that, step() runs when the simulation begins
}

std::uint64_t Host::withdraw() {
    const std::uint64_t end = next_image_ + (next_row_ > 0 ? 1 : 0);
    while (!batches_.empty() && std::max(batches_.back().first, next_image_) >= end) batches_.pop_back();
    if (!batches_.empty()) batches_.back().end = end;
    missing_.resize(end);
    injected_.resize(end);
    completed_.resize(end);
    return end;
}

sc_core::sc_time Host::link_time(std::size_t bytes) const {
    if (config_.bytes_per_s <= 0) return sc_core::SC_ZERO_TIME;
    return from_seconds(static_cast<double>(bytes) / config_.bytes_per_s);
}

void Host::step() {
    agenda_.run_due();
    outputs_.pump();
    const auto rows = static_cast<std::uint64_t>(plan_.network->nodes.front().shape.height);
    while (!batches_.empty() && in_.free_at() <= sc_core::sc_time_stamp()) {
        if (next_image_ >= finished_images_ + kImagesInFlight ||
            !outputs_.has_place(0, next_image_ * rows + static_cast<std::uint64_t>(next_row_))) {
            held_up_ = true;
            break;
        }
        if (std::exchange(held_up_, false))
            add_to(counters_.stalled, sc_core::sc_time_stamp() - in_.free_at());
        inject_row();
    }
    outputs_.pump();
}

/// Brings one row of the image over the link and sends it to everyone who consumes the image.
void Host::inject_row() {
    const network::Shape& shape = plan_.network->nodes.front().shape;
    const std::uint64_t image = next_image_;
    const int row = next_row_;
    if (row == 0) injected_[image] = sc_core::sc_time_stamp();
    const std::size_t bytes =
        static_cast<std::size_t>(shape.channels) * static_cast<std::size_t>(shape.width);
    counters_.bytes_in += bytes;
    const sc_core::sc_time transfer = link_time(bytes);
    in_.serve(sc_core::sc_time_stamp(), transfer);
    if (timeline_ != nullptr)
        timeline_->span(Timeline::Kind::row, in_lane_, sc_core::sc_time_stamp(), in_.free_at(),
                        {image, 0, {static_cast<std::uint64_t>(row), bytes}});
    const Batch& batch = batches_.front();
    const Codes pixels = batch.codes == nullptr
                             ? nullptr
                             : Codes(batch.codes, batch.codes.get() + (image - batch.first) * shape.size());
    const bool last = ++next_row_ == shape.height;
    if (last) {
        next_row_ = 0;
        if (++next_image_ == batches_.front().end) batches_.pop_front();
    }
    const auto deliver = [this, pixels, image, row, last] {
        const network::Shape& map = plan_.network->nodes.front().shape;
        const std::size_t width = static_cast<std::size_t>(map.width);
        const std::uint64_t turn =
            image * static_cast<std::uint64_t>(map.height) + static_cast<std::uint64_t>(row);
        for (std::size_t i = 0; i < plan_.consumers.front().size(); ++i) {
            const std::vector<std::size_t>& receivers = outputs_.receivers(0, 0, i);
            if (receivers.empty()) continue;  // the packet of a consumer before it is for this one, too
            const Consumer& consumer = plan_.consumers.front()[i];
            const auto address_of = [&](std::size_t receiver) {
                return address_for(plan_.consumers.front()[receiver], image,
                                   static_cast<std::size_t>(row) * width);
            };
            PacketRef packet =
                pool_.make_packet(address_of(i), width * static_cast<std::size_t>(consumer.channels.count));
            unsigned char* data = packet->get_data_ptr();
            const std::int32_t* codes = pixels.get();
            for (std::size_t x = 0; codes != nullptr && x < width; ++x)
                for (int channel = consumer.channels.first; channel < consumer.channels.end(); ++channel)
                    *data++ = static_cast<unsigned char>(
                        codes[(static_cast<std::size_t>(channel) * static_cast<std::size_t>(map.height) +
                               static_cast<std::size_t>(row)) *
                                  width +
                              x]);
            PacketHeader& header = header_of(*packet);
            header.channels = consumer.channels;
            header.pixels = width;
            header.source = port_;
            header.map = header.charged_to = 0;
            if (receivers.size() > 1)
                std::transform(receivers.begin(), receivers.end(), std::back_inserter(header.receivers),
                               address_of);
            outputs_.post(0, 0, i, {turn, image, (turn + 1) * width - 1}, std::move(packet));
        }
        outputs_.close(0, turn);
        if (last && listener_.taken) listener_.taken(image);
    };
    if (transfer == sc_core::SC_ZERO_TIME)
        deliver();
    else
        agenda_.at(in_.free_at(), deliver);
}

tlm::tlm_sync_enum Host::nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
    const sc_core::sc_time transfer = link_time(packet.get_data_length());
    counters_.bytes_out += packet.get_data_length();
    packet.set_response_status(tlm::TLM_OK_RESPONSE);
    if (transfer + delay == sc_core::SC_ZERO_TIME) {
        if (timeline_ != nullptr) show_logits(packet, sc_core::sc_time_stamp(), transfer);
        collect(packet);
        return tlm::TLM_COMPLETED;
    }
    out_.serve(later(sc_core::sc_time_stamp(), delay), transfer);
    if (timeline_ != nullptr) show_logits(packet, out_.free_at(), transfer);
    agenda_.at(out_.free_at(), [this, held = PacketRef(packet)] {
        collect(*held);
        tlm::tlm_phase response = tlm::BEGIN_RESP;
        sc_core::sc_time none;
        mesh_tsock->nb_transport_bw(*held, response, none);
    });
    phase = tlm::END_REQ;
    delay = sc_core::SC_ZERO_TIME;
    return tlm::TLM_UPDATED;
}

/// `there`: when the last byte has crossed the link.
void Host::show_logits(const tlm::tlm_generic_payload& packet, const sc_core::sc_time& there,
                       const sc_core::sc_time& transfer) const {
    timeline_->span(Timeline::Kind::logits, out_lane_, there - transfer, there,
                    {0, 0, {packet.get_data_length()}});
}

void Host::collect(tlm::tlm_generic_payload& packet) {
    const Address address = decode(packet.get_address());
    const std::uint64_t image = full_image_number(address.image, finished_images_);
    const ChannelRange& channels = header_of(packet).channels;
    const std::size_t pixels =
        logits_per_image_ / static_cast<std::size_t>(plan_.network->nodes[plan_.output_node].shape.channels);
    const unsigned char* data = packet.get_data_ptr();
    const bool blank = image * logits_per_image_ >= logits_.size();
    for (int channel = channels.first; !blank && channel < channels.end();
         ++channel, data += sizeof(std::int32_t))
        std::memcpy(
            &logits_[image * logits_per_image_ + static_cast<std::size_t>(channel) * pixels + address.offset],
            data, sizeof(std::int32_t));
    missing_[image] -= static_cast<std::size_t>(channels.count);
    if (missing_[image] != 0) return;
    completed_[image] = sc_core::sc_time_stamp();
    if (timeline_ != nullptr)
        timeline_->span(Timeline::Kind::image, images_lane_, injected_[image], completed_[image],
                        {image, 0, {}});
    ++finished_images_;
    agenda_.soon();
    if (listener_.finished) listener_.finished(image);
}

void Host::b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) {
    SC_REPORT_ERROR("/sliver/host", "the host port is approximately timed: use nb_transport");
}

tlm::tlm_sync_enum Host::nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                         sc_core::sc_time&) {
    return outputs_.nb_transport_bw(packet, phase);
}

}  // namespace sliver::model
