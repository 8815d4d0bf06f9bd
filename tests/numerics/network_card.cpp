// Cards: the shipped ones read, a wrong type named with file, line and key, anything else left alone.
#include <boost/test/unit_test.hpp>

#include "network/card.h"
#include "network_test_support.h"

BOOST_AUTO_TEST_SUITE(network_card)

namespace fs = std::filesystem;
using namespace sliver::network;
using test::one_line_with;

namespace {

std::string refusal_of(const std::string& text) {
    const test::TemporaryFolder folder;
    const fs::path path = folder.write("net.yaml", text);
    return test::refusal([&] { static_cast<void>(read_card(path)); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_card_gives_the_normalisation) {
    const test::TemporaryFolder folder;
    folder.write("net.yaml",
                 "name: net\nsummary: a network\narchitecture: two layers\nsha256: abc\nseed: 7\nlayers: "
                 "[{name: fc}]\n"
                 "data:\n  set: fashion-mnist\n  pad: 2\n  mean: [0.286]\n  std: [0.353]\n  classes: [boot, "
                 "bag]\n  note: x\n");
    const auto card = find_card(folder.path() / "net.onnx.gz");
    BOOST_REQUIRE(card.has_value());
    BOOST_TEST(card->name == "net");
    BOOST_TEST(card->summary == "a network");
    BOOST_TEST(card->architecture == "two layers");
    BOOST_TEST(card->sha256 == "abc");
    BOOST_TEST(card->data_set == "fashion-mnist");
    BOOST_TEST((card->classes == std::vector<std::string>{"boot", "bag"}));
    const ImageOptions options = card->image_options();
    BOOST_TEST(options.pad == 2);
    BOOST_TEST((options.mean == std::vector<double>{0.286}));
    BOOST_TEST((options.std == std::vector<double>{0.353}));
    BOOST_TEST(!find_card(folder.path() / "other.onnx").has_value());
    BOOST_TEST(card_path("a/b.onnx") == fs::path("a/b.yaml"));
    BOOST_TEST(card_path("a/b.v2.onnx.gz") == fs::path("a/b.v2.yaml"));
}

BOOST_AUTO_TEST_CASE(shipped_cards_can_be_read) {
    int cards = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(SLIVER_SOURCE_DIR) / "networks"))
        if (entry.path().extension() == ".yaml") {
            const NetworkCard card = read_card(entry.path());
            BOOST_TEST(card.name == entry.path().stem().string());
            BOOST_TEST(!card.summary.empty());
            BOOST_TEST(!card.mean.empty());
            BOOST_TEST(card.mean.size() == card.std.size());
            ++cards;
        }
    if (cards == 0) BOOST_TEST_MESSAGE("SKIPPED: no network ships yet");
}

BOOST_AUTO_TEST_CASE(wrong_types_are_named) {
    BOOST_TEST(refusal_of("name: x\n") == "");
    BOOST_TEST(one_line_with(refusal_of("summary: x\n"), "net.yaml:1:1: name: is missing"));
    BOOST_TEST(one_line_with(refusal_of("name: [1]\n"), ":1:7: name: value [1]: must be a text"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata: 3\n"), ":2:7: data: value 3: must be a map"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  pad: two\n"),
                             ":3:8: pad: value two: must be a whole number"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  pad: 1.5\n"), "must be a whole number"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  pad: -1\n"), "must be a whole number"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  pad: 99999999999999999999\n"),
                             "must be a whole number from 0 to 1024"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  mean: [0.1, .nan]\n"),
                             ":3:15: mean: value .nan: must be a finite number"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  mean: [1e999]\n"), "must be a finite number"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  mean: {a: 1}\n"), "mean:", "must be a list"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  std: [0]\n"), "std:", "must be positive"));
    BOOST_TEST(one_line_with(refusal_of("name: x\ndata:\n  classes: 10\n"), "must be a list of names"));
    BOOST_TEST(one_line_with(refusal_of("- x\n"), "must be a map"));
    BOOST_TEST(one_line_with(refusal_of(""), "must be a map"));
    BOOST_TEST(one_line_with(refusal_of("name: [x\n"), "net.yaml:"));
    BOOST_TEST(one_line_with(refusal_of(std::string("\0\x01\xFF", 3)), "net.yaml"));
    BOOST_TEST(one_line_with(test::refusal([] { static_cast<void>(read_card("/nowhere/x.yaml")); }),
                             "/nowhere/x.yaml: no such file"));
}

BOOST_AUTO_TEST_CASE(a_card_holds_nothing_that_steers_a_terminal) {
    for (const char* text : {"name: x\nsha256: \"a\\e[31m\"\n", "name: x\nsha256: \"a\\u202Eb\"\n",
                             "name: x\nsha256: a\xC2\x9B\n", "name: x\nsha256: a\xE2\x80\xAE\n"}) {
        const std::string said = refusal_of(text);
        BOOST_TEST(one_line_with(said, "net.yaml:2:"));
        BOOST_TEST(said.find_first_of("\x1b\xC2\xE2") == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
