// ADC laws as three architecture simulators have them: PUMA's table, ZigZag-IMC's fit, MNSIM 2.0's list of
// parts.
//
// Sources: hardware-parameters.md 1.6, 2.6, 2.7; peers.md 6.3, 6.8. Called by make_adc_law().
#pragma once

#include <array>
#include <memory>

#include "cost/adc_law.h"

namespace sliver::cost {

std::unique_ptr<AdcLaw> make_puma_law(const AdcLawContext& context);
std::unique_ptr<AdcLaw> make_zigzag_law(const AdcLawContext& context);
std::unique_ptr<AdcLaw> make_mnsim_law(const AdcLawContext& context);

/// A published converter in MNSIM 2.0's table.
struct MnsimPart {
    int choice;  ///< MNSIM's ADC_Choice
    int bits;
    double area_um2, power_mw, rate_gs;
    bool ramp;    ///< one sample takes 2^bits / rate instead of (bits + 2) / rate
    bool in_law;  ///< whether the law uses it
    [[nodiscard]] double latency_ns() const;
    [[nodiscard]] double energy_pj() const { return power_mw * latency_ns(); }
};

/// All nine parts (hardware-parameters.md 2.6). Sorted by width they are not monotonic: an 8-bit ramp that is
/// slow, small in energy and huge, a 6-bit part larger than an 8-bit one. The law takes of every width the
/// smallest part and leaves out choice 9, on whose width MNSIM's own two tables disagree (8 and 6 bits;
/// peers.md 2.2): then energy and area both grow.
const std::array<MnsimPart, 9>& mnsim_parts();

}  // namespace sliver::cost
