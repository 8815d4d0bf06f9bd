// Energy of counted actions: counts times unit costs, once, at the end. So a recorded run is priced again
// under other laws, another technology or another accounting by calling this again with the counts from
// stats.json.
//
// Dynamic energy only; static power x time is inventory.h's. Energies in joule. Called by results/, `sliver
// cost`, studies.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cost/actions.h"
#include "cost/adc_law.h"
#include "cost/components.h"
#include "cost/unit_costs.h"

namespace sliver::cost {

/// InputError when the law refuses a width at which conversions were counted.
PerComponent energy_by_component(const Actions& actions, const UnitCosts& costs, const AdcLaw& law,
                                 Accounting accounting);

/// Energy of one accounting, with its name: results print all of them side by side.
struct AccountedEnergy {
    std::string_view accounting;
    PerComponent by_component_j;
    double total_j;
};
std::vector<AccountedEnergy> energy_under_every_accounting(const Actions& actions, const UnitCosts& costs,
                                                           const AdcLaw& law);

/// Total energy under one law, or why the law does not answer. Exactly one of the two is set.
struct BandEntry {
    std::string law;
    std::optional<double> energy_j;
    std::string refusal;
};

/// One entry a law of adc_law_names(), in that order. A law that has no values for the context or for a width
/// in use is in the band with its reason: a band that leaves laws out in silence would look narrower than it
/// is.
std::vector<BandEntry> energy_band_j(const Actions& actions, const UnitCosts& costs,
                                     const AdcLawContext& context, Accounting accounting);

}  // namespace sliver::cost
