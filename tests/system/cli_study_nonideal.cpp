// `sliver study nonideal` as a user calls it. The labels are what the network says on ideal crossbars: those
// are right on every image, real ones can only lose.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "cli_labelled_images.h"

BOOST_AUTO_TEST_SUITE(cli_study_nonideal)

using namespace cli_support;
using namespace sliver;
using nlohmann::json;

namespace {

constexpr std::size_t kImages = 24;
const std::string kNetwork = (kFixtures / "vgg-opset13.onnx").string();

struct Labelled : Sandbox {
    Labelled() { write_labelled_images(*this, kNetwork, kImages, 5); }
    [[nodiscard]] std::vector<std::string> study(const std::string& out,
                                                 const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = {"study",        "nonideal",
                                              "--chip",       "small",
                                              "--network",    kNetwork + ":" + kNetwork,
                                              "--images",     path("images.npy"),
                                              "--labels",     path("labels.npy"),
                                              "--count",      std::to_string(kImages),
                                              "--size",       "16",
                                              "--size",       "32",
                                              "--seeds",      "2",
                                              "--adc-images", "4",
                                              "--adc-size",   "16",
                                              "--out",        path(out)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    [[nodiscard]] json result(const std::string& out) const {
        return json::parse(read(folder / out / "nonideal.json"));
    }
    [[nodiscard]] std::string refusal(const std::vector<std::string>& more) const {
        const Outcome outcome = run(study("refused", more));
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(!fs::exists(folder / "refused"));
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
        return outcome.err;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_same_bytes_with_any_threads_and_from_kept_parts, Labelled) {
    const std::string printed = good(study("one", {"--threads", "1", "--keep", path("kept")}));
    good(study("two", {"--threads", "2"}));
    for (const char* file : {"nonideal.json", "nonideal.csv", "nonideal.txt"})
        BOOST_TEST(read(folder / "one" / file) == read(folder / "two" / file));
    BOOST_TEST(without_blanks(printed).find(without_blanks(read(folder / "one/nonideal.txt"))) == 0U);

    // 2 sizes x (plain, twin) x (without, with R): a seed's result each, and the cost.
    std::size_t kept = 0;
    for (const auto& entry : fs::directory_iterator(folder / "kept"))
        if (entry.path().extension() == ".json" && ++kept == 1) write(entry.path(), "{\"damaged\": true}");
    // The twin is the same file: its parts are those of the network.
    BOOST_TEST(kept == 2U * 2U * (2U + 1U));
    good(study("three", {"--keep", path("kept")}));
    BOOST_TEST(read(folder / "three/nonideal.json") == read(folder / "one/nonideal.json"));

    const json study = result("one");
    BOOST_TEST(study.at("points").size() == 8U);
    for (const json& point : study["points"]) {
        BOOST_TEST(point.at("ideal_top1") == 1.0);
        BOOST_TEST(point.at("nonideality").get<double>() > 0);
        BOOST_TEST(point.at("nonideality").get<double>() < 1);
        BOOST_TEST(point.at("cost").at("energy_j").get<double>() > 0);
        BOOST_TEST(point.at("cost").at("latency_s").get<double>() > 0);
        BOOST_TEST(point.at("seeds").size() == 2U);
        // Sorted columns are found by a table; nothing else needs one in a network without zeros to pack.
        if (point.at("rearranged") == true) BOOST_TEST(point["cost"]["index_table_j"].get<double>() > 0);
        if (point.at("rearranged") == false && point.at("crossbars") == point.at("crossbars_unpacked"))
            BOOST_TEST(point["cost"]["index_table_j"].get<double>() == 0);
    }
    BOOST_TEST(study.at("adc_widths").size() == 7U);
    BOOST_TEST(study["adc_widths"][0].at("ideal_correct") == 4);
    BOOST_TEST(study.at("answers").size() == 6U);
}

BOOST_FIXTURE_TEST_CASE(ideal_devices_lose_nothing, Labelled) {
    good(study("ideal", {"--devices", "chip", "--no-cost"}));
    for (const json& point : result("ideal").at("points")) {
        for (const char* key : {"top1", "top1_gain_by_array", "top1_gain_by_column"})
            BOOST_TEST(point.at(key).get<double>() == 1.0);
        BOOST_TEST(point.at("nonideality").get<double>() == 0.0);
        BOOST_TEST(point.at("cost").is_null());
    }
    for (const json& width : result("ideal").at("adc_widths"))
        BOOST_TEST(width.at("ideal_correct") == width.at("real_correct"));
}

BOOST_FIXTURE_TEST_CASE(the_report_shows_the_file, Labelled) {
    good(study("shown", {"--with", "T", "--with", "WCT"}));
    const Outcome outcome = run({"report", path("shown")});
    BOOST_TEST(outcome.code == 0);
    const std::string page = read(folder / "shown/report.html");
    const json study = result("shown");
    for (std::size_t i = 0; i < study.at("points").size(); ++i) {
        const std::string place = "/points/" + std::to_string(i);
        for (const char* key :
             {"/top1", "/top1_gain_by_array", "/nonideality", "/cost/energy_j", "/crossbars"})
            BOOST_TEST(page.find("data-key=\"" + place + key + "\"") != std::string::npos, place << key);
    }
    for (const json& answer : study.at("answers"))
        BOOST_TEST(page.find(answer.at("question").get<std::string>().substr(0, 30)) != std::string::npos);
    for (const char* chart : {"no-gain", "array-gain", "column-gain"})
        BOOST_TEST(page.find(chart) != std::string::npos);
    std::string text = read(folder / "shown/nonideal.json");
    text.replace(text.find("\"schema\": 1"), 11, "\"schema\": 9");
    write(folder / "shown/nonideal.json", text);
    const Outcome refused = run({"report", path("shown"), "--force"});
    BOOST_TEST(refused.code == 2);
    BOOST_TEST(refused.err.find("/schema") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_is_set_goes_before_the_preset, Labelled) {
    good(study("set",
               {"--no-cost", "--with", "R", "--set", "cells.on=30kohm", "--set", "wires.kind=separable"}));
    const json devices = result("set").at("devices");
    BOOST_TEST(devices.at("on_ohm") == 30e3);
    BOOST_TEST(devices.at("off_ohm") == 200e3);
    BOOST_TEST(devices.at("wires") == "separable");
    BOOST_TEST(result("set").at("points").size() == 2U);
    for (const json& point : result("set").at("points")) BOOST_TEST(point.at("rearranged") == true);
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_refused_in_one_line, Labelled) {
    BOOST_TEST(refusal({"--network", kNetwork}).find("two networks are called") != std::string::npos);
    BOOST_TEST(refusal({"--size", "16"}).find("--size: 16 is named twice") != std::string::npos);
    BOOST_TEST(refusal({"--network", "nothing.onnx:" + kNetwork}).find("nothing.onnx") != std::string::npos);
    BOOST_TEST(refusal({"--size", "8"}).find("array.rows") != std::string::npos);
    BOOST_TEST(refusal({"--set", "weights.packing=none"}).find("the study sets this key itself") !=
               std::string::npos);
    BOOST_TEST(refusal({"--set", "adc.offset_sigma=0.5"}).find("adc.offset_sigma") != std::string::npos);
    BOOST_TEST(refusal({"--set", "cells.read_noise=0.1"}).find("cells.read_noise") != std::string::npos);
    BOOST_TEST(refusal({"--set", "cells.on=300kohm"}).find("cells.on") != std::string::npos);
    BOOST_TEST(refusal({"--network", "nothing.onnx"}).find("nothing.onnx") != std::string::npos);
    std::vector<std::string> arguments = study("refused");
    *(std::find(arguments.begin(), arguments.end(), "--adc-images") + 1) = "25";
    const Outcome many = run(arguments);
    BOOST_TEST(many.code == 2);
    BOOST_TEST(many.err.find("--adc-images: value 25") != std::string::npos);
    write(folder / "file", "x");
    BOOST_TEST(refusal({"--keep", path("file")}).find("exists and is not a folder") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
