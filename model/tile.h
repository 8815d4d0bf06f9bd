// Tile: eDRAM buffer, bus, processing elements and post-processor of one tile, and the control that starts
// windows.
//
// Models: input packets kept in the eDRAM until the last window that needs them has read them; a packet comes
// only when there is room for it (credit_line.h); a fragment (this tile's part of one copy of a layer) starts
// its next window when the inputs are complete, its processing elements are free and the homes of its column
// blocks have a place for the copy's results (output_queue.h); the bus (tile_bus.h) brings the window's
// bytes, within the cycle before the first plane, or at the configured rate, into the half of the input
// register that is not driven, and takes the accumulators of all its processing elements to the adders
// (tile_adder.h); partial sums go to the column block's home tile; the home tile finishes values and sends
// them to whoever consumes them. What is read from the eDRAM or written to it goes through its port, what is
// finished through the post-processor, each at its rate where it has one (server.h). Flow control and why it
// cannot lock up: docs/time.md. Counts windows, stalls by reason; what is charged is counted by the blocks.
// Does not model: banks and refresh of the eDRAM; instruction fetch (ISAAC is statically scheduled). Speaks:
// base protocol, approximately timed, to the interconnect (one target, one initiator socket) and, where the
// bytes of its eDRAM lie in a memory that is not its own (buffer_memory.h), to that; base protocol, completed
// on the forward path, to its processing elements. b_transport writes as a packet does, and reads what the
// eDRAM has; so does transport_dbg. Addresses: address_map.h. Refused with an error response: packets for
// which there is no room, whose bytes are no run of values (MapLayout), or that nobody here reads.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include "bitline/analog_kernels.h"
#include "config/chip_config.h"
#include "mapping/adc_widths.h"
#include "model/activation_buffer.h"
#include "model/address_map.h"
#include "model/agenda.h"
#include "model/buffer_memory.h"
#include "model/chip_plan.h"
#include "model/interconnect.h"
#include "model/output_queue.h"
#include "model/postprocessor.h"
#include "model/processing_element.h"
#include "model/server.h"
#include "model/style.h"
#include "model/tally.h"
#include "model/tile_adder.h"
#include "model/tile_bus.h"
#include "model/timeline.h"
#include "model/unit_links.h"

namespace sliver::model {

/// A window on its way to the input registers.
struct WindowFetch {
    std::uint64_t image = 0;
    std::size_t window = 0;
    sc_core::sc_time asked;
    bool waited_for_output = false;  ///< before it was fetched; otherwise for its inputs
    bool there = false;
};

class Tile : public sc_core::sc_module, public tlm::tlm_fw_transport_if<>, public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(Tile);

    tlm::tlm_target_socket<> mesh_tsock;
    tlm::tlm_initiator_socket<> mesh_isock;

    /// What a fragment did; starts and ends of the first image, stalls and busy time of all.
    struct FragmentCounters {
        std::uint64_t windows = 0;
        std::optional<sc_core::sc_time> first_start;
        sc_core::sc_time last_start;
        sc_core::sc_time busy;          ///< the crossbars' stage occupied
        sc_core::sc_time waited_input;  ///< stage free, inputs not complete
        /// Stage free, the window's bytes on the bus or waiting for it, or for results that have to leave
        /// first.
        sc_core::sc_time waited_bus;
        sc_core::sc_time waited_output;  ///< stage free, inputs complete, no place for the results
    };
    class UnitLink;  ///< to a processing element
    /// A window whose results come, approximately timed.
    struct Expected {
        Agenda::Turn turn = 0;  ///< of its results among what the tile does at that time
        std::uint64_t image = 0;
        std::size_t window = 0;
        std::size_t missing = 0;         ///< processing elements that are not done
        std::vector<PacketRef> windows;  ///< by processing element
    };
    struct Fragment {
        Fragment();
        ~Fragment();
        Fragment(Fragment&&) noexcept;
        Fragment& operator=(Fragment&&) noexcept;

        FragmentPlan plan;
        std::vector<std::unique_ptr<ProcessingElement>> pes;
        /// By processing element: for its windows, for its sums.
        std::vector<std::unique_ptr<tlm::tlm_initiator_socket<>>> window_isocks, register_isocks;
        std::vector<std::unique_ptr<UnitLink>> links;
        std::size_t units_busy = 0;     ///< whose arrays are not known to be free: approximately timed
        sc_core::sc_time driven_at;     ///< the window that is in the arrays
        std::deque<Expected> expected;  ///< the oldest first
        FragmentCounters counters;
        std::uint64_t image = 0;                ///< of the next window
        std::size_t window = 0;                 ///< next window
        sc_core::sc_time free_at;               ///< the next window may be fetched: its register is free
        sc_core::sc_time stage_free_at;         ///< the arrays may take the first plane of the next window
        std::optional<WindowFetch> fetch;       ///< the window in the half of the register that is not driven
        std::vector<std::int8_t> window_bytes;  ///< its bytes
        std::size_t result_bytes = 0;           ///< of a window, from all its processing elements
        int results_waiting = 0;                ///< windows whose results wait for the bus
        bool blocked_by_output = false;         ///< the next window has waited for a place
        bool called = false;                    ///< a home without a place will say so when it has one
        /// Where its results come together: one entry a tile.
        struct Home {
            CreditLine* places = nullptr;
            sc_core::sc_time delay;
        };
        std::vector<Home> homes;
        Timeline::Lane lane = 0;

