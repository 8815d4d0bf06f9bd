// `sliver study adc` and the ADC policies as a user calls them. The network is a fixture, the labels are what
// it says with lossless converters: those are right on every image, all others can only lose.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "cli_labelled_images.h"

BOOST_AUTO_TEST_SUITE(cli_study_adc)

using namespace cli_support;
using namespace sliver;
using nlohmann::json;

namespace {

constexpr std::size_t kImages = 48, kTested = 16;
const std::string kNetwork = (kFixtures / "vgg-opset13.onnx").string();

struct Labelled : Sandbox {
    Labelled() { write_labelled_images(*this, kNetwork, kImages, 3); }
    [[nodiscard]] std::vector<std::string> with_images(std::vector<std::string> arguments,
                                                       const std::vector<std::string>& more = {}) const {
        for (const std::string& word : {std::string("--network"), kNetwork, std::string("--images"),
                                        path("images.npy"), std::string("--labels"), path("labels.npy")})
            arguments.push_back(word);
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    [[nodiscard]] std::vector<std::string> study(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = with_images(
            {"study", "adc", "--chip", "small", "--count", std::to_string(kTested), "--held-out", "24",
             "--sensitivity", "8", "--budget", "6", "--loss", "10", "--force", "--out", path("study")},
            more);
        return arguments;
    }
    [[nodiscard]] std::string run(const std::string& name, const std::vector<std::string>& more) const {
        return good(with_images({"run", "--chip", "small", "--count", "1", "--functional-count",
                                 std::to_string(kTested), "--out", path(name)},
                                more));
    }
    [[nodiscard]] json stats(const std::string& name) const {
        return json::parse(read(folder / name / "stats.json"));
    }
};

std::map<std::string, json> allocations_of(const json& network) {
    std::map<std::string, json> allocations;
    for (const json& allocation : network.at("allocations"))
        allocations[allocation.at("key").get<std::string>()] = allocation;
    return allocations;
}

double close(double a, double b) {
    return std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)) ? 0 : a - b;
}

