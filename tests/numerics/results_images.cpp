// A run of two images: what is told of the run, and what of one image.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "base/sha256.h"
#include "results/comparison.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "results/summary.h"
#include "results_sample.h"

BOOST_AUTO_TEST_SUITE(results_images)

using namespace sliver;
using namespace sliver::results;
using nlohmann::json;

namespace {

const auto kClose = boost::test_tools::tolerance(1e-12);
constexpr double kDynamicPj =
    results_sample::kFirstLayerPj + results_sample::kSecondLayerPj + results_sample::kSharedPj;

/// The sample's counts and times, now those of two images.
RunResult two_images() {
    RunResult result = results_sample::sample();
    result.record.images = 2;
    result.record.logits = {5, -5, 3, 4};
    result.record.injected_fs = {100'000'000, 300'000'000};
    result.record.completed_fs = {1'000'000'000, 1'500'000'000};
    return result;
}

bool has(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(static_energy_is_power_times_elapsed_time) {
    const PricedRun priced = price(two_images());
    BOOST_TEST(priced.static_j.total() == results_sample::kStaticUj * 1e-6, kClose);
    BOOST_TEST(priced.power_w == (kDynamicPj * 1e-12 + results_sample::kStaticUj * 1e-6) / 2e-6, kClose);
    const json s = json::parse(stats_json(two_images(), priced));
    BOOST_TEST(s.at("totals").at("static_energy_j").get<double>() == 10.4e-6, kClose);
    BOOST_TEST(s.at("totals").at("energy_j").get<double>() == kDynamicPj * 1e-12, kClose);
    BOOST_TEST(s.at("totals").at("energy_per_image_j").get<double>() == kDynamicPj * 0.5e-12, kClose);
    BOOST_TEST(s.at("totals").at("macs") == 2 * 188);
}

BOOST_AUTO_TEST_CASE(what_belongs_to_no_layer) {
    const PricedRun priced = price(two_images());
    BOOST_TEST(priced.shared_j.total() == results_sample::kSharedPj * 1e-12, kClose);
    double sum = priced.shared_j.total();
    for (const cost::PerComponent& layer : priced.layers_j) sum += layer.total();
    BOOST_TEST(sum == priced.total_j.total(), kClose);
}

BOOST_AUTO_TEST_CASE(busy_times_are_of_one_image) {
    const json s = json::parse(stats_json(two_images(), price(two_images())));
    for (const json& component : s.at("components")) {
        if (component.at("name") == "adc") BOOST_TEST(component.at("busy_s").get<double>() == 400e-9, kClose);
        // 12 reads of 100 ns for both.
        if (component.at("name") == "crossbar")
            BOOST_TEST(component.at("busy_s").get<double>() == 600e-9, kClose);
    }
}

BOOST_AUTO_TEST_CASE(the_hash_of_a_run_is_of_its_chip_and_its_network) {
    const RunResult result = two_images();
    BOOST_TEST(config_hash(result) == sha256(result.chip_yaml + result.identity.network_sha256));
    RunResult other = result;
    other.identity.network_sha256 = std::string(64, 'c');
    BOOST_TEST(config_hash(other) != config_hash(result));
}

BOOST_AUTO_TEST_CASE(texts_are_of_one_image) {
    const RunResult result = two_images();
    const std::string text = summary(result, price(result));
    BOOST_TEST(has(text, "5.200 uJ"), text);
    BOOST_TEST(has(text, "an image: 5.200 W over the interval"), text);
    RunResult cheap = results_sample::sample();
    const std::string compared =
        comparison_text({{"one", cheap, price(cheap)}, {"two", result, price(result)}});
    // Half the energy of an image, second by first; as large as before.
    BOOST_TEST(has(compared, "0.500\n"), compared);
    BOOST_TEST(!has(compared, "2.000\n"), compared);
}

BOOST_AUTO_TEST_SUITE_END()
