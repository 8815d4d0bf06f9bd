#include "cost/adc_laws.h"

#include <array>

#include "base/error.h"
#include "cost/adc_isaac.h"
#include "cost/adc_neurosim.h"
#include "cost/adc_simulators.h"
#include "cost/adc_survey.h"

namespace sliver::cost {
namespace {

using Law = std::unique_ptr<AdcLaw>;
using Context = const AdcLawContext&;

struct Maker {
    AdcLawEntry entry;
    Law (*make)(Context);
};

constexpr std::array kMakers = {
    Maker{{"isaac", "ISAAC's SAR: linear + exponential, 1.5625 pJ at 8 bits (Table I exact); default"},
          [](Context c) { return make_isaac_law(c, IsaacAnchor::table_one); }},
    Maker{{"isaac-nameplate", "the same at 1.667 pJ: 2 mW / 1.2 GS/s"},
          [](Context c) { return make_isaac_law(c, IsaacAnchor::nameplate); }},
    Maker{{"isaac-silicon", "the same through the silicon ISAAC cites: 2.55 pJ, 1500 um2"},
          [](Context c) { return make_isaac_law(c, IsaacAnchor::silicon); }},
    Maker{{"saberi", "power ~ 2^N/(N+1), fixed time: the ratio of the bit-slice sparsity paper"},
          [](Context c) { return make_saberi_law(c, false); }},
    Maker{{"saberi-per-bit", "power ~ 2^N/(N+1) for a time ~ N"},
          [](Context c) { return make_saberi_law(c, true); }},
    Maker{{"puma", "PUMA simulator: linear in the bits, constant area"},
          [](Context c) { return make_puma_law(c); }},
    Maker{{"neurosim-sar", "NeuroSim V1.4 SAR: SAR logic, (k b + o) uW for b + 1 ns"},
          [](Context c) { return make_neurosim_sar_law(c); }},
    Maker{{"neurosim-flash", "NeuroSim V1.4 flash: 2^b - 1 comparators; 32 and 22 nm only"},
          [](Context c) { return make_neurosim_flash_law(c); }},
    Maker{{"survey", "regression over published converters (arXiv 2404.06553); 4 bits and more"},
          [](Context c) { return make_survey_law(c); }},
    Maker{{"mnsim", "MNSIM 2.0's published parts; up to 10 bits"},
          [](Context c) { return make_mnsim_law(c); }},
    Maker{{"zigzag", "ZigZag-IMC: (100 b + 0.001 4^b) fF Vdd^2"},
          [](Context c) { return make_zigzag_law(c); }},
    Maker{{"hwcomponents", "Accelergy's ISAAC part as coded: 2^N through 1.667 pJ"},
          [](Context c) { return make_hwcomponents_law(c); }},
};

}  // namespace

std::vector<AdcLawEntry> adc_laws() {
    std::vector<AdcLawEntry> entries;
    for (const Maker& maker : kMakers) entries.push_back(maker.entry);
    return entries;
}

std::vector<std::string> adc_law_names() {
    std::vector<std::string> names;
    for (const Maker& maker : kMakers) names.emplace_back(maker.entry.name);
    return names;
}

std::unique_ptr<AdcLaw> make_adc_law(std::string_view name, const AdcLawContext& context) {
    check_context(context);
    std::string known;
    for (const Maker& maker : kMakers) {
        if (maker.entry.name == name) return maker.make(context);
        known += fmt::format("{}{}", known.empty() ? "" : ", ", maker.entry.name);
    }
    refuse("unknown ADC law '{}': the laws are {}", name, known);
}

}  // namespace sliver::cost
