// stats.json read back: the same run to the last bit, and refusals for files that were damaged or edited.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "results/stats_reader.h"
#include "results_sample.h"

BOOST_AUTO_TEST_SUITE(results_reader)

using namespace sliver;
using namespace sliver::results;
using nlohmann::json;
using namespace nlohmann::literals;
using results_sample::counted_sample;
using results_sample::sample;

namespace {

std::string text_of(const RunResult& result) {
    return stats_json(result, price(result));
}

/// What read_stats() says of a result after `edit`; empty when it reads it.
std::string refusal(const std::function<void(json&)>& edit, const RunResult& result = sample()) {
    json document = json::parse(text_of(result));
    edit(document);
    try {
        static_cast<void>(read_stats(document.dump(), "F"));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_result_survives_the_file) {
    const std::string text = text_of(sample());
    const RunResult back = read_stats(text, "F");
    BOOST_TEST(text_of(back) == text);
    const RunResult original = sample();
    BOOST_TEST((back.chip == original.chip));
    BOOST_TEST((total_actions(back.record) == total_actions(original.record)));
    BOOST_TEST(back.record.layers[0].waited_output_fs == 11U);
    BOOST_TEST(back.record.inventory.arrays == 8U);
    BOOST_TEST(back.record.crossbars_unpacked == 5U);
    BOOST_TEST(back.columns[0].seen.sums == original.columns[0].seen.sums, boost::test_tools::per_element());
    BOOST_TEST(!back.columns[1].seen.known());
    BOOST_TEST(back.identity.calibration_count == 5U);
    BOOST_TEST(back.activation_ranges.at("image").first == -1.5);
}

BOOST_AUTO_TEST_CASE(histograms_survive_the_file) {
    const std::string text = text_of(counted_sample());
    BOOST_TEST(text != text_of(sample()));
    const RunResult back = read_stats(text, "F");
    BOOST_TEST(text_of(back) == text);
    BOOST_TEST(read_stats(text_of(sample()), "F").record.layers[0].column_sums.empty());
    const std::vector<ColumnHistogram> got = back.record.layers[0].column_sums,
                                       want = counted_sample().record.layers[0].column_sums;
    BOOST_TEST_REQUIRE(got.size() == want.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        BOOST_TEST(got[i].slice == want[i].slice);
        BOOST_TEST(got[i].negative == want[i].negative);
        BOOST_TEST(got[i].range == want[i].range);
        BOOST_TEST(got[i].counts == want[i].counts, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(histograms_that_no_run_can_give_are_refused) {
    const auto with = [](const char* pointer, const json& value) {
        return refusal(
            [&](json& j) {
                j.at(json::json_pointer("/layers/0/column_sums" + std::string(pointer))) = value;
            },
            counted_sample());
    };
    BOOST_TEST(with("/0/slice", 0) == "");
    BOOST_TEST(with("", 1) == "F: layers[0].column_sums: must be a list");
    BOOST_TEST(with("/7/slice", 4) == "F: layers[0].column_sums[7].slice: value 4: must be below 4");
    BOOST_TEST(with("/1/sign", "minus") == "F: layers[0].column_sums[1].sign: must be positive or negative");
    for (const char* place : {"/2/slice", "/3/slice"})
        BOOST_TEST(with(place, 0).find("]: must stand in the order of slices, positive before negative") !=
                       std::string::npos,
                   place);
    BOOST_TEST(with("/1/sign", "positive") ==
               "F: layers[0].column_sums[1]: must stand in the order of slices, positive before negative");
    BOOST_TEST(with("/4/counts/0", 81) == "F: layers[0].column_sums: must sum up to conversions_by_slice");
    BOOST_TEST(with("/7", {{"slice", 3}, {"sign", "negative"}, {"range", 255}, {"counts", {80, 0}}}) ==
               "F: layers[0].column_sums[7].counts: must end with the largest sum that was seen");
    BOOST_TEST(with("/4/counts", json::array()) ==
               "F: layers[0].column_sums[4].counts: must end with the largest sum that was seen");
    BOOST_TEST(with("/4/counts/0", -80) ==
               "F: layers[0].column_sums[4].counts[0]: must be a whole number, zero or more");
    // 127 is not cut at 127.
    BOOST_TEST(with("/3/range", 126) ==
               "F: layers[0].column_sums: must sum up to clipped_by_slice beyond their ranges");
    BOOST_TEST(refusal([](json& j) { j.at("/layers/0/column_sums"_json_pointer).erase(7); },
                       counted_sample()) == "F: layers[0].column_sums: must sum up to conversions_by_slice");
    BOOST_TEST(refusal([](json& j) { j.at("/layers/0/column_sums/2"_json_pointer).erase("range"); },
                       counted_sample()) ==
               "F: layers[0].column_sums[2].range: is missing; the file is no stats.json of this version");
}

BOOST_AUTO_TEST_CASE(large_counts_keep_every_digit) {
    RunResult result = sample();
    // Above 2^53 a double would lose the last digit.
    constexpr std::uint64_t kLarge = (std::uint64_t{1} << 60) + 1;
    result.record.layers[0].busy_fs = kLarge;
    result.record.shared.flit_hops = kLarge;
    const RunResult back = read_stats(text_of(result), "F");
    BOOST_TEST(back.record.layers[0].busy_fs == kLarge);
    BOOST_TEST(back.record.shared.flit_hops == kLarge);
}

BOOST_AUTO_TEST_CASE(repricing_is_a_fresh_run) {
    const std::vector<std::string> settings = {"adc.law=neurosim-sar", "cost.accounting=whole",
                                               "cost.technology=14 nm"};
    RunResult fresh = sample();
    fresh.chip = config::parse_chip(results_sample::kChip, "sample", settings);
    fresh.chip_yaml = config::to_yaml(fresh.chip);
    RunResult again = read_stats(text_of(sample()), "F");
    again.chip = config::parse_chip(again.chip_yaml, "F", settings);
    again.chip_yaml = config::to_yaml(again.chip);
    BOOST_TEST(text_of(again) == text_of(fresh));
}

BOOST_AUTO_TEST_CASE(damaged_text_is_refused) {
    const std::string text = text_of(sample());
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 3})
        BOOST_CHECK_THROW(static_cast<void>(read_stats(text.substr(0, length), "F")), InputError);
    BOOST_CHECK_THROW(static_cast<void>(read_stats("[1, 2]", "F")), InputError);
    BOOST_CHECK_THROW(static_cast<void>(read_stats("hello", "F")), InputError);
}

BOOST_AUTO_TEST_CASE(every_recorded_value_is_needed) {
    const auto without = [](const char* pointer) {
        return refusal([&](json& j) {
            const json::json_pointer at(pointer);
            j.at(at.parent_pointer()).erase(at.back());
        });
    };
    BOOST_TEST(without("/layers/0/rows") ==
               "F: layers[0].rows: is missing; the file is no stats.json of this version");
    for (const char* pointer : {"/run",
                                "/run/schema",
                                "/run/seed",
                                "/layers/1/adc_bits",
                                "/layers/1/negative_adc_bits",
                                "/layers/1/adc_drops",
                                "/layers/1/column_sums",
                                "/layers/1/adcs",
                                "/layers/1/adc_wait_fs",
                                "/layers/1/crossbars_by_parts",
                                "/layers/1/actions/pool_ops",
                                "/shared/actions",
                                "/mesh/waits",
                                "/mesh/delivered",
                                "/layers/1/actions/index_lookups",
                                "/inventory/adcs",
                                "/inventory/index_bytes",
                                "/record/crossbars_unpacked",
                                "/record/elapsed_fs",
                                "/config",
                                "/activation_ranges",
                                "/accuracy"})
        BOOST_TEST(without(pointer).find("is missing") != std::string::npos, pointer);
}

// Actions that are younger than the schema: a file made before they were counted has none of them.
BOOST_AUTO_TEST_CASE(younger_actions_may_lack) {
    BOOST_TEST(refusal([](json& j) {
                   for (const char* key : {"table_lookups", "rescale_ops"})
                       j["layers"][0]["actions"].erase(key);
               }) == "");
}

BOOST_AUTO_TEST_CASE(wrong_values_are_refused_by_name) {
    const auto with = [](const char* pointer, const json& value) {
        return refusal([&](json& j) { j.at(json::json_pointer(pointer)) = value; });
    };
    BOOST_TEST(with("/layers/0/rows", -1) == "F: layers[0].rows: must be a whole number, zero or more");
    BOOST_TEST(with("/layers/0/rows", 1.5).find("layers[0].rows") != std::string::npos);
    BOOST_TEST(with("/layers/0/name", 3) == "F: layers[0].name: must be a text");
    BOOST_TEST(with("/layers", 3) == "F: layers: must be a list");
    BOOST_TEST(with("/layers", json::array()) == "F: layers: holds no layer");
    BOOST_TEST(with("/layers/0/adc_bits/2", 13) ==
               "F: layers[0].adc_bits[2]: value 13: must be from 1 to 12");
    BOOST_TEST(with("/layers/0/clipped_by_slice", {1, 2}).find("has 2 entries") != std::string::npos);
    BOOST_TEST(with("/layers/0/negative_adc_bits", {8, 8}) ==
               "F: layers[0].negative_adc_bits: has 2 entries, adc_bits has 4");
    BOOST_TEST(with("/layers/0/adc_drops", json::array()).find("has 0 entries") != std::string::npos);
    BOOST_TEST(with("/layers/0/adcs_by_slice", {1}).find("has 1 entries") != std::string::npos);
    BOOST_TEST(with("/layers/0/adc_busy_by_slice_fs/1", 1) ==
               "F: layers[0].adc_busy_by_slice_fs: must sum up to adc_busy_fs");
    BOOST_TEST(with("/layers/0/crossbars_by_parts", {1, 1}) ==
               "F: layers[0].crossbars_by_parts: must sum up to crossbars");
    BOOST_TEST(with("/inventory/adcs", {1, 2}).find("13 entries") != std::string::npos);
    BOOST_TEST(with("/steady/resources/1/idle_fs", 1) ==
               "F: steady.resources[1].idle_fs: busy, stalled and idle time together are not those of the "
               "other resources");
    BOOST_TEST(with("/run/schema", 1) == "F: run.schema: value 1: this program reads 4");
    BOOST_TEST(with("/accuracy/correct", 5).find("accuracy") != std::string::npos);
    BOOST_TEST(with("/record/images", 0).find("record.images: must be positive") != std::string::npos);
    BOOST_TEST(with("/record/crossbars_unpacked", 2) ==
               "F: record.crossbars_unpacked: must be at least crossbars");
    BOOST_TEST(with("/record/injected_fs", {1, 2}).find("one entry an image") != std::string::npos);
    BOOST_TEST(with("/record/completed_fs", {1}).find("ends before") != std::string::npos);
    BOOST_TEST(with("/activation_ranges/image", {1}).find("[lowest, highest]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(counts_that_no_run_can_give_are_refused) {
    const auto with = [](const char* pointer, const json& value) {
        return refusal([&](json& j) { j.at(json::json_pointer(pointer)) = value; });
    };
    BOOST_TEST(with("/layers/0/actions/clipped", 700).find("clipped = 700") != std::string::npos);
    BOOST_TEST(with("/layers/0/actions/cells_used", 999999).find("layers[0].actions: cells_used") !=
               std::string::npos);
    BOOST_TEST(with("/layers/0/actions/conversions_used/0", 1).find("at least 1 bit") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_edited_configuration_does_not_pass_for_the_run_s) {
    const std::string text = refusal([](json& j) {
        for (json& line : j.at("config"))
            if (line.get<std::string>().find("accounting") != std::string::npos)
                line = "  accounting: \"whole\"";
    });
    BOOST_TEST(text == "F: run.config_hash: does not belong to the configuration and network in the file");
    BOOST_TEST(refusal([](json& j) { j.at("config") = {"name: x", "name: y"}; }).find("F: config:2") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
