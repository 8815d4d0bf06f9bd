// Every mistake a user can make ends with exit code 2, one line on stderr that names the place, and no file.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "cli_support.h"
#include "network/npy.h"

BOOST_AUTO_TEST_SUITE(cli_errors)

using namespace cli_support;
using namespace sliver;

namespace {

struct Refusals : Sandbox {
    /// `parts` must all stand in the one line.
    void refused(const std::vector<std::string>& arguments, const std::vector<std::string>& parts) const {
        const Outcome outcome = run(arguments);
        std::string command;
        for (const std::string& argument : arguments) command += argument + " ";
        BOOST_TEST(outcome.code == 2, command << "-> " << outcome.code << ": " << outcome.err);
        BOOST_TEST(outcome.err.rfind("sliver: ", 0) == 0U, command << "-> " << outcome.err);
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1,
                   command << "-> " << outcome.err);
        BOOST_TEST(outcome.out == "", command << "-> " << outcome.out);
        for (const std::string& part : parts)
            BOOST_TEST(outcome.err.find(part) != std::string::npos,
                       command << "-> " << outcome.err << "lacks " << part);
        BOOST_TEST(!fs::exists(folder / "out"), command);
    }
    void run_refused(const std::vector<std::string>& more, const std::vector<std::string>& parts) const {
        std::vector<std::string> arguments = fixture_run("mlp-gemm", more);
        arguments.insert(arguments.end(), {"--out", path("out")});
        refused(arguments, parts);
    }
    void network_refused(const std::string& file, const std::vector<std::string>& parts) const {
        refused({"run", "--chip", "small", "--network", file, "--images",
                 (kFixtures / "mlp-gemm.input.npy").string(), "--out", path("out")},
                parts);
        refused({"check", file}, parts);
        refused({"export", file, "--out", path("out")}, parts);
    }
    void chip_refused(const std::string& yaml, const std::vector<std::string>& parts) const {
        write(folder / "chip.yaml", yaml);
        refused({"check", path("chip.yaml")}, parts);
        std::vector<std::string> arguments = fixture_run("mlp-gemm", {"--out", path("out")});
        arguments[2] = path("chip.yaml");
        refused(arguments, parts);
    }
    void images_refused(const std::string& bytes, const std::vector<std::string>& parts) const {
        write(folder / "images.npy", bytes);
        std::vector<std::string> arguments = fixture_run("mlp-gemm", {"--out", path("out")});
        arguments[6] = path("images.npy");
        refused(arguments, parts);
    }
};

/// mlp-gemm's first weights, 64 x 32 floats, with `value` in place of one of them.
std::string network_with_weight(float value) {
    std::string bytes = read(kFixtures / "mlp-gemm.onnx");
    // TensorProto.raw_data: field 9, length 8192 as a varint.
    const std::string tag = "\x4a\x80\x40";
    const std::size_t at = bytes.find(tag);
    BOOST_REQUIRE(at != std::string::npos);
    std::copy_n(reinterpret_cast<const char*>(&value), sizeof(value),
                bytes.begin() + static_cast<std::ptrdiff_t>(at + tag.size() + 400));
    return bytes;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(networks, Refusals) {
    const std::string good_bytes = read(kFixtures / "mlp-gemm.onnx");
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, good_bytes.size() / 2, good_bytes.size() - 1}) {
        write(folder / "cut.onnx", good_bytes.substr(0, length));
        network_refused(path("cut.onnx"), {"cut.onnx"});
    }
    write(folder / "text.onnx", "This is no network.\n");
    network_refused(path("text.onnx"), {"text.onnx"});
    write(folder / "image.onnx", "\x89PNG\r\n\x1a\n" + std::string(100, '\0'));
    network_refused(path("image.onnx"), {"image.onnx"});
    write(folder / "nan.onnx", network_with_weight(std::nanf("")));
    network_refused(path("nan.onnx"), {"nan.onnx"});
    write(folder / "infinite.onnx", network_with_weight(std::numeric_limits<float>::infinity()));
    network_refused(path("infinite.onnx"), {"infinite.onnx"});
    network_refused(path("missing.onnx"), {"missing.onnx", "no such file"});
    refused({"export", folder.string() + "/", "--out", path("out")}, {"is not a file"});
    refused({"check", folder.string() + "/"}, {"neither a chip file"});
    network_refused((kFixtures / "refuse-transposed-conv.onnx").string(), {"refuse-transposed-conv"});
    run_refused({"--chip", "small"}, {"--chip"});
}

