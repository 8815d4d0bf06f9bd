// sliver decompose: a network file that runs like any other, on fewer columns, and what is refused.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "cli_support.h"
#include "network/npy.h"

BOOST_AUTO_TEST_SUITE(cli_decompose)

using namespace cli_support;
using nlohmann::json;

BOOST_FIXTURE_TEST_CASE(a_decomposed_network_runs_like_any_other, Sandbox) {
    const std::string said = good(
        {"decompose", "mlp-mnist-dense", "--chip", "small", "--average", "1.5", "--out", path("swis.onnx")});
    BOOST_TEST(said.find("digits of 2 bits, at any position") != std::string::npos);
    BOOST_TEST(said.find("with its card " + path("swis.yaml")) != std::string::npos);
    // The card knows the digest, the data set and the command.
    const std::string card = read(folder / "swis.yaml");
    BOOST_TEST(card.find("set: \"mnist\"") != std::string::npos);
    BOOST_TEST(
        card.find(
            "sliver decompose mlp-mnist-dense --chip small --scheme swis --error mse++ --average 1.5") !=
        std::string::npos);
    // On few columns, or on all: the same logits.
    std::vector<float> pixels;
    for (std::size_t i = 0; i < std::size_t{4} * 28 * 28; ++i)
        pixels.push_back(static_cast<float>(i * i % 251) / 251);
    write(folder / "images.npy", sliver::network::npy_bytes({4, 1, 28, 28}, pixels));
    const auto logits = [&](const std::string& digits) {
        good({"run", "--chip", "small", "--network", path("swis.onnx"), "--images", path("images.npy"),
              "--count", "3", "--adc", "worst-case", "--settle", "0", "--set", "weights.digits=" + digits,
              "--out", path(digits)});
        return read(folder / digits / "logits.npy");
    };
    const std::string all = logits("slices");
    for (const char* digits : {"packed", "planes", "shared"}) BOOST_TEST(logits(digits) == all, digits);
    const auto arrays = [&](const std::string& digits) {
        return json::parse(read(folder / digits / "stats.json")).at("totals").at("crossbars").get<int>();
    };
    BOOST_TEST(arrays("shared") < arrays("packed"));
    BOOST_TEST(arrays("packed") <= arrays("slices"));
    // It is in its file's own integers, and says so.
    BOOST_TEST(good({"check", "small", path("swis.onnx"), "--set", "weights.digits=shared"})
                   .find("the file's own integers, in 2 layers") != std::string::npos);
    // Decomposed again with as many digits: nothing changes but names.
    BOOST_TEST(good({"decompose", path("swis.onnx"), "--chip", "small", "--digits", "4", "--out",
                     path("again.onnx")})
                   .find(" 0.0 %") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(every_option_makes_another_network, Sandbox) {
    const auto made = [&](const std::string& name, std::vector<std::string> more) {
        std::vector<std::string> command = {"decompose", "mlp-mnist-dense", "--chip",
                                            "small",     "--out",           path(name)};
        command.insert(command.end(), more.begin(), more.end());
        good(command);
        return read(folder / name);
    };
    const std::string plain = made("a.onnx", {"--digits", "1"});
    BOOST_TEST((made("b.onnx", {"--digits", "1", "--error", "mse"}) != plain));
    BOOST_TEST((made("c.onnx", {"--digits", "2"}) != plain));
    BOOST_TEST((made("d.onnx", {"--digits", "1", "--rows", "32"}) != plain));
    BOOST_TEST((made("e.onnx", {"--digits", "1", "--cell-bits", "1"}) != plain));
    const std::string two = made("f.onnx", {"--digits", "2", "--cell-bits", "1"});
    BOOST_TEST((made("g.onnx", {"--digits", "2", "--cell-bits", "1", "--scheme", "swis-c"}) != two));
    BOOST_TEST((made("h.onnx", {"--digits", "2", "--cell-bits", "1", "--average", "1.5"}) != two));
    // As many threads as one likes.
    BOOST_TEST((made("i.onnx", {"--digits", "1", "--threads", "1"}) == plain));
}

BOOST_FIXTURE_TEST_CASE(only_its_own_files_are_replaced, Sandbox) {
    const auto decompose = [&](std::vector<std::string> more) {
        std::vector<std::string> command = {"decompose", "mlp-mnist-dense", "--digits",
                                            "1",         "--out",           path("x.onnx")};
        command.insert(command.end(), more.begin(), more.end());
        return run(command);
    };
    BOOST_TEST(decompose({}).code == 0);
    const std::string first = read(folder / "x.onnx");
    BOOST_TEST(decompose({}).code == 2);
    BOOST_TEST(decompose({"--force"}).code == 0);
    BOOST_TEST((read(folder / "x.onnx") == first));
    // An edited card, and a network of somebody else's.
    write(folder / "x.yaml", read(folder / "x.yaml") + "# mine\n");
    const Outcome card = decompose({"--force"});
    BOOST_TEST(card.code == 2);
    BOOST_TEST(card.err.find("x.yaml") != std::string::npos, card.err);
    BOOST_TEST((read(folder / "x.onnx") == first));
    fs::remove(folder / "x.yaml");
    write(folder / "x.onnx", "mine");
    BOOST_TEST(decompose({"--force"}).code == 2);
    BOOST_TEST((read(folder / "x.onnx") == "mine"));
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_named, Sandbox) {
    const auto refusal = [&](std::vector<std::string> more) {
        std::vector<std::string> command = {"decompose", "mlp-mnist-dense"};
        command.insert(command.end(), more.begin(), more.end());
        if (std::find(more.begin(), more.end(), "--out") == more.end())
            command.insert(command.end(), {"--out", path("x.onnx")});
        const Outcome outcome = run(command);
        BOOST_TEST(outcome.code == 2);
        BOOST_TEST(!fs::exists(folder / "x.onnx"));
        return outcome.err;
    };
    const auto names = [&](const std::vector<std::string>& more, const std::string& text) {
        const std::string said = refusal(more);
        BOOST_TEST(said.find(text) != std::string::npos, said);
    };
    names({}, "--digits or --average is required");
    names({"--digits", "1", "--scheme", "shift"}, "--scheme: value shift: must be swis or swis-c");
    names({"--digits", "1", "--error", "max"}, "--error: value max: must be mse or mse++");
    names({"--average", "0"}, "--average: value 0: must be a number above 0");
    names({"--average", "9"}, "--average: value 9");
    names({"--digits", "5"}, "--digits: value 5: weights of 8 bits have room for 1 to 4 digits of 2 bits");
    names({"--digits", "1", "--cell-bits", "5"}, "array.cell_bits: value 5");
    names({"--digits", "1", "--set", "weights.encoding=offset"}, "weights.digits");
    names({"--digits", "1", "--out", path("x.npz")}, "must end in .onnx");
}

BOOST_AUTO_TEST_SUITE_END()
