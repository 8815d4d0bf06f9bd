// The door to the SystemC model. The only part of the program that knows the kernel.
//
// The kernel elaborates once a process: simulate() is called once, SimulationProcess any number of times.
// Called by run_design(), the studies and Python's module.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/design.h"
#include "base/child_process.h"
#include "mapping/placement.h"
#include "model/style.h"
#include "results/run_record.h"
#include "results/timeline_record.h"

namespace sliver::run {

/// How many images more a chip may take until the interval between them has settled.
inline constexpr std::uint64_t kSettleImages = 64;

/// Where the network lies on the chip. InputError when it does not fit.
mapping::Placement place(const app::Design& design, const config::ChipConfig& chip);

/// Bytes of eDRAM that the tile needs which needs most. InputError when the chip cannot run the network as it
/// is placed: less eDRAM than that, a graph its tiles cannot do, more than its memory map can address.
std::uint64_t least_buffer(const app::Design& design, const mapping::Placement& placement,
                           const config::ChipConfig& chip);

/// What is simulated. The design, its placement and the chip must outlive it.
struct Simulation {
    const app::Design& design;
    const mapping::Placement& placement;
    const config::ChipConfig& chip;
    const std::vector<std::int32_t>& codes;  ///< input codes of `count` images, one after the other
    std::size_t count = 1;
    std::uint64_t settle =
        kSettleImages;          ///< at most so many blank images behind them (model/steady_state.h)
    bool count_sums = false;    ///< every conversion by its column sum, for the record's histograms
    bool largest_sums = false;  ///< LayerRecord::largest_sums; not where rows are read in parts
    std::optional<results::TimelineRequest> timeline = {};  ///< none: nothing is written down
    model::Style style = model::Style::loosely_timed;
};

struct Simulated {
    results::ChipRecord record;
    std::optional<results::TimelineRecord> timeline;  ///< where one was asked for
};

/// In this process, once.
Simulated simulate(const Simulation& simulation);

/// In a process of its own, which begins at once. Timelines come as the text of their files.
class SimulationProcess {
  public:
    /// Copies nothing: what `simulation` refers to must be there until the constructor returns. MachineError
    /// without memory or processes.
    SimulationProcess(const Simulation& simulation, const results::TimelineSource& source);
    explicit SimulationProcess(const Simulation& simulation) : SimulationProcess(simulation, {}) {}
    ~SimulationProcess();
    SimulationProcess(const SimulationProcess&) = delete;
    SimulationProcess& operator=(const SimulationProcess&) = delete;

    /// Becomes readable when the process ends: for poll().
    [[nodiscard]] int end_signal() const { return child_->end_signal(); }

    struct Outcome {
        results::ChipRecord record;
        std::string trace, vcd;  ///< where a timeline was asked for: Chrome trace JSON, VCD
    };
    /// Waits. Once. Throws what the simulation threw (base/child_process.h).
    Outcome wait();

  private:
    int memory_ = -1;  ///< what the child leaves
    std::unique_ptr<ChildProcess> child_;
};

}  // namespace sliver::run
