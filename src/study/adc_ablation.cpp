#include "study/adc_ablation.h"

#include <stdexcept>
#include <string_view>

#include "cost/energy.h"

namespace sliver::study {
namespace {

constexpr std::array<std::string_view, kAblationSteps> kEffects = {"conducting cells", "column sums",
                                                                   "empty columns", "zero planes"};
constexpr std::array kParts = {cost::Component::adc,
                               cost::Component::dac,
                               cost::Component::crossbar,
                               cost::Component::sample_hold,
                               cost::Component::input_register,
                               cost::Component::output_register,
                               cost::Component::shift_add,
                               cost::Component::skip_logic};

/// Prices of a chip's arrays.
class Pricing {
  public:
    Pricing(const config::ChipConfig& chip, const cost::UnitCosts& units, const cost::AdcLaw& law)
        : highest_cell_j_(chip.cost.read_voltage_v * chip.cost.read_voltage_v * chip.cost.read_pulse_s /
                          chip.cells.on_ohm),
          units_(units),
          law_(law) {}

    /// `conducting`: the first effect is on.
    [[nodiscard]] AblationState state(const AblationRun& run, bool conducting) const {
        cost::Actions arrays = run.actions;
        arrays.add_ops = 0;  // of adders outside the processing elements
        cost::PerComponent energy = cost::energy_by_component(
            arrays, units_, law_, conducting ? cost::Accounting::conducting : cost::Accounting::used);
        if (!conducting)
            energy[cost::Component::crossbar] = static_cast<double>(arrays.cells_used) * highest_cell_j_;
        AblationState state;
        for (const cost::Component part : kParts) state.energy_j += energy[part];
        state.skip_logic_j = energy[cost::Component::skip_logic];
        state.skip_area_mm2 = run.skip_area_mm2;
        state.latency_s = run.latency_s;
        state.interval_s = run.interval_s;
        state.shared_interval_s = run.shared_interval_s;
        return state;
    }

  private:
    double highest_cell_j_;  ///< a cell at the highest level under the largest digit
    const cost::UnitCosts& units_;
    const cost::AdcLaw& law_;
};

}  // namespace

config::ChipConfig AblationChip::of(config::ChipConfig chip) const {
    chip.skip.empty_columns = empty_columns;
    chip.skip.zero_planes = zero_planes;
    return chip;
}

Ablation ablation_of(const std::vector<AblationRun>& runs, const config::ChipConfig& chip,
                     const cost::UnitCosts& units, const cost::AdcLaw& law) {
    if (runs.size() != kAblationChips.size()) throw std::logic_error("ablation_of: a run is missing");
    const Pricing pricing(chip, units, law);
    Ablation ablation;
    ablation.baseline = pricing.state(runs[0], false);
    const std::array<AblationState, kAblationSteps> behind = {
        pricing.state(runs[0], true), pricing.state(runs[1], true), pricing.state(runs[2], true),
        pricing.state(runs[3], true)};
    const std::array<double, kAblationSteps> alone_j = {
        behind[0].energy_j, pricing.state(runs[1], false).energy_j, pricing.state(runs[4], false).energy_j,
        pricing.state(runs[5], false).energy_j};
    double before_j = ablation.baseline.energy_j;
    for (std::size_t i = 0; i < kAblationSteps; ++i) {
        ablation.steps.push_back({std::string(kEffects[i]), before_j - behind[i].energy_j,
                                  ablation.baseline.energy_j - alone_j[i], behind[i]});
        before_j = behind[i].energy_j;
    }
    ablation.reads = runs[3].actions.crossbar_reads;
    ablation.planes_skipped = runs[3].actions.planes_skipped;
    return ablation;
}

}  // namespace sliver::study
