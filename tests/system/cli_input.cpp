// What others wrote, given to the program: files that are no files, bombs, endless spaces, names and values
// that would steer a terminal. One line, exit code 2, at once.
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli_support.h"
#include "network/npy.h"
#include "support/sanitized.h"

BOOST_AUTO_TEST_SUITE(cli_input)

using namespace cli_support;
using sliver::cleaned_lines;

namespace {

/// The one line of a refusal, which comes during the work.
std::string late_refusal(const Sandbox& box, const std::vector<std::string>& arguments) {
    const Outcome outcome = box.run(arguments);
    BOOST_TEST(outcome.code == 2, outcome.code << ": " << outcome.err);
    BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    BOOST_TEST(outcome.err.size() <= 1100U);
    BOOST_TEST(cleaned_lines(outcome.err) == outcome.err);
    return outcome.err;
}

/// The one line that the program says; it may take no time, whatever the input claims to be.
std::string refusal(const Sandbox& box, const std::vector<std::string>& arguments) {
    const auto start = std::chrono::steady_clock::now();
    std::string line = late_refusal(box, arguments);
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(20)));
    return line;
}

bool has(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

/// Gzip of so many MiB of zeros.
std::string packed_zeros(int mebibytes) {
    z_stream stream{};
    if (deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
    std::string zeros(1 << 20, '\0'), out, chunk(1 << 16, '\0');
    for (int i = 0; i <= mebibytes; ++i) {
        stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
        stream.avail_in = i == mebibytes ? 0 : static_cast<uInt>(zeros.size());
        int result = Z_OK;
        do {
            stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
            stream.avail_out = static_cast<uInt>(chunk.size());
            result = deflate(&stream, i == mebibytes ? Z_FINISH : Z_NO_FLUSH);
            out.append(chunk, 0, chunk.size() - stream.avail_out);
        } while (result != Z_STREAM_END && (stream.avail_out == 0 || stream.avail_in != 0));
    }
    deflateEnd(&stream);
    return out;
}

const std::string kNetwork = (kFixtures / "mlp-gemm.onnx").string();
const std::string kImages = (kFixtures / "mlp-gemm.input.npy").string();

std::string sweep_with(const std::string& axes, const std::string& more = "") {
    return "name: t\nfixed: {chip: small, network: " + kNetwork + ", images: " + kImages + "}\naxes:\n" +
           axes + "objectives: [latency_s]\n" + more;
}

/// The results of a run of the fixture.
std::string run_once(const Sandbox& box, const std::string& name, const std::string& network = kNetwork,
                     const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"run",      "--chip", "small", "--network",   network,
                                          "--images", kImages,  "--out", box.path(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    box.good(arguments);
    return box.path(name);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
    return text.replace(at, from.size(), to);
}

/// The fixture with another name for one of its nodes, of the same length.
std::string renamed_network(const Sandbox& box, const std::string& from, const std::string& to) {
    std::string bytes = read(kNetwork);
    BOOST_REQUIRE(from.size() == to.size());
    for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size()))
        bytes.replace(at, from.size(), to);
    write(box.path("net.onnx"), bytes);
    return box.path("net.onnx");
}

std::string varint(std::uint64_t value) {
    std::string text;
    for (; value >= 0x80; value >>= 7) text += static_cast<char>((value & 0x7F) | 0x80);
    return text + static_cast<char>(value);
}
/// Fields of a protobuf message: a number, and bytes or a message.
std::string field(std::uint64_t number, std::uint64_t value) {
    return varint(number << 3) + varint(value);
}
std::string field(std::uint64_t number, const std::string& bytes) {
    return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string onnx_node(const std::string& op, const std::vector<std::string>& inputs,
                      const std::string& output, const std::string& attributes = "") {
    std::string text;
    for (const std::string& input : inputs) text += field(1, input);
    return field(1, text + field(2, output) + field(3, op) + field(4, op) + attributes);
}
std::string onnx_integers(const std::string& name, int values, std::uint64_t value) {
    std::string text = field(1, name);
    for (int i = 0; i < values; ++i) text += field(8, value);
    return field(5, text + field(20, 7));
}
std::string onnx_tensor(const std::string& name, const std::vector<std::uint64_t>& shape,
                        const std::vector<float>& values) {
    std::string text;
    for (const std::uint64_t side : shape) text += field(1, side);
    const std::string raw(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return field(5, text + field(2, 1) + field(8, name) + field(9, raw));
}
/// 0: open.
std::string onnx_value(const std::string& name, const std::vector<std::uint64_t>& shape) {
    std::string sides;
    for (const std::uint64_t side : shape)
        sides += field(1, side == 0 ? field(2, std::string("N")) : field(1, side));
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sides)));
}

