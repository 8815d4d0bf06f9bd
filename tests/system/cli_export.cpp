// An exported network says enough to compute the logits without Sliver: this file does, from docs/results.md
// alone. Exported maps are what the chip computes, node by node.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>

#include "cli_support.h"
#include "network/npy.h"

BOOST_AUTO_TEST_SUITE(cli_export)

using namespace cli_support;
using sliver::network::NpyArray;

namespace {

std::uint32_t little(const std::string& bytes, std::size_t at, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return value;
}

/// Stored (not packed) entries of a zip, from their local headers.
std::map<std::string, NpyArray> unzip(const std::string& bytes) {
    std::map<std::string, NpyArray> arrays;
    std::size_t at = 0;
    while (little(bytes, at, 4) == 0x04034b50) {
        BOOST_REQUIRE(little(bytes, at + 8, 2) == 0U);
        const std::size_t size = little(bytes, at + 18, 4), name = little(bytes, at + 26, 2),
                          extra = little(bytes, at + 28, 2);
        std::string title = bytes.substr(at + 30, name);
        BOOST_REQUIRE(title.size() > 4);
        title.erase(title.size() - 4);
        arrays[title] = sliver::network::parse_npy(bytes.substr(at + 30 + name + extra, size), title);
        at += 30 + name + extra + size;
    }
    return arrays;
}

std::int64_t round_half_even(std::int64_t value, int shift) {
    if (shift <= 0) return value << -shift;
    return static_cast<std::int64_t>(std::nearbyint(std::ldexp(static_cast<double>(value), -shift)));
}

class Exported {
  public:
    explicit Exported(const fs::path& file) : arrays_(unzip(read(file))) {}
    [[nodiscard]] const NpyArray& array(const std::string& name) const { return arrays_.at(name); }
    [[nodiscard]] std::int64_t at(const std::string& name, std::size_t i = 0) const {
        return arrays_.at(name).integer(i);
    }
    [[nodiscard]] std::string text(const std::string& name) const { return arrays_.at(name).bytes; }

    /// A chain of fully connected layers.
    [[nodiscard]] std::vector<std::int64_t> logits(std::vector<std::int64_t> values) const {
        for (std::size_t layer = 0; layer < array("layer_order").size(); ++layer) {
            const std::string prefix = "layer0" + std::to_string(layer) + ".";
            const auto node = static_cast<std::size_t>(at("layer_order", layer));
            const std::size_t outputs = array(prefix + "codes").shape[0],
                              rows = array(prefix + "codes").shape[1];
            BOOST_REQUIRE(rows == values.size());
            const auto exponent =
                static_cast<int>(at(prefix + "weight_exponent") + at(prefix + "input_exponent"));
            const int shift = static_cast<int>(at(prefix + "output_exponent")) - exponent;
            std::vector<std::int64_t> next;
            for (std::size_t o = 0; o < outputs; ++o) {
                std::int64_t sum = at(prefix + "bias", o);
                for (std::size_t r = 0; r < rows; ++r)
                    sum +=
                        at(prefix + "signs", o * rows + r) * at(prefix + "codes", o * rows + r) * values[r];
                if (at("node_flags", 3 * node) == 1) sum = std::max<std::int64_t>(sum, 0);
                if (at("node_flags", 3 * node + 2) == 0) {
                    sum = round_half_even(sum, shift);
                    const std::int64_t bits = at("node_format", 3 * node + 1),
                                       is_signed = at("node_format", 3 * node);
                    const std::int64_t top = (std::int64_t{1} << (bits - is_signed)) - 1;
                    sum = std::clamp<std::int64_t>(sum, is_signed == 1 ? -top - 1 : 0, top);
                }
                next.push_back(sum);
            }
            values = next;
        }
        return values;
    }

