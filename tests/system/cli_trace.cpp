// sliver run --trace and --vcd: files that hold the run's time, results that do not notice, refusals before
// the simulation.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli_support.h"
#include "vcd_reader.h"

BOOST_AUTO_TEST_SUITE(cli_trace)

using namespace cli_support;
using nlohmann::json;

namespace {

struct Traced : Sandbox {
    [[nodiscard]] std::vector<std::string> traced_run(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments =
            fixture_run("vgg-opset13", {"--trace", path("trace.json"), "--vcd", path("signals.vcd")});
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    [[nodiscard]] json trace(const std::string& name = "trace.json") const {
        return json::parse(read(folder / name));
    }
    /// Refused in one line, before anything is simulated or left behind.
    void refused(const std::vector<std::string>& more, const std::vector<std::string>& parts) const {
        const std::string before = snapshot(folder / "kept");
        const Outcome outcome = run(fixture_run("mlp-gemm", more));
        BOOST_TEST(outcome.code == 2, more.back() << ": " << outcome.code << ": " << outcome.err);
        BOOST_TEST(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1, outcome.err);
        BOOST_TEST(outcome.out == "");
        for (const std::string& part : parts)
            BOOST_TEST(outcome.err.find(part) != std::string::npos, outcome.err << "lacks " << part);
        BOOST_TEST((snapshot(folder / "kept") == before));
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            BOOST_TEST(entry.path().filename().string().find("partial") == std::string::npos, entry.path());
    }
};

std::vector<json> spans(const json& trace) {
    std::vector<json> found;
    for (const json& event : trace["traceEvents"])
        if (event["ph"] == "X") found.push_back(event);
    return found;
}

std::uint64_t ns(const json& event, const char* key) {
    return static_cast<std::uint64_t>(std::llround(event[key].get<double>() * 1000));
}

/// Exact even where microseconds with nanosecond decimals are not.
std::uint64_t duration_fs(const json& event) {
    const json& args = event["args"];
    return args.contains("duration_fs") ? args["duration_fs"].get<std::uint64_t>()
                                        : ns(event, "dur") * 1'000'000;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_files_hold_the_run_s_time_and_the_results_do_not_change, Traced) {
    good(fixture_run("vgg-opset13", {"--count", "2", "--out", path("plain")}));
    const std::string out = good(traced_run({"--count", "2", "--out", path("out")}));
    BOOST_TEST((snapshot(folder / "plain") == snapshot(folder / "out")));
    BOOST_TEST(out.find("Trace: " + path("trace.json")) != std::string::npos, out);
    BOOST_TEST(out.find("Signals: " + path("signals.vcd")) != std::string::npos, out);
    BOOST_TEST(out.find("--trace-limit") == std::string::npos, out);

    const json stats = json::parse(read(folder / "out/stats.json"));
    const json all = trace();
    const vcd_reader::Dump dump = vcd_reader::parse(read(folder / "signals.vcd"));
    std::uint64_t reads = 0, seen_reads = 0, conversions = 0, adc_busy = 0, seen_busy = 0;
    for (const json& layer : stats["layers"]) {
        reads += layer["reads"].get<std::uint64_t>();
        adc_busy += layer["adc_busy_fs"].get<std::uint64_t>();
    }
    for (const json& event : spans(all)) {
        if (event["name"] == "read") seen_reads += event["args"]["reads"].get<std::uint64_t>();
        if (event["name"] != "convert") continue;
        ++conversions;
        seen_busy += duration_fs(event);
    }
    BOOST_TEST(seen_reads == reads);
    BOOST_TEST(conversions == reads);  // the chip has one converter an array
    BOOST_TEST(seen_busy == adc_busy);
    BOOST_TEST(dump.integral("chip.adcs_busy") == adc_busy);
    BOOST_TEST(dump.last == stats["record"]["elapsed_fs"].get<std::uint64_t>());
    BOOST_TEST(all["otherData"]["elapsed_fs"] == stats["record"]["elapsed_fs"]);
    BOOST_TEST(all["otherData"]["network"] == stats["run"]["network"]);

    // The same bytes again, into the same place, but only when told to.
    const std::string first = read(folder / "trace.json"), first_vcd = read(folder / "signals.vcd");
    BOOST_TEST(run(traced_run({"--count", "2"})).code == 2);
    good(traced_run({"--count", "2", "--force", "--threads", "2"}), "portable");
    BOOST_TEST((read(folder / "trace.json") == first));
    BOOST_TEST((read(folder / "signals.vcd") == first_vcd));
}

BOOST_FIXTURE_TEST_CASE(layers_times_and_limits, Traced) {
    good(traced_run());
    const json whole = trace();
    const std::vector<std::string> layers = whole["otherData"]["layers"];
    BOOST_REQUIRE(layers.size() > 2U);
    good(
        fixture_run("vgg-opset13", {"--trace", path("part.json"), "--trace-layer", layers[1], "--trace-layer",
                                    layers[0], "--trace-from", "2 us", "--trace-to", "5us"}));
    const json part = trace("part.json");
    const std::size_t expected = static_cast<std::size_t>(
        std::count_if(whole["traceEvents"].begin(), whole["traceEvents"].end(), [](const json& event) {
            return event["name"] == "convert" && ns(event, "ts") < 5000 &&
                   ns(event, "ts") + ns(event, "dur") > 2000;
        }));
    std::size_t conversions = 0;
    for (const json& event : spans(part)) {
        conversions += event["name"] == "convert" ? 1 : 0;
        BOOST_TEST(ns(event, "ts") < 5000U);
        BOOST_TEST(ns(event, "ts") + ns(event, "dur") >= 2000U);
    }
    BOOST_TEST(conversions > 0U);
    // Nothing of the third layer has begun by then.
    BOOST_TEST(conversions == expected);
    BOOST_TEST(part["otherData"]["layers"] == json({layers[1], layers[0]}));

    const std::string out = good(fixture_run(
        "vgg-opset13", {"--trace", path("cut.json"), "--vcd", path("cut.vcd"), "--trace-limit", "500"}));
    BOOST_TEST(out.find("--trace-limit 500") != std::string::npos, out);
    BOOST_TEST(out.find("left out") != std::string::npos, out);
    const json cut = trace("cut.json");
    BOOST_TEST(cut["otherData"]["events_left_out"].get<std::uint64_t>() > 0U);
    BOOST_TEST(cut["otherData"]["complete_until_fs"].get<std::uint64_t>() > 0U);
    BOOST_TEST(cut["traceEvents"].back()["name"] == "event limit reached");
    BOOST_TEST(read(folder / "cut.vcd").find("\nbx ") != std::string::npos);

    const std::string late =
        good(fixture_run("mlp-gemm", {"--trace", path("late.json"), "--trace-from", "1 s"}));
    BOOST_TEST(late.find("empty: the run ends at") != std::string::npos, late);
    BOOST_TEST(trace("late.json")["traceEvents"].empty());
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_refused_before_the_simulation, Traced) {
    fs::create_directory(folder / "kept");
    write(folder / "kept/old.json", "old");
    write(folder / "kept/file", "no folder");
    const std::string file = path("trace.json");
    refused({"--trace", path("kept/old.json")}, {"old.json", "exists", "--trace", "--force"});
    refused({"--vcd", path("kept/old.json")}, {"old.json", "exists", "--vcd", "--force"});
    refused({"--trace", path("kept")}, {"kept", "is a folder; a file is wanted"});
    refused({"--trace", path("kept/file/trace.json")}, {"trace.json"});
    // Not even root may make files there: the machine's fault.
    const Outcome proc = run(fixture_run("mlp-gemm", {"--trace", "/proc/trace.json"}));
    BOOST_TEST(proc.code == 1);
    BOOST_TEST(proc.err.find("/proc/trace.json: cannot be") != std::string::npos, proc.err);
    refused({"--trace", "/dev/full", "--force"}, {"/dev/full"});
    refused({"--trace", file, "--vcd", path("../") + folder.filename().string() + "/trace.json"},
            {"--vcd", "--trace"});
    refused({"--out", path("out"), "--trace", path("out/trace.json")}, {"--trace", "--out"});
    refused({"--out", path("kept"), "--force", "--vcd", path("kept/signals.vcd")}, {"kept", "no mark"});
    refused({"--trace", file, "--trace-layer", "nowhere"}, {"--trace-layer", "nowhere", "there are"});
    refused({"--trace", file, "--trace-from", "5 us", "--trace-to", "5 us"}, {"--trace-to", "5 us"});
    refused({"--trace", file, "--trace-to", "0 s"}, {"--trace-to", "0 s"});
    for (const char* time : {"5", "us", "-1 us", "5 V", "", "nan us", "1e9 s"})
        refused({"--trace", file, std::string("--trace-from=") + time}, {"--trace-from"});
    for (const char* limit : {"0", "-1", "1.5", "many", "1e3"})
        refused({"--trace", file, std::string("--trace-limit=") + limit}, {"--trace-limit"});
    refused({"--trace-layer", "x"}, {"--trace-layer", "--vcd"});
    refused({"--trace-from", "1 us"}, {"--trace-from", "--vcd"});
    refused({"--trace-limit", "7"}, {"--trace-limit", "--vcd"});
    BOOST_TEST(!fs::exists(folder / "trace.json"));
    BOOST_TEST(!fs::exists(folder / "out"));
    // A name that is nearly right.
    good(fixture_run("mlp-gemm", {"--trace", file}));
    std::string name = trace()["otherData"]["layers"][0];
    name.pop_back();
    refused({"--trace", path("other.json"), "--trace-layer", name}, {"did you mean"});
}

BOOST_AUTO_TEST_SUITE_END()
