#include "sweep/sweep_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/output_file.h"
#include "base/own_folder.h"
#include "config/chip_config_loader.h"
#include "results/stats_reader.h"
#include "results/stored_run.h"
#include "sweep/sweep_files.h"
#include "sweep/sweep_tables.h"
#include "sweep/sweep_text.h"

namespace sliver::sweep {
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

constexpr const char *kStats = "stats.json", *kLogits = "logits.npy", *kPredictions = "predictions.csv";
constexpr const char *kPlan = "sweep.yaml", *kPoints = "points", *kFailures = "failed", *kLog = "log",
                     *kScreening = "prescreen.json";

std::string read_text(const fs::path& path) {
    return read_file(path, kResultFile);
}

/// Names of files may be no UTF-8; they are shown as far as they are.
std::string dumped(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// scripts/cluster keeps its own there, and comes first.
const std::vector<std::string> kTolerated = {"cluster"};
constexpr const char* kKind = "sweep";

std::string name_in(const fs::path& file) {
    try {
        return parse_sweep(read_text(file), file.string()).name;
    } catch (const InputError&) {
        return {};
    }
}

[[noreturn]] void refuse_point(const fs::path& folder, const std::string& why) {
    refuse("{}: {}; move the folder away and run the sweep with --resume", folder.string(), why);
}

[[noreturn]] void refuse_changed(const fs::path& folder, const std::string& name) {
    refuse_point(folder, fmt::format("{} is missing or was changed since it was written", name));
}

/// What a point's folder holds must be what this point gives.
void check_point(const fs::path& folder, const PlannedPoint& planned, const results::StoredRun& run) {
    const run::RunRequest& options = planned.options;
    const results::RunResult& result = run.result;
    const auto differs = [&](const char* what) {
        refuse_point(folder, fmt::format("stats.json is of another {}", what));
    };
    if (result.chip_yaml != config::to_yaml(planned.chip)) differs("configuration");
    if (result.identity.network_sha256 != planned.network_sha256) differs("network");
    if (result.identity.seed != options.seed) differs("seed");
    if (result.record.images != options.count) differs("number of images");
    if (result.functional_images != std::max(options.count, options.functional_count))
        differs("number of images of the functional engine");
    results::require_priced_as_shown(folder, run);
}

/// `run`: what the point's folder holds.
void take_stats(const fs::path& folder, const PlannedPoint& planned, const results::StoredRun& run,
                PointResult& point) {
    check_point(folder, planned, run);
    const Json stats = Json::parse(run.stats, nullptr, false);
    try {
        const double images = stats.at("run").at("image_count").get<double>();
        for (const Metric& metric : metrics()) point.values.push_back(metric.of(stats));
        for (const Json& part : stats.at("components"))
            point.components.push_back({part.at("name").get<std::string>(),
                                        part.at("energy_j").get<double>() / images,
                                        part.at("area_mm2").get<double>()});
    } catch (const Json::exception&) {
        refuse("{}: is not a stats.json: remove the folder of the point and run the sweep with --resume",
               (folder / kStats).string());
    }
    point.state = PointState::done;
}

/// An entry a point, or null where nothing was screened.
Json read_screening(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error)) return nullptr;
    Json points = Json::parse(read_text(file), nullptr, false);
    if (!points.is_object())
        refuse("{}: is no result of a pre-screening: remove it and run the sweep with --resume",
               file.string());
    return points;
}

/// Estimates, and for points without a result whether they were dropped.
void take_screening(const Json& entry, const fs::path& file, PointResult& point) {
    try {
        if (const Json& estimates = entry.at("estimates"); !estimates.is_null())
            for (const Metric& metric : metrics()) {
                const auto found = estimates.find(metric.name);
                point.estimates.push_back(
                    found == estimates.end() ? std::nullopt : std::optional<double>(found->get<double>()));
            }
        if (entry.at("kept").get<bool>() || point.state != PointState::open) return;
        point.state = PointState::dropped;
        point.message = entry.at("message").get<std::string>();
    } catch (const Json::exception&) {
        refuse("{}: is no result of a pre-screening: remove it and run the sweep with --resume",
               file.string());
    }
}

}  // namespace

void SweepFolder::note_screening(const SweepResults& screened, const std::vector<bool>& kept) const {
    Json points = Json::object();
    for (std::size_t i = 0; i < screened.points.size(); ++i) {
        const PointResult& point = screened.points[i];
        Json& entry = points[point.id] = {
            {"kept", static_cast<bool>(kept[i])}, {"message", point.message}, {"estimates", nullptr}};
        for (std::size_t k = 0; k < point.estimates.size(); ++k)
            if (point.estimates[k]) entry["estimates"][std::string(metrics()[k].name)] = *point.estimates[k];
    }
    write_file(folder_ / kScreening, dumped(points, 1));
}

void SweepFolder::drop_nothing() const {
    Json points = read_screening(folder_ / kScreening);
    if (points.is_null()) return;
    for (Json& entry : points)
        if (entry.is_object()) entry["kept"] = true;
    write_file(folder_ / kScreening, dumped(points, 1));
}

void SweepFolder::require(const SweepPlan& plan) const {
    std::error_code error;
    if (!fs::exists(folder_ / kPlan, error)) refuse("{}: holds no sweep", folder_.string());
    const std::string name = name_in(folder_ / kPlan);
    if (name != plan.file.name)
        refuse("{}: is the folder of {}, not of {}; choose another with --out", folder_.string(),
               name.empty() ? "another sweep" : "sweep " + name, plan.file.name);
}

void SweepFolder::check(const SweepPlan& plan) const {
    if (!is_claimable(folder_, kKind, kTolerated))
        refuse("{}: is in use by something that is no sweep; choose another folder with --out",
               folder_.string());
    std::error_code error;
    if (fs::exists(folder_ / kPlan, error)) require(plan);
}