/// The effects of sparsity add up, in their order.
void check_ablation(const json& ablation) {
    const json& baseline = ablation.at("baseline");
    double left = baseline.at("energy_j");
    std::vector<std::string> effects;
    for (const json& effect : ablation.at("effects")) {
        left -= effect.at("saved_j").get<double>();
        BOOST_TEST(close(effect.at("energy_j"), left) == 0);
        left = effect.at("energy_j");
        effects.push_back(effect.at("effect"));
    }
    const std::vector<std::string> wanted = {"conducting cells", "column sums", "empty columns",
                                             "zero planes"};
    BOOST_TEST(effects == wanted, boost::test_tools::per_element());
    const json &cells = ablation["effects"][0], &masks = ablation["effects"][2],
               &detectors = ablation["effects"][3];
    BOOST_TEST(cells.at("interval_s") == baseline.at("interval_s"));
    for (const json* none : {&baseline, &cells})
        for (const char* key : {"skip_logic_j", "skip_area_mm2"}) BOOST_TEST(none->at(key) == 0.0);
    BOOST_TEST(masks.at("skip_logic_j").get<double>() > 0);
    BOOST_TEST(detectors.at("skip_area_mm2").get<double>() > masks.at("skip_area_mm2").get<double>());
    BOOST_TEST(ablation.at("planes_skipped").get<std::uint64_t>() > 0U);
    BOOST_TEST(detectors.at("interval_s").get<double>() <= masks.at("interval_s").get<double>());
    BOOST_TEST(detectors.at("latency_s").get<double>() < masks.at("latency_s").get<double>());
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_study_says_what_runs_say, Labelled) {
    const std::string text = good(study());
    BOOST_TEST(without_blanks(text) ==
               without_blanks(read(folder / "study/adc.txt") + "Results: " + path("study")));
    for (const char* part : {"Verdict", "Table 3", "law alone", "28.44x", "14.22x", "Fullest columns"})
        BOOST_TEST((text.find(part) != std::string::npos), part);
    const json all = json::parse(read(folder / "study/adc.json"));
    const json& network = all.at("networks").at(0);
    const auto allocations = allocations_of(network);
    BOOST_TEST(allocations.size() == 11U);
    // Lossless converters are right by the making of the labels, and the calibration images are not the
    // tested.
    BOOST_TEST(allocations.at("worst-case").at("top1") == 1.0);
    BOOST_TEST(all.at("calibration").at("profile_first") == kTested);
    BOOST_TEST(all.at("calibration").at("held_out_first") == kImages - 24);
    for (const auto& [key, allocation] : allocations) {
        const bool proven = allocation.at("certified_for_all_inputs");
        if (proven) BOOST_TEST(allocation.at("clipped") == 0U, key);
        if (proven) BOOST_TEST(allocation.at("top1") == 1.0, key);
        for (const json& certificate : allocation.at("certificates")) {
            BOOST_TEST(certificate.at("margin").get<int>() ==
                       certificate.at("range").get<int>() - certificate.at("sum").get<int>());
            if (proven) BOOST_TEST(certificate.at("margin").get<int>() >= 0);
        }
        BOOST_TEST(close(allocation.at("cost").at("laws").at("isaac").at("adc_j"),
                         allocation.at("cost").at("adc_j")) == 0);
        double slices = 0;
        for (const json& slice : allocation.at("cost").at("adc_slice_j")) slices += slice.get<double>();
        BOOST_TEST(close(slices, allocation.at("cost").at("adc_j")) == 0, key);
    }
    BOOST_TEST(allocations.at("fixed-8").at("mean_bits") == 8.0);
    BOOST_TEST(allocations.at("paper").at("clipped").get<std::uint64_t>() > 0U);
    // From fine to coarse sharing: never less.
    const auto mean = [&](const char* key) { return allocations.at(key).at("mean_bits").get<double>(); };
    BOOST_TEST(mean("worst-case-sign") <= mean("worst-case"));
    BOOST_TEST(mean("worst-case") <= mean("worst-case-slice"));
    BOOST_TEST(mean("worst-case-slice") <= mean("worst-case-chip"));
    BOOST_TEST(mean("percentile") <= mean("profiled"));
    BOOST_TEST(mean("profiled") <= mean("worst-case"));
    BOOST_TEST(mean("accuracy") < mean("worst-case"));
    const json& search = network.at("search");
    BOOST_TEST(search.at("correct").get<int>() >= search.at("required_correct").get<int>());
    BOOST_TEST(search.at("lossless_correct") == 24);
    check_ablation(network.at("ablation"));
    // Histograms hold every conversion of the profiled images.
    std::uint64_t counted = 0, expected = 0;
    for (const json& histogram : network.at("histograms"))
        for (const json& count : histogram.at("counts")) counted += count.get<std::uint64_t>();
    for (const json& conversions : network.at("conversions_per_slice"))
        expected += 4 * conversions.get<std::uint64_t>();
    BOOST_TEST(counted == expected * all.at("calibration").at("profile_count").get<std::uint64_t>());

    // The same chip, run by hand.
    for (const auto& [key, adc] :
         {std::pair{"worst-case", "worst-case"}, std::pair{"fixed-8", "8"}, std::pair{"paper", "3,3,3,1"}}) {
        const std::string folder_name = std::string("run-") + key;
        static_cast<void>(run(folder_name, {"--adc", adc}));
        const json stats_json = stats(folder_name);
        const json& cost = allocations.at(key).at("cost");
        BOOST_TEST(close(stats_json.at("/components/0/energy_j"_json_pointer), cost.at("adc_j")) == 0, key);
        BOOST_TEST(stats_json.at("/totals/energy_j"_json_pointer) == cost.at("total_j"), key);
        BOOST_TEST(stats_json.at("/totals/latency_s"_json_pointer) == cost.at("latency_s"), key);
        BOOST_TEST(stats_json.at("/accuracy/top1"_json_pointer) == allocations.at(key).at("top1"), key);
        std::uint64_t clipped = 0;
        for (const json& layer : stats_json.at("layers"))
            for (const json& slice : layer.at("functional_clipped_by_slice"))
                clipped += slice.get<std::uint64_t>();
        BOOST_TEST(clipped == allocations.at(key).at("clipped").get<std::uint64_t>(), key);
    }
}