/// A network of 160 x 160 windows of one 3 x 3 convolution, then a mean and two logits.
std::string many_windows() {
    const std::string graph =
        onnx_node("Conv", {"x", "cw"}, "c",
                  onnx_integers("kernel_shape", 2, 3) + onnx_integers("pads", 4, 1) +
                      onnx_integers("strides", 2, 1)) +
        onnx_node("Relu", {"c"}, "r") + onnx_node("GlobalAveragePool", {"r"}, "g") +
        onnx_node("Flatten", {"g"}, "f") +
        onnx_node("Gemm", {"f", "fw"}, "y", field(5, field(1, "transB") + field(3, 1) + field(20, 2))) +
        field(2, std::string("g")) + onnx_tensor("cw", {1, 1, 3, 3}, std::vector<float>(9, 0.9F)) +
        onnx_tensor("fw", {2, 1}, {0.5F, -0.5F}) + field(11, onnx_value("x", {0, 1, 160, 160})) +
        field(12, onnx_value("y", {0, 2}));
    return field(1, 7) + field(7, graph) + field(8, field(2, 13));
}

}  // namespace

BOOST_AUTO_TEST_CASE(simulated_time_ends_after_2_to_the_64_femtoseconds) {
    const Sandbox box;
    write(box.path("big.onnx"), many_windows());
    constexpr std::size_t kCount = 12, kPixels = kCount * 160 * 160;
    std::vector<float> pixels(kPixels);
    for (std::size_t i = 0; i < kPixels; ++i) pixels[i] = static_cast<float>(i % 97) / 96;
    write(box.path("big.npy"), sliver::network::npy_bytes({kCount, 1, 160, 160}, pixels));
    // Each key in its range: 25,600 windows of 128 ms an image.
    const auto arguments = [&](const std::string& count) {
        return std::vector<std::string>{"run",
                                        "--chip",
                                        "small",
                                        "--network",
                                        box.path("big.onnx"),
                                        "--images",
                                        box.path("big.npy"),
                                        "--adc",
                                        "2",
                                        "--set",
                                        "adc.overflow=split",
                                        "--set",
                                        "array.cycle=1 ms",
                                        "--count",
                                        count,
                                        "--out",
                                        box.path("out"),
                                        "--force"};
    };
    // Some 144,000 windows are simulated before that: under sanitizers half a minute.
    BOOST_TEST(has(late_refusal(box, arguments("12")), "passes 2^64 fs"));
    BOOST_TEST(!fs::exists(box.path("out")));
    box.good(arguments("5"));
    const auto stats = nlohmann::json::parse(read(box.path("out/stats.json")));
    const auto completed = stats["record"]["completed_fs"].get<std::vector<std::uint64_t>>();
    BOOST_TEST(completed.size() == 5U);
    BOOST_TEST(std::is_sorted(completed.begin(), completed.end()));
    // No time is left for a stream of images: no interval, no wrong one.
    BOOST_TEST(stats["totals"]["interval_s"].is_null());
    for (std::size_t i = 1; i < completed.size(); ++i)
        BOOST_TEST(static_cast<double>(completed[i] - completed[i - 1]) * 1e-15 == 3276.8,
                   boost::test_tools::tolerance(1e-9));
    BOOST_TEST(stats["totals"]["elapsed_s"].get<double>() > 4 * 3276.8);
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_refused_at_once) {
    const Sandbox box;
    for (const char* name : {"f.yaml", "f.onnx", "f.npy"})
        BOOST_REQUIRE(::mkfifo(box.path(name).c_str(), 0600) == 0);
    BOOST_TEST(has(refusal(box, {"check", box.path("f.yaml")}), "f.yaml"));
    BOOST_TEST(has(refusal(box, {"check", box.path("f.onnx")}), "f.onnx"));
    BOOST_TEST(
        has(refusal(box, {"run", "--chip", "small", "--network", kNetwork, "--images", box.path("f.npy")}),
            "is not a regular file"));
    BOOST_TEST(has(refusal(box, {"run", "--chip", "small", "--network", kNetwork, "--images", "/dev/zero"}),
                   "/dev/zero: is not a regular file"));
    fs::create_directory(box.path("results"));
    BOOST_REQUIRE(::mkfifo(box.path("results/stats.json").c_str(), 0600) == 0);
    BOOST_TEST(has(refusal(box, {"cost", box.path("results")}), "is not a regular file"));
}

