// What every ADC law promises, whatever its form: finite, positive, never cheaper or smaller when wider,
// refusals in words. A law that is added to adc_laws.cpp is under test here without another line.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "cost/adc_laws.h"
#include "cost/technology.h"

BOOST_AUTO_TEST_SUITE(cost_adc_properties)

using namespace sliver::cost;

namespace {

std::vector<AdcLawContext> contexts() {
    std::vector<AdcLawContext> all;
    for (const double nm : {7.0, 14.0, 22.0, 28.0, 32.0, 45.0, 65.0}) {
        for (const double rate : {1e7, 1.28e9, 5e9}) {
            for (const double ohm : {0.0, 5e3, 100e3}) {
                for (const double kelvin : {233.0, 398.0}) {
                    AdcLawContext context;
                    context.technology_nm = nm;
                    context.rate_hz = rate;
                    if (ohm > 0) context.column_ohm = ohm;
                    context.temperature_k = kelvin;
                    all.push_back(context);
                }
            }
        }
    }
    return all;
}

bool says(const sliver::InputError& error, const std::string& part) {
    const std::string text = error.what();
    return text.find(part) != std::string::npos && text.find('\n') == std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_law_is_finite_positive_and_monotonic_or_refuses_in_words) {
    int checked = 0;
    for (const std::string& name : adc_law_names()) {
        std::vector<AdcLawContext> cases = contexts();
        cases.push_back({});
        bool default_context_works = false;
        for (const AdcLawContext& context : cases) {
            std::unique_ptr<AdcLaw> law;
            try {
                law = make_adc_law(name, context);
            } catch (const sliver::InputError& refusal) {
                BOOST_TEST(says(refusal, "ADC law " + name + ": "), refusal.what());
                continue;
            }
            default_context_works = &context == &cases.back();
            double energy = 0, area = 0;
            for (int bits = 1; bits <= kMaxAdcBits; ++bits) {
                std::string reason;
                if (!law->supports(bits, &reason)) {
                    BOOST_TEST(reason.size() > 20u, name << " gives no reason for " << bits);
                    BOOST_CHECK_EXCEPTION(
                        (void)law->energy_j(bits), sliver::InputError,
                        [&](const auto& error) { return says(error, reason) && says(error, name); });
                    BOOST_CHECK_THROW((void)law->area_mm2(bits), sliver::InputError);
                    BOOST_CHECK_THROW((void)law->leakage_w(bits), sliver::InputError);
                    continue;
                }
                BOOST_TEST(std::isfinite(law->energy_j(bits)));
                BOOST_TEST(std::isfinite(law->area_mm2(bits)));
                BOOST_TEST(law->energy_j(bits) > 0, name << " at " << bits << " bits");
                BOOST_TEST(law->area_mm2(bits) > 0, name << " at " << bits << " bits");
                BOOST_TEST(law->energy_j(bits) >= energy, name << " at " << bits << " bits");
                BOOST_TEST(law->area_mm2(bits) >= area, name << " at " << bits << " bits");
                BOOST_TEST(law->leakage_w(bits) >= 0);
                energy = law->energy_j(bits);
                area = law->area_mm2(bits);
                ++checked;
            }
            BOOST_TEST(energy > 0, name << " answers for no width at all");
        }
        BOOST_TEST(default_context_works, name);
    }
    BOOST_TEST(checked > 3000);
}

BOOST_AUTO_TEST_CASE(only_survey_and_mnsim_refuse_widths) {
    for (const std::string& name : adc_law_names()) {
        const std::unique_ptr<AdcLaw> law = make_adc_law(name);
        std::set<int> refused;
        for (int bits = 1; bits <= kMaxAdcBits; ++bits)
            if (!law->supports(bits)) refused.insert(bits);
        const std::set<int> expected = name == "survey"  ? std::set<int>{1, 2, 3}
                                       : name == "mnsim" ? std::set<int>{11, 12}
                                                         : std::set<int>{};
        BOOST_TEST((refused == expected), name);
        for (const int bits : {-1, 0, 13, 1000}) {
            std::string reason;
            BOOST_TEST(!law->supports(bits, &reason));
            BOOST_TEST(reason.find("1 to 12 bits") != std::string::npos, name << ": " << reason);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_list_covers_the_contract_and_every_law_is_documented) {
    const std::vector<std::string> names = adc_law_names();
    BOOST_TEST(names.front() == std::string(kDefaultAdcLaw));
    const std::set<std::string> listed(names.begin(), names.end());
    BOOST_TEST(listed.size() == names.size());
    // design.md, section 7.
    for (const char* name :
         {"isaac", "saberi", "puma", "neurosim-sar", "neurosim-flash", "survey", "mnsim", "zigzag"})
        BOOST_TEST(listed.count(name) == 1u, name);
    BOOST_TEST(adc_laws().size() == names.size());
    for (const AdcLawEntry& entry : adc_laws()) {
        const std::unique_ptr<AdcLaw> law = make_adc_law(entry.name);
        BOOST_TEST(law->name() == std::string(entry.name));
        BOOST_TEST(!entry.line.empty());
        BOOST_TEST(!law->summary().empty());
        BOOST_TEST(law->citation().find('[') != std::string::npos, entry.name << ": no evidence tag");
        BOOST_TEST(!law->scaling().empty());
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_law_lists_the_known_ones) {
    BOOST_CHECK_EXCEPTION(make_adc_law("issac"), sliver::InputError, [](const auto& error) {
        return says(error, "'issac'") && says(error, "isaac") && says(error, "hwcomponents");
    });
}

BOOST_AUTO_TEST_CASE(contexts_without_meaning_are_refused) {
    const auto refused = [](auto spoil, const char* key) {
        AdcLawContext context;
        spoil(context);
        BOOST_CHECK_EXCEPTION(make_adc_law("isaac", context), sliver::InputError,
                              [key](const auto& error) { return says(error, key); });
    };
    const double nan = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();
    refused([](AdcLawContext& c) { c.technology_nm = 0; }, "technology_nm");
    refused([&](AdcLawContext& c) { c.technology_nm = nan; }, "technology_nm");
    refused([](AdcLawContext& c) { c.rate_hz = -1; }, "rate_hz");
    refused([&](AdcLawContext& c) { c.rate_hz = infinity; }, "rate_hz");
    refused([](AdcLawContext& c) { c.column_ohm = 0; }, "column_ohm");
    refused([](AdcLawContext& c) { c.read_v = 0; }, "read_v");
    refused([](AdcLawContext& c) { c.supply_v = -0.9; }, "supply_v");
    refused([](AdcLawContext& c) { c.temperature_k = 30; }, "temperature_k");
}

BOOST_AUTO_TEST_CASE(technology_moves_laws_as_they_say) {
    for (const char* name :
         {"isaac", "isaac-nameplate", "isaac-silicon", "saberi", "saberi-per-bit", "puma", "hwcomponents"}) {
        AdcLawContext small;
        small.technology_nm = 16;
        const auto base = make_adc_law(name), scaled = make_adc_law(name, small);
        BOOST_TEST(scaled->energy_j(6) / base->energy_j(6) == std::pow(0.5, 1.8800369207),
                   boost::test_tools::tolerance(1e-12));
        BOOST_TEST(scaled->area_mm2(6) / base->area_mm2(6) == std::pow(0.5, 0.9932794745),
                   boost::test_tools::tolerance(1e-12));
    }
    for (const char* name : {"mnsim", "zigzag"}) {
        AdcLawContext small;
        small.technology_nm = 16;
        BOOST_TEST(make_adc_law(name, small)->energy_j(6) == make_adc_law(name)->energy_j(6));
    }
}

BOOST_AUTO_TEST_SUITE_END()
