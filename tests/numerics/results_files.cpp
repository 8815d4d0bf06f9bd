// stats.txt, layers.csv, predictions.csv, the tables for people, the comparison; and that docs/results.md
// knows every key.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "results/comparison.h"
#include "results/layers_csv.h"
#include "results/pricing.h"
#include "results/quantity_text.h"
#include "results/stats_json.h"
#include "results/stats_text.h"
#include "results/summary.h"
#include "results_sample.h"

BOOST_AUTO_TEST_SUITE(results_files)

using namespace sliver;
using namespace sliver::results;
using nlohmann::json;
using results_sample::sample;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> words_of_line(const std::string& line) {
    std::istringstream stream(line);
    return {std::istream_iterator<std::string>(stream), {}};
}

/// A small CSV reader for the test: quotes are RFC 4180's.
std::vector<std::string> csv_cells(const std::string& line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
            cells.back() += line[++i];
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ',' && !quoted)
            cells.emplace_back();
        else
            cells.back() += line[i];
    }
    return cells;
}

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    for (const std::string& line : lines_of(text)) widest = std::max(widest, line.size());
    return widest;
}

void collect_keys(const json& value, std::set<std::string>& keys) {
    if (value.is_object())
        for (const auto& item : value.items()) {
            keys.insert(item.key());
            collect_keys(item.value(), keys);
        }
    if (value.is_array())
        for (const json& item : value) collect_keys(item, keys);
}

}  // namespace

BOOST_AUTO_TEST_CASE(stats_txt_has_name_value_unit_description) {
    const RunResult result = sample();
    const PricedRun priced = price(result);
    std::set<std::string> names;
    for (const std::string& line : lines_of(stats_text(result, priced))) {
        const std::vector<std::string> words = words_of_line(line);
        BOOST_REQUIRE_MESSAGE(words.size() > 4, line);
        BOOST_TEST(words[3] == "#", line);
        BOOST_TEST(names.insert(words[0]).second, "twice: " << line);
        BOOST_TEST(line.find("nan") == std::string::npos, line);
    }
    for (const char* name :
         {"run.config_hash", "accuracy.top1", "totals.energy_j", "component.adc.energy_j",
          "layer.conv___first_.actions.crossbar_reads", "layer.fc.adc_bits", "energy_band_j.puma",
          "totals.actions.conversions_used.8b", "mesh.waits", "inventory.host_links"})
        BOOST_TEST(names.count(name) == 1U, name);
}

BOOST_AUTO_TEST_CASE(stats_txt_says_what_stats_json_says) {
    const RunResult result = sample();
    const PricedRun priced = price(result);
    const json s = json::parse(stats_json(result, priced));
    std::map<std::string, std::string> values;
    for (const std::string& line : lines_of(stats_text(result, priced))) {
        const std::vector<std::string> words = words_of_line(line);
        values[words[0]] = words[1];
    }
    BOOST_TEST(std::stod(values.at("totals.energy_j")) == s.at("totals").at("energy_j").get<double>());
    BOOST_TEST(std::stod(values.at("totals.area_mm2")) == s.at("totals").at("area_mm2").get<double>());
    BOOST_TEST(std::stod(values.at("layer.fc.energy_j")) ==
               s.at("layers")[1].at("energy_total_j").get<double>());
    BOOST_TEST(values.at("run.config_hash") == s.at("run").at("config_hash").get<std::string>());
    BOOST_TEST(values.at("layer.fc.adc_bits") == "8,8,8,8");
    BOOST_TEST(values.count("layer.fc.negative_adc_bits") == 0U);  // offset encoding has none
    BOOST_TEST(values.at("layer.conv___first_.negative_adc_bits") == "8,7,8,8");
    BOOST_TEST(values.at("layer.conv___first_.adc_drops") == "2,0,0,0");
    BOOST_TEST(values.at("layer.conv___first_.crossbars_by_parts") == "0,1");
}

BOOST_AUTO_TEST_CASE(layers_csv_has_a_row_a_layer) {
    const RunResult result = sample();
    const PricedRun priced = price(result);
    const std::vector<std::string> lines = lines_of(layers_csv(result, priced));
    BOOST_REQUIRE(lines.size() == 3U);
    const std::vector<std::string> head = csv_cells(lines[0]);
    const auto cell = [&](std::size_t row, const std::string& column) {
        const auto at = std::find(head.begin(), head.end(), column);
        BOOST_REQUIRE_MESSAGE(at != head.end(), column);
        return csv_cells(lines[row]).at(static_cast<std::size_t>(at - head.begin()));
    };
    for (const std::string& line : lines) BOOST_TEST(csv_cells(line).size() == head.size(), line);
    BOOST_TEST(cell(1, "name") == "conv, \"first\"");
    BOOST_TEST(cell(1, "reads") == "10");
    BOOST_TEST(cell(1, "clipped_by_slice") == "0 0 2 3");
    BOOST_TEST(cell(1, "worst_case_bits") == "2 4 7 7");
    BOOST_TEST(cell(2, "done_cycle") == "9.25");
    BOOST_TEST(cell(2, "seen_bits") == "");
    BOOST_TEST(std::stod(cell(1, "energy_j")) == priced.layers_j[0].total());
    BOOST_TEST(std::stod(cell(1, "energy_adc_j")) == priced.layers_j[0][cost::Component::adc]);
}

