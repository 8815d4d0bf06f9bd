// docs/cost.md names every action, unit cost, component, accounting and ADC law there is.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "cost/actions.h"
#include "cost/adc_laws.h"
#include "cost/components.h"
#include "cost/unit_costs.h"

BOOST_AUTO_TEST_SUITE(cost_docs)

using namespace sliver::cost;

namespace {

std::string page() {
    std::ifstream file(SLIVER_SOURCE_DIR "/docs/cost.md");
    BOOST_REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_page_names_everything) {
    const std::string text = page();
    const auto named = [&text](std::string_view name) {
        BOOST_TEST(text.find("`" + std::string(name) + "`") != std::string::npos,
                   "docs/cost.md lacks `" << name << "`");
    };
    for (const ActionInfo& info : kActions) named(info.name);
    for (const UnitCostInfo& info : unit_cost_table()) named(info.name);
    for (const Component component : kComponents) named(component_name(component));
    for (const Accounting accounting : kAccountings) named(accounting_name(accounting));
    for (const std::string& name : adc_law_names()) named(name);
}

BOOST_AUTO_TEST_SUITE_END()