BOOST_AUTO_TEST_CASE(files_larger_than_their_kind_are_not_read) {
    const Sandbox box;
    const std::string bomb = packed_zeros(300);
    write(box.path("bomb.onnx.gz"), bomb);
    write(box.path("bomb.npy"), bomb);
    fs::create_directory(box.path("results"));
    write(box.path("results/stats.json"), bomb);
    BOOST_TEST(
        has(refusal(box, {"check", box.path("bomb.onnx.gz")}), "unpacks to more than 64 MiB plus 100 times"));
    BOOST_TEST(
        has(refusal(box, {"run", "--chip", "small", "--network", kNetwork, "--images", box.path("bomb.npy")}),
            "unpacks to more than"));
    for (const char* command : {"cost", "report"})
        BOOST_TEST(has(refusal(box, {command, box.path("results")}), "unpacks to more than"));
    // A card is text: a megabyte at most, packed or not.
    fs::copy_file(kNetwork, box.path("net.onnx"));
    write(box.path("net.yaml"), "name: x\n");
    fs::resize_file(box.path("net.yaml"), std::uintmax_t{3} << 30);
    BOOST_TEST(has(refusal(box, {"check", box.path("net.onnx")}), "net.yaml: is larger than 1 MiB"));
    BOOST_TEST(has(refusal(box, {"check", box.path("net.yaml")}), "net.yaml: is larger than 1 MiB"));
}

BOOST_AUTO_TEST_CASE(endless_sweeps_are_counted) {
    const Sandbox box;
    write(box.path("grid.yaml"), sweep_with("  array.rows: {from: 1, to: 100000, step: 1}\n"
                                            "  array.columns: {from: 1, to: 100000, step: 1}\n"
                                            "  seed: {from: 1, to: 100000, step: 1}\n"));
    BOOST_TEST(has(box.good({"check", box.path("grid.yaml")}), "1,000,000,000,000,000 points"));
    BOOST_TEST(
        has(refusal(box, {"sweep", box.path("grid.yaml"), "--list"}), "more than 10000 only with --yes"));
    BOOST_TEST(has(refusal(box, {"sweep", box.path("grid.yaml"), "--list", "--yes"}), "settings in all"));
    for (const char* kind : {"random", "latin-hypercube"}) {
        write(box.path("sample.yaml"),
              sweep_with("  seed: {from: 1, to: 9}\n",
                         "sample: {kind: " + std::string(kind) + ", points: 100000000}\n"));
        BOOST_TEST(has(box.good({"check", box.path("sample.yaml")}), "100,000,000 points"));
    }
    write(box.path("range.yaml"),
          sweep_with("  seed: {from: 1, to: 99999999999999999999999999, count: 3}\n"));
    BOOST_TEST(has(refusal(box, {"check", box.path("range.yaml")}), "at most 2^53"));
    std::string axes;
    for (int i = 0; i < 20; ++i)
        axes += "  adc.layer_widths.l" + std::to_string(i) + ": {from: 1, to: 100000, step: 1}\n";
    write(box.path("values.yaml"), sweep_with(axes));
    BOOST_TEST(has(refusal(box, {"check", box.path("values.yaml")}), "more than 1000000 values in all"));
}

