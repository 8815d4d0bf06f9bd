// The ADC laws there are, by name. Everything that takes a law's name from the user (chip configuration,
// `sliver cost
// --adc-law`, `sliver list adc-laws`) comes here. A new law is one row of the table in adc_laws.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cost/adc_law.h"

namespace sliver::cost {

/// The law of a chip that names none.
constexpr std::string_view kDefaultAdcLaw = "isaac";

struct AdcLawEntry {
    std::string_view name;
    std::string_view line;  ///< one line for `sliver list adc-laws`
};

/// All laws, the default first.
std::vector<AdcLawEntry> adc_laws();
std::vector<std::string> adc_law_names();

/// InputError for an unknown name (lists the names) and for a context the law has no values for (says which).
std::unique_ptr<AdcLaw> make_adc_law(std::string_view name, const AdcLawContext& context = {});

}  // namespace sliver::cost
