// stats.json of a run that was priced by hand, and what must hold in every stats.json.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/error.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "results_sample.h"

BOOST_AUTO_TEST_SUITE(results_stats)

using namespace sliver;
using namespace sliver::results;
using nlohmann::json;
using results_sample::sample;

namespace {

constexpr double kPico = 1e-12;
// Pricing multiplies and adds a few dozen doubles.
const auto kClose = boost::test_tools::tolerance(1e-13);

json stats(const RunResult& result) {
    return json::parse(stats_json(result, price(result)));
}

double component_pj(const json& stats, const std::string& name) {
    for (const json& component : stats.at("components"))
        if (component.at("name") == name) return component.at("energy_j").get<double>() / kPico;
    throw std::out_of_range(name);
}

RunResult with(const std::string& override_text) {
    RunResult result = sample();
    result.chip = config::parse_chip(results_sample::kChip, "sample", {override_text});
    result.chip_yaml = config::to_yaml(result.chip);
    return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_contract_has_every_key) {
    const json s = stats(sample());
    for (const char* key : {"version", "config_hash", "chip", "network", "images", "adc_policy", "adc_law"})
        BOOST_TEST(s.at("run").contains(key), key);
    for (const char* key :
         {"latency_s", "interval_s", "energy_j", "static_energy_j", "area_mm2", "power_w", "macs",
          "crossbars", "crossbars_unpacked", "tiles", "reads", "conversions", "conversions_used", "clipped"})
        BOOST_TEST(s.at("totals").contains(key), key);
    for (const json& layer : s.at("layers"))
        for (const char* key :
             {"name", "kind", "rows", "outputs", "windows", "crossbars", "reads", "conversions",
              "conversions_used", "clipped", "interval_cycles", "first_start_cycle", "last_start_cycle",
              "done_cycle", "adc_bits", "energy_j"})
            BOOST_TEST(layer.contains(key), key);
    for (const json& component : s.at("components"))
        for (const char* key : {"name", "instances", "actions", "energy_j", "busy_s", "area_mm2"})
            BOOST_TEST(component.contains(key), key);
    BOOST_TEST(s.at("accuracy").contains("top1"));
    BOOST_TEST(s.at("accuracy").contains("count"));
    BOOST_TEST(s.at("energy_band_j").size() == 12U);
}

BOOST_AUTO_TEST_CASE(energies_as_computed_by_hand) {
    const json s = stats(sample());
    BOOST_TEST(component_pj(s, "adc") == 1100.0, kClose);
    BOOST_TEST(component_pj(s, "dac") == 90.0, kClose);
    BOOST_TEST(component_pj(s, "crossbar") == 9.0, kClose);
    BOOST_TEST(component_pj(s, "sample_hold") == 7.04, kClose);
    BOOST_TEST(component_pj(s, "input_register") == 50.0, kClose);
    BOOST_TEST(component_pj(s, "output_register") == 30.0, kClose);
    BOOST_TEST(component_pj(s, "shift_add") == 94.0, kClose);
    BOOST_TEST(component_pj(s, "buffer") == 190.0, kClose);
    BOOST_TEST(component_pj(s, "bus") == 30.0, kClose);
    BOOST_TEST(component_pj(s, "router") == 56.0, kClose);
    BOOST_TEST(component_pj(s, "activation") == 5.0, kClose);
    BOOST_TEST(component_pj(s, "pooling") == 2.0, kClose);
    BOOST_TEST(component_pj(s, "tile_output_register") == 9.0, kClose);
    BOOST_TEST(component_pj(s, "host_link") == 220.0, kClose);
    BOOST_TEST(component_pj(s, "index_table") == 12.0, kClose);
    const double all =
        results_sample::kFirstLayerPj + results_sample::kSecondLayerPj + results_sample::kSharedPj;
    BOOST_TEST(s.at("totals").at("energy_j").get<double>() / kPico == all, kClose);
    BOOST_TEST(s.at("layers")[0].at("energy_total_j").get<double>() / kPico == results_sample::kFirstLayerPj,
               kClose);
    BOOST_TEST(s.at("layers")[1].at("energy_total_j").get<double>() / kPico == results_sample::kSecondLayerPj,
               kClose);
    BOOST_TEST(s.at("shared").at("energy_total_j").get<double>() / kPico == results_sample::kSharedPj,
               kClose);
    BOOST_TEST(s.at("totals").at("static_energy_j").get<double>() / 1e-6 == results_sample::kStaticUj,
               kClose);
    BOOST_TEST(s.at("totals").at("area_mm2").get<double>() == results_sample::kAreaMm2, kClose);
    // (1904.04 pJ + 10.4 uJ) in 2 us.
    BOOST_TEST(s.at("totals").at("power_w").get<double>() == all * kPico / 1e-6 + 5.2, kClose);
}

BOOST_AUTO_TEST_CASE(the_three_accountings_charge_what_they_say) {
    const json s = stats(sample());
    const json& by = s.at("energy_by_accounting_j");
    const double used = s.at("totals").at("energy_j").get<double>();
    BOOST_TEST(by.at("used").get<double>() == used);
    // driven: 50 row drives and 2500 cells fewer; whole: 1190 row drives, 159340 cells, 640 + 192 conversions
    // and samples, 640 shift-adds more (the second layer's row drives, cells and shift-adds are left out of
    // the sample).
    BOOST_TEST((used - by.at("driven").get<double>()) / kPico == 50 + 2500 * 0.002,
               boost::test_tools::tolerance(1e-11));
    BOOST_TEST((by.at("whole").get<double>() - used) / kPico ==
                   1190 + 159340 * 0.002 + 832 * 1.5625 + 832 * 0.01 + 640 * 0.1,
               boost::test_tools::tolerance(1e-11));
}

BOOST_AUTO_TEST_CASE(counts_times_and_identity) {
    const json s = stats(sample());
    const json& totals = s.at("totals");
    BOOST_TEST(totals.at("latency_s").get<double>() == 900e-9);
    BOOST_TEST(totals.at("interval_s").get<double>() == 1e-6);
    BOOST_TEST(totals.at("latency_streaming_s").get<double>() == 1.15e-6, kClose);
    BOOST_TEST(totals.at("latency_streaming_max_s").get<double>() == 1.3e-6);
    BOOST_TEST(totals.at("static_energy_per_image_j").get<double>() ==
                   totals.at("static_power_w").get<double>() * 1e-6,
               kClose);
    const json& resources = s.at("steady").at("resources");
    BOOST_TEST(resources.at(0).at("utilisation").get<double>() == 1.0);
    BOOST_TEST(resources.at(1).at("utilisation").get<double>() == 0.25);
    BOOST_TEST(totals.at("macs").get<int>() == 188);
    BOOST_TEST(totals.at("crossbars").get<int>() == 3);
    BOOST_TEST(totals.at("crossbars_unpacked").get<int>() == 5);
    BOOST_TEST(totals.at("tiles").get<int>() == 2);
    BOOST_TEST(totals.at("reads").get<int>() == 12);
    BOOST_TEST(totals.at("conversions").get<int>() == 1536);
    BOOST_TEST(totals.at("conversions_used").get<int>() == 704);
    BOOST_TEST(totals.at("clipped").get<int>() == 5);
    const json& fc = s.at("layers")[1];
    BOOST_TEST(fc.at("first_start_cycle").is_number_float());
    BOOST_TEST(fc.at("first_start_cycle").get<double>() == 6.5);
    BOOST_TEST(fc.at("done_cycle").get<double>() == 9.25);
    const json& conv = s.at("layers")[0];
    BOOST_TEST(conv.at("last_start_cycle").is_number_unsigned());
    BOOST_TEST(conv.at("last_start_cycle").get<int>() == 4);
    BOOST_TEST(conv.at("interval_cycles").get<int>() == 10);
    BOOST_TEST(conv.at("windows").get<int>() == 5);
    BOOST_TEST(s.at("accuracy").at("top1").get<double>() == 0.75);
    BOOST_TEST(s.at("accuracy").at("count").get<int>() == 4);
    BOOST_TEST(s.at("run").at("adc_policy") == "fixed");
    BOOST_TEST(s.at("run").at("accounting") == "used");
    for (const json& component : s.at("components")) {
        if (component.at("name") == "adc") BOOST_TEST(component.at("busy_s").get<double>() == 800e-9);
        if (component.at("name") == "crossbar") BOOST_TEST(component.at("busy_s").get<double>() == 1.2e-6);
        if (component.at("name") == "bus") BOOST_TEST(component.at("busy_s").is_null());
        if (component.at("name") == "adc") BOOST_TEST(component.at("actions").get<int>() == 704);
        if (component.at("name") == "shift_add") BOOST_TEST(component.at("actions").get<int>() == 680);
        if (component.at("name") == "index_table") BOOST_TEST(component.at("actions").get<int>() == 8);
        if (component.at("name") == "index_table") BOOST_TEST(component.at("instances").get<int>() == 100);
    }
}

BOOST_AUTO_TEST_CASE(histograms_stand_in_their_layer) {
    const json uncounted = stats(sample());
    for (const json& layer : uncounted.at("layers")) BOOST_TEST(layer.at("column_sums") == json::array());
    const json sums = stats(results_sample::counted_sample()).at("layers")[0].at("column_sums");
    BOOST_TEST(sums.size() == 8U);
    json wanted = {{"slice", 1}, {"sign", "negative"}, {"largest_seen", 127}, {"range", 127}};
    wanted["counts"] = std::vector<int>(128, 0);
    wanted["counts"][0] = 79;
    wanted["counts"][127] = 1;
    BOOST_TEST(sums[3] == wanted);
    BOOST_TEST(sums[4].at("largest_seen") == 0);
    BOOST_TEST(sums[4].at("counts") == json({80}));
}

BOOST_AUTO_TEST_CASE(images_without_labels_have_no_accuracy) {
    RunResult result = sample();
    result.accuracy.reset();
    BOOST_TEST(stats(result).at("accuracy").is_null());
}

// Latency and interval are those of a stream, whatever the images of the run did.
BOOST_AUTO_TEST_CASE(several_images_have_the_interval_of_a_stream) {
    RunResult result = sample();
    result.record.images = 3;
    result.record.injected_fs = {0, 10, 20};
    result.record.completed_fs = {500'000'000, 700'000'000, 1'300'000'000};
    const json s = stats(result);
    BOOST_TEST(s.at("totals").at("latency_s").get<double>() == 900e-9);
    BOOST_TEST(s.at("totals").at("interval_s").get<double>() == 1e-6);
    BOOST_TEST(s.at("totals").at("macs").get<int>() == 3 * 188);
    BOOST_TEST(s.at("totals").at("energy_per_image_j").get<double>() ==
               s.at("totals").at("energy_j").get<double>() / 3);
}

BOOST_AUTO_TEST_CASE(an_interval_that_did_not_settle_is_null) {
    RunResult result = sample();
    result.record.steady.measured = 0;
    const PricedRun priced = price(result);
    const json totals = stats(result).at("totals");
    for (const char* key : {"interval_s", "interval_cycles", "latency_streaming_s", "latency_streaming_max_s",
                            "static_energy_per_image_j"})
        BOOST_TEST(totals.at(key).is_null(), key);
    BOOST_TEST(
        totals.at("power_w").get<double>() == (priced.total_j.total() + priced.static_j.total()) / 2e-6,
        kClose);
}

BOOST_AUTO_TEST_CASE(parts_add_up_to_the_chip) {
    const RunResult result = sample();
    const json s = stats(result);
    double energy = 0, area = 0, static_energy = 0,
           layers = s.at("shared").at("energy_total_j").get<double>();
    for (const json& component : s.at("components")) {
        energy += component.at("energy_j").get<double>();
        area += component.at("area_mm2").get<double>();
        static_energy += component.at("static_energy_j").get<double>();
    }
    for (const json& layer : s.at("layers")) {
        double parts = 0;
        for (const json& part : layer.at("energy_j")) parts += part.get<double>();
        BOOST_TEST(parts == layer.at("energy_total_j").get<double>(), kClose);
        layers += layer.at("energy_total_j").get<double>();
    }
    // Components are added in the order of the list, as the total was: to the last bit.
    BOOST_TEST(energy == s.at("totals").at("energy_j").get<double>());
    BOOST_TEST(area == s.at("totals").at("area_mm2").get<double>());
    BOOST_TEST(static_energy == s.at("totals").at("static_energy_j").get<double>());
    BOOST_TEST(layers == energy, kClose);
    BOOST_TEST(s.at("energy_band_j").at("isaac").get<double>() == energy);
}

BOOST_AUTO_TEST_CASE(a_law_that_refuses_says_so_in_the_band) {
    RunResult result = sample();
    result.record.layers[0].actions.conversions_used[8] -= 10;
    result.record.layers[0].actions.conversions_used[3] = 10;
    const json s = stats(result);
    BOOST_TEST(s.at("energy_band_j").at("survey").is_null());
    BOOST_TEST(s.at("energy_band_refusals").at("survey").get<std::string>().find("3 bits") !=
               std::string::npos);
    BOOST_TEST(s.at("energy_band_j").at("puma").is_number());
    BOOST_TEST(!s.at("energy_band_refusals").contains("puma"));
}

BOOST_AUTO_TEST_CASE(prices_follow_the_configuration) {
    const double base = component_pj(stats(sample()), "adc");
    BOOST_TEST(component_pj(stats(with("adc.law=puma")), "adc") == 704 * 1.8, kClose);
    BOOST_TEST(component_pj(stats(with("cost.energy_overrides.bus_byte_j=2 pJ")), "bus") == 120.0, kClose);
    BOOST_TEST(component_pj(stats(with("cost.technology=22 nm")), "adc") < base);
    BOOST_TEST(stats(with("adc.law=puma")).at("run").at("config_hash") !=
               stats(sample()).at("run").at("config_hash"));
}

BOOST_AUTO_TEST_CASE(wrong_prices_are_refused) {
    const auto refusal = [](const std::string& setting) -> std::string {
        try {
            static_cast<void>(prices_of(with(setting).chip));
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    };
    BOOST_TEST(refusal("adc.law=isaak").find("adc.law: unknown ADC law 'isaak'") == 0U);
    BOOST_TEST(refusal("cost.energy_overrides.bus_byte=1 pJ").find("did you mean bus_byte_j?") !=
               std::string::npos);
    // An area of the same table is no energy.
    BOOST_TEST(refusal("cost.energy_overrides.cell_mm2=1 pJ").find("no such energy") != std::string::npos);
    BOOST_TEST(refusal("cost.technology=130 nm").find("cost.technology: ") == 0U);
}

BOOST_AUTO_TEST_CASE(widths_are_checked_before_a_simulation) {
    const RunResult result = with("adc.law=survey");
    const Prices prices = prices_of(result.chip);
    BOOST_CHECK_NO_THROW(check_widths(prices, result.chip, {{4, 8}}));
    BOOST_CHECK_THROW(check_widths(prices, result.chip, {{8, 8}, {4, 3}}), InputError);
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_gives_no_file) {
    const RunResult result = sample();
    for (const double wrong : {std::nan(""), std::numeric_limits<double>::infinity()}) {
        PricedRun energy = price(result), area = price(result), power = price(result);
        energy.total_j[cost::Component::bus] = wrong;
        area.area_mm2[cost::Component::bus] = wrong;
        power.power_w = wrong;
        BOOST_CHECK_THROW(static_cast<void>(stats_json(result, energy)), std::logic_error);
        BOOST_CHECK_THROW(static_cast<void>(stats_json(result, area)), std::logic_error);
        BOOST_CHECK_THROW(static_cast<void>(stats_json(result, power)), std::logic_error);
    }
}

BOOST_AUTO_TEST_SUITE_END()
