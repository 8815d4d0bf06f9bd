// Host: sends images into the chip and collects logits.
//
// Models: an image comes over the host's link (host_link.h) and goes row by row to the tiles that consume it,
// each row when they have room for it; kRowsWaiting rows may wait for that; at
// most kImagesInFlight images are unfinished at a time. Images are given before the simulation or while it
// runs, and go in in that order; logits leave over the link one packet after the other. Records when each
// image's last logit arrived. Does not model: the host's own memory and software (a platform has its own:
// accelerator.h). Speaks: base protocol, approximately timed: one initiator and one target socket to the
// interconnect's host port; b_transport as well, and logits can be read through transport_dbg.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include "config/chip_config.h"
#include "model/address_map.h"
#include "model/agenda.h"
#include "model/chip_plan.h"
#include "model/host_link.h"
#include "model/output_queue.h"
#include "model/timeline.h"

namespace sliver::model {

class Host : public sc_core::sc_module, public tlm::tlm_fw_transport_if<>, public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(Host);

    static constexpr std::uint64_t kImagesInFlight = 64;
    static constexpr std::size_t kRowsWaiting = 8;

    tlm::tlm_initiator_socket<> mesh_isock;
    tlm::tlm_target_socket<> mesh_tsock;

    /// Codes of the network's input, image-major, channel-major inside. Kept until the last row has gone in.
    using Codes = std::shared_ptr<const std::int32_t>;
    /// Called with the number of an image; either may be empty.
    struct Listener {
        std::function<void(std::uint64_t)> taken;     ///< its last row has left for the tiles
        std::function<void(std::uint64_t)> finished;  ///< its last logit is here
    };

    /// `timeline`: null where nobody watches.
    Host(const sc_core::sc_module_name& name, const ChipPlan& plan, const config::HostConfig& config,
         PacketPool& pool, Timeline* timeline, Calendar* calendar = nullptr);

    /// `count` more images. From now on they are in logits(), injected() and completed(). Without codes they
    /// are blank: they take the time and the ways of an image, have no values and no logits; only blank ones
    /// may follow.
    void give(Codes codes, std::size_t count);
    /// Takes back the images of which no row has gone in; returns how many remain.
    std::uint64_t withdraw();
    /// As after elaboration, without an image; who listens goes on listening.
    void reset();
    /// Before the simulation: room of consumer `consumer` of the image.
    void connect(std::size_t consumer, CreditLine& room, const sc_core::sc_time& delay) {
        outputs_.connect(0, consumer, &room, delay, false);
    }
    /// After that: consumers that want the same channels have one packet a row.
    void share_packets();
    void listen(Listener listener) { listener_ = std::move(listener); }

    /// No row waits, and every place is free.
    [[nodiscard]] bool at_rest() const { return outputs_.at_rest() && responder_.at_rest(); }
    [[nodiscard]] bool finished() const { return finished_images_ == completed_.size(); }
    [[nodiscard]] std::size_t finished_images() const { return finished_images_; }
    /// Image-major, channel-major inside an image.
    [[nodiscard]] const std::vector<std::int32_t>& logits() const { return logits_; }
    [[nodiscard]] const std::vector<sc_core::sc_time>& injected() const { return injected_; }
    [[nodiscard]] const std::vector<sc_core::sc_time>& completed() const { return completed_; }
    [[nodiscard]] const HostLink& link() const { return link_; }
    /// There were rows to bring and the link was free, but no place for them, or too many images.
    [[nodiscard]] const sc_core::sc_time& stalled() const { return stalled_; }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void b_transport(tlm::tlm_generic_payload& packet, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload& packet) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void step();
    void inject_row();
    /// Logits that a packet carries.
    struct Logits {
        std::uint64_t image = 0;
        MapLayout::Run run;
    };
    /// None: the address has none.
    [[nodiscard]] std::optional<Logits> logits_at(const tlm::tlm_generic_payload& packet) const;
    /// Reads or writes them, channel by channel; blank images have none.
    template <typename Copy>
    void copy_logits(const Logits& which, const Copy& copy);
    [[nodiscard]] tlm::tlm_response_status judge_packet(const tlm::tlm_generic_payload& packet) const;
    void collect(tlm::tlm_generic_payload& packet);
    /// Of the logits.
    [[nodiscard]] const network::Format& format() const {
        return plan_.network->nodes[plan_.output_node].format;
    }
    void show_logits(const tlm::tlm_generic_payload& packet, const sc_core::sc_time& there) const;

    const ChipPlan& plan_;
    PacketPool& pool_;
    /// Images given together and not yet gone in; the first is `next_image_ - first` images into its batch.
    struct Batch {
        Codes codes;
        std::uint64_t first = 0, end = 0;
    };
    std::deque<Batch> batches_;
    Listener listener_;
    std::size_t logits_per_image_;
    std::uint64_t next_image_ = 0;
    int next_row_ = 0;
    HostLink link_;
    bool held_up_ = false;
    std::vector<std::int32_t> logits_;
    std::vector<std::size_t> missing_;
    std::size_t finished_images_ = 0;
    std::vector<sc_core::sc_time> injected_, completed_;
    Agenda agenda_;
    OutputQueue outputs_;
    PacketResponder responder_;
    sc_core::sc_time stalled_;
    Timeline* timeline_;
    Timeline::Lane images_lane_ = 0, in_lane_ = 0, out_lane_ = 0;
};

}  // namespace sliver::model
