// The command line for machines: one JSON document in place of texts, tables that fit a terminal, the commit.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "cli_labelled_images.h"
#include "cli_support.h"
#include "results/wrapped_text.h"

BOOST_AUTO_TEST_SUITE(cli_machines)

using namespace cli_support;
using Json = nlohmann::ordered_json;

namespace {

Json document(const Sandbox& box, std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const std::string text = box.good(arguments);
    BOOST_TEST(text.back() == '\n');
    return Json::parse(text);  // refuses anything beside the document
}

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

/// Lines of `text` that are wider than `width`, in one text.
std::string wider_than(std::size_t width, const std::string& text) {
    std::string wide;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        if (sliver::results::width_of(line) > width) wide += line + "\n";
        begin = end + 1;
    }
    return wide;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(lists_are_objects_with_the_same_keys_each, Sandbox) {
    const std::map<std::string, std::vector<std::string>> kinds = {
        {"chips", {"name", "summary"}},
        {"networks", {"name", "summary"}},
        {"images", {"name", "folder"}},
        {"adc-laws", {"name", "summary"}},
        {"policies", {"name", "summary"}},
        {"accountings", {"name", "summary"}},
        {"keys", {"name", "default", "meaning", "accepts"}},
        {"actions", {"name", "unit", "summary"}},
        {"metrics", {"name", "unit", "better", "summary"}},
        {"unit-costs", {"name", "value_32nm", "unit", "summary"}},
        {"registers", {"offset", "name", "access", "meaning"}}};
    for (const auto& [kind, keys] : kinds) {
        const Json list = document(*this, {"list", kind});
        BOOST_REQUIRE_MESSAGE(!list.empty(), kind);
        const std::string text = good({"list", kind});
        for (const Json& entry : list) {
            BOOST_TEST(keys_of(entry) == keys, boost::test_tools::per_element());
            BOOST_TEST(text.find(entry["name"].get<std::string>()) != std::string::npos);
        }
    }
    BOOST_TEST(document(*this, {"list", "registers"})[1]["offset"].is_number_unsigned());
    BOOST_TEST(run({"list", "registers", "--json", "--format", "c"}).code == 2);
}

BOOST_FIXTURE_TEST_CASE(check_tells_programs_what_it_tells_people, Sandbox) {
    const std::string network = (kFixtures / "vgg-opset13.onnx").string();
    const Json both = document(*this, {"check", "small", network});
    BOOST_TEST(keys_of(both) == (std::vector<std::string>{"chip", "network", "fit"}),
               boost::test_tools::per_element());
    const Json chip = both["chip"];
    BOOST_TEST(chip["arrays"] == chip["tiles"].get<int>() * chip["processing_elements_per_tile"].get<int>() *
                                     chip["arrays_per_processing_element"].get<int>());
    std::size_t crossbars = 0, weights = 0;
    BOOST_TEST(both["fit"]["layers"].size() == both["network"]["layers"].size());
    for (const Json& layer : both["fit"]["layers"]) crossbars += layer["crossbars"].get<std::size_t>();
    for (const Json& layer : both["network"]["layers"])
        weights += layer["rows"].get<std::size_t>() * layer["outputs"].get<std::size_t>();
    BOOST_TEST(both["fit"]["crossbars"] == crossbars);
    BOOST_TEST(both["network"]["weights"] == weights);
    // As a run has them.
    good(fixture_run("vgg-opset13", {"--adc", "worst-case", "--out", path("run")}));
    const Json stats = Json::parse(read(folder / "run/stats.json"));
    BOOST_TEST(both["fit"]["tiles"] == stats["totals"]["tiles"]);
    for (std::size_t i = 0; i < stats["layers"].size(); ++i)
        BOOST_TEST(both["fit"]["layers"][i]["adc_bits_worst_case"] ==
                   stats["layers"][i]["adc_worst_case"]["bits"]);
    BOOST_TEST(keys_of(document(*this, {"check", "small"})) == std::vector<std::string>{"chip"},
               boost::test_tools::per_element());
    BOOST_TEST(document(*this, {"check", "prices"})["sweep"]["points"] == 231);
    const Outcome wrong = run({"check", "nothing.yaml", "--json"});
    BOOST_TEST(wrong.code == 2);
    BOOST_TEST(wrong.out == "");
}

BOOST_FIXTURE_TEST_CASE(eval_agrees_with_the_run, Sandbox) {
    const std::string network = (kFixtures / "vgg-opset13.onnx").string();
    write_labelled_images(*this, network, 12, 3);
    const std::vector<std::string> inputs = {
        "--chip",           "small",    "--network",        network, "--images",
        path("images.npy"), "--labels", path("labels.npy"), "--adc", "4"};
    std::vector<std::string> evaluated = {"eval"},
                             ran = {"run", "--functional-count", "12", "--out", path("run")};
    evaluated.insert(evaluated.end(), inputs.begin(), inputs.end());
    ran.insert(ran.end(), inputs.begin(), inputs.end());
    const Json json = document(*this, evaluated);
    good(ran);
    const Json stats = Json::parse(read(folder / "run/stats.json"));
    BOOST_TEST(json["accuracy"] == stats["accuracy"]);
    BOOST_TEST(json["network_sha256"] == stats["run"]["network_sha256"]);
    BOOST_TEST(json["functional_images"] == 12);
    BOOST_TEST(json["adc_lossless"] == stats["run"]["adc_lossless"]);
    BOOST_REQUIRE(json["layers"].size() == stats["layers"].size());
    for (std::size_t i = 0; i < stats["layers"].size(); ++i) {
        const Json &own = json["layers"][i], &other = stats["layers"][i];
        BOOST_TEST(own["name"] == other["name"]);
        BOOST_TEST(own["adc_bits"] == other["adc_bits"]);
        BOOST_TEST(own["adc_bits_seen"] == other["adc_seen"]["bits"]);
        BOOST_TEST(own["largest_sum_seen"] == other["adc_seen"]["largest_sum"]);
        BOOST_TEST(own["functional_clipped_by_slice"] == other["functional_clipped_by_slice"]);
    }
    // Slice 0 first: the table on the terminal begins with the other end.
    std::string shown;
    for (const Json& bits : json["layers"][0]["adc_bits_seen"])
        shown = std::to_string(bits.get<int>()) + (shown.empty() ? "" : " ") + shown;
    BOOST_TEST(good(evaluated).find(shown) != std::string::npos);
    BOOST_TEST(document(*this, evaluated).dump() == json.dump());
    evaluated.emplace_back("--golden");
    BOOST_TEST(document(*this, evaluated)["executor"] == "golden");
}

BOOST_FIXTURE_TEST_CASE(compare_and_front_print_their_documents, Sandbox) {
    const std::string images = (kFixtures / "vgg-opset13.input.npy").string();
    fs::copy_file(kFixtures / "vgg-opset13.onnx", folder / "a.onnx");
    fs::copy_file(kFixtures / "vgg-opset13.onnx", folder / "b.onnx");
    const std::string out =
        good({"compare", "--chip", "small", "--networks", path("a.onnx") + "," + path("b.onnx"), "--images",
              images, "--count", "1", "--out", path("both"), "--json"});
    BOOST_TEST(out == read(folder / "both/compare.json"));

    write(folder / "sweep.yaml", "name: laws\nfixed: {chip: small, network: " + path("a.onnx") +
                                     ", images: " + images +
                                     ", adc.policy: fixed}\naxes:\n  cost.technology: [32 nm, 22 nm]\n"
                                     "objectives: [energy_per_image_j, area_mm2]\n");
    good({"sweep", path("sweep.yaml"), "--out", path("laws")});
    const Json front = document(*this, {"front", path("laws")});
    const Json sweep = Json::parse(read(folder / "laws/sweep.json"));
    BOOST_TEST(front["objectives"] == sweep["objectives"]);
    std::size_t on_front = 0;
    for (const Json& point : sweep["points"]) on_front += point["front"].get<bool>() ? 1 : 0;
    BOOST_TEST(front["points"].size() == on_front);
    for (const Json& point : front["points"]) {
        const Json& other = sweep["points"][point["number"].get<std::size_t>() - 1];
        BOOST_TEST(point["id"] == other["id"]);
        BOOST_TEST(point["values"] == other["values"]);
    }
    BOOST_TEST(front["chosen"] == sweep["points"][sweep["chosen"].get<std::size_t>()]["number"]);
    BOOST_TEST(run({"front", path("laws"), "--json", "--csv"}).code == 2);
}

BOOST_FIXTURE_TEST_CASE(what_the_shipped_networks_give_fits_80_columns, Sandbox) {
    terminal_columns = "80";
    const auto fits = [&](const std::vector<std::string>& arguments) {
        BOOST_TEST(wider_than(80, good(arguments)) == "", arguments[0] << " " << arguments[1]);
    };
    for (const char* kind : {"chips", "networks", "images", "adc-laws", "policies", "accountings", "keys",
                             "actions", "metrics", "unit-costs", "registers"})
        fits({"list", kind});
    fits({"check", "isaac", "vgg11-fashion-dense"});
    fits({"check", "prices"});
    fits({"run", "--chip", "isaac", "--network", "vgg11-fashion-dense", "--settle", "0", "--out",
          path("run")});
    fits({"cost", path("run")});
    fits({"cost", path("run"), "--all-laws"});
    fits({"eval", "--chip", "isaac", "--network", "vgg11-fashion-bitslice", "--count", "2"});
    fits({"study", "slices", "--network", "vgg11-fashion-bitslice", "--layers"});
    fits({"crossbar", "solve", "--resistances", SLIVER_SOURCE_DIR "/docs/examples/crossbar-ohms.npy",
          "--voltages", SLIVER_SOURCE_DIR "/docs/examples/crossbar-volts.npy", "--r-driver", "1", "--r-row",
          "1", "--r-col", "1", "--r-sense", "1"});
    fits({"sweep", "prices", "--out", path("prices")});
    fits({"sweep", "prices", "--out", path("prices"), "--list"});
    fits({"front", path("prices")});
    const std::string narrow = good({"front", path("prices")});
    // Told in parts, each with the points that it is about.
    static const std::regex kPoint("\n    [0-9a-f]{16} ");
    std::smatch first;
    BOOST_TEST_REQUIRE(std::regex_search(narrow, first, kPoint));
    BOOST_TEST(narrow.find(first.str()) != narrow.rfind(first.str()));
    terminal_columns = "200";
    BOOST_TEST(wider_than(80, good({"front", path("prices")})) != "");
    // Without a word about it, 80: the output is no terminal here.
    terminal_columns = "";
    BOOST_TEST(good({"front", path("prices")}) == narrow);
    // Files are for every terminal.
    BOOST_TEST(wider_than(80, read(folder / "prices/sweep.txt")) != "");
}

BOOST_FIXTURE_TEST_CASE(compare_fits_80_columns, Sandbox) {
    terminal_columns = "80";
    const std::string text = good({"compare", "--chip", "isaac", "--networks",
                                   "vgg11-fashion-dense,vgg11-fashion-bitslice", "--count", "1"});
    BOOST_TEST(wider_than(80, text) == "");
    BOOST_TEST(text.find("vgg11-fashion-\n") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_version_names_the_commit, Sandbox) {
    const std::string text = good({"--version"});
    BOOST_TEST(
        std::regex_match(
            text, std::regex("sliver [0-9.]+, commit (unknown \\(built outside git\\)|[0-9a-zA-Z._-]+)\n")),
        text);
}

BOOST_AUTO_TEST_SUITE_END()
