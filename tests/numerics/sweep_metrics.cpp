// What a sweep reads of a stats.json, by hand: a file with two images, in which every number is another.
#include <boost/test/unit_test.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "sweep/metrics.h"

BOOST_AUTO_TEST_SUITE(sweep_metrics)

using namespace sliver::sweep;
using nlohmann::json;

namespace {

json stats() {
    json s;
    s["run"] = {{"image_count", 2}};
    s["accuracy"] = {{"top1", 0.75}};
    s["totals"] = {{"energy_per_image_j", 5e-6},
                   {"static_energy_per_image_j", 4e-6},
                   {"latency_s", 3e-6},
                   {"interval_s", 2e-6},
                   {"latency_streaming_s", 3.5e-6},
                   {"area_mm2", 100},
                   {"power_w", 1.5},
                   {"crossbars", 7},
                   {"tiles", 3},
                   {"reads", 40},
                   {"conversions_used", 600},
                   {"clipped", 30}};
    s["inventory"] = {{"tiles", 12}};
    const auto component = [&](const char* name, double energy, double area) {
        s["components"].push_back({{"name", name}, {"energy_j", energy}, {"area_mm2", area}});
    };
    component("adc", 6e-6, 20);
    component("dac", 1e-6, 5);
    component("crossbar", 3e-6, 10);
    component("host_link", 0, 8);
    component("index_table", 0, 4);
    const auto layer = [&](int input, int output, int adc, const json& by_width) {
        s["layers"].push_back({{"waited_input_fs", input},
                               {"waited_output_fs", output},
                               {"adc_wait_fs", adc},
                               {"actions", {{"conversions_used", by_width}}}});
    };
    layer(4'000'000, 6'000'000, 10'000'000, {0, 0, 0, 0, 100, 0, 0, 0, 200});
    layer(2'000'000, 8'000'000, 30'000'000, {0, 0, 0, 0, 0, 0, 0, 0, 100});
    return s;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_metric_by_hand) {
    const std::map<std::string, double> expected = {
        {"energy_per_image_j", 5e-6},
        {"adc_energy_per_image_j", 6e-6 / 2},
        {"array_energy_per_image_j", (3e-6 + 1e-6) / 2},
        {"static_energy_per_image_j", 8e-6 / 2},
        {"all_energy_per_image_j", 5e-6 + 8e-6 / 2},
        {"latency_s", 3e-6},
        {"interval_s", 2e-6},
        {"latency_streaming_s", 3.5e-6},
        {"energy_delay_js", 5e-6 * 3e-6},
        {"stalled_input_s", 6e-9 / 2},
        {"stalled_output_s", 14e-9 / 2},
        {"adc_wait_s", 40e-9 / 2},
        {"area_mm2", 100},
        // 88 mm2 of 12 tiles, 3 of which hold something, and the tables of what they hold.
        {"area_in_use_mm2", 88 * 3.0 / 12 + 4},
        {"power_w", 1.5},
        {"top1", 0.75},
        {"adc_bits_mean", (4 * 100 + 8 * 300) / 400.0},
        {"clipped_share", 30.0 / 600},
        {"crossbars", 7},
        {"tiles", 3},
        {"reads", 20},
        {"conversions_used", 300},
    };
    for (const Metric& metric : metrics()) {
        const auto found = expected.find(std::string(metric.name));
        BOOST_REQUIRE_MESSAGE(found != expected.end(), metric.name);
        const auto value = metric.of(stats());
        BOOST_REQUIRE_MESSAGE(value, metric.name);
        BOOST_TEST(*value == found->second, boost::test_tools::tolerance(1e-12));
    }
    BOOST_TEST(metrics().size() == expected.size());
}

BOOST_AUTO_TEST_CASE(without_labels_there_is_no_accuracy) {
    json s = stats();
    s["accuracy"] = nullptr;
    BOOST_TEST(!find_metric("top1")->of(s));
}

BOOST_AUTO_TEST_CASE(constraints_at_their_bound) {
    const auto holds = [](const char* text, double value) {
        return parse_constraint(text, "t").holds(value);
    };
    BOOST_TEST(holds("area_mm2 <= 10", 10));
    BOOST_TEST(!holds("area_mm2 <= 10", 10.001));
    BOOST_TEST(!holds("area_mm2 < 10", 10));
    BOOST_TEST(holds("area_mm2 < 10", 9.999));
    BOOST_TEST(holds("area_mm2 >= 10", 10));
    BOOST_TEST(!holds("area_mm2 >= 10", 9.999));
    BOOST_TEST(!holds("area_mm2 > 10", 10));
    BOOST_TEST(holds("area_mm2 > 10", 10.001));
}

BOOST_AUTO_TEST_SUITE_END()