  private:
    std::map<std::string, NpyArray> arrays_;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(logits_from_the_arrays_are_the_chip_s, Sandbox) {
    const std::string network = (kFixtures / "mlp-gemm.onnx").string(),
                      images = (kFixtures / "mlp-gemm.input.npy").string();
    good(fixture_run("mlp-gemm", {"--count", "4", "--calibrate", images, "--out", path("run")}));
    good({"export", network, "--calibrate", images, "--out", path("net.npz")});
    const Exported exported(folder / "net.npz");
    const NpyArray pixels = sliver::network::read_npy(images),
                   logits = sliver::network::read_npy(folder / "run/logits.npy");
    const std::size_t size = pixels.size() / 4, classes = logits.size() / 4;
    const auto exponent = static_cast<int>(exported.at("node_format", 2));
    const std::int64_t is_signed = exported.at("node_format", 0);
    for (std::size_t image = 0; image < 4; ++image) {
        std::vector<std::int64_t> codes;
        for (std::size_t i = 0; i < size; ++i) {
            const double code = std::nearbyint(std::ldexp(double{pixels.real(image * size + i)}, -exponent));
            codes.push_back(static_cast<std::int64_t>(
                std::clamp(code, is_signed == 1 ? -128.0 : 0.0, is_signed == 1 ? 127.0 : 255.0)));
        }
        const std::vector<std::int64_t> computed = exported.logits(codes);
        BOOST_REQUIRE(computed.size() == classes);
        for (std::size_t c = 0; c < classes; ++c)
            BOOST_TEST(computed[c] == logits.integer(image * classes + c));
    }
}

BOOST_FIXTURE_TEST_CASE(the_archive_is_as_documented, Sandbox) {
    good({"export", (kFixtures / "fixed-point.onnx").string(), "--out", path("net.npz")});
    const Exported exported(folder / "net.npz");
    BOOST_TEST(exported.at("format") == 2);
    BOOST_TEST(exported.text("name") == "fixed-point");
    const std::string names = exported.text("node_names");
    const std::size_t nodes = exported.array("node_kind").size();
    BOOST_TEST(static_cast<std::size_t>(std::count(names.begin(), names.end(), '\n')) == nodes);
    BOOST_TEST(exported.array("node_window").shape[0] == nodes);
    BOOST_TEST(exported.array("node_window").shape[1] == 10U);
    BOOST_TEST(exported.at("node_kind", 0) == 0);
    BOOST_TEST(exported.at("node_inputs", 0) == -1);
    for (std::size_t layer = 0; layer < exported.array("layer_order").size(); ++layer) {
        const std::string prefix = "layer0" + std::to_string(layer) + ".";
        BOOST_TEST(exported.at("node_kind", static_cast<std::size_t>(exported.at("layer_order", layer))) ==
                   1);
        const NpyArray &codes = exported.array(prefix + "codes"), &signs = exported.array(prefix + "signs");
        BOOST_TEST((codes.type == sliver::network::NpyType::uint8));
        BOOST_TEST((signs.type == sliver::network::NpyType::int8));
        for (std::size_t i = 0; i < codes.size(); ++i)
            if ((codes.integer(i) == 0) != (signs.integer(i) == 0))
                BOOST_ERROR(prefix << " sign without magnitude");
        std::int64_t product = 1;
        for (std::size_t i = 0; i < 4; ++i) product *= exported.at(prefix + "shape", i);
        BOOST_TEST(product == static_cast<std::int64_t>(codes.size()));
    }
}

BOOST_FIXTURE_TEST_CASE(the_same_network_gives_the_same_file, Sandbox) {
    const std::string network = (kFixtures / "fixed-point.onnx").string();
    good({"export", network, "--out", path("a.npz")});
    good({"export", network, "--out", path("b.npz")});
    BOOST_TEST((read(folder / "a.npz") == read(folder / "b.npz")));
    good({"export", network, "--out", path("a.npz"), "--force", "--set", "weights.bits=4"});
    BOOST_TEST((read(folder / "a.npz") != read(folder / "b.npz")));
    const Exported narrow(folder / "a.npz");
    for (std::size_t i = 0; i < narrow.array("layer00.codes").size(); ++i)
        if (narrow.at("layer00.codes", i) > 15) BOOST_ERROR("a code of more than 4 bits");
}

BOOST_FIXTURE_TEST_CASE(maps_end_in_the_chip_s_logits, Sandbox) {
    const std::string network = (kFixtures / "mlp-gemm.onnx").string(),
                      images = (kFixtures / "mlp-gemm.input.npy").string();
    const auto maps = [&](const std::string& out, const std::vector<std::string>& more) {
        std::vector<std::string> words = {"export",      network, "--images", images,
                                          "--calibrate", images,  "--out",    path(out)};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    good(fixture_run("mlp-gemm", {"--count", "4", "--calibrate", images, "--out", path("run")}));
    good(maps("maps.npz", {"--maps", "2", "--first", "1"}));
    const Exported exported(folder / "maps.npz");
    const NpyArray pixels = sliver::network::read_npy(images),
                   logits = sliver::network::read_npy(folder / "run/logits.npy");
    const std::size_t size = pixels.size() / 4, classes = logits.size() / 4;
    const std::size_t nodes = exported.array("node_kind").size();
    BOOST_TEST(exported.array("node_step").size() == nodes);
    BOOST_TEST(exported.array("images").shape[0] == 2U);
    for (std::size_t i = 0; i < 2 * size; ++i)
        BOOST_TEST(exported.array("images").real(i) == pixels.real(size + i));
    // The input's codes are the pixels, to half a step.
    const double step = exported.array("node_step").number(0);
    for (std::size_t i = 0; i < 2 * size; ++i)
        BOOST_TEST(
            std::fabs(static_cast<double>(exported.at("map000", i) - exported.at("node_zero", 0)) * step -
                      double{pixels.real(size + i)}) <= step);
    const std::string last = "map00" + std::to_string(nodes - 1);
    BOOST_REQUIRE(exported.array(last).size() == 2 * classes);
    for (std::size_t i = 0; i < 2 * classes; ++i)
        BOOST_TEST(exported.at(last, i) == logits.integer(classes + i));
    good(maps("one-thread.npz", {"--maps", "2", "--first", "1", "--threads", "1"}));
    BOOST_TEST((read(folder / "maps.npz") == read(folder / "one-thread.npz")));
    const Outcome many = run(maps("none.npz", {"--maps", "4", "--first", "1"}));
    BOOST_TEST(many.code == 2);
    BOOST_TEST(many.err.find("holds 4 images") != std::string::npos, many.err);
    const Outcome alone = run(maps("none.npz", {"--first", "1"}));
    BOOST_TEST(alone.code == 2);
    BOOST_TEST(alone.err.find("--first: is for --maps") != std::string::npos, alone.err);
}

BOOST_AUTO_TEST_SUITE_END()
