#include "model/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/kernel_time.h"
#include "model/log.h"
#include "timing/multicast.h"

namespace sliver::model {

Host::Host(const sc_core::sc_module_name& name, const ChipPlan& plan, const config::HostConfig& config,
           PacketPool& pool, Timeline* timeline, Calendar* calendar)
    : sc_module(name),
      mesh_isock("mesh_isock"),
      mesh_tsock("mesh_tsock"),
      plan_(plan),
      pool_(pool),
      logits_per_image_(plan.network->nodes[plan.output_node].shape.size()),
      link_(config),
      agenda_(calendar),
      outputs_(
          mesh_isock, agenda_, [](tlm::tlm_generic_payload&) {}, [this] { agenda_.soon(); }),
      responder_(mesh_tsock, agenda_),
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

void Host::reset() {
    agenda_.reset();
    outputs_.reset();
    batches_.clear();
    next_image_ = 0;
    next_row_ = 0;
    responder_.reset();
    link_.reset();
    held_up_ = false;
    logits_.clear();
    missing_.clear();
    injected_.clear();
    completed_.clear();
    finished_images_ = 0;
    stalled_ = sc_core::SC_ZERO_TIME;
}

void Host::step() {
    agenda_.run_due();
    outputs_.pump();
    const auto rows = static_cast<std::uint64_t>(plan_.network->nodes.front().shape.height);
    while (!batches_.empty() && link_.in.server.free_at() <= sc_core::sc_time_stamp()) {
        if (next_image_ >= finished_images_ + kImagesInFlight ||
            !outputs_.has_place(0, next_image_ * rows + static_cast<std::uint64_t>(next_row_))) {
            if (!held_up_)
                log(LogModule::host, LogLevel::debug, [&] {
                    return fmt::format("image {} row {} waits: {}", next_image_, next_row_,
                                       next_image_ >= finished_images_ + kImagesInFlight
                                           ? "too many images in flight"
                                           : "no place among the rows that wait for room");
                });
            held_up_ = true;
            break;
        }
        if (std::exchange(held_up_, false))
            add_to(stalled_, sc_core::sc_time_stamp() - link_.in.server.free_at());
        inject_row();
    }
    outputs_.pump();
}

/// Brings one row of the image over the link and sends it to everyone who consumes the image.
void Host::inject_row() {
    const network::Shape& shape = plan_.network->nodes.front().shape;
    const std::uint64_t image = next_image_;
    const int row = next_row_;
    if (row == 0) {
        injected_[image] = sc_core::sc_time_stamp();
        log(LogModule::host, LogLevel::info, [&] { return fmt::format("image {} goes in", image); });
    }
    const std::size_t bytes =
        static_cast<std::size_t>(shape.channels) * static_cast<std::size_t>(shape.width);
    log(LogModule::host, LogLevel::debug,
        [&] { return fmt::format("image {} row {}: {} bytes", image, row, bytes); });
    const sc_core::sc_time& start = sc_core::sc_time_stamp();
    link_.carry(link_.in, start, bytes);
    const sc_core::sc_time there = link_.in.server.free_at();
    if (timeline_ != nullptr)
        timeline_->span(Timeline::Kind::row, in_lane_, start, there,
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
                const Consumer& at = plan_.consumers.front()[receiver];
                return address_for(at, plan_.network->nodes.front(), image,
                                   static_cast<std::size_t>(row) * width, at.channels.first);
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
            if (receivers.size() > 1)
                std::transform(receivers.begin(), receivers.end(), std::back_inserter(*receivers_of(*packet)),
                               address_of);
            outputs_.post(0, 0, i, {turn, image, (turn + 1) * width - 1}, std::move(packet));
        }
        outputs_.close(0, turn);
        if (last && listener_.taken) listener_.taken(image);
    };
    if (there == start)
        deliver();
    else
        agenda_.at(there, deliver);
}

// ---- logits
// ------------------------------------------------------------------------------------------------------------

std::optional<Host::Logits> Host::logits_at(const tlm::tlm_generic_payload& packet) const {
    const Address address = decode(packet.get_address());
    if (address.port != kHostPort || address.region != Region::logits || address.node != plan_.output_node)
        return std::nullopt;
    const network::Shape& shape = plan_.network->nodes[plan_.output_node].shape;
    const MapLayout layout{{0, shape.channels}, shape.pixels(), static_cast<std::size_t>(format().bytes())};
    const std::optional<MapLayout::Run> run = layout.run_at(address.offset, packet.get_data_length());
    const std::uint64_t image = full_image_number(address.image, finished_images_);
    if (!run || run->pixels != 1 || image >= missing_.size()) return std::nullopt;
    return Logits{image, *run};
}

