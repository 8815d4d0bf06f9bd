#include "model/buffer_memory.h"

#include <algorithm>
#include <utility>

namespace sliver::model {
namespace {

void check_memory(const tlm::tlm_generic_payload& packet) {
    if (packet.get_response_status() != tlm::TLM_OK_RESPONSE)
        SC_REPORT_ERROR("/sliver/buffer_memory", packet.get_response_string().c_str());
}

}  // namespace

BufferMemory::BufferMemory(const MapLayout& layout, std::size_t room, Agenda& agenda, PacketPool& pool)
    : isock("memory_isock"),
      layout_(layout),
      room_(room),
      channels_(static_cast<std::size_t>(layout.kept.count)),
      pool_(pool),
      sender_(
          isock, agenda, [this] { go_on(); },
          [this](tlm::tlm_generic_payload& packet) { answered(packet); }) {
    isock.bind(*this);
}

/// Calls `visit(address, place, bytes)` for each stretch of the run that lies in one piece in the ring.
template <typename Visit>
void BufferMemory::for_pieces(std::uint64_t image, const MapLayout::Run& run, const Visit& visit) const {
    const auto skipped = static_cast<std::size_t>(run.channels.first - layout_.kept.first);
    const auto count = static_cast<std::size_t>(run.channels.count);
    std::size_t place = 0;
    for (std::size_t done = 0; done < run.pixels;) {
        const std::size_t slot = (image * layout_.pixels + run.pixel + done) % room_;
        const std::size_t pixels = std::min(run.pixels - done, room_ - slot);
        visit(slot * channels_ + skipped, place, pixels * count);
        place += pixels * count;
        done += pixels;
    }
}

void BufferMemory::write(std::uint64_t image, const MapLayout::Run& run, const unsigned char* data,
                         std::function<void()> done) {
    Job& job = jobs_.emplace_back();
    job.bytes.assign(data, data + run.pixels * static_cast<std::size_t>(run.channels.count));
    job.done = [done = std::move(done)](const Bytes&) { done(); };
    for_pieces(image, run, [&](std::uint64_t address, std::size_t place, std::size_t bytes) {
        request(job, tlm::TLM_WRITE_COMMAND, address, place, bytes);
    });
    begin(job);
}

void BufferMemory::read(std::uint64_t image, const timing::Footprint& area, std::size_t map_width,
                        std::function<void(const Bytes&)> done) {
    Job& job = jobs_.emplace_back();
    job.done = std::move(done);
    // Pixels that lie side by side are one run; those of a dilated window are one each.
    const bool apart = area.step_x > 1;
    const auto read_run = [&](int y, int x, int pixels) {
        const std::size_t first = job.bytes.size();
        const MapLayout::Run run{static_cast<std::size_t>(y) * map_width + static_cast<std::size_t>(x),
                                 static_cast<std::size_t>(pixels), layout_.kept};
        job.bytes.resize(first + run.pixels * channels_);
        for_pieces(image, run, [&](std::uint64_t address, std::size_t place, std::size_t bytes) {
            request(job, tlm::TLM_READ_COMMAND, address, first + place, bytes);
        });
    };
    for (int y = area.top; y < area.bottom; y += area.step_y)
        for (int x = area.left; x < area.right; x += apart ? area.step_x : area.right - area.left)
            read_run(y, x, apart ? 1 : area.right - area.left);
    begin(job);
}

void BufferMemory::request(Job& job, tlm::tlm_command command, std::uint64_t address, std::size_t place,
                           std::size_t bytes) {
    PacketRef packet = pool_.make_packet(address, bytes);
    packet->set_command(command);
    if (command == tlm::TLM_WRITE_COMMAND)
        std::copy_n(job.bytes.data() + place, bytes, packet->get_data_ptr());
    ++job.missing;
    parts_.emplace(&*packet, Part{&job, place});
    waiting_.push_back(std::move(packet));
}

/// A window in the padding has nothing to read.
void BufferMemory::begin(Job& job) {
    if (job.missing != 0) {
        go_on();
        return;
    }
    const Job over = std::move(job);
    jobs_.pop_back();
    over.done(over.bytes);
}

void BufferMemory::go_on() {
    while (sender_.free() && !waiting_.empty()) {
        const PacketRef packet = std::move(waiting_.front());
        waiting_.pop_front();
        if (sender_.send(packet) == PacketSender::Sent::answered) answered(*packet);
    }
}

void BufferMemory::answered(tlm::tlm_generic_payload& packet) {
    check_memory(packet);
    const auto found = parts_.find(&packet);
    const Part part = found->second;
    parts_.erase(found);
    Job& job = *part.job;
    if (packet.is_read())
        std::copy_n(packet.get_data_ptr(), packet.get_data_length(),
                    job.bytes.begin() + static_cast<std::ptrdiff_t>(part.place));
    if (--job.missing != 0) return;
    job.done(job.bytes);
    job.done = nullptr;
    while (!jobs_.empty() && !jobs_.front().done) jobs_.pop_front();
}

void BufferMemory::access(tlm::tlm_command command, std::uint64_t image, const MapLayout::Run& run,
                          unsigned char* data, sc_core::sc_time& delay) {
    for_pieces(image, run, [&](std::uint64_t address, std::size_t place, std::size_t bytes) {
        tlm::tlm_generic_payload payload;
        initialise(payload, command, address, data + place, bytes);
        isock->b_transport(payload, delay);
        check_memory(payload);
    });
}

bool BufferMemory::debug(tlm::tlm_command command, std::uint64_t image, const MapLayout::Run& run,
                         unsigned char* data) {
    bool all = true;
    for_pieces(image, run, [&](std::uint64_t address, std::size_t place, std::size_t bytes) {
        tlm::tlm_generic_payload payload;
        initialise(payload, command, address, data + place, bytes);
        all = isock->transport_dbg(payload) == bytes && all;
    });
    return all;
}

}  // namespace sliver::model