BOOST_FIXTURE_TEST_CASE(names_that_do_not_exist, Refusals) {
    refused({"run", "--chip", "isaak", "--network", "x.onnx"}, {"isaak", "did you mean isaac?"});
    refused({"run", "--chip", "small", "--network", "vgg99"}, {"vgg99", "there are"});
    refused({"run", "--chip", "missing.yaml", "--network", "x"}, {"missing.yaml", "no such file"});
    refused({"check", "nothing"}, {"nothing"});
    run_refused({"--adc-law", "isaak"}, {"isaak", "isaac"});
    run_refused({"--accounting", "half"}, {"half", "whole, used, driven or conducting"});
}

BOOST_FIXTURE_TEST_CASE(chip_files, Refusals) {
    chip_refused("name: x\ncolour: red\n", {"chip.yaml:2", "colour"});
    chip_refused("name: x\nadc:\n  bit: 6\n", {"chip.yaml:3", "did you mean"});
    chip_refused("name: x\nname: y\n", {"chip.yaml:2", "name"});
    chip_refused("name: x\narray:\n  cycle: 100\n", {"chip.yaml:3", "array.cycle", "unit"});
    chip_refused("name: x\narray:\n  cycle: 100 volts\n", {"chip.yaml:3", "array.cycle", "100 volts"});
    chip_refused("name: x\nadc:\n  bits: 13\n", {"chip.yaml:3", "adc.bits", "13", "1 to 12"});
    chip_refused("name: x\nadc:\n  bits: 0\n", {"adc.bits"});
    chip_refused("name: x\narray:\n  rows: 8\n", {"array.rows", "16 to 512"});
    chip_refused("name: x\nweights: {encoding: offset, packing: rows}\n",
                 {"weights.packing", "differential"});
    chip_refused("name: [1, 2\n", {"chip.yaml"});
    chip_refused("", {"chip.yaml", "name"});
    chip_refused("name: x\ncost:\n  energy_overrides: {bus_byte: 1 pJ}\n", {"did you mean bus_byte_j?"});
    chip_refused("name: x\nadc: {law: isaak}\n", {"adc.law", "isaak"});
    chip_refused("name: x\ncost: {technology: 130 nm}\n", {"cost.technology", "130"});
}

BOOST_FIXTURE_TEST_CASE(settings, Refusals) {
    run_refused({"--set", "adc.bits"}, {"adc.bits", "KEY=VALUE"});
    run_refused({"--set", "adc.bits=99"}, {"adc.bits", "99"});
    run_refused({"--set", "adc.bitz=9"}, {"adc.bitz"});
    run_refused({"--adc", "6", "--set", "adc.bits=5"}, {"adc.bits", "twice"});
    run_refused({"--set", "adc.layer_widths.nowhere=[8, 8, 8, 8]"}, {"nowhere"});
    for (const char* widths : {"13", "0", "3,3", "3,3,3,x", "3,,3,3", "3,3,3,1,", "-1", "best", "1.5"})
        run_refused({"--adc", widths}, {"adc"});
    run_refused({"--adc", "3,3,3,1", "--adc-law", "survey"}, {"survey", "3 bits"});
    run_refused({"--adc", "profiled", "--count", "4"}, {"--calibrate"});
    run_refused({"--set", "replication.mode=list", "replication.copies=[1]"}, {"replication"});
}

