// What sparsity saves, effect by effect, from runs of the chip: cell current, converter width, conversions,
// reads.
//
// Four effects are switched on one after the other, so their savings add up to the whole:
//   conducting cells  driven rows and the current of their cells at their levels are charged, instead of
//                     every row in use and every cell of it at the highest level: the same run, priced again
//   column sums       converters as narrow as an allocation makes them, instead of 8 bits everywhere
//   empty columns     skip.empty_columns
//   zero planes       skip.zero_planes
// Each is also given alone. Energy is that of the arrays and of what hangs on their columns (converters, row
// drivers, cells, sample-and-holds, registers, shift-adders) with the logic that looks for zeros: a saving is
// net of its hardware. The rest of the chip (buffers, mesh, adders, pooling) does the same with and without
// and is left out. Called by the ADC study; ideal cells only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/chip_config.h"
#include "cost/actions.h"
#include "cost/adc_law.h"
#include "cost/unit_costs.h"

namespace sliver::study {

/// A chip that the ablation runs. Conducting cells need none of their own: they are a way to charge.
struct AblationChip {
    bool column_sums = false, empty_columns = false, zero_planes = false;
    /// `chip` with the two keys as here, whatever it had.
    [[nodiscard]] config::ChipConfig of(config::ChipConfig chip) const;
};
/// One effect more each; then those that are new, alone.
inline constexpr std::size_t kAblationSteps = 4;
inline constexpr std::array kAblationChips = {
    AblationChip{false, false, false}, AblationChip{true, false, false}, AblationChip{true, true, false},
    AblationChip{true, true, true},    AblationChip{false, true, false}, AblationChip{false, false, true}};

/// One image on one of these chips.
struct AblationRun {
    cost::Actions actions;  ///< of its layers
    double skip_area_mm2 = 0;
    double latency_s = 0;
    std::optional<double> interval_s;         ///< none: it did not settle
    std::optional<double> shared_interval_s;  ///< the same with shared converters; none: not asked for
};

/// The chip with all effects up to one.
struct AblationState {
    double energy_j = 0;      ///< of an image
    double skip_logic_j = 0;  ///< in it
    double skip_area_mm2 = 0;
    double latency_s = 0;
    std::optional<double> interval_s, shared_interval_s;
};

struct AblationStep {
    std::string effect;
    double saved_j = 0;  ///< behind the effects above it; below 0: it costs more than it saves
    double alone_j = 0;  ///< without any other
    AblationState state;
};

struct Ablation {
    std::string allocation;  ///< that `column sums` takes
    AblationState baseline;
    std::vector<AblationStep> steps;
    std::uint64_t reads = 0, planes_skipped = 0;  ///< of the last step: reads made, reads left out
};

/// `runs`: of kAblationChips, in that order. `chip`: what cells draw.
Ablation ablation_of(const std::vector<AblationRun>& runs, const config::ChipConfig& chip,
                     const cost::UnitCosts& units, const cost::AdcLaw& law);

}  // namespace sliver::study
