// What the ADC study derives: the paper's table 3 in both readings against its exact ratios and hand-computed
// sums, mean widths, steps, and that the words of the verdict follow the numbers.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "app/adc_accuracy.h"
#include "cost/adc_laws.h"
#include "study/adc_files.h"
#include "study/adc_study.h"
#include "study/adc_text.h"

BOOST_AUTO_TEST_SUITE(study_adc_study)

using namespace sliver;
using boost::test_tools::tolerance;

namespace {

study::AdcOutcome outcome(std::string_view key, std::vector<std::vector<int>> bits, std::uint64_t correct,
                          std::uint64_t clipped, double saberi_j) {
    study::AdcOutcome made;
    made.key = key;
    made.title = key;
    made.widths.bits = std::move(bits);
    made.correct = correct;
    made.images = 1000;
    made.clipped = clipped;
    made.conversions = 1000000;
    for (const std::string& law : cost::adc_law_names()) {
        study::LawEnergy energy;
        energy.law = law;
        if (law != "survey") energy.adc_j = energy.total_j = saberi_j;
        made.cost.laws.push_back(energy);
    }
    made.cost.adc_j = saberi_j;
    made.cost.total_j = 2 * saberi_j;
    return made;
}

/// Two layers of 100 and 300 conversions a slice; slices least significant first.
study::AdcSubject subject(const std::string& name, const std::string& method) {
    study::AdcSubject made;
    made.name = name;
    made.method = method;
    made.layers = {"conv1", "fc"};
    made.conversions = {100, 300};
    made.outcomes.push_back(outcome(study::kFixedKey, {{8, 8, 8, 8}, {8, 8, 8, 8}}, 940, 0, 8e-6));
    made.outcomes.push_back(outcome(study::kPaperKey, {{3, 3, 3, 1}, {3, 3, 3, 1}}, 500, 50000, 1e-6));
    made.outcomes.push_back(outcome(study::kWorstKey, {{7, 7, 7, 4}, {6, 6, 6, 2}}, 940, 0, 4e-6));
    made.outcomes.push_back(outcome(study::kAccuracyKey, {{4, 4, 4, 2}, {3, 3, 2, 1}}, 936, 900, 1e-6));
    return made;
}

bool holds(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(table_3_from_the_law_alone) {
    const std::vector<study::SliceSaving> table = study::table3_from_law();
    BOOST_REQUIRE(table.size() == 2U);
    // 2^8/9 over 2^1/2, and over 2^3/4.
    BOOST_TEST(table[0].energy == 256.0 / 9, tolerance(1e-15));
    BOOST_TEST(table[0].speed == 8.0);
    BOOST_TEST(table[1].energy == 128.0 / 9, tolerance(1e-15));
    BOOST_TEST(table[1].speed == 8.0 / 3, tolerance(1e-15));
    for (const study::SliceSaving& row : table) BOOST_TEST(row.area == 2.0);
}

BOOST_AUTO_TEST_CASE(table_3_executed_equals_sums_by_hand) {
    const study::AdcSubject made = subject("net", "l1");
    const auto law = cost::make_adc_law("saberi", {});
    // The paper's own widths give its own numbers, whatever the conversions.
    const auto paper = study::table3_executed(made, *made.outcome(study::kPaperKey), *law);
    const auto stated = study::table3_from_law();
    for (std::size_t i = 0; i < 2; ++i) {
        BOOST_TEST(paper[i].energy == stated[i].energy, tolerance(1e-12));
        BOOST_TEST(paper[i].speed == stated[i].speed, tolerance(1e-12));
        BOOST_TEST(paper[i].area == stated[i].area, tolerance(1e-12));
    }
    const auto worst = study::table3_executed(made, *made.outcome(study::kWorstKey), *law);
    const auto power = [](int bits) { return std::exp2(bits) / (bits + 1); };
    BOOST_TEST(worst[0].bits_after == (100 * 4 + 300 * 2) / 400.0, tolerance(1e-12));
    BOOST_TEST(worst[0].energy == 400 * power(8) / (100 * power(4) + 300 * power(2)), tolerance(1e-12));
    BOOST_TEST(worst[1].bits_after == (100 * 7 + 300 * 6) / 400.0, tolerance(1e-12));
    BOOST_TEST(worst[1].energy == 400 * power(8) / (100 * power(7) + 300 * power(6)), tolerance(1e-12));
    BOOST_TEST(worst[1].speed == 8 / 6.25, tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(mean_and_widest_bits_count_signs) {
    study::AdcSubject made = subject("net", "l1");
    mapping::AdcWidths widths;
    widths.bits = {{4, 2}, {2, 2}};
    BOOST_TEST(study::mean_bits(made, widths) == (100 * 6 + 300 * 4) / 800.0, tolerance(1e-12));
    widths.negative_bits = {{2, 2}, {6, 2}};
    BOOST_TEST(study::mean_bits(made, widths) == (100 * 5 + 300 * 6) / 800.0, tolerance(1e-12));
    BOOST_TEST(study::widest_by_slice(widths) == (std::vector<int>{6, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_best_step_has_the_least_squared_error) {
    // 3 bits: uniform sums up to 28 want steps of 4, up to 7 none at all.
    BOOST_TEST(app::best_drop(std::vector<std::uint64_t>(29, 1), 3, 8) == 2);
    BOOST_TEST(app::best_drop(std::vector<std::uint64_t>(8, 1), 3, 8) == 0);
    // One large sum among many small ones is better cut.
    std::vector<std::uint64_t> counts(61, 0);
    for (std::size_t sum = 0; sum < 8; ++sum) counts[sum] = 100000;
    counts[60] = 1;
    BOOST_TEST(app::best_drop(counts, 3, 8) == 0);
    BOOST_TEST(app::best_drop(std::vector<std::uint64_t>(300, 1), 3, 2) == 2);
    BOOST_TEST(app::best_drop({}, 3, 8) == 0);
}

BOOST_AUTO_TEST_CASE(the_verdict_says_what_the_numbers_say) {
    study::AdcStudy made;
    made.loss_points = 0.5;
    made.chip.name = "isaac";
    made.subjects = {subject("d", "dense"), subject("b", "bitslice-l1")};
    for (study::LawEnergy& energy : made.subjects[1].outcomes[3].cost.laws)
        if (energy.adc_j) energy.adc_j = 0.5e-6;
    std::string all;
    for (const std::string& sentence : study::verdict(made)) all += sentence + "\n";
    BOOST_TEST(holds(all,
                     "d (dense): 1 bit in the top slice and 3 in the others do not hold: top-1 50.00 % "
                     "instead of 94.00 %, 5.00 % of the conversions cut."),
               all);
    BOOST_TEST(holds(all, "16.00 times less, 0.40 points below the dense network"), all);
    BOOST_TEST(holds(all,
                     "Measuring alone buys 8.00 times (the dense network under the same policy), training "
                     "2.00 times more."),
               all);
    BOOST_TEST(holds(all, "2.24 times beyond it"), all);
    made.subjects[1].outcomes[1].correct = 938;
    all.clear();
    for (const std::string& sentence : study::verdict(made)) all += sentence + "\n";
    BOOST_TEST(holds(all, "b (bit-slice l1): 1 bit in the top slice and 3 in the others hold"), all);
    // Beyond one point of loss it is no comparison with a result under one point.
    made.subjects[1].outcomes[3].correct = 920;
    all.clear();
    for (const std::string& sentence : study::verdict(made)) all += sentence + "\n";
    BOOST_TEST(holds(all, "at more than the 1 % that D.U.B. allows"), all);
    // A law without a cost for a width in use is null, never zero.
    const auto json = nlohmann::json::parse(study::adc_json(made));
    BOOST_TEST(json.at("/networks/0/allocations/0/cost/laws/survey/adc_j"_json_pointer).is_null());
    BOOST_TEST(json.at("verdict").size() == study::verdict(made).size());
    BOOST_TEST(holds(study::adc_text(made), "28.44x"));
}

BOOST_AUTO_TEST_SUITE_END()