        /// Its next window is the first one. `cycle`: in which a window is fetched, before its first plane.
        void reset(const sc_core::sc_time& cycle);
    };
    struct Counters {
        sc_core::sc_time layer_done;  ///< last value of the tile's layer for the first image
    };

    struct Environment {
        const ChipPlan& plan;
        const config::ChipConfig& chip;
        const mapping::AdcWidths& widths;
        const bitline::Kernels& kernels;
        ColumnLimits& limits;
        std::vector<LayerCounters>& counters;   ///< by layer; empty: column sums are not counted
        const bitline::AnalogNetwork* devices;  ///< null: ideal
        PacketPool& pool;
        const std::uint64_t& images;         ///< given to the chip so far
        const std::uint64_t& valued_images;  ///< those that have values; the rest is blank (host.h)
        Timeline* timeline;                  ///< null: nobody watches
        Calendar& calendar;
        Style style;
        const UnitLinks& links;       ///< looked at while the chip is built
        bool foreign_memory = false;  ///< bytes of the eDRAM lie in a memory behind memory()
        Tally& tally;                 ///< what the tiles have done
    };

    Tile(const sc_core::sc_module_name& name, const TilePlan& tile, const Environment& environment);
    ~Tile() override;

    [[nodiscard]] const TilePlan& plan() const { return tile_; }
    [[nodiscard]] std::vector<Fragment>& fragments() { return fragments_; }
    [[nodiscard]] const std::vector<Fragment>& fragments() const { return fragments_; }
    [[nodiscard]] const Counters& counters() const { return counters_; }
    [[nodiscard]] const TileBus& bus() const { return bus_; }
    [[nodiscard]] const Server& buffer_port() const { return port_.server(); }
    [[nodiscard]] const Server& finisher() const { return finisher_.server(); }
    /// Adds what its blocks have done.
    void count(cost::Actions& actions) const;
    [[nodiscard]] const ActivationBuffer* buffer() const { return buffer_ ? &*buffer_ : nullptr; }
    /// Null: the bytes of the eDRAM, if there is any, lie in the buffer.
    [[nodiscard]] BufferMemory* memory() { return memory_ ? &*memory_ : nullptr; }
    /// Nothing waits here, all room and every place is free.
    [[nodiscard]] bool at_rest() const {
        return outputs_.at_rest() && responder_.at_rest() && adder_.at_rest() && postprocessor_.at_rest() &&
               (!buffer_ || buffer_->room().resident_pixels() == 0);
    }
    /// As after elaboration; nothing that was under way goes on.
    void reset();
    /// There are more images than before: windows in the padding may start.
    void more_images() { agenda_.soon(); }
    /// Packets that waited elsewhere until this tile had room for them.
    [[nodiscard]] std::uint64_t room_waits() const {
        return postprocessor_.room_waits() + (buffer_credit_ ? buffer_credit_->calls() : 0);
    }

    /// Before the simulation, once all tiles are there: tells this tile's senders and fragments of the room
    /// and the places of `tiles`.
    void connect(const std::vector<std::unique_ptr<Tile>>& tiles, const Interconnect& interconnect);
    /// Room where a consumer on this tile keeps what it reads.
    [[nodiscard]] CreditLine& room_for(const Consumer& consumer);

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void b_transport(tlm::tlm_generic_payload& packet, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload& packet) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    struct Job;  ///< a window in the pipeline
    void step();
    void build_lanes(const Environment& environment);
    void build_fragments(const Environment& environment);
    [[nodiscard]] ActivationBuffer make_buffer() const;

