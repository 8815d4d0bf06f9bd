// `sliver study slices` as a user calls it; the shipped networks against what their cards say of each layer,
// which the training scripts counted.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cli_support.h"
#include "config/quantity.h"
#include "config/yaml_document.h"

BOOST_AUTO_TEST_SUITE(cli_study)

using namespace cli_support;
using nlohmann::json;
using sliver::config::YamlNode;

namespace {

const std::string kFixture = (kFixtures / "fixed-point.onnx").string();

/// A sandbox that is $SLIVER_HOME, too: its networks/ are shipped ones beside those of the source tree.
struct Home : Sandbox {
    Home() {
        fs::create_directories(folder / "home/networks/curves");
        ::setenv("SLIVER_HOME", path("home").c_str(), 1);
    }
    ~Home() { ::unsetenv("SLIVER_HOME"); }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    /// A network of the fixture's weights with a card.
    void ship(const std::string& name, const std::string& card) const {
        fs::copy_file(kFixture, folder / "home/networks" / (name + ".onnx"),
                      fs::copy_options::overwrite_existing);
        write(folder / "home/networks" / (name + ".yaml"), "name: " + name + "\n" + card);
    }
    [[nodiscard]] json slices(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"study", "slices", "--force", "--out", path("out")});
        good(arguments);
        return json::parse(read(folder / "out/slices.json"));
    }
};

double number(const YamlNode& map, const std::string& key) {
    BOOST_REQUIRE_MESSAGE(map.find(key) != nullptr, map.where << ": " << key);
    return sliver::config::parse_number(map.find(key)->value.text).value();
}

bool one_line(const std::string& text) {
    return !text.empty() && text.find('\n') == text.size() - 1;
}

