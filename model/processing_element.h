// ProcessingElement: ISAAC's in-situ multiply-accumulate unit (IMA): input register, crossbars, shared ADCs,
// shift-add.
//
// Models: one window at a time: its bytes are written to the input register, go in serially, one digit plane
// a step, to all crossbars at once; every read is one bitline transaction. A step lasts T_read: from the
// cycle in which the samples are held to the end of the slowest converter's burst, at least one array cycle;
// the next plane is driven while the last one is converted. A crossbar whose rows are read in parts
// (mapping/row_parts.h) takes one read a part and digit plane: the next part is driven while the last one is
// converted, each crossbar at its own pace; the step lasts until the slowest has converted its last part.
// With a zero detector (skip.zero_planes) a read that would drive no row is left out: neither driven nor
// converted; a step in which no array is read takes no time, a window at least a cycle.
// With T_read: results = first plane + planes * T_read + one cycle for the ADC + the rest of the overhead
// stages that lie in the unit (hardware-parameters.md, 1.5, 2.8, 8.2). Speaks: base protocol on the tile's
// bus. Address space:
//
//   kInputRegister + byte: write the window's bytes, row blocks one after the other (input().rows())
//
//   kOutputRegister + register << 16: read the accumulators of one column block, 32 bits each
//
// Windows are written through one port, sums read through another, while the next window is in the arrays. A
// write begins a window. Loosely timed (style.h) it is completed on the forward path: its delay says when
// the first plane is driven, the one returned when the arrays are free for the next window; the sums, which
// are ready the ADC's cycle and the unit's stages later, are read at once. Approximately timed it has four
// phases: BEGIN_REQ: the first plane is driven; END_REQ: the arrays are free an array cycle from now, as long
// as it takes to bring the next window's bytes; BEGIN_RESP: the accumulators are ready; END_RESP: they have
// been read. The sequencer knows how long a step will take, as in a statically scheduled machine, for END_REQ
// alone; everything else follows from the events of its arrays and converters, and a step that took another
// time than was scheduled is an error. Calls before the unit is free are a defect of the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include "bitline/column_kernels.h"
#include "config/chip_config.h"
#include "model/bitline_protocol.h"
#include "model/chip_plan.h"
#include "model/crossbar.h"
#include "model/input_register.h"
#include "model/output_register.h"
#include "model/shared_adc.h"
#include "model/shift_add.h"
#include "model/timeline.h"
#include "model/unit_events.h"
#include "model/unit_links.h"
#include "timing/read_period.h"