BOOST_FIXTURE_TEST_CASE(the_same_bytes_whatever_the_machine, Labelled) {
    good(study({"--threads", "1"}));
    const std::string first = snapshot(folder / "study");
    good(study({"--threads", "3"}), "portable");
    BOOST_TEST((snapshot(folder / "study") == first));
}

// Packed arrays: no allocation reads their rows in parts, everything else is there.
BOOST_FIXTURE_TEST_CASE(packed_arrays_are_studied, Labelled) {
    // Of one bit many weights are zero: rows move.
    good(study({"--set", "weights.packing=rows", "--set", "weights.bits=1", "--no-shared"}));
    const json network = json::parse(read(folder / "study/adc.json")).at("networks").at(0);
    BOOST_TEST(allocations_of(network).size() == 10U);
    BOOST_TEST(allocations_of(network).count("split") == 0U);
    check_ablation(network.at("ablation"));
    BOOST_TEST(network["ablation"]["effects"][3]["shared_interval_s"].is_null());
}

BOOST_FIXTURE_TEST_CASE(widths_found_for_accuracy_run_again_as_a_chip_file, Labelled) {
    const std::string text = run("found", {"--adc", "accuracy:10"});
    BOOST_TEST((text.find("fullest column") != std::string::npos));
    const json found = stats("found"), search = json::parse(read(folder / "found/adc_search.json"));
    BOOST_TEST(found.at("/run/adc_policy"_json_pointer) == "accuracy");
    BOOST_TEST(search.at("correct").get<int>() >= search.at("required_correct").get<int>());
    good(with_images({"run", "--chip", path("found/chip-fixed.yaml"), "--count", "1", "--functional-count",
                      std::to_string(kTested), "--out", path("again")}));
    const json again = stats("again");
    BOOST_TEST((read(folder / "found/logits.npy") == read(folder / "again/logits.npy")));
    for (std::size_t layer = 0; layer < found.at("layers").size(); ++layer)
        for (const char* key : {"adc_bits", "adc_drops", "negative_adc_bits", "clipped_by_slice"})
            BOOST_TEST(found["layers"][layer][key] == again["layers"][layer][key]);
    BOOST_TEST(again.at("/totals/energy_j"_json_pointer) == found.at("/totals/energy_j"_json_pointer));
    // Priced under another law these widths are no longer what a fresh run would find.
    const Outcome refused = Sandbox::run({"cost", path("found"), "--adc-law", "saberi"});
    BOOST_TEST(refused.code == 2);
    BOOST_TEST((refused.err.find("chip-fixed.yaml") != std::string::npos));
    good({"cost", path("again"), "--adc-law", "saberi"});
    good({"cost", path("found"), "--accounting", "whole", "--out", path("whole")});
    BOOST_TEST((read(folder / "whole/adc_search.json") == read(folder / "found/adc_search.json")));
}