BOOST_FIXTURE_TEST_CASE(images, Refusals) {
    images_refused(network::npy_bytes({2, 1, 9, 9}, std::vector<float>(162)), {"images.npy", "1x9x9"});
    images_refused(network::npy_bytes({2, 1, 8, 8}, std::vector<float>(128, std::nanf(""))),
                   {"images.npy", "NaN"});
    images_refused(network::npy_bytes({0, 1, 8, 8}, std::vector<float>()), {"images.npy"});
    images_refused(network::npy_bytes({2, 1, 8, 8}, std::vector<std::int32_t>(128)), {"images.npy"});
    images_refused(network::npy_bytes({2, 1, 8, 8}, std::vector<float>(128)).substr(0, 300), {"images.npy"});
    images_refused("no images\n", {"images.npy"});
    images_refused("", {"images.npy"});
    run_refused({"--count", "5"}, {"--count", "5", "holds 4 images"});
    run_refused({"--functional-count", "5"}, {"--functional-count", "5", "holds 4 images"});
    run_refused({"--count", "3", "--functional-count", "2"}, {"--functional-count", "at least --count"});
    run_refused({"--calibrate", path("missing.npy")}, {"missing.npy", "no such file"});
    run_refused({"--labels", path("missing.npy")}, {"missing.npy"});
    write(folder / "labels.npy", network::npy_bytes({3}, std::vector<std::int64_t>{1, 2, 3}));
    run_refused({"--labels", path("labels.npy")}, {"4 images", "3 labels"});
    write(folder / "labels.npy", network::npy_bytes({4}, std::vector<std::int64_t>{1, 2, 3, 99}));
    run_refused({"--labels", path("labels.npy")}, {"label 99"});
    const std::string network = (kFixtures / "mlp-gemm.onnx").string();
    refused({"run", "--chip", "small", "--network", network}, {"--images", "is missing"});
    refused({"run", "--chip", "small", "--network", network, "--images", path("nowhere")},
            {"nowhere", "no such file"});
    fs::remove(folder / "images.npy");
    refused({"run", "--chip", "small", "--network", network, "--images", folder.string()}, {"holds neither"});
}

BOOST_FIXTURE_TEST_CASE(a_network_that_does_not_fit, Refusals) {
    run_refused({"--set", "mesh.columns=1", "mesh.rows=1", "tile.processing_elements=1"},
                {"does not fit", "tiles"});
}

BOOST_FIXTURE_TEST_CASE(the_command_line, Refusals) {
    refused({"runn"}, {"runn", "did you mean run?"});
    refused({"run"}, {"--chip", "required"});
    refused({"run", "--chip", "small"}, {"--network", "required"});
    run_refused({"--colour"}, {"--colour"});
    run_refused({"--count", "0"}, {"--count", "0"});
    run_refused({"--count", "-3"}, {"--count", "-3"});
    run_refused({"--count", "many"}, {"--count", "many"});
    run_refused({"--count", "1e3"}, {"--count", "1e3"});
    run_refused({"--threads", "-1"}, {"--threads"});
    run_refused({"--seed", "-1"}, {"--seed"});
    run_refused({"--mean", "a"}, {"--mean"});
    run_refused({"--pad", "-2"}, {"--pad"});
    refused({"list"}, {"list"});
    refused({"list", "colours"}, {"colours"});
    refused({"list", "registers", "--format", "xml"}, {"--format", "xml", "systemrdl"});
    refused({"check"}, {"FILE"});
    refused({"cost"}, {"DIR"});
    refused({"export", (kFixtures / "fixed-point.onnx").string()}, {"--out"});
    refused({"compare", "--chip", "small", "--networks", "nowhere.onnx"}, {"nowhere.onnx"});
}