namespace sliver::model {

constexpr std::uint64_t kInputRegister = 0x0000'0000;
constexpr std::uint64_t kOutputRegister = 0x8000'0000;

/// Times every block of the chip derives its own from.
struct ChipTiming {
    sc_core::sc_time cycle;  ///< array cycle
    int unit_overhead_cycles =
        2;  ///< after the last burst inside the processing element: S+A, output register
    int tile_overhead_cycles = 2;  ///< activation, eDRAM write
};

/// InputError when the pipeline is shorter than load, ADC and the tile's two stages.
ChipTiming chip_timing(const config::ChipConfig& chip);

class ProcessingElement : public sc_core::sc_module,
                          public tlm::tlm_fw_transport_if<>,
                          public BitlineInitiator,
                          public UnitEvents::Owner {
  public:
    SC_HAS_PROCESS(ProcessingElement);

    tlm::tlm_target_socket<> window_tsock;    ///< windows come in
    tlm::tlm_target_socket<> register_tsock;  ///< accumulators are read

    /// The windows of a run that come here, in this order: those of one copy of a layer.
    struct WindowOrder {
        std::size_t copy = 0, copies = 1;
        std::size_t windows = 1;  ///< of the layer, an image
    };

    /// `counters`: of the layer's column sums; null: they are not counted. `devices`: of the layer's
    /// crossbars; null: ideal. `scope`: of its lanes in a timeline. `calendar`: of its chip where it is
    /// approximately timed; null: loosely timed.
    ProcessingElement(const sc_core::sc_module_name& name, const PePlan& plan,
                      const mapping::LayerMapping& layer, const mapping::NetworkMapping& mapping,
                      const network::MatrixWeights& weights, const std::vector<bool>& flipped,
                      const mapping::AdcWidths& widths, const config::ChipConfig& chip, ColumnLimits& limits,
                      LayerCounters* counters, const std::vector<bitline::AnalogArray>* devices,
                      const WindowOrder& order, const bitline::Kernels& kernels, const TimelineScope& scope,
                      Calendar* calendar, const UnitLinks& links);

    /// Asks for what a window needs of this unit's blocks: the chip is larger than the processor's cache, and
    /// fetched one after the other it would cost more than what is done with it.
    void fetch_ahead() const {
        for (const void* address : hot_) __builtin_prefetch(address);
    }
    /// A window of a blank image (host.h), whose first plane is driven now: takes its time and nothing else.
    /// Returns when its arrays are free, relative to now. A window with values has been there before. Not
    /// with a zero detector, whose windows take as long as their values say.
    [[nodiscard]] const sc_core::sc_time& take_blank() const { return window_time_; }

    ~ProcessingElement() override;

    /// No window has been here. Cells keep their levels.
    void reset();
    /// `worked` is called whenever an event may have been counted, approximately timed.
    void tell(std::function<void()> worked) { worked_ = std::move(worked); }

    [[nodiscard]] const InputRegister& input() const { return input_; }
    /// Column block held by output register `index`.
    [[nodiscard]] const std::vector<std::size_t>& column_blocks() const { return column_blocks_; }

    struct ArrayView {
        CrossbarIndex index;
        SharedAdc::Counters adc;
        std::vector<sc_core::sc_time> adc_busy;  ///< by slice of the crossbar
    };
    [[nodiscard]] std::vector<ArrayView> arrays() const;
    /// Adds what its blocks have done.
    void count(cost::Actions& actions) const;
    [[nodiscard]] Crossbar* find(CrossbarIndex index);
    /// Of its converter that was busy for the longest.
    [[nodiscard]] sc_core::sc_time busiest_converter() const;
    /// Time that samples waited for a converter, summed over bursts.
    [[nodiscard]] sc_core::sc_time adc_waited() const;

    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;
    tlm::tlm_sync_enum nb_transport_bw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void on_step(UnitEvents::Step step, std::size_t about) override;

  private:
    struct InFlight;  ///< a read, approximately timed
    /// A window from its first plane to the reading of its sums, approximately timed.
    struct Window {
        tlm::tlm_generic_payload* payload = nullptr;  ///< none: the half of the output register is free
        std::size_t reads = 0;                        ///< that have not been added
    };
    struct Array {
        CrossbarIndex index;
        std::unique_ptr<Crossbar> crossbar;
        std::unique_ptr<bitline_initiator_socket> isock;
        BitlineForward forward;       ///< of isock
        std::size_t input_block = 0;  ///< of the input register
        std::size_t adc = 0, adc_position = 0;
        int parts = 1;  ///< reads a digit plane takes
    };
    /// How far a crossbar that is read in parts has come in a step.
    struct Progress {
        int part = 0;             ///< next to be driven
        sc_core::sc_time driven;  ///< when
    };

    void end_of_elaboration() override;
    void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    sc_core::sc_time run_window(const std::int8_t* bytes, const sc_core::sc_time& first);
    void take_values(BitlineRead& read);
    [[nodiscard]] BitlineRead next_read() const;
    void next_window();
    void step() {
        if (worked_) worked_();
        events_->run_due();
    }
    bool begin_window(tlm::tlm_generic_payload& payload);
    bool drive_next_plane();
    void drive_plane();
    bool drive_array(std::size_t array);
    [[nodiscard]] bool drives(int plane) const;
    [[nodiscard]] sc_core::sc_time scheduled_period() const;
    void end_plane();
    void end_stage();
    void announce();
    void respond(std::size_t half);
    std::optional<sc_core::sc_time> read_plane(BitlineRead& read, const sc_core::sc_time& driven);
    std::optional<sc_core::sc_time> read_whole(BitlineRead& read, const sc_core::sc_time& driven);
    std::optional<sc_core::sc_time> read_parts(BitlineRead& read, const sc_core::sc_time& driven);

    ChipTiming timing_;
    WindowOrder order_;
    std::uint64_t image_ = 0;  ///< of the next window
    std::size_t window_ = 0;
    /// From the first plane driven to the arrays' being free: the same for every window without a zero
    /// detector.
    sc_core::sc_time window_time_;
    std::uint64_t planes_skipped_ = 0;

    // Approximately timed.
    std::optional<UnitEvents> events_;
    std::function<void()> worked_;
    std::vector<std::unique_ptr<InFlight>> in_flight_;  ///< all there are
    std::vector<InFlight*> spare_;
    std::vector<Window> windows_;                     ///< by half of the output register
    std::size_t half_ = 0;                            ///< of the window whose planes are driven
    std::size_t readable_ = 0;                        ///< half whose sums are ready
    std::vector<timing::ReadArray> schedule_;         ///< of the arrays
    std::vector<std::vector<std::uint64_t>> bursts_;  ///< what schedule_ points to
    sc_core::sc_time stage_began_, plane_driven_;
    std::optional<sc_core::sc_time> announced_;  ///< when the arrays will be free
    int plane_ = 0, last_plane_ = 0;
    std::size_t reading_ = 0;  ///< arrays that are not done with the plane
    bool beginning_ = false, announced_at_once_ = false;
    int planes_;  ///< of a window
    InputRegister input_;
    std::vector<std::size_t> column_blocks_;
    std::vector<Array> arrays_;
    std::vector<std::unique_ptr<SharedAdc>> adcs_;
    std::optional<OutputRegister> output_;
    std::unique_ptr<ShiftAdd> shift_add_;
    bool values_at_once_ = false;     ///< after a window's reads, of all planes together
    std::vector<Progress> progress_;  ///< by array; empty where every array is read whole
    std::vector<const void*> hot_;    ///< what the reads of a window touch in the blocks below
    Timeline* timeline_;
    Timeline::Lane lane_ = 0;
    std::uint64_t reads_a_plane_ = 0;
};

}  // namespace sliver::model