Descriptor SweepFolder::open(const SweepPlan& plan, bool resume, bool alone) const {
    check(plan);
    claim_folder(folder_, kKind, folder_.string(), kTolerated);
    Descriptor lock(::open((folder_ / kFolderMark).c_str(), O_RDONLY | O_CLOEXEC));
    if (!lock.is_open()) cannot("read", folder_.string(), errno);
    if (::flock(lock.number(), (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        refuse(
            "{}: another sliver sweep is at work there; wait until it is done, or choose another folder with "
            "--out",
            folder_.string());
    check(plan);
    if (alone) require_tables_unchanged(folder_);
    std::error_code error;
    std::size_t finished = 0;
    for (const auto& entry : fs::directory_iterator(folder_ / kPoints, error))
        finished += entry.path().filename().string().front() == '.' ? 0 : 1;
    if (finished > 0 && !resume)
        refuse(
            "{}: holds {} finished points of this sweep: go on with --resume, or choose another folder with "
            "--out",
            folder_.string(), finished);
    for (const char* name : {kPoints, kFailures, kLog}) {
        fs::create_directories(folder_ / name, error);
        if (error) cannot("created", (folder_ / name).string(), error.value());
        remove_leftovers(folder_ / name);
    }
    remove_leftovers(folder_);
    write_file(folder_ / kPlan, plan.text);
    return lock;
}

std::string mark_of(const PlannedPoint& point) {
    return "of point " + point.id;
}

fs::path SweepFolder::point_folder(const PlannedPoint& point) const {
    return folder_ / kPoints / point.id;
}

bool SweepFolder::is_there(const PlannedPoint& point, const std::vector<std::string>& files) const {
    const fs::path folder = point_folder(point);
    std::error_code error;
    if (!fs::exists(folder / kStats, error)) return false;
    if (!mark_title(folder)) refuse_point(folder, fmt::format("has no mark of sliver ({})", kFolderMark));
    if (!belongs_to(folder, mark_of(point)))
        refuse_point(folder, "holds the results of something else than this point");
    for (const std::string& name : files)
        if (!is_as_listed(folder, name)) refuse_changed(folder, name);
    return true;
}

bool SweepFolder::is_done(const PlannedPoint& point) const {
    if (done_.count(point.id) != 0) return true;
    if (!is_there(point, {kStats, kLogits, kPredictions})) return false;
    done_.insert(point.id);
    return true;
}

std::optional<std::string> SweepFolder::failure(const PlannedPoint& point) const {
    const fs::path file = folder_ / kFailures / (point.id + ".txt");
    std::error_code error;
    if (!fs::exists(file, error)) return std::nullopt;
    std::string text = read_text(file);
    text.erase(text.find_last_not_of('\n') + 1);
    return text;
}

void SweepFolder::forget_failure(const PlannedPoint& point) const {
    std::error_code ignored;
    fs::remove(folder_ / kFailures / (point.id + ".txt"), ignored);
}

void SweepFolder::fail(const PlannedPoint& point, const std::string& why) const {
    write_file(folder_ / kFailures / (point.id + ".txt"), why + "\n");
}

void SweepFolder::note_time(const SweepTask& task, double seconds) const {
    const Json note = {{"seconds", seconds}, {"points", task.points.size()}};
    write_file(folder_ / kLog / (task.simulation + ".json"), dumped(note, -1));
}

std::optional<double> SweepFolder::mean_seconds() const {
    double sum = 0;
    std::size_t count = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / kLog, error)) {
        if (entry.path().extension() != ".json") continue;
        const Json note = Json::parse(read_text(entry.path()), nullptr, false);
        if (!note.is_object() || !note.contains("seconds") || !note["seconds"].is_number()) continue;
        sum += note["seconds"].get<double>();
        ++count;
    }
    if (count == 0) return std::nullopt;
    return sum / static_cast<double>(count);
}

SweepResults SweepFolder::collect(const SweepPlan& plan) const {
    SweepResults results = empty_results(plan);
    const Json screened = read_screening(folder_ / kScreening);
    for (std::size_t i = 0; i < plan.points.size(); ++i) {
        const PlannedPoint& planned = plan.points[i];
        PointResult& point = results.points[i];
        // stats.json is read once: its bytes are compared with the mark, parsed and priced.
        if (is_there(planned, {kLogits, kPredictions})) {
            const fs::path folder = point_folder(planned);
            std::string stats = read_text(folder / kStats);
            if (!is_as_listed(folder, kStats, stats)) refuse_changed(folder, kStats);
            results::RunResult run = results::read_stats(stats, (folder / kStats).string());
            take_stats(folder, planned, {std::move(run), std::move(stats)}, point);
            done_.insert(planned.id);
        } else if (const std::optional<std::string> why = failure(planned)) {
            point.state = PointState::failed;
            point.message = *why;
        }
        if (const auto entry = screened.find(planned.id); entry != screened.end())
            take_screening(*entry, folder_ / kScreening, point);
    }
    judge(results);
    explain(results);
    return results;
}

void SweepFolder::write(const SweepResults& results) const {
    std::map<std::string, std::string> points;
    for (const PointResult& point : results.points)
        if (point.state == PointState::done)
            if (const auto digest = listed_digest(folder_ / kPoints / point.id, kStats))
                points.emplace(fmt::format("{}/{}/{}", kPoints, point.id, kStats), *digest);
    write_tables(folder_,
                 {{kResultsCsv, results_csv(results)},
                  {kResultsSqlite, results_sqlite(results)},
                  {kSweepJson, results_json(results)},
                  {kSweepText, sweep_text(results)}},
                 points);
}

}  // namespace sliver::sweep