BOOST_AUTO_TEST_CASE(predictions_csv_names_classes_and_engines) {
    const std::vector<Prediction> predictions = {
        {0, 1, 1, 99, true}, {1, 0, 1, -5, false}, {2, std::nullopt, 0, 7, false}};
    BOOST_TEST(predictions_csv(predictions, {"bag", "shirt, blue"}) ==
               "image,label,predicted,correct,logit,engine,label_name,predicted_name\n"
               "0,1,1,1,99,chip,\"shirt, blue\",\"shirt, blue\"\n"
               "1,0,1,0,-5,functional,bag,\"shirt, blue\"\n"
               "2,,0,,7,functional,,bag\n");
    BOOST_TEST(predictions_csv({{0, 1, 1, 99, true}}, {}) ==
               "image,label,predicted,correct,logit,engine,label_name,predicted_name\n0,1,1,1,99,chip,,\n");
}

BOOST_AUTO_TEST_CASE(the_summary_fits_a_screen_and_tells_the_run) {
    const RunResult result = sample();
    const PricedRun priced = price(result);
    const std::string text = summary(result, priced);
    BOOST_TEST(widest_line(text) <= 110U);
    for (const char* part :
         {"900.0 ns", "9 array cycles", "75.00 %", "3 of 4 images", "ADC policy fixed", "accounting used",
          "5 of 704 conversions clipped", "20 clipped over the 4 images", "msb..lsb", "neurosim-flash",
          "1.904 nJ", "3 arrays, 5 without packing: 1.67 times fewer"})
        BOOST_TEST(text.find(part) != std::string::npos, part << " in\n" << text);
    RunResult unpacked = sample();
    unpacked.record.crossbars_unpacked = unpacked.record.crossbars;
    BOOST_TEST(summary(unpacked, price(unpacked)).find("packing") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_policy_states_its_certificate) {
    RunResult result = sample();
    const PricedRun priced = price(result);
    result.chip.adc.policy = config::AdcPolicy::worst_case;
    BOOST_TEST(adc_certificate(result, priced).find("lossless by construction") != std::string::npos);
    result.chip.adc.policy = config::AdcPolicy::profiled;
    BOOST_TEST(adc_certificate(result, priced).find("lossless on 5 images of train.npy (margin 0)") !=
               std::string::npos);
    BOOST_TEST(adc_certificate(result, priced).find("parts") == std::string::npos);
    result.chip.adc.overflow = config::AdcOverflow::split;
    BOOST_TEST(adc_certificate(result, priced).find("1 of 3 arrays read in parts of their rows") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_comparison_sets_runs_side_by_side) {
    RunResult second = sample();
    second.record.layers[0].adc_bits = {8, 4, 8, 8};
    second.record.layers[0].negative_adc_bits = {8, 4, 8, 9};
    // A fifth of the conversions at 4 bits, 0.737 pJ each in place of 1.5625.
    second.record.layers[0].actions.conversions_used[8] -= 160;
    second.record.layers[0].actions.conversions_used[4] = 160;
    second.record.layers[0].actions.conversions_all[8] -= 160;
    second.record.layers[0].actions.conversions_all[4] = 160;
    std::vector<ComparedRun> runs = {{"dense", sample(), price(sample())}, {"sparse", second, price(second)}};
    const std::string text = comparison_text(runs);
    BOOST_TEST(widest_line(text) <= 110U);
    for (const char* part : {"dense", "sparse", "ratio", "2 4 7 7", "75.00 %", "900.0 ns", "1.100 nJ"})
        BOOST_TEST(text.find(part) != std::string::npos, part << " in\n" << text);
    const json j = json::parse(comparison_json(runs));
    BOOST_REQUIRE(j.at("runs").size() == 2U);
    BOOST_TEST(j["runs"][0]["name"] == "dense");
    BOOST_TEST(j["runs"][1]["adc_bits"] ==
               json({8, 8, 8, 9}));  // the other layer's 8; the negative arrays' 9
    BOOST_TEST(j["runs"][0]["adc_bits_worst_case"] == json({7, 7, 4, 2}));
    // The second layer has no sums seen: nothing is said of the chip.
    BOOST_TEST(j["runs"][0]["adc_bits_seen"] == json::array());
    BOOST_TEST(j["runs"][0]["energy_per_image_j"].get<double>() == runs[0].priced.total_j.total());
    BOOST_TEST(j["runs"][1]["adc_bits_mean"].get<double>() == (544 * 8 + 160 * 4) / 704.0);
    BOOST_TEST(j["runs"][1]["energy_per_image_by_component_j"]["adc"].get<double>() <
               j["runs"][0]["energy_per_image_by_component_j"]["adc"].get<double>());
    // Three runs have no one ratio.
    runs.push_back(runs[0]);
    BOOST_TEST(comparison_text(runs).find("ratio") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_key_is_documented) {
    std::ifstream file(std::string(SLIVER_SOURCE_DIR) + "/docs/results.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    BOOST_REQUIRE(!page.empty());
    const RunResult result = sample();
    const PricedRun priced = price(result);
    std::set<std::string> keys;
    json stats = json::parse(stats_json(result, priced));
    // Keys that are names of something else: maps, laws, components, accountings, actions (docs/cost.md).
    for (const char* by_name :
         {"activation_ranges", "energy_band_j", "energy_band_refusals", "energy_by_accounting_j"})
        stats[by_name] = nullptr;
    for (json& layer : stats["layers"]) layer["energy_j"] = layer["actions"] = nullptr;
    stats["shared"]["energy_j"] = stats["shared"]["actions"] = nullptr;
    collect_keys(stats, keys);
    json comparison = json::parse(comparison_json({{"a", result, priced}}));
    comparison["runs"][0]["energy_per_image_by_component_j"] = nullptr;
    collect_keys(comparison, keys);
    for (const std::string& key : keys) BOOST_TEST(page.find("`" + key + "`") != std::string::npos, key);
}

BOOST_AUTO_TEST_SUITE_END()
