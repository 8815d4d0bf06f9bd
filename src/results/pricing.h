// A recorded run, priced: joules, watts and mm2 from integer counts, under the chip's `cost` section and ADC
// law.
//
// The only place where results turn counts into energy; `sliver run` and `sliver cost` both call price(), so
// a re-costed run is the fresh run to the last bit. Energies are for the whole run. Conservation: total =
// price of the summed actions and the sum of its components; layers and shared parts add up to it within
// rounding (tests/numerics/results_*).
#pragma once

#include <memory>
#include <vector>

#include "cost/adc_law.h"
#include "cost/energy.h"
#include "cost/inventory.h"
#include "cost/unit_costs.h"
#include "results/run_result.h"

namespace sliver::results {

/// What a chip's configuration says about prices.
struct Prices {
    cost::UnitCosts units;
    cost::AdcLawContext context;
    std::unique_ptr<cost::AdcLaw> law;
    cost::Accounting accounting = cost::Accounting::driven;
};

/// InputError (naming the key) for an unknown law, an override of what is no energy, a node out of range.
Prices prices_of(const config::ChipConfig& chip);

/// InputError unless the law answers for every width in use and for the converters of dark arrays: asked
/// before a long simulation, not after it.
void check_widths(const Prices& prices, const config::ChipConfig& chip,
                  const std::vector<std::vector<int>>& adc_bits);

struct PricedRun {
    cost::Accounting accounting = cost::Accounting::driven;
    cost::Actions actions;  ///< of the whole chip
    std::vector<cost::PerComponent> layers_j;
    cost::PerComponent shared_j;
    cost::PerComponent total_j;
    cost::PerComponent static_w;
    cost::PerComponent static_j;       ///< over the elapsed time of the run
    std::optional<double> interval_s;  ///< between images in a stream; none: it did not settle
    cost::PerComponent area_mm2;
    std::vector<cost::AccountedEnergy> accountings;
    std::vector<cost::BandEntry> band;
    /// Dynamic and static, in the steady state; where that is not known, over the run.
    double power_w = 0;
    /// Static power over the interval between images: what an image in a stream costs beside its own energy.
    [[nodiscard]] std::optional<double> static_image_j() const {
        if (!interval_s) return std::nullopt;
        return static_w.total() * *interval_s;
    }
};

PricedRun price(const RunResult& result);

/// Of static power that flows for so long.
cost::PerComponent static_energy_j(const cost::PerComponent& static_w, std::uint64_t elapsed_fs);

/// Units of a component on the chip, and what was counted of its work under `accounting`.
std::uint64_t instances_of(cost::Component component, const cost::ChipInventory& chip);
std::uint64_t actions_of(cost::Component component, const cost::Actions& actions,
                         cost::Accounting accounting);

}  // namespace sliver::results
