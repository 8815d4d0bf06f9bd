// Chip: host, interconnect and tiles, elaborated from a plan, and what they recorded.
//
// Its images are known before the simulation (ChipSetup::images), or come while it runs (give(), which
// accelerator.h calls for a platform), or both.
//
// One chip a process may be simulated (the kernel elaborates once); several chips may stand side by side in
// one elaboration. Only tiles, processing elements and crossbars in use become modules; dark ones are in the
// inventory.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "bitline/analog_kernels.h"
#include "bitline/column_kernels.h"
#include "config/chip_config.h"
#include "mapping/adc_widths.h"
#include "mapping/placement.h"
#include "model/calendar.h"
#include "model/chip_plan.h"
#include "model/host.h"
#include "model/interconnect.h"
#include "model/packet_pool.h"
#include "model/tally.h"
#include "model/tile.h"
#include "model/timeline.h"
#include "model/unit_links.h"
#include "results/run_record.h"

namespace sliver::model {

/// One cell that differs from what the weights say.
struct CellEdit {
    LayerIndex layer;
    CopyIndex copy;
    CrossbarIndex crossbar;
    int row = 0, column = 0, level = 0;
};

/// For a chip that is given its images while the simulation runs: ChipSetup::images with a count of 0.
inline const std::vector<std::int32_t> kNoImages{};

/// Everything a simulation needs; all references outlive the chip.
struct ChipSetup {
    const network::QuantisedNetwork& network;
    const mapping::NetworkMapping& mapping;
    const mapping::Placement& placement;
    const config::ChipConfig& chip;
    const mapping::AdcWidths& widths;
    const std::vector<std::int32_t>& images;  ///< codes of the network's input, image-major
    std::size_t count = 1;                    ///< of these images
    bitline::InstructionSet instruction_set = bitline::InstructionSet::portable;
    std::vector<CellEdit> edits = {};
    bool count_sums = false;  ///< every conversion by its column sum: LayerRecord::column_sums
    /// Devices of all crossbars; null: ideal. Copies of a layer are programmed alike.
    const bitline::AnalogNetwork* devices = nullptr;
    Timeline* timeline = nullptr;  ///< writes down what the blocks do; null: nobody watches
    std::uint64_t steady_images =
        0;  ///< of simulate(): at most so many more for the interval (steady_state.h)
    /// Binds two memory-mapped sockets; tests put a protocol checker in between. Empty: a plain bind.
    std::function<void(tlm::tlm_initiator_socket<>&, tlm::tlm_target_socket<>&)> connect = {};
    Style style = Style::loosely_timed;
    UnitLinks unit_links = {};
    /// Makes what connects tiles and host. Empty: as the chip file says (mesh.kind).
    InterconnectFactory interconnect = {};
    /// A memory of at least `bytes` bytes for the input map of tile `tile` (buffer_memory.h); it outlives the
    /// chip. Empty: the tiles keep the bytes themselves.
    std::function<tlm::tlm_target_socket<>&(std::size_t tile, std::size_t bytes)> buffer_memory = {};
    /// Called by Chip::reset(): what `connect` has put in between, and memories behind
    /// `buffer_memory`, forget the transactions on their way.
    std::function<void()> reset_links = {};
    /// The largest column sums, too: LayerRecord::largest_sums; of parts where rows are read in parts.
    bool largest_sums = false;
};

class Chip : public sc_core::sc_module {
  public:
    /// InputError when the chip cannot run the network (buffers, memory map, pipeline), or the kernel's time
    /// resolution is coarser than 1 ps.
    Chip(const sc_core::sc_module_name& name, const ChipSetup& setup);
    ~Chip() override;

    [[nodiscard]] const Host& host() const { return *host_; }
    /// `count` more images, before the simulation or while it runs. Null: blank ones (Host::give).
    void give(Host::Codes codes, std::size_t count);
    /// `count` more images that take the times of the setup's: blank ones, or where times depend on values
    /// (skip.zero_planes) those themselves, from the first on in turn.
    void repeat(std::uint64_t count);
    /// After how many of these the same times come again.
    [[nodiscard]] std::size_t repeat_cycle() const { return chip_.skip.zero_planes ? setup_images_ : 1; }
    /// At any time, in no time: everything is as after elaboration, images and what was under way are gone,
    /// all counts are 0. Cells keep their levels. Called by a process of the platform, never by what the chip
    /// itself calls (listeners, links). InputError where the chip is approximately timed.
    void reset();
    /// Images that have not begun to go in will not come.
    void withdraw() {
        images_ = host_->withdraw();
        valued_images_ = std::min(valued_images_, images_);
    }
    /// The busiest ten resources, the busiest first, with what an image needs of them: `images` have passed,
    /// none is on its way. Of what belongs to tiles the busiest of each layer.
    [[nodiscard]] std::vector<results::ResourceRecord> resources(std::uint64_t images) const;
    void listen(Host::Listener listener) { host_->listen(std::move(listener)); }
    /// Nothing waits anywhere, all room and every place is free: how a chip is left by its last image.
    [[nodiscard]] bool at_rest() const;
    /// That somebody holds, inside the chip or in between.
    [[nodiscard]] std::size_t packets_in_use() const { return pool_.in_use(); }
    /// After the simulation. std::runtime_error when there was no image, and naming the layers that wait when
    /// images are unfinished.
    [[nodiscard]] results::ChipRecord record() const;
    /// What has been counted up to now, at any time: record() without logits and times of images.
    /// `elapsed_fs` is the time since the beginning or the last reset(), `images` those that are finished.
    /// The reads of a window count from its start.
    [[nodiscard]] results::ChipRecord counted() const;
    /// Of counted(): the actions of all layers and shared parts together. Costs what the tiles that have
    /// worked since the last call have to add up.
    [[nodiscard]] cost::Actions total_actions();
    /// How often a tile had to add up for that.
    [[nodiscard]] std::uint64_t tiles_counted() const { return tally_.counts(); }
    [[nodiscard]] cost::ChipInventory inventory() const;

  private:
    void connect_all(const ChipSetup& setup);
    void connect_credits();
    void apply(const CellEdit& edit);
    [[nodiscard]] std::string unfinished() const;

    const config::ChipConfig& chip_;
    const mapping::AdcWidths& widths_;
    ChipPlan plan_;
    std::uint64_t images_ = 0;         ///< given so far
    std::uint64_t valued_images_ = 0;  ///< those of them that have values: the first ones
    const std::int32_t* setup_codes_ = nullptr;
    std::size_t setup_images_ = 0;
    PacketPool pool_;
    Tally tally_;  ///< of the tiles
    ColumnLimits limits_;
    std::vector<LayerCounters> counters_;  ///< by layer; empty: column sums are not counted
    bitline::Kernels kernels_;             ///< without largest_sum where nobody asks
    Calendar calendar_;
    Payers payers_;
    std::unique_ptr<Interconnect> interconnect_;
    Timeline* timeline_;
    std::function<void()> reset_links_;
    sc_core::sc_time reset_at_;
    std::unique_ptr<Host> host_;
    std::vector<std::unique_ptr<Tile>> tiles_;
};

/// For the main function of a program whose only model is a chip: sets the kernel's time resolution to 1 fs
/// and makes the kernel's and Sliver's warnings errors (kernel_reports.h). Once, before any sc_time exists. A
/// platform that a chip is a guest of needs neither.
void prepare_kernel();

/// Builds the chip, runs it to the end and returns what it recorded. Once a process. InputError unless the
/// kernel's time resolution is 1 fs, in which it records.
results::ChipRecord simulate(const ChipSetup& setup);

}  // namespace sliver::model