BOOST_AUTO_TEST_CASE(fifty_thousand_keys_take_no_time) {
    const Sandbox box;
    std::string keys, axes;
    for (int i = 0; i < 25'000; ++i) {
        keys += "    l" + std::to_string(i) + ": [8, 8, 8, 8]\n";
        axes += "  adc.layer_widths.l" + std::to_string(i) + ": [8]\n";
    }
    write(box.path("chip.yaml"), "name: n\nadc:\n  policy: fixed\n  layer_widths:\n" + keys);
    const auto start = std::chrono::steady_clock::now();
    const Outcome chip = box.run({"check", box.path("chip.yaml")});
    BOOST_TEST((chip.code == 0 || chip.code == 2), chip.err);
    write(box.path("sweep.yaml"), sweep_with(axes));
    (void)box.run({"check", box.path("sweep.yaml")});
#ifdef SLIVER_SANITIZED
    constexpr std::chrono::seconds kNoTime(200);  // ten times as slow, beside other tests
#else
    constexpr std::chrono::seconds kNoTime(30);
#endif
    BOOST_TEST((std::chrono::steady_clock::now() - start < kNoTime));
}

BOOST_AUTO_TEST_CASE(names_that_are_no_text_are_mended_once_and_read_back) {
    const Sandbox box;
    const std::string nodes = read(kNetwork);
    const bool named = has(nodes, "/fc1/Gemm");
    const std::string from = named ? "/fc1/Gemm" : "Gemm_0";
    if (!has(nodes, from)) {
        BOOST_TEST_MESSAGE("SKIPPED: the fixture names its nodes otherwise");
        return;
    }
    const std::string to = named ? "/fc\xE9\x1b[3m" : "Ge\xE9\x1b[m";
    const std::string network = renamed_network(box, from, to.substr(0, from.size()));
    const std::string results = run_once(box, "r", network, {"--adc", "profiled", "--calibrate", kImages});
    BOOST_TEST(cleaned_lines(read(results + "/layers.csv")) == read(results + "/layers.csv"));
    const auto stats = nlohmann::json::parse(read(results + "/stats.json"));
    const auto name = stats["layers"][0]["name"].get<std::string>();
    BOOST_TEST(has(name, "?"));
    BOOST_TEST(has(read(results + "/layers.csv"), name));
    BOOST_TEST(has(read(results + "/chip-fixed.yaml"), name));
    box.good({"cost", results});
    box.good({"run", "--chip", results + "/chip-fixed.yaml", "--network", network, "--images", kImages});
}