template <typename Copy>
void Host::copy_logits(const Logits& which, const Copy& copy) {
    if (which.image * logits_per_image_ >= logits_.size()) return;  // blank
    const std::size_t pixels = plan_.network->nodes[plan_.output_node].shape.pixels();
    std::int32_t* const image = logits_.data() + which.image * logits_per_image_;
    for (int i = 0; i < which.run.channels.count; ++i)
        copy(image[static_cast<std::size_t>(which.run.channels.first + i) * pixels + which.run.pixel],
             static_cast<std::size_t>(i) * static_cast<std::size_t>(format().bytes()));
}

/// TLM_OK_RESPONSE, or why the packet brings no logits that are still missing.
tlm::tlm_response_status Host::judge_packet(const tlm::tlm_generic_payload& packet) const {
    const std::vector<std::uint64_t>* const receivers = receivers_of(packet);
    if (receivers != nullptr && !receivers->empty()) return tlm::TLM_GENERIC_ERROR_RESPONSE;
    const std::optional<Logits> logits = logits_at(packet);
    return logits && missing_[logits->image] >= static_cast<std::size_t>(logits->run.channels.count)
               ? tlm::TLM_OK_RESPONSE
               : tlm::TLM_ADDRESS_ERROR_RESPONSE;
}

tlm::tlm_sync_enum Host::nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) return responder_.end_response(packet, delay);
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;  // a phase of another protocol
    packet.set_response_status(judge_held(packet, false));
    if (!packet.is_response_error()) packet.set_response_status(judge_packet(packet));
    if (packet.is_response_error()) return tlm::TLM_COMPLETED;
    const sc_core::sc_time comes = later(sc_core::sc_time_stamp(), delay);
    link_.carry(link_.out, comes, packet.get_data_length());
    const sc_core::sc_time there = link_.out.server.free_at();
    if (timeline_ != nullptr) show_logits(packet, there);
    if (there == sc_core::sc_time_stamp()) {
        collect(packet);
        return tlm::TLM_COMPLETED;
    }
    agenda_.at(there, [this, held = PacketRef(packet)] {
        collect(*held);
        responder_.respond(held);
    });
    phase = tlm::END_REQ;  // when it is there: at the annotated delay
    return tlm::TLM_UPDATED;
}

void Host::b_transport(tlm::tlm_generic_payload& packet, sc_core::sc_time& delay) {
    packet.set_response_status(judge(packet, true));
    if (packet.is_read()) {
        if (!packet.is_response_error() && transport_dbg(packet) == 0)
            packet.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    if (!packet.is_response_error()) packet.set_response_status(judge_packet(packet));
    if (packet.is_response_error()) return;
    link_.carry(link_.out, later(sc_core::sc_time_stamp(), delay), packet.get_data_length());
    delay = link_.out.server.free_at() - sc_core::sc_time_stamp();
    collect(packet);
}

/// Reads logits, which are zero as long as they are not here.
unsigned Host::transport_dbg(tlm::tlm_generic_payload& packet) {
    const std::optional<Logits> logits = packet.is_read() ? logits_at(packet) : std::nullopt;
    packet.set_response_status(logits ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if (!logits) return 0;
    std::fill_n(packet.get_data_ptr(), packet.get_data_length(), static_cast<unsigned char>(0));
    copy_logits(*logits, [&](const std::int32_t& logit, std::size_t place) {
        put_value(format(), logit, packet.get_data_ptr() + place);
    });
    return packet.get_data_length();
}

/// `there`: when the last byte has crossed the link.
void Host::show_logits(const tlm::tlm_generic_payload& packet, const sc_core::sc_time& there) const {
    timeline_->span(Timeline::Kind::logits, out_lane_, there - link_.time_of(packet.get_data_length()), there,
                    {0, 0, {packet.get_data_length()}});
}

void Host::collect(tlm::tlm_generic_payload& packet) {
    const std::optional<Logits> logits = logits_at(packet);
    const std::uint64_t image = logits->image;
    copy_logits(*logits, [&](std::int32_t& logit, std::size_t place) {
        logit = take_value(format(), packet.get_data_ptr() + place);
    });
    missing_[image] -= static_cast<std::size_t>(logits->run.channels.count);
    if (missing_[image] != 0) return;
    completed_[image] = sc_core::sc_time_stamp();
    if (timeline_ != nullptr)
        timeline_->span(Timeline::Kind::image, images_lane_, injected_[image], completed_[image],
                        {image, 0, {}});
    ++finished_images_;
    log(LogModule::host, LogLevel::info, [&] {
        return fmt::format("image {} is done, {} after it went in", image,
                           (completed_[image] - injected_[image]).to_string());
    });
    agenda_.soon();
    if (listener_.finished) listener_.finished(image);
}

tlm::tlm_sync_enum Host::nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
    return outputs_.nb_transport_bw(packet, phase, delay);
}

}  // namespace sliver::model