    void build_streams();
    void share_packets();
    /// What a packet brings, from its address and its length.
    struct Cargo {
        Region region = Region::matrix_input;
        std::uint64_t image = 0;
        MapLayout::Run run;                 ///< of a map
        std::size_t stage = 0;              ///< of an operand: which of the tile's digital nodes
        std::size_t operand = 0;            ///< of an operand: which of that one's
        std::size_t window = 0, block = 0;  ///< of partial sums
    };
    /// None: nobody here reads it.
    [[nodiscard]] std::optional<Cargo> cargo_of(const tlm::tlm_generic_payload& packet) const;
    [[nodiscard]] MapLayout buffer_layout() const;
    [[nodiscard]] tlm::tlm_response_status judge_cargo(const tlm::tlm_generic_payload& packet,
                                                       const std::optional<Cargo>& cargo) const;
    [[nodiscard]] bool is_ported(const tlm::tlm_generic_payload& packet) const;
    /// Called when a packet is where it belongs, or has been refused.
    using Stored = std::function<void(tlm::tlm_generic_payload&)>;
    /// Whether its bytes lie in a memory that is not the tile's.
    [[nodiscard]] bool is_in_memory(const tlm::tlm_generic_payload& packet) const;
    void take_in(tlm::tlm_generic_payload& packet, const Stored& stored);
    void put(const PacketRef& packet, const Stored& stored);
    void store(tlm::tlm_generic_payload& packet);
    void keep_input(const Cargo& cargo, const unsigned char* data);
    bool copy_input(tlm::tlm_generic_payload& packet, sc_core::sc_time* delay);
    void keep_operand(const Consumer& consumer, const PixelValues& values);
    [[nodiscard]] std::size_t bytes_of(const PixelValues& values) const;
    void pass_on(const PixelValues& values);
    template <typename Then>
    void hold(const PixelValues& values, const sc_core::sc_time& time, Then then);

    void read_memory(Fragment& fragment, const sc_core::sc_time& ready);
    void fetched(Fragment& fragment);
    bool try_fetch(Fragment& fragment);
    void fetch(Fragment& fragment);
    bool try_drive(Fragment& fragment);
    void drive(Fragment& fragment);
    [[nodiscard]] bool inputs_complete(const Fragment& fragment) const;
    bool has_places(Fragment& fragment);
    void release(LayerIndex layer, std::uint64_t image, std::size_t window);
    void show_buffer() const;
    [[nodiscard]] std::size_t window_size(const Fragment& fragment) const;
    [[nodiscard]] bool is_bounded() const { return bus_.bounded() || port_.bounded(); }
    [[nodiscard]] bool is_blank(std::uint64_t image) const { return image >= valued_images_; }
    void occupy(Fragment& fragment, const Timeline::About& about);
    [[nodiscard]] Job job_of(const Fragment& fragment, std::uint64_t image, std::size_t window) const;
    void fill_register(const Fragment& fragment, std::size_t unit);
    void read_sums(Fragment& fragment, std::size_t unit, Job& job);
    sc_core::sc_time run_units(Fragment& fragment, Job& job);
    void begin_units(Fragment& fragment, std::uint64_t image, std::size_t window);
    void unit_announced(Fragment& fragment);
    void unit_ready(Fragment& fragment);
    void collect(Fragment& fragment);
    void advance(Fragment& fragment);
    void take_results(Fragment& fragment, Job job);
    void send_partial_sums(Job& job);
    void reduce(LayerIndex layer, std::uint64_t image, std::size_t window, std::size_t block,
                TileAdder::Sums partial_sums);
    void emit(const PixelValues& values, std::size_t part);
    [[nodiscard]] PacketRef make_packet(const PixelValues& values, const std::vector<Consumer>& consumers,
                                        const std::vector<std::size_t>& receivers);

    const ChipPlan& chip_plan_;
    const TilePlan& tile_;
    const config::ChipConfig& chip_;
    PacketPool& pool_;
    const std::uint64_t &images_, &valued_images_;
    ChipTiming timing_;
    std::optional<ActivationBuffer> buffer_;
    std::optional<BufferMemory> memory_;
    RatedServer port_;      ///< of the eDRAM
    RatedServer finisher_;  ///< the post-processor's units, together
    TileBus bus_;
    TileAdder adder_;
    Postprocessor postprocessor_;
    std::vector<Fragment> fragments_;
    Agenda agenda_;
    OutputQueue outputs_;
    PacketResponder responder_;
    std::optional<CreditLine> buffer_credit_;
    /// Streams of the layer whose values come into being here, by copy; then those of the digital nodes.
    std::vector<OutputQueue::StreamIndex> layer_streams_, digital_streams_;
    std::vector<std::size_t> part_of_block_;  ///< of a stream of the layer, for the blocks at home here
    std::vector<std::int8_t> register_bytes_;
    std::vector<std::int32_t> accumulators_;
    std::uint64_t latest_image_ = 0;
    Counters counters_;
    Style style_;
    Tally& tally_;
    std::size_t tally_part_;
    TimelineScope scope_;
    std::vector<Timeline::Lane> fragment_lanes_;
    Timeline::Lane finish_lane_ = 0, buffer_lane_ = 0;
};

}  // namespace sliver::model