bool holds(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

void keys_of(const json& value, std::set<std::string>& keys) {
    for (const auto& [key, item] : value.items()) {
        if (value.is_object()) keys.insert(key);
        if (item.is_structured()) keys_of(item, keys);
    }
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(shipped_cards_say_what_was_counted, Home) {
    std::size_t layers = 0;
    for (const json& network : slices({})["networks"]) {
        const std::string name = network["name"];
        const fs::path file = fs::path(SLIVER_SOURCE_DIR) / "networks" / (name + ".yaml");
        BOOST_TEST_CONTEXT(name) {
            const YamlNode card = sliver::config::parse_yaml(read(file), file.string());
            BOOST_REQUIRE(card.find("sparsity") != nullptr);
            BOOST_TEST(std::fabs(number(card.find("sparsity")->value, "mean") -
                                 network["mean_percent"].get<double>()) < 1e-4);
            BOOST_TEST(network["top1"]["fixed_point"].is_number());
            if (card.find("layers") == nullptr) continue;
            const std::vector<YamlNode>& rows = card.find("layers")->value.items;
            BOOST_REQUIRE(rows.size() == network["layers"].size());
            for (std::size_t i = 0; i < rows.size(); ++i, ++layers) {
                const json& layer = network["layers"][i];
                const auto weights = layer["weights"].get<double>();
                BOOST_TEST(weights == number(rows[i], "weights"));
                BOOST_TEST(layer["largest_code"].get<double>() == number(rows[i], "max_code"));
                BOOST_TEST(std::fabs(100 * layer["zero_weights"].get<double>() / weights -
                                     number(rows[i], "zero_weights_percent")) < 1e-3);
                const YamlNode& shares = rows[i].find("nonzero_B3_B2_B1_B0_percent")->value;
                for (std::size_t slice = 0; slice < 4; ++slice)
                    BOOST_TEST(std::fabs(layer["nonzero_percent"][slice].get<double>() -
                                         sliver::config::parse_number(shares.items[3 - slice].text).value()) <
                               1e-4);
            }
        }
    }
    if (layers == 0) BOOST_TEST_MESSAGE("SKIPPED: no network ships yet");
}

BOOST_FIXTURE_TEST_CASE(the_table_is_the_same_every_time, Home) {
    ship("vgg11-cifar10-l1", "network: vgg11\nmethod: l1\ndata: {set: cifar10}\ntop1: {fixed_point: 0.9}\n");
    const auto table = [&](const std::string& out) {
        return good({"study", "slices", "--layers", "--network", "vgg11-cifar10-l1", "--network", kFixture,
                     "--network", (kFixtures / "mlp-gemm.onnx").string(), "--out", path(out)});
    };
    const std::string first = table("a"), second = table("b");
    BOOST_TEST(first.substr(0, first.find("Results:")) == second.substr(0, second.find("Results:")));
    BOOST_TEST((snapshot(folder / "a") == snapshot(folder / "b")));
    BOOST_TEST(holds(first, "vgg11-cifar10-l1 against the paper's l1"));
    BOOST_TEST(holds(first, "vgg11-cifar10-l1, by layer"));
}

BOOST_FIXTURE_TEST_CASE(a_network_without_card_and_other_slices, Home) {
    const std::string text = good({"study", "slices", "--network", kFixture});
    BOOST_TEST(holds(text, "fixed-point"));
    BOOST_TEST(!holds(text, "VGG-11 on CIFAR-10"));  // its group alone
    BOOST_TEST(!holds(text, "Not shipped"));
    const std::string unranged = (kFixtures / "mlp-gemm.onnx").string();  // without activation ranges
    for (const int bits : {1, 2, 4}) {
        const json result =
            slices({"--slice-bits", std::to_string(bits), "--network", kFixture, "--network", unranged});
        for (const json& network : result["networks"]) {
            BOOST_TEST(network["nonzero_percent"].size() == static_cast<std::size_t>(8 / bits));
            BOOST_TEST(network["adc_bits_widest"].size() == static_cast<std::size_t>(8 / bits));
        }
        BOOST_TEST(result["networks"].size() == 2U);
        BOOST_TEST(result["paper"].empty());  // no such group, or other slices
    }
}

BOOST_FIXTURE_TEST_CASE(the_output_is_taken_by_name, Sandbox) {
    const std::string images = (fs::path(SLIVER_SOURCE_DIR) / "tests/data/onnx/mlp-gemm.input.npy").string();
    for (const std::string study : {"slices", "adc", "nonideal"}) {
        std::vector<std::string> command = {"study",    study,  "--network", "mlp-mnist-bitslice",
                                            "--logits", "wrong"};
        if (study != "slices") command.insert(command.end(), {"--images", images});
        const Outcome outcome = run(command);
        BOOST_TEST(outcome.code == 2, study);
        BOOST_TEST(
            outcome.err.find("has no output 'wrong' (--logits); there is 'logits'") != std::string::npos,
            outcome.err);
    }
    BOOST_TEST(good({"study", "slices", "--network", "mlp-mnist-bitslice", "--logits", "logits"}) ==
               good({"study", "slices", "--network", "mlp-mnist-bitslice"}));
    const auto sweep = [&](const std::string& output) {
        write(folder / "s.yaml",
              "name: s\nfixed:\n  chip: small\n  network: mlp-mnist-bitslice\n  logits: " + output +
                  "\naxes:\n  adc.bits: [6, 7]\nobjectives: [energy_per_image_j]\n");
        return run({"sweep", path("s.yaml"), "--list"});
    };
    BOOST_TEST(sweep("wrong").err.find("has no output 'wrong'") != std::string::npos);
    BOOST_TEST(sweep("logits").code == 0);
}

// Slices and widths by slice are what these studies are about.
BOOST_FIXTURE_TEST_CASE(digit_columns_are_another_question, Sandbox) {
    write(folder / "digits.yaml", "name: digits\nweights: {digits: packed}\n");
    for (const std::string study : {"slices", "adc"}) {
        const Outcome outcome =
            run({"study", study, "--network", "mlp-mnist-bitslice", "--chip", path("digits.yaml")});
        BOOST_TEST(outcome.code == 2, study);
        BOOST_TEST(outcome.err.find("weights.digits: value packed") != std::string::npos, outcome.err);
    }
}

BOOST_FIXTURE_TEST_CASE(every_key_is_documented, Home) {
    ship("vgg11-cifar10-l1", "network: vgg11\nmethod: l1\ndata: {set: cifar10}\ntop1: {fixed_point: 0.9}\n");
    write(folder / "home/networks/curves/c.csv",
          "network,data,method,alpha,prune,column_bits,epochs,seed,top1,B3,B2,B1,B0,mean,std,adc_bits_worst,"
          "note\n"
          "vgg11,cifar10,l1,20,0.9,,10,1,0.89,1,2,3,6,3,1.8708,5.1,x\n");
    const json result = slices({});
    std::size_t ours = 0;  // beside those of the source tree
    for (const json& point : result["curves"]) ours += point["note"] == "x" ? 1U : 0U;
    BOOST_TEST(ours == 1U);
    BOOST_TEST(result["paper"].size() == 9U);
    const std::string page = read(fs::path(SLIVER_SOURCE_DIR) / "docs/studies.md");
    std::set<std::string> keys;
    keys_of(result, keys);
    BOOST_TEST(keys.size() > 30U);
    std::string header = read(folder / "out/slices.csv");
    header.erase(header.find('\n'));
    for (std::size_t begin = 0, end = 0; end < header.size(); begin = end + 1) {
        end = std::min(header.find(',', begin), header.size());
        const std::string column = header.substr(begin, end - begin);
        if (column != "B2" && column != "B1") keys.insert(column);  // `B3` to `B0`
    }
    for (const std::string& key : keys) BOOST_TEST(holds(page, "`" + key + "`"), key);
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_said_in_one_line, Home) {
    const auto refused = [&](const std::vector<std::string>& more, const std::string& words) {
        std::vector<std::string> arguments = {"study", "slices", "--out", path("out")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Outcome outcome = run(arguments);
        BOOST_TEST(outcome.code == 2, words);
        BOOST_TEST(outcome.out == "");
        BOOST_TEST(one_line(outcome.err), outcome.err);
        BOOST_TEST(holds(outcome.err, words), outcome.err);
        BOOST_TEST(!fs::exists(folder / "out"));
    };
    refused({"--network", "nothing"}, "no such network");
    refused({"--network", kFixture, "--network", kFixture}, "two networks are called fixed-point");
    refused({"--slice-bits", "3"}, "--slice-bits");
    refused({"--network", kFixture, "--chip", "none"}, "no such chip");
    write(folder / "narrow.yaml", "name: narrow\nweights: {bits: 7}\n");
    refused({"--network", kFixture, "--chip", path("narrow.yaml")}, "weights.bits: value 7");
    write(folder / "offset.yaml", "name: offset\nweights: {encoding: offset}\n");
    refused({"--network", kFixture, "--chip", path("offset.yaml")}, "weights.encoding");
    ship("bad-share", "sparsity: {B3: 99.5}\n");
    refused({"--network", "bad-share"},
            "bad-share.yaml:2:16: sparsity.B3: value 99.5: counted in the network's file");
    refused({"--network", "bad-share", "--slice-bits", "4"}, "sparsity.B3");
    ship("bad-share", "sha256: abc\n");
    refused({"--network", "bad-share"}, "sha256: value abc");
    ship("bad-share", "top1: {sliver: 93}\n");
    refused({"--network", "bad-share"}, "top1.sliver: value 93: must be a number from 0 to 1");
    ship("bad-share", "method: l1\n");
    write(folder / "home/networks/curves/c.csv", "network\n");
    refused({}, "c.csv:1: 1 columns: wanted 17");
    fs::create_directories(folder / "used");
    write(folder / "used/mine.txt", "keep");
    const Outcome used = run({"study", "slices", "--network", kFixture, "--out", path("used")});
    BOOST_TEST(used.code == 2);
    BOOST_TEST(holds(used.err, "the folder is in use"));
    BOOST_TEST(read(folder / "used/mine.txt") == "keep");
    BOOST_TEST(run({"study"}).code == 2);
    BOOST_TEST(holds(run({"study", "slice"}).err, "did you mean slices?"));
}

BOOST_AUTO_TEST_SUITE_END()
