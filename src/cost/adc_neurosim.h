// NeuroSim V1.4's converters: successive approximation and flash (multilevel current sense amplifiers).
//
// hardware-parameters.md 2.5 [R:NS]; layout constants read in NeuroSim's constant.h and formula.cpp (minimum
// transistor: height x width in feature sizes). Low-power (LSTP) fits at single nodes: another node is
// refused, not interpolated. Both are about ten times below ISAAC's converter: they hold SAR logic (or
// comparators) and column current only, at about 1 ns a bit. Without a column resistance the SAR law leaves
// the column's current out, because Sliver charges the array's current to the array; NeuroSim itself folds it
// into the ADC (peers.md, 2.1). Called by make_adc_law().
#pragma once

#include <memory>

#include "cost/adc_law.h"

namespace sliver::cost {

/// Column resistance of the flash law where the context has none: one cell of the default device fully on (25
/// kOhm). An assumption of ours, within the fit's 4.8 to 379 kOhm.
constexpr double kFlashColumnOhm = 25e3;

std::unique_ptr<AdcLaw> make_neurosim_sar_law(const AdcLawContext& context);
std::unique_ptr<AdcLaw> make_neurosim_flash_law(const AdcLawContext& context);

}  // namespace sliver::cost
