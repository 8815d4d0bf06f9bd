// What a run leaves: correct logits, consistent statistics, the same bytes every time; and the commands
// around it.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "cli_support.h"
#include "network/npy.h"

BOOST_AUTO_TEST_SUITE(cli_run)

using namespace cli_support;
using nlohmann::json;
using namespace sliver;

namespace {

json stats_of(const fs::path& folder) {
    return json::parse(read(folder / "stats.json"));
}

std::vector<std::int64_t> integers(const fs::path& file) {
    const network::NpyArray array = network::read_npy(file);
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < array.size(); ++i) values.push_back(array.integer(i));
    return values;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(logits_are_those_of_pytorch_s_integers, Sandbox) {
    // The chip `small` is lossless: 64 rows of 2-bit cells never pass 8 bits.
    good(fixture_run("fixed-point", {"--count", "4", "--out", path("out")}));
    const network::NpyArray logits = network::read_npy(folder / "out/logits.npy");
    BOOST_REQUIRE(logits.shape.size() == 2U);
    BOOST_TEST(logits.shape[0] == 4U);
    BOOST_TEST(integers(folder / "out/logits.npy") == integers(kFixtures / "fixed-point.integers.npy"),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_folder_holds_all_files_and_nothing_else, Sandbox) {
    const std::string out = good(fixture_run("mlp-gemm", {"--out", path("out")}));
    BOOST_TEST(out.find("latency of an image") != std::string::npos);
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / "out"))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    const std::vector<std::string> wanted = {".sliver",         "config.yaml", "layers.csv", "logits.npy",
                                             "predictions.csv", "stats.json",  "stats.txt"};
    BOOST_TEST(names == wanted, boost::test_tools::per_element());
    for (const auto& entry : fs::directory_iterator(folder))
        BOOST_TEST(entry.path().filename().string().find(".sliver-") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_same_input_gives_the_same_bytes, Sandbox) {
    const std::vector<std::string> more = {
        "--count", "2",        "--functional-count", "4",
        "--adc",   "profiled", "--calibrate",        (kFixtures / "vgg-opset13.input.npy").string()};
    const auto folder_for = [&](const std::string& name, const std::string& threads, const std::string& isa) {
        std::vector<std::string> arguments = fixture_run("vgg-opset13", more);
        for (const std::string& word : {std::string("--threads"), threads, std::string("--out"), path(name)})
            arguments.push_back(word);
        good(arguments, isa);
        return snapshot(folder / name);
    };
    const std::string first = folder_for("first", "1", "");
    BOOST_TEST((folder_for("again", "1", "") == first));
    BOOST_TEST((folder_for("threads", "2", "") == first));
    BOOST_TEST((folder_for("portable", "2", "portable") == first));
}

// What the chip says of its own images is what the functional engine says of them: ideal cells, real ones,
// narrow converters and rows in parts.
BOOST_FIXTURE_TEST_CASE(a_verified_run_leaves_the_same_bytes, Sandbox) {
    const std::vector<std::vector<std::string>> chips = {
        {"--adc", "3"},
        {"--adc", "5", "--set", "adc.slice_drops=[1,1,1,0]"},
        {"--set", "weights.encoding=offset", "--set", "weights.slices=interleaved"},
        {"--set", "cells.kind=resistive", "--set", "cells.variation=gaussian-level", "--set",
         "cells.sigma=0.1"},
        {"--adc", "4", "--set", "adc.overflow=split"}};
    for (std::size_t i = 0; i < chips.size(); ++i) {
        std::vector<std::string> more = {"--count", "2", "--functional-count", "3", "--settle", "0"};
        more.insert(more.end(), chips[i].begin(), chips[i].end());
        more.insert(more.end(), {"--out", path("run")});
        good(fixture_run("vgg-opset13", more));
        more.back() = path("verified");
        more.push_back("--verify");
        good(fixture_run("vgg-opset13", more));
        BOOST_TEST((snapshot(folder / "run") == snapshot(folder / "verified")), i);
        // All images on the chip: the engine's are those behind the first two.
        more[1] = "3";
        more.pop_back();
        more.back() = path("chip");
        good(fixture_run("vgg-opset13", more));
        BOOST_TEST((read(folder / "chip/logits.npy") == read(folder / "run/logits.npy")), i);
        fs::remove_all(folder / "chip");
        fs::remove_all(folder / "run");
        fs::remove_all(folder / "verified");
    }
}

BOOST_FIXTURE_TEST_CASE(the_resolved_configuration_repeats_the_run, Sandbox) {
    good(fixture_run("mlp-gemm", {"--adc", "8,8,7,6", "--set", "array.cycle=120 ns", "--out", path("out")}));
    std::vector<std::string> again = fixture_run("mlp-gemm", {"--out", path("again")});
    again[2] = path("out/config.yaml");
    good(again);
    BOOST_TEST((snapshot(folder / "out") == snapshot(folder / "again")));
    const json stats = stats_of(folder / "out");
    for (const json& layer : stats.at("layers")) BOOST_TEST(layer.at("adc_bits") == json({8, 8, 7, 6}));
}

BOOST_FIXTURE_TEST_CASE(a_run_obeys_the_laws_of_conservation, Sandbox) {
    good(fixture_run("resnet-opset13", {"--count", "2", "--out", path("out")}));
    const json s = stats_of(folder / "out");
    double energy = 0, area = 0, layers_j = s["shared"]["energy_total_j"].get<double>();
    for (const json& component : s["components"]) {
        energy += component["energy_j"].get<double>();
        area += component["area_mm2"].get<double>();
    }
    std::uint64_t reads = 0, conversions = 0, used = 0, clipped = 0, crossbars = 0;
    for (const json& layer : s["layers"]) {
        layers_j += layer["energy_total_j"].get<double>();
        reads += layer["reads"].get<std::uint64_t>();
        conversions += layer["conversions"].get<std::uint64_t>();
        used += layer["conversions_used"].get<std::uint64_t>();
        clipped += layer["clipped"].get<std::uint64_t>();
        crossbars += layer["crossbars"].get<std::uint64_t>();
        // Closed form: every window drives every plane on every array of its copy, 64 columns each.
        const std::uint64_t arrays =
            layer["crossbars"].get<std::uint64_t>() / layer["copies"].get<std::uint64_t>();
        BOOST_TEST(layer["reads"].get<std::uint64_t>() ==
                   layer["windows"].get<std::uint64_t>() * layer["planes"].get<std::uint64_t>() * arrays);
        BOOST_TEST(layer["conversions"].get<std::uint64_t>() == layer["reads"].get<std::uint64_t>() * 64);
        std::uint64_t by_slice = 0;
        for (const json& count : layer["conversions_by_slice"]) by_slice += count.get<std::uint64_t>();
        BOOST_TEST(by_slice == layer["conversions_used"].get<std::uint64_t>());
    }
    const json& totals = s["totals"];
    BOOST_TEST(energy == totals["energy_j"].get<double>());
    BOOST_TEST(area == totals["area_mm2"].get<double>());
    BOOST_TEST(layers_j == energy, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(reads == totals["reads"].get<std::uint64_t>());
    BOOST_TEST(conversions == totals["conversions"].get<std::uint64_t>());
    BOOST_TEST(used == totals["conversions_used"].get<std::uint64_t>());
    BOOST_TEST(clipped == totals["clipped"].get<std::uint64_t>());
    BOOST_TEST(crossbars == totals["crossbars"].get<std::uint64_t>());
    BOOST_TEST(s["energy_band_j"]["isaac"].get<double>() == energy);
    BOOST_TEST(s["energy_by_accounting_j"]["driven"].get<double>() == energy);
    BOOST_TEST(totals["interval_s"].get<double>() > 0);
    BOOST_TEST(totals["latency_s"].get<double>() >= totals["interval_s"].get<double>());
}

// The chip's images are all that the functional engine sees: its largest sums are those of the histograms.
BOOST_FIXTURE_TEST_CASE(histograms_hold_every_conversion_when_asked_for, Sandbox) {
    good(fixture_run("resnet-opset13", {"--adc", "3", "--count", "2", "--out", path("plain")}));
    good(fixture_run("resnet-opset13", {"--adc", "3", "--count", "2", "--histograms", "--out", path("out")}));
    json with = stats_of(folder / "out");
    for (json& layer : with["layers"]) {
        std::vector<std::uint64_t> largest(4, 0), conversions(4, 0), clipped(4, 0);
        BOOST_TEST(layer["column_sums"].size() == 8U);
        for (const json& histogram : layer["column_sums"]) {
            const auto slice = histogram["slice"].get<std::size_t>();
            const auto counts = histogram["counts"].get<std::vector<std::uint64_t>>();
            BOOST_TEST(histogram["range"] == 7);
            BOOST_TEST(histogram["largest_seen"] == counts.size() - 1);
            largest[slice] = std::max(largest[slice], std::uint64_t{counts.size() - 1});
            for (std::size_t sum = 0; sum < counts.size(); ++sum) {
                conversions[slice] += counts[sum];
                if (sum > 7) clipped[slice] += counts[sum];
            }
        }
        BOOST_TEST(layer["conversions_by_slice"] == json(conversions));
        BOOST_TEST(layer["clipped_by_slice"] == json(clipped));
        BOOST_TEST(layer["adc_seen"]["largest_sum"] == json(largest));
        layer["column_sums"] = json::array();
    }
    BOOST_TEST((with == stats_of(folder / "plain")));
}

BOOST_FIXTURE_TEST_CASE(labels_give_an_accuracy, Sandbox) {
    good(fixture_run("fixed-point", {"--count", "4", "--out", path("plain")}));
    BOOST_TEST(stats_of(folder / "plain").at("accuracy").is_null());
    const std::vector<std::int64_t> logits = integers(folder / "plain/logits.npy");
    const std::size_t classes = logits.size() / 4;
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto row = logits.begin() + static_cast<std::ptrdiff_t>(i * classes);
        labels.push_back(std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row);
    }
    labels[2] = (labels[2] + 1) % static_cast<std::int64_t>(classes);
    write(folder / "labels.npy", network::npy_bytes({4}, labels));
    good(fixture_run("fixed-point",
                     {"--functional-count", "4", "--labels", path("labels.npy"), "--out", path("out")}));
    const json accuracy = stats_of(folder / "out").at("accuracy");
    BOOST_TEST(accuracy.at("correct").get<int>() == 3);
    BOOST_TEST(accuracy.at("count").get<int>() == 4);
    BOOST_TEST(accuracy.at("top1").get<double>() == 0.75);
    const std::string predictions = read(folder / "out/predictions.csv");
    BOOST_TEST(std::count(predictions.begin(), predictions.end(), '\n') == 5);
    BOOST_TEST(predictions.find("chip") != std::string::npos);
    BOOST_TEST(predictions.find("functional") != std::string::npos);
    // eval counts the same images with both of its engines.
    for (const char* engine : {"", "--golden"}) {
        std::vector<std::string> eval = fixture_run("fixed-point", {"--labels", path("labels.npy")});
        eval[0] = "eval";
        if (*engine != '\0') eval.emplace_back(engine);
        BOOST_TEST(good(eval).find("top-1: 75.00 %, 3 of 4 images") != std::string::npos);
    }
}

BOOST_FIXTURE_TEST_CASE(narrow_converters_clip_and_the_run_says_so, Sandbox) {
    good(fixture_run("vgg-opset13", {"--adc", "2", "--out", path("narrow")}));
    good(fixture_run("vgg-opset13", {"--adc", "worst-case", "--out", path("lossless")}));
    good(fixture_run("vgg-opset13", {"--adc", "12", "--out", path("wide")}));
    const json narrow = stats_of(folder / "narrow"), lossless = stats_of(folder / "lossless");
    BOOST_TEST(narrow["totals"]["clipped"].get<std::uint64_t>() > 0U);
    BOOST_TEST(lossless["totals"]["clipped"].get<std::uint64_t>() == 0U);
    for (const json& layer : lossless["layers"])
        BOOST_TEST(layer["adc_bits"] == layer["adc_worst_case"]["bits"]);
    BOOST_TEST((read(folder / "lossless/logits.npy") == read(folder / "wide/logits.npy")));
    BOOST_TEST((read(folder / "lossless/logits.npy") != read(folder / "narrow/logits.npy")));
    BOOST_TEST(narrow["components"][0]["energy_j"].get<double>() <
               lossless["components"][0]["energy_j"].get<double>());
}

BOOST_FIXTURE_TEST_CASE(profiled_widths_come_from_other_images_than_the_tested, Sandbox) {
    good(fixture_run("vgg-opset13", {"--count", "1", "--adc", "profiled", "--out", path("out")}));
    const json s = stats_of(folder / "out");
    BOOST_TEST(s["run"]["adc_policy"] == "profiled");
    BOOST_TEST(s["run"]["calibration"]["first"].get<int>() == 1);
    BOOST_TEST(s["run"]["calibration"]["count"].get<int>() == 3);
    for (const json& layer : s["layers"]) {
        BOOST_TEST(layer["adc_bits"] == layer["adc_calibration"]["bits"]);
        for (std::size_t slice = 0; slice < layer["adc_bits"].size(); ++slice)
            BOOST_TEST(layer["adc_bits"][slice].get<int>() <=
                       layer["adc_worst_case"]["bits"][slice].get<int>());
    }
}

BOOST_FIXTURE_TEST_CASE(digests_are_those_of_the_files, Sandbox) {
    good(fixture_run("mlp-gemm", {"--out", path("out")}));
    const json run = stats_of(folder / "out").at("run");
    BOOST_TEST(run["network_sha256"] == sha256(read(kFixtures / "mlp-gemm.onnx")));
    BOOST_TEST(run["config_hash"] ==
               sha256(read(folder / "out/config.yaml") + run["network_sha256"].get<std::string>()));
}

BOOST_FIXTURE_TEST_CASE(compare_runs_each_network_as_run_does, Sandbox) {
    fs::copy_file(kFixtures / "vgg-opset11.onnx", folder / "a.onnx");
    fs::copy_file(kFixtures / "vgg-opset13.onnx", folder / "b.onnx");
    const std::string images = (kFixtures / "vgg-opset13.input.npy").string();
    const std::string out =
        good({"compare", "--chip", "small", "--networks", path("a.onnx") + "," + path("b.onnx"), "--images",
              images, "--count", "3", "--out", path("out")});
    BOOST_TEST(out.find("ratio") != std::string::npos);
    const std::string table = read(folder / "out/compare.txt");
    BOOST_TEST(out.find(table) != std::string::npos);
    for (const char* name : {"a", "b"}) {
        good({"run", "--chip", "small", "--network", path(std::string(name) + ".onnx"), "--images", images,
              "--functional-count", "3", "--out", path("single")});
        BOOST_TEST((snapshot(folder / "single") == snapshot(folder / "out" / name)), name);
        fs::remove_all(folder / "single");
    }
    const json comparison = json::parse(read(folder / "out/compare.json"));
    BOOST_TEST(comparison["runs"][1]["latency_s"] == stats_of(folder / "out/b")["totals"]["latency_s"]);
    // Without --out nothing stays.
    good({"compare", "--chip", "small", "--networks", path("a.onnx") + "," + path("b.onnx"), "--images",
          images, "--count", "1"});
}

// Weights of one bit are zero so often that rows go. Sorted besides, on converters that cut nothing.
BOOST_FIXTURE_TEST_CASE(packed_arrays_give_the_same_logits_and_say_how_few_they_are, Sandbox) {
    const std::vector<std::string> narrow = {
        "--count",        "2",     "--adc",         "worst-case", "--set",
        "weights.bits=1", "--set", "array.rows=16", "--set",      "array.columns=16"};
    const std::vector<std::string> packed = {"--set", "weights.packing=rows", "--set",
                                             "weights.column_order=light-first"};
    const auto with = [&](std::vector<std::string> arguments, const std::vector<std::string>& more) {
        arguments.insert(arguments.end(), narrow.begin(), narrow.end());
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    const std::string plain_text = good(with(fixture_run("resnet-opset13", {"--out", path("plain")}), {}));
    const std::string text = good(with(fixture_run("resnet-opset13", {"--out", path("packed")}), packed));
    BOOST_TEST(plain_text.find("without packing") == std::string::npos);
    BOOST_TEST((read(folder / "plain/logits.npy") == read(folder / "packed/logits.npy")));
    const json plain = stats_of(folder / "plain"), stats = stats_of(folder / "packed");
    const auto count = [](const json& of, const char* key) {
        return of.at("totals").at(key).get<std::uint64_t>();
    };
    BOOST_TEST(count(plain, "crossbars") == count(plain, "crossbars_unpacked"));
    BOOST_TEST(count(stats, "crossbars_unpacked") == count(plain, "crossbars"));
    BOOST_TEST(count(stats, "crossbars") < count(plain, "crossbars"));
    BOOST_TEST(count(stats, "conversions_used") < count(plain, "conversions_used"));
    const std::string line = std::to_string(count(stats, "crossbars")) + " arrays, " +
                             std::to_string(count(plain, "crossbars")) + " without packing: 1.";
    BOOST_TEST(text.find(line) != std::string::npos, line << " in\n" << text);
    for (const json* of : {&plain, &stats})
        for (const json& component : of->at("components"))
            if (component.at("name") == "index_table") {
                const bool used = of == &stats;
                BOOST_TEST((component.at("actions").get<std::uint64_t>() > 0) == used);
                BOOST_TEST((component.at("energy_j").get<double>() > 0) == used);
                BOOST_TEST((component.at("area_mm2").get<double>() > 0) == used);
            }
    const std::vector<std::string> check = {
        "check",         "small",          (kFixtures / "resnet-opset13.onnx").string(),
        "--set",         "weights.bits=1", "--set",
        "array.rows=16", "--set",          "array.columns=16"};
    BOOST_TEST(good(check).find("without packing") == std::string::npos);
    std::vector<std::string> check_packed = check;
    check_packed.insert(check_packed.end(), packed.begin(), packed.end());
    BOOST_TEST(good(check_packed).find("  " + line) != std::string::npos);
    // Rows that are read in parts need them where they were.
    std::vector<std::string> split =
        with(fixture_run("resnet-opset13", {"--set", "adc.overflow=split"}), packed);
    const Outcome refused = run(split);
    BOOST_TEST(refused.code == 2);
    BOOST_TEST(refused.err.find("adc.overflow: value split: not where weights.packing moves rows") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(list_and_check_tell_what_there_is, Sandbox) {
    BOOST_TEST(good({"list", "chips"}).find("isaac-oracle") != std::string::npos);
    BOOST_TEST(good({"list", "networks"}).find("vgg11-fashion-dense") != std::string::npos);
    BOOST_TEST(good({"list", "adc-laws"}).find("neurosim-sar") != std::string::npos);
    BOOST_TEST(good({"list", "policies"}).find("worst-case") != std::string::npos);
    BOOST_TEST(good({"list", "keys"}).find("adc.arrays_per_adc") != std::string::npos);
    BOOST_TEST(good({"list", "actions"}).find("row_drives_driven") != std::string::npos);
    BOOST_TEST(good({"list", "unit-costs"}).find("flit_hop_j") != std::string::npos);
    BOOST_TEST(good({"list", "registers"}).find("DOORBELL") != std::string::npos);
    const fs::path shared = fs::path(SLIVER_SOURCE_DIR) / "share/registers";
    BOOST_TEST((good({"list", "registers", "--format", "c"}) == read(shared / "sliver_accelerator.h")));
    BOOST_TEST(
        (good({"list", "registers", "--format", "systemrdl"}) == read(shared / "sliver_accelerator.rdl")));
    BOOST_TEST(good({"list", "accountings"}).find("driven") != std::string::npos);
    BOOST_TEST(good({"list", "images"}).find("fashion-mnist") != std::string::npos);
    BOOST_TEST(good({"check", "small"}).find("512 arrays") != std::string::npos);
    const std::string both = good({"check", "small", (kFixtures / "vgg-opset13.onnx").string()});
    BOOST_TEST(both.find("together: fits, ") != std::string::npos);
    BOOST_TEST(both.find("a tile needs at most 288 bytes of eDRAM, of 32,768") != std::string::npos);
    // What a run would refuse before it starts.
    const Outcome small =
        run({"check", "small", (kFixtures / "vgg-opset13.onnx").string(), "--set", "tile.buffer=256 B"});
    BOOST_TEST(small.code == 2);
    BOOST_TEST(small.err.find("needs at least") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(help_teaches, Sandbox) {
    const std::string help = good({"--help"});
    BOOST_TEST((help == good({})));
    for (const char* command :
         {"run", "eval", "compare", "cost", "list", "check", "export", "decompose", "study", "report"}) {
        BOOST_TEST(help.find(command) != std::string::npos, command);
        BOOST_TEST(good({command, "--help"}).find("Example") != std::string::npos, command);
    }
    BOOST_TEST(good({"--version"}).find("sliver 0.") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