BOOST_FIXTURE_TEST_CASE(policies_by_sign_by_share_and_in_parts, Labelled) {
    static_cast<void>(run("sign", {"--adc", "worst-case", "--set", "adc.granularity=layer-slice-sign"}));
    static_cast<void>(run("layer", {"--adc", "worst-case"}));
    static_cast<void>(run("share", {"--adc", "percentile:90"}));
    static_cast<void>(run("parts", {"--adc", "3", "--set", "adc.overflow=split"}));
    const json sign = stats("sign"), layer = stats("layer"), share = stats("share"), parts = stats("parts");
    bool narrower = false, cut = false, split = false;
    for (std::size_t i = 0; i < layer.at("layers").size(); ++i)
        for (std::size_t slice = 0; slice < 4; ++slice) {
            const int both = layer["layers"][i]["adc_bits"][slice];
            const int positive = sign["layers"][i]["adc_bits"][slice];
            const int negative = sign["layers"][i]["negative_adc_bits"][slice];
            BOOST_TEST(std::max(positive, negative) == both);
            narrower = narrower || positive < both || negative < both;
        }
    for (const json& entry : share.at("layers"))
        for (const json& clipped : entry.at("functional_clipped_by_slice"))
            cut = cut || clipped.get<std::uint64_t>() > 0;
    for (const json& entry : parts.at("layers")) split = split || entry.at("crossbars_by_parts").size() > 1;
    BOOST_TEST(narrower);
    BOOST_TEST(cut);
    BOOST_TEST(split);
    BOOST_TEST(layer.at("/run/adc_lossless"_json_pointer) == true);
    BOOST_TEST(share.at("/run/adc_lossless"_json_pointer) == false);
    BOOST_TEST(parts.at("/run/adc_lossless"_json_pointer) == true);
    for (const char* name : {"sign", "parts"})
        BOOST_TEST((read(folder / name / "logits.npy") == read(folder / "layer/logits.npy")), name);
    BOOST_TEST(parts.at("/totals/latency_s"_json_pointer).get<double>() >
               layer.at("/totals/latency_s"_json_pointer).get<double>());
}

BOOST_FIXTURE_TEST_CASE(bad_input_is_one_line_and_leaves_nothing, Labelled) {
    const auto refused = [&](std::vector<std::string> arguments, const std::string& part) {
        fs::remove_all(folder / "study");
        const Outcome outcome = Sandbox::run(arguments);
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST((outcome.err.find(part) != std::string::npos), outcome.err);
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
        BOOST_TEST(!fs::exists(folder / "study"));
    };
    refused(with_images(
                {"study", "adc", "--chip", "small", "--count", "4", "--loss", "101", "--out", path("study")}),
            "--loss: value 101");
    refused(study({"--network", kNetwork}), "two networks are called");
    refused(study({"--set", "adc.percentile=99"}), "adc.percentile");
    refused(study({"--set", "adc.layer_widths.conv1=[3,3,3,1]"}), "the study chooses widths itself");
    refused(study({"--adc-law", "survey"}), "--adc-law survey: has no cost for");
    refused(
        study({"--set", "skip.zero_planes=true"}),
        "chip small: skip.zero_planes: value true: the study begins without it and switches it on itself");
    refused(
        with_images({"eval", "--chip", "small", "--golden", "--set", "adc.layer_widths.nowhere=[8,8,8,8]"}),
        "nowhere");
    refused({"study", "adc", "--chip", "small", "--network", kNetwork, "--images", path("images.npy"),
             "--count", "4", "--out", path("study")},
            "no labels");
    const auto bad_adc = [&](const std::string& adc, const std::string& part) {
        refused(with_images({"run", "--chip", "small", "--adc", adc, "--out", path("study")}), part);
    };
    bad_adc("percentile:0", "adc.percentile");
    bad_adc("percentile:101", "adc.percentile");
    bad_adc("accuracy:-1", "adc.accuracy_loss");
    bad_adc("accuracy:x", "adc.accuracy_loss");
    bad_adc("median", "--adc: value median");
    refused(with_images({"run", "--chip", "small", "--adc", "1", "--set", "adc.overflow=split", "--out",
                         path("study")}),
            "one cell of level");
    refused(with_images({"run", "--chip", "small", "--adc", "3", "--set", "adc.overflow=split", "--set",
                         "adc.slice_drops=[1,0,0,0]", "--out", path("study")}),
            "adc.overflow");
}

BOOST_AUTO_TEST_SUITE_END()
