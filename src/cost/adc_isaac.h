// ADC laws that pass through ISAAC's 8-bit converter and differ in how they leave it.
//
//   isaac            the curve of hwcomponents' ISAAC points, E(8) = 1.5625 pJ: Table I's power at full
//   activity isaac-nameplate  the same at E(8) = 1.667 pJ: 2 mW / 1.2 GS/s isaac-silicon    the same through
//   the silicon that ISAAC cites (Kull: 2.55 pJ, 1500 um2) saberi           P ~ 2^N / (N + 1), the power
//   ratio that the bit-slice paper uses saberi-per-bit   that power for a time ~ N hwcomponents     2^N,
//   Accelergy's ISAAC part as it is coded
// Sources: hardware-parameters.md 1.1, 1.3, 2.1, 2.3; source-papers.md A.5; peers.md 6.3. Called by
// make_adc_law().
#pragma once

#include <memory>

#include "cost/adc_law.h"

namespace sliver::cost {

enum class IsaacAnchor { table_one, nameplate, silicon };

std::unique_ptr<AdcLaw> make_isaac_law(const AdcLawContext& context, IsaacAnchor anchor);
/// `time_follows_bits`: energy = power x time with a conversion time proportional to the width.
std::unique_ptr<AdcLaw> make_saberi_law(const AdcLawContext& context, bool time_follows_bits);
std::unique_ptr<AdcLaw> make_hwcomponents_law(const AdcLawContext& context);

}  // namespace sliver::cost