BOOST_FIXTURE_TEST_CASE(folders_that_cannot_be_written, Refusals) {
    write(folder / "file", "precious");
    refused(fixture_run("mlp-gemm", {"--out", path("file")}), {"file", "is not a folder"});
    refused(fixture_run("mlp-gemm", {"--out", path("file/inside")}), {"file/inside"});
    // Not even root may make folders there: the machine's fault, not the user's.
    const Outcome proc = run(fixture_run("mlp-gemm", {"--out", "/proc/sliver"}));
    BOOST_TEST(proc.code == 1);
    BOOST_TEST(proc.err.find("/proc/sliver: cannot be") != std::string::npos);
    fs::create_directory(folder / "used");
    write(folder / "used/notes.txt", "precious");
    refused(fixture_run("mlp-gemm", {"--out", path("used")}), {"used", "--force"});
    refused({"compare", "--chip", "small", "--networks", (kFixtures / "mlp-gemm.onnx").string(), "--images",
             (kFixtures / "mlp-gemm.input.npy").string(), "--count", "1", "--out", path("used")},
            {"used", "--force"});
    BOOST_TEST(read(folder / "file") == "precious");
    BOOST_TEST(read(folder / "used/notes.txt") == "precious");
    refused({"export", (kFixtures / "fixed-point.onnx").string(), "--out", path("file")},
            {"file", "--force"});
    refused({"export", (kFixtures / "fixed-point.onnx").string(), "--out", path("used"), "--force"},
            {"folder"});
    refused({"export", (kFixtures / "fixed-point.onnx").string(), "--out", path("file/x.npz")}, {"x.npz"});
    BOOST_TEST(read(folder / "file") == "precious");
}

BOOST_FIXTURE_TEST_CASE(a_comparison_fails_as_its_runs_do, Refusals) {
    fs::copy_file(kFixtures / "mlp-gemm.onnx", folder / "a.onnx");
    const std::string images = (kFixtures / "mlp-gemm.input.npy").string();
    // The second network is refused in its own process; the line and the exit code are the program's all the
    // same.
    const Outcome outcome = run({"compare", "--chip", "small", "--networks",
                                 path("a.onnx") + "," + (kFixtures / "refuse-transposed-conv.onnx").string(),
                                 "--images", images, "--count", "1", "--out", path("out")});
    BOOST_TEST(outcome.code == 2, outcome.err);
    BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1, outcome.err);
    BOOST_TEST(outcome.err.find("refuse-transposed-conv") != std::string::npos, outcome.err);
    BOOST_TEST(!fs::exists(folder / "out"));
    refused({"compare", "--chip", "small", "--networks", path("a.onnx") + "," + path("a.onnx"), "--images",
             images},
            {"two networks", "a"});
}

BOOST_FIXTURE_TEST_CASE(finished_runs, Refusals) {
    refused({"cost", path("nowhere")}, {"nowhere", "no such folder"});
    fs::create_directory(folder / "empty");
    refused({"cost", path("empty")}, {"empty", "stats.json"});
    good(fixture_run("mlp-gemm", {"--out", path("done")}));
    const std::string done = path("done");
    refused({"cost", done, "--adc-law", "isaak"}, {"isaak"});
    refused({"cost", done, "--set", "adc.bits=4"}, {"adc.bits=4", "only adc.law and cost.*"});
    refused({"cost", done, "--technology", "x"}, {"cost.technology"});
    refused({"cost", done, "--technology", "3"}, {"cost.technology"});
    refused({"cost", done, "--accounting", "none"}, {"cost.accounting"});
    refused({"cost", done, "--all-laws", "--adc-law", "puma"}, {"--all-laws", "--adc-law"});
    refused({"cost", done, "--all-laws", "--json"}, {"--json"});
    refused({"cost", done, "--out", done}, {"done", "--force"});
    write(folder / "done/stats.json", read(folder / "done/stats.json").substr(0, 2000));
    refused({"cost", done}, {"done/stats.json"});
}

BOOST_AUTO_TEST_SUITE_END()