BOOST_AUTO_TEST_CASE(results_that_were_edited_say_so_without_steering_the_terminal) {
    const Sandbox box;
    const std::string results = run_once(box, "r");
    const std::string stats = read(results + "/stats.json");
    const auto edited = [&](const std::string& from, const std::string& to, const char* command = "cost") {
        write(results + "/stats.json", replaced(stats, from, to));
        return refusal(box, {command, results});
    };
    for (const char* command : {"cost", "report"}) {
        BOOST_TEST(has(edited("\"schema\": ", "\"schema\": 1e999, \"x\": ", command),
                       "is no JSON (the number 1e999 is beyond those of a double)"));
        BOOST_TEST(
            has(edited("\"schema\": ", "\"sch\xE9ma\": ", command), "is no JSON (byte 0xe9 is not UTF-8)"));
        BOOST_TEST(has(edited("\"schema\": ", "schema: ", command), "is no JSON (at 'schema"));
    }
    write(results + "/stats.json", std::string(100'000, '['));
    BOOST_TEST(has(refusal(box, {"cost", results}), "nested deeper than 64 levels"));
    BOOST_TEST(has(refusal(box, {"report", results}), "nested deeper than 64 levels"));
    BOOST_TEST(has(edited("\"adc\": ", "\"\\u001b[31m\": "), "stats.json"));
    edited("\"kind\": ", "\"kind\": 7, \"\\u202e\": ");
    edited("\"kind\": ", "\"kind\": 7, \"" + std::string(100'000, 'x') + "\": ", "report");
}

BOOST_AUTO_TEST_CASE(arguments_do_not_steer_the_terminal) {
    const Sandbox box;
    BOOST_TEST(has(refusal(box, {"check", "\x1b[31mred.yaml"}), "?[31mred.yaml"));
    BOOST_TEST(has(refusal(box, {"\xC2\x9B\xE2\x80\xAE"}), "??"));
    refusal(box, {"run", "--chip", "small", "--network", "caf\xE9.onnx"});
    refusal(box, {"check", std::string(3000, 'x') + ".yaml"});
    refusal(box, {"check", "isaac", "--set", "adc.bits=\x1b[31m"});
}

BOOST_AUTO_TEST_CASE(options_without_effect_are_refused) {
    const Sandbox box;
    for (const char* option : {"--mean", "--std", "--pad"})
        BOOST_TEST(has(
            refusal(box, {"run", "--chip", "small", "--network", kNetwork, "--images", kImages, option, "1"}),
            std::string(option) + ": has no effect on float images"));
    for (const char* value : {"nan", "inf"})
        refusal(box, {"run", "--chip", "small", "--network", kNetwork, "--images", kImages, "--mean", value});
}

BOOST_AUTO_TEST_CASE(images_of_more_values_than_any_network_takes_say_the_limit) {
    const Sandbox box;
    std::string npy = sliver::network::npy_bytes({1, 4}, std::vector<float>(4, 0.0F));
    npy = replaced(npy, "(1, 4), }  ", "(0, 99999999), }").substr(0, 128);
    write(box.path("none.npy"), npy);
    BOOST_TEST(
        has(refusal(box, {"run", "--chip", "small", "--network", kNetwork, "--images", box.path("none.npy")}),
            "none.npy"));
    // 70,000 features are images like any others, if the network takes so many.
    write(box.path("wide.npy"), sliver::network::npy_bytes({1, 70'000}, std::vector<float>(70'000, 0.0F)));
    BOOST_TEST(
        has(refusal(box, {"run", "--chip", "small", "--network", kNetwork, "--images", box.path("wide.npy")}),
            "images are 70000x1x1, but the network's input is"));
}

BOOST_AUTO_TEST_CASE(networks_that_nobody_could_tell_apart_are_refused) {
    const Sandbox box;
    for (const char* folder : {"a", "b"}) {
        fs::create_directory(box.path(folder));
        fs::copy_file(kNetwork, box.path(std::string(folder) + "/net.onnx"));
    }
    const std::string a = box.path("a/net.onnx"), b = box.path("b/net.onnx");
    for (const char* study : {"nonideal", "adc", "slices"})
        BOOST_TEST(has(refusal(box, {"study", study, "--network", a, "--network", b}),
                       "two networks are called net"));
    BOOST_TEST(
        has(refusal(box, {"study", "nonideal", "--network", a + ":" + b}), "two networks are called net"));
    BOOST_TEST(has(refusal(box, {"compare", "--chip", "small", "--networks", a + "," + b}),
                   "two networks are called net"));
    for (const char* name : {"compare.json.onnx", "compare.txt.onnx", "...onnx", "..onnx"}) {
        fs::copy_file(kNetwork, box.path(name));
        BOOST_TEST(has(refusal(box, {"compare", "--chip", "small", "--networks", a + "," + box.path(name)}),
                       "rename the network's file"));
    }
}

BOOST_AUTO_TEST_CASE(a_sweep_knows_a_folder_of_images_by_its_content) {
    const Sandbox box;
    fs::create_directory(box.path("images"));
    std::string idx("\0\0\x08\x03\0\0\0\x02\0\0\0\x04\0\0\0\x04", 16);
    const auto write_images = [&](char pixel) {
        write(box.path("images/t10k-images-idx3-ubyte"), idx + std::string(32, pixel));
    };
    const std::string network = (kFixtures / "mlp-gemm.onnx").string();
    write(box.path("s.yaml"), "name: t\nfixed: {chip: small, network: " + network + ", images: " +
                                  box.path("images") + "}\naxes:\n  seed: [1, 2]\nobjectives: [latency_s]\n");
    const auto points = [&] {
        const auto list = nlohmann::json::parse(
            box.good({"sweep", box.path("s.yaml"), "--list", "--json", "--out", box.path("out")}));
        return list["simulations"].dump();
    };
    write_images('a');
    const std::string first = points();
    BOOST_TEST(points() == first);
    write_images('b');
    BOOST_TEST(points() != first);
    write_images('a');
    BOOST_TEST(points() == first);
    write(box.path("images/t10k-labels-idx1-ubyte"), std::string("\0\0\x08\x01\0\0\0\x02\x01\x02", 10));
    BOOST_TEST(points() != first);
}

BOOST_AUTO_TEST_SUITE_END()
