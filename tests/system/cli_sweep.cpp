// `sliver sweep` and `sliver front` as a user calls them: stopped, killed, resumed, wrong in every way.
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/sha256.h"
#include "cli_sweep_support.h"
#include "numerics/report_oracle.h"
#include "sweep/sweep_files.h"

BOOST_AUTO_TEST_SUITE(cli_sweep)

using namespace cli_support;
using namespace sliver;
using nlohmann::json;

namespace {

struct Swept : SweepSandbox {
    /// 3 simulations of 4 points each: what they cost is two axes.
    Swept() {
        file("sweep.yaml", "demo",
             "  adc.bits: [4, 6, 8]\n  adc.law: [isaac, saberi]\n  cost.accounting: [used, driven]\n");
    }
    void file(const std::string& name, const std::string& title, const std::string& axes,
              const std::string& more = "") const {
        write(folder / name, "name: " + title + "\nfixed: {chip: small, network: " + kNetwork +
                                 ", images: " + kImages + ", adc.policy: fixed}\naxes:\n" + axes +
                                 "objectives: [energy_per_image_j, area_mm2]\n" + more);
    }
    /// A results folder, but for the line that says whose it is.
    [[nodiscard]] static std::string without_maker(const fs::path& results) {
        const std::string mark = read(results / ".sliver");
        fs::remove(results / ".sliver");
        const std::string all = snapshot(results) + mark.substr(mark.find('\n'));
        write(results / ".sliver", mark);
        return all;
    }
    /// Everything but the seconds that simulations took.
    [[nodiscard]] std::string results(const std::string& out) const {
        fs::remove_all(folder / out / "log");
        return snapshot(folder / out);
    }
    [[nodiscard]] std::size_t points(const std::string& out) const {
        std::size_t count = 0;
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(folder / out / "points", error))
            count += entry.path().filename().string().front() == '.' ? 0 : 1;
        return count;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_point_is_what_a_run_of_its_own_gives, Swept) {
    good(sweep("one", {"-j", "1"}));
    BOOST_TEST(points("one") == 12U);
    const auto found = sweep::read_sqlite(folder / "one/results.sqlite");
    for (const sweep::PointResult& point : found.points) {
        good({"run", "--chip", "small", "--network", kNetwork, "--images", kImages, "--set",
              "adc.policy=fixed", "--set", "adc.bits=" + point.labels[0], "--set",
              "adc.law=" + point.labels[1], "--set", "cost.accounting=" + point.labels[2], "--out",
              path("run"), "--force"});
        BOOST_TEST(without_maker(folder / "run") == without_maker(folder / "one/points" / point.id));
        const json stats = json::parse(read(folder / "run/stats.json"));
        BOOST_TEST(*point.value(*sweep::find_metric("energy_per_image_j")) ==
                   stats["totals"]["energy_per_image_j"].get<double>());
        BOOST_TEST(*point.value(*sweep::find_metric("adc_bits_mean")) == std::stod(point.labels[0]));
    }
    // Points that differ only in prices share a simulation.
    BOOST_TEST(found.points[0].simulation == found.points[3].simulation);
    BOOST_TEST(found.points[0].simulation != found.points[4].simulation);
}

BOOST_FIXTURE_TEST_CASE(the_same_bytes_with_any_number_of_processes_and_after_any_stop, Swept) {
    good(sweep("one", {"-j", "1"}));
    good(sweep("three", {"-j", "3"}));
    const std::string whole = results("one");
    BOOST_TEST((whole == results("three")));

    // Killed in the middle: the processes of the simulations die with the program, and nothing is half there.
    const pid_t child = start(sweep("killed", {"-j", "1"}));
    while (points("killed") < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::size_t left = points("killed");
    BOOST_TEST(left < 12U);
    for (const auto& entry : fs::directory_iterator(folder / "killed/points"))
        if (entry.path().filename().string().front() != '.')
            BOOST_TEST(fs::exists(entry.path() / "stats.json"));
    BOOST_TEST(refusal(sweep("killed")).find("go on with --resume") != std::string::npos);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::vector<fs::file_time_type> before;
    for (const auto& entry : fs::directory_iterator(folder / "killed/points"))
        before.push_back(fs::last_write_time(entry.path()));
    good(sweep("killed", {"--resume"}));
    BOOST_TEST((results("killed") == whole));

    // Interrupted: the same, and what there is has been collected.
    const pid_t second = start(sweep("stopped", {"-j", "1"}));
    while (points("stopped") < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ::kill(second, SIGINT);
    ::waitpid(second, &status, 0);
    BOOST_TEST(WEXITSTATUS(status) == 130);
    BOOST_TEST(read(path("stderr")).find("stopped by SIGINT: ") != std::string::npos);
    BOOST_TEST(read(path("stderr")).find("go on with --resume") != std::string::npos);
    BOOST_TEST(fs::exists(folder / "stopped/results.csv"));
    good(sweep("stopped", {"--resume"}));
    BOOST_TEST((results("stopped") == whole));

    // Point by point, as a cluster does it, in any order.
    const json list = json::parse(good(sweep("parts", {"--list", "--json"})));
    BOOST_TEST(list["simulations"].size() == 3U);
    BOOST_TEST(!fs::exists(folder / "parts"));
    for (const std::size_t i : {2, 0, 1})
        good(sweep("parts", {"--only", list["simulations"][i]["simulation"].get<std::string>()}));
    BOOST_TEST(!fs::exists(folder / "parts/results.csv"));
    good(sweep("parts", {"--collect"}));
    BOOST_TEST((results("parts") == whole));
}

BOOST_FIXTURE_TEST_CASE(finished_points_are_never_run_again, Swept) {
    good(sweep("one"));
    const std::string id = sweep::read_sqlite(folder / "one/results.sqlite").points[5].id;
    const std::string mark = (folder / "one/points" / id / "mark").string();
    write(mark, "mine");
    good(sweep("one", {"--resume"}));
    BOOST_TEST(read(mark) == "mine");
    // A larger space takes what there is.
    file("sweep.yaml", "demo",
         "  adc.bits: [4, 6, 8]\n  adc.law: [isaac, saberi, puma]\n  cost.accounting: [used, driven]\n");
    const json list = json::parse(good(sweep("one", {"--list", "--json"})));
    for (const json& simulation : list["simulations"]) BOOST_TEST(simulation["open"].get<bool>());
    good(sweep("one", {"--resume"}));
    BOOST_TEST(read(mark) == "mine");
    BOOST_TEST(points("one") == 18U);
}

BOOST_FIXTURE_TEST_CASE(a_point_counts_only_if_its_results_are_its_own, Swept) {
    good(sweep("one"));
    std::vector<fs::path> points;
    for (const auto& entry : fs::directory_iterator(folder / "one/points")) points.push_back(entry.path());
    const std::string whole = snapshot(folder / "one");
    const auto refused = [&](const std::vector<std::string>& what, const std::string& why) {
        const std::string text = refusal(sweep("one", what));
        BOOST_TEST(text.find(points[0].filename().string()) != std::string::npos, text);
        BOOST_TEST(text.find(why) != std::string::npos, text);
    };
    // Changed, and everything that only reads says so, too.
    const std::string stats = read(points[0] / "stats.json");
    json edited = json::parse(stats);
    edited["totals"]["energy_j"] = 1e-30;
    write(points[0] / "stats.json", edited.dump(1));
    for (const char* option : {"--resume", "--collect", "--list"})
        refused({option}, "stats.json is missing or was changed since it was written");
    // With a mark that says it is right: the numbers still have to follow from the counts.
    const std::string mark = read(points[0] / ".sliver");
    const auto sealed = [&](const std::string& text) {
        write(points[0] / "stats.json", text);
        std::string other = mark;
        other.replace(other.find("  stats.json") - 64, 64, sha256(text));
        write(points[0] / ".sliver", other);
    };
    std::string cheaper = stats;
    const std::size_t energy = cheaper.find("\"energy_j\": ", cheaper.find("\"totals\"")) + 12;
    cheaper.replace(energy, cheaper.find_first_of(",\n", energy) - energy, "1e-30");
    sealed(cheaper);
    refused({"--collect"}, "not what its counts give");
    for (const auto& [why, key] :
         {std::pair{"does not belong to the configuration and network", "network_sha256"},
          {"stats.json is of another seed", "seed"}}) {
        std::string other = stats;
        const std::size_t at = other.find(':', other.find("\"" + std::string(key) + "\"")) + 2;
        other[other[at] == '"' ? at + 1 : at] = '7';
        if (other == stats) other[at + 1] = '8';
        sealed(other);
        refused({"--collect"}, why);
    }
    sealed(stats);
    BOOST_TEST((snapshot(folder / "one") == whole));
    // Two points exchanged.
    fs::rename(points[0], folder / "aside");
    fs::rename(points[1], points[0]);
    fs::rename(folder / "aside", points[1]);
    BOOST_TEST(refusal(sweep("one", {"--resume"})).find("holds the results of something else") !=
               std::string::npos);
    fs::rename(points[0], folder / "aside");
    fs::rename(points[1], points[0]);
    fs::rename(folder / "aside", points[1]);
    // What is moved away is made again.
    fs::rename(points[0], folder / "aside");
    good(sweep("one", {"--resume"}));
    fs::remove_all(folder / "aside");
    BOOST_TEST((snapshot(folder / "one") == whole));
}

BOOST_FIXTURE_TEST_CASE(tables_that_were_edited_are_kept_and_not_believed, Swept) {
    good(sweep("one"));
    const std::string whole = results("one");
    const auto says = [&](const std::vector<std::string>& arguments, const std::string& words) {
        const std::string text = refusal(arguments);
        BOOST_TEST(text.find(words) != std::string::npos, text);
    };
    for (const char* name : {"results.csv", "results.sqlite", "sweep.json", "sweep.txt"}) {
        const fs::path table = folder / "one" / name;
        const std::string before = read(table);
        std::string edited = before;
        edited[edited.size() / 2] ^= 1;
        write(table, edited);
        for (const char* option : {"--resume", "--collect"})
            says(sweep("one", {option}), std::string(name) + ": was changed since sliver wrote it");
        BOOST_TEST((read(table) == edited));
        if (name == std::string("results.sqlite"))
            says({"front", path("one")}, "results.sqlite: was changed since sliver wrote it");
        if (name == std::string("sweep.json"))
            says({"report", path("one")}, "sweep.json: was changed since sliver wrote it");
        // Moved away it is safe, and made anew.
        fs::rename(table, folder / "mine");
        good(sweep("one", {"--collect"}));
        BOOST_TEST((read(table) == before), name);
    }
    BOOST_TEST((results("one") == whole));
    // A point that is not what was collected.
    const fs::path point = fs::directory_iterator(folder / "one/points")->path() / "stats.json";
    const std::string stats = read(point);
    write(point, stats + " ");
    says({"front", path("one")}, "is not what results.sqlite was collected from");
    says({"report", path("one")}, "is not what sweep.json was collected from");
    write(point, stats);
    good({"front", path("one")});
    // Stopped while tables were replaced: each is the old one or the new one, and the list has both.
    const std::string list = read(folder / "one/collected.sha256");
    write(folder / "one/collected.sha256", std::string(64, '0') + "  results.csv\n" + list);
    good(sweep("one", {"--collect"}));
    BOOST_TEST((results("one") == whole));
    // Without the list nothing says whose they are.
    fs::remove(folder / "one/collected.sha256");
    says({"front", path("one")}, "has no list collected.sha256");
    says(sweep("one", {"--collect"}),
         "results.csv: was changed since sliver wrote it, or is of another version");
}

BOOST_FIXTURE_TEST_CASE(hangup_and_quit_stop_a_sweep_in_order, Swept) {
    for (const auto& [signal, name, code] : {std::tuple{SIGHUP, "SIGHUP", 129}, {SIGQUIT, "SIGQUIT", 131}}) {
        const pid_t child = start(sweep(name, {"-j", "1"}));
        while (points(name) < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ::kill(child, signal);
        const Outcome outcome = outcome_of(child);
        BOOST_TEST(outcome.code == code);
        BOOST_TEST(outcome.err.find(std::string("stopped by ") + name + ": ") != std::string::npos,
                   outcome.err);
        BOOST_TEST(fs::exists(folder / name / "results.csv"));
    }
}

BOOST_FIXTURE_TEST_CASE(two_sweeps_do_not_work_in_one_folder, Swept) {
    const auto ended = [](pid_t child) {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WEXITSTATUS(status);
    };
    for (int round = 0; round < 5; ++round) {
        const std::string out = "both" + std::to_string(round);
        const pid_t first = start(sweep(out)), second = start(sweep(out)), third = start(sweep(out));
        const std::vector<int> codes = {ended(first), ended(second), ended(third)};
        BOOST_TEST(std::count(codes.begin(), codes.end(), 0) == 1);
        BOOST_TEST(std::count(codes.begin(), codes.end(), 2) == 2);
    }
    BOOST_TEST((results("both0") == results("both4")));
    // While one is stopped in the middle, the other says why it does nothing.
    const pid_t stopped = start(sweep("held", {"-j", "1"}));
    while (points("held") < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ::kill(stopped, SIGSTOP);
    BOOST_TEST(refusal(sweep("held", {"--resume"})).find("another sliver sweep is at work there") !=
               std::string::npos);
    ::kill(stopped, SIGCONT);
    BOOST_TEST(ended(stopped) == 0);
    // Parts of one sweep may run side by side, even the same part.
    const json list = json::parse(good(sweep("parts", {"--list", "--json"})));
    const auto part = [&](int i) {
        return start(sweep("parts", {"--only", list["simulations"][i]["simulation"].get<std::string>()}));
    };
    std::vector<pid_t> parts;
    for (const int i : {0, 1, 2, 0, 1, 2}) parts.push_back(part(i));
    for (const pid_t child : parts) BOOST_TEST(ended(child) == 0);
    good(sweep("parts", {"--collect"}));
    BOOST_TEST((results("parts") == results("both0")));
}

BOOST_FIXTURE_TEST_CASE(a_failed_point_keeps_its_message_and_stops_nobody, Swept) {
    // neurosim-flash has no 28 nm; 16 x 16 arrays do not hold the network on this chip.
    file("sweep.yaml", "demo",
         "  array.rows, array.columns: [16, 64]\n  adc.law: [isaac, neurosim-flash]\n  cost.technology: [28 "
         "nm, 32 nm]\n"
         "  mesh.columns: [1, 4]\n",
         "baseline: {\"array.rows, array.columns\": 64, adc.law: isaac, cost.technology: 32 nm, "
         "mesh.columns: 4}\n");
    const std::string text = good(sweep("one"));
    BOOST_TEST(text.find("failed") != std::string::npos);
    const auto found = sweep::read_sqlite(folder / "one/results.sqlite");
    std::size_t failed = 0;
    for (const sweep::PointResult& point : found.points) {
        if (point.state != sweep::PointState::failed) continue;
        ++failed;
        BOOST_TEST(!point.message.empty());
        BOOST_TEST(!fs::exists(folder / "one/points" / point.id));
    }
    BOOST_TEST(failed > 0U);
    BOOST_TEST(failed < found.points.size());
    // Failed stays failed, unless asked for.
    const std::string file_of_one = [&] {
        for (const auto& entry : fs::directory_iterator(folder / "one/failed")) return entry.path().string();
        return std::string();
    }();
    write(file_of_one, "old news\n");
    good(sweep("one", {"--resume"}));
    BOOST_TEST(read(file_of_one) == "old news\n");
    good(sweep("one", {"--resume", "--retry"}));
    BOOST_TEST(read(file_of_one) != "old news\n");
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_is_refused_before_anything_happens, Swept) {
    file("key.yaml", "demo", "  adc.bitz: [4]\n");
    BOOST_TEST(refusal(sweep("x", {}, "key.yaml"))
                   .find("key.yaml:4:3: adc.bitz: unknown key: did you mean adc.bits?") != std::string::npos);
    file("value.yaml", "demo", "  adc.bits: [4, 13]\n");
    const std::string value = refusal(sweep("x", {}, "value.yaml"));
    BOOST_TEST(value.find("value.yaml:4:17: adc.bits: value 13: no point can have it") != std::string::npos);
    BOOST_TEST(value.find("from 1 to 12") != std::string::npos);
    file("many.yaml", "demo",
         "  array.rows: {from: 16, to: 512, step: 1}\n  array.columns: {from: 16, to: 512, step: 1}\n");
    BOOST_TEST(refusal(sweep("x", {}, "many.yaml")).find("247009 points: more than 10000 only with --yes") !=
               std::string::npos);
    BOOST_TEST(refusal(sweep("x", {"--only", "nothing"})).find("neither a point nor a simulation") !=
               std::string::npos);
    BOOST_TEST(refusal({"sweep", path("none.yaml")}).find("none.yaml") != std::string::npos);
    BOOST_TEST(refusal({"sweep", "no-such-study"}).find("no-such-study") != std::string::npos);
    BOOST_TEST(!fs::exists(folder / "x"));

    write(folder / "used/mine.txt", "");
    fs::create_directories(folder / "used");
    write(folder / "used/mine.txt", "mine");
    BOOST_TEST(refusal(sweep("used")).find("is in use by something that is no sweep") != std::string::npos);
    good(sweep("one"));
    const std::string before = snapshot(folder / "one");
    file("other.yaml", "other", "  adc.bits: [4]\n");
    BOOST_TEST(
        refusal(sweep("one", {"--resume"}, "other.yaml")).find("is the folder of sweep demo, not of other") !=
        std::string::npos);
    BOOST_TEST(refusal(sweep("one")).find("holds 12 finished points of this sweep") != std::string::npos);
    BOOST_TEST((snapshot(folder / "one") == before));
    BOOST_TEST(refusal({"front", path("used")}).find("results.sqlite") != std::string::npos);
    BOOST_TEST(refusal({"front", path("one"), "--objective", "top1"}).find("2 to 4 objectives") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_loses_nothing_that_was_finished, Swept) {
    good(sweep("one", {"--only",
                       json::parse(good(sweep("one", {"--list", "--json"})))["simulations"][0]["simulation"]
                           .get<std::string>()}));
    BOOST_TEST(points("one") == 4U);
    // No file may grow beyond 4 KiB from here on: a stats.json does not fit.
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 4096;
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Outcome outcome = run(sweep("one", {"--resume"}));
    ::setrlimit(RLIMIT_FSIZE, &before);
    BOOST_TEST(outcome.code == 1);
    BOOST_TEST(outcome.err.find("cannot be written (File too large)") != std::string::npos, outcome.err);
    BOOST_TEST(outcome.err.find("what was finished is safe") != std::string::npos);
    BOOST_TEST(points("one") == 4U);
    good(sweep("one", {"--resume"}));
    good(sweep("two"));
    BOOST_TEST((results("one") == results("two")));
}

BOOST_FIXTURE_TEST_CASE(a_sweep_file_can_be_checked, Swept) {
    BOOST_TEST(good({"check", path("sweep.yaml")}) == "sweep demo: 12 points by 3 simulations\n");
    file("some.yaml", "demo", "  adc.policy2: [a]\n");
    BOOST_TEST(refusal({"check", path("some.yaml")}).find("adc.policy2: unknown key") != std::string::npos);
    file("half.yaml", "demo",
         "  weights.encoding: [differential, offset]\n  weights.packing: [none, columns]\n");
    BOOST_TEST(good({"check", path("half.yaml")}).find("1 of them cannot be; the first: ") !=
               std::string::npos);
    BOOST_TEST(refusal({"check", path("sweep.yaml"), "isaac"}).find("is checked alone") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(fronts_by_other_objectives, Swept) {
    good(sweep("one"));
    const std::string own = good({"front", path("one")});
    BOOST_TEST(own.find("Pareto front") != std::string::npos);
    BOOST_TEST(read(folder / "one/sweep.txt").find(own) != std::string::npos);
    const std::string rows = good({"front", path("one"), "--objective", "max adc_bits_mean", "--objective",
                                   "energy_per_image_j", "--where", "adc_bits_mean < 8", "--csv"});
    // 6 bits, at the law and accounting that cost least; 4 bits cost less: two rows and the title.
    BOOST_TEST(std::count(rows.begin(), rows.end(), '\n') == 3);
    BOOST_TEST(good({"front", path("one"), "--objective", "area_mm2", "--objective", "top1"})
                   .find("No point is feasible") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_report_shows_what_the_sweep_found, Swept) {
    file("sweep.yaml", "demo",
         "  adc.bits: [4, 6, 8]\n  adc.law: [isaac, neurosim-flash]\n  cost.technology: [28 nm, 32 nm]\n",
         "scenarios: [adc.law]\nbaseline: {adc.bits: 8, adc.law: isaac, cost.technology: 32 nm}\n");
    good(sweep("one"));
    const std::string printed = good({"report", path("one")});
    BOOST_TEST(printed.find("report.html") != std::string::npos);
    const json results = json::parse(read(folder / "one/sweep.json"));
    const std::string html = read(folder / "one/report.html");
    report_oracle::check_self_contained(html);
    BOOST_TEST(report_oracle::check_tables(html, results) > 20U);
    std::vector<std::string> names;
    for (const auto& [name, spec] : report_oracle::charts_of(html)) {
        names.push_back(name);
        BOOST_TEST(report_oracle::check_chart(spec, results) > 0U);
    }
    BOOST_TEST(names == (std::vector<std::string>{"front-1", "parallel", "sensitivity", "components"}),
               boost::test_tools::per_element());
    for (const json& sentence : results["insights"])
        BOOST_TEST(html.find(sentence.get<std::string>().substr(0, 30)) != std::string::npos);
    // neurosim-flash has no 28 nm: the message is there.
    BOOST_TEST(html.find("28 nm: NeuroSim") != std::string::npos);

    json broken = results;
    broken["points"][0]["values"].erase("energy_per_image_j");
    broken["schema"] = 2;
    write(folder / "one/sweep.json", broken.dump());
    const std::string edited = refusal({"report", path("one"), "--force"});
    BOOST_TEST(edited.find("sweep.json: was changed since sliver wrote it") != std::string::npos, edited);
    // Copied out of its sweep, there is no list that it could contradict.
    fs::create_directory(folder / "copy");
    fs::copy_file(folder / "one/sweep.json", folder / "copy/sweep.json");
    BOOST_TEST(refusal({"report", path("copy"), "--force"}).find("/schema: this version reads schema 1") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
