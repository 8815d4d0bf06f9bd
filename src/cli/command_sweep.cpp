// sliver sweep: the points of a design space. sliver front: the best of them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "base/worker_team.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal_progress.h"
#include "results/quantity_text.h"
#include "results/table.h"
#include "sweep/screening.h"
#include "sweep/sweep_estimate.h"
#include "sweep/sweep_files.h"
#include "sweep/sweep_run.h"
#include "sweep/sweep_tables.h"
#include "sweep/sweep_text.h"

namespace sliver::cli {
namespace {

struct SweepOptions {
    std::string file, out;
    std::size_t jobs = 0;
    double share = 0;  ///< of the points that pre-screening keeps; 0: no screening
    bool resume = false, list = false, json = false, yes = false, retry = false, collect = false;
    std::vector<std::string> only;
    std::string conductance_cache;
};

constexpr const char* kSweepFooter =
    "Examples:\n"
    "  sliver sweep adc-sharing --out out/adc-sharing\n"
    "      a shipped study (configs/studies): every point, the front, what each axis does\n"
    "  sliver sweep my.yaml --list\n"
    "      the points and what they would take, without running any\n"
    "  sliver sweep my.yaml --out out/my --prescreen 0.25\n"
    "      closed forms first: only the most promising quarter is simulated\n"
    "  sliver sweep my.yaml --out out/my --resume -j 8\n"
    "      goes on where it was stopped; finished points are never run again\n"
    "  sliver report out/my\n"
    "      front, parallel coordinates, sensitivities, the chosen point against the baseline\n"
    "\n"
    "DIR holds points/ID (a folder as sliver run leaves it), results.csv, results.sqlite, sweep.json and "
    "sweep.txt.\ndocs/sweeps.md explains the file, scripts/cluster runs it on many machines.";

std::string counted(std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// What a screening found, for the terminal: its times are of this machine.
std::string screening_text(const sweep::Screening& screening) {
    std::size_t kept = 0, misfits = 0;
    for (std::size_t i = 0; i < screening.kept.size(); ++i) {
        kept += screening.kept[i] ? 1 : 0;
        misfits += screening.results.points[i].message.empty() ? 0 : 1;
    }
    const sweep::PointEstimator::Spent& spent = screening.spent;
    std::string text = fmt::format("Pre-screening: {} of {} points kept, {} do not fit their chip\n", kept,
                                   screening.kept.size(), misfits);
    if (spent.points > 0)
        text += fmt::format("  {} and {} in {:.2f} s of a processor, then {:.3f} ms a point\n",
                            counted(spent.networks, "network"), counted(spent.mappings, "mapping"),
                            spent.once_s, 1e3 * spent.points_s / static_cast<double>(spent.points));
    if (!screening.left_out.empty())
        text += fmt::format("  without an estimate, left out: {}\n", fmt::join(screening.left_out, ", "));
    if (screening.bounds > 0)
        text += fmt::format("  {}: widths found on images are taken as those of worst-case, an upper bound\n",
                            counted(screening.bounds, "point"));
    return text;
}

/// Cells behind a point of the list: what is estimated of the objectives.
std::vector<std::string> estimate_cells(const sweep::SweepPlan& plan, const sweep::PointResult& point) {
    std::vector<std::string> cells;
    for (const sweep::Objective& objective : plan.file.objectives) {
        if (!sweep::has_estimate(*objective.metric)) continue;
        const std::size_t place = place_of(*objective.metric);
        cells.push_back(
            point.estimates.empty() ? "-" : results::si(*point.estimates[place], objective.metric->unit));
    }
    return cells;
}

void list_text(const sweep::SweepPlan& plan, const sweep::SweepFolder& folder, unsigned processes,
               const sweep::Screening* screening, app::Progress& progress) {
    results::Table table;
    for (const char* title : {"number", "point", "simulation", "state"})
        table.add_column(title, results::Align::left);
    for (const sweep::Axis& axis : plan.file.axes) table.add_column(axis.name, results::Align::left);
    if (screening != nullptr)
        for (const sweep::Objective& objective : plan.file.objectives)
            if (sweep::has_estimate(*objective.metric))
                table.add_column(fmt::format("~{}", objective.metric->name), results::Align::right);
    std::size_t open = 0;
    for (const sweep::PlannedPoint& point : plan.points) {
        const bool done = folder.is_done(point), failed = !done && folder.failure(point);
        const char* state = done                    ? "done"
                            : failed                ? "failed"
                            : point.dropped         ? "dropped"
                            : point.refusal.empty() ? "open"
                                                    : "refused";
        open += done || failed || point.dropped ? 0 : 1;
        std::vector<std::string> cells = {std::to_string(point.number), point.id, point.simulation, state};
        cells.insert(cells.end(), point.point.labels.begin(), point.point.labels.end());
        if (screening != nullptr)
            for (std::string& cell : estimate_cells(plan, screening->results.points[point.number - 1]))
                cells.push_back(std::move(cell));
        table.add_row(cells);
    }
    show([&] { return table.text(); });
    if (screening != nullptr) show([&] { return "\n" + screening_text(*screening); });
    std::vector<std::size_t> open_tasks;
    for (std::size_t i = 0; i < plan.tasks.size(); ++i)
        if (sweep::is_open(plan, folder, plan.tasks[i])) open_tasks.push_back(i);
    const std::size_t tasks = open_tasks.size();
    fmt::print("\n{} points by {} simulations; {} points by {} simulations are left\n", plan.points.size(),
               plan.tasks.size(), open, tasks);
    if (tasks == 0) return;
    if (const std::optional<double> each = folder.mean_seconds())
        fmt::print("About {} with -j {}: {:.1f} s a simulation so far\n",
                   rough_duration(*each * static_cast<double>(tasks) /
                                  static_cast<double>(std::min<std::size_t>(processes, tasks))),
                   processes, *each);
    else if (const std::optional<double> guess = sweep::guess_seconds(plan, open_tasks, progress))
        fmt::print("A guess from the number of reads, as none has been timed in {} yet: {} with -j {}\n",
                   folder.path().string(),
                   rough_duration(*guess / static_cast<double>(std::min<std::size_t>(processes, tasks))),
                   processes);
    else
        fmt::print("No simulation has been timed in {} yet: how long it takes is known after the first\n",
                   folder.path().string());
}

void list_json(const sweep::SweepPlan& plan, const sweep::SweepFolder& folder) {
    nlohmann::ordered_json json = {{"name", plan.file.name}, {"folder", folder.path().string()}};
    json["simulations"] = nlohmann::ordered_json::array();
    for (const sweep::SweepTask& task : plan.tasks) {
        std::vector<std::string> ids;
        for (const std::size_t place : task.points) ids.push_back(plan.points[place].id);
        json["simulations"].push_back(
            {{"simulation", task.simulation}, {"points", ids}, {"open", sweep::is_open(plan, folder, task)}});
    }
    fmt::print("{}\n", json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

/// The tasks with open points, or of these the named ones.
std::vector<std::size_t> chosen_tasks(const sweep::SweepPlan& plan, const sweep::SweepFolder& folder,
                                      const std::vector<std::string>& only) {
    std::vector<std::size_t> wanted;
    for (const std::string& name : only) {
        const auto found =
            std::find_if(plan.tasks.begin(), plan.tasks.end(), [&](const sweep::SweepTask& task) {
                return task.simulation == name ||
                       std::any_of(task.points.begin(), task.points.end(),
                                   [&](std::size_t place) { return plan.points[place].id == name; });
            });
        if (found == plan.tasks.end())
            refuse("--only {}: neither a point nor a simulation of this sweep (sliver sweep {} --list)", name,
                   plan.file.name);
        wanted.push_back(static_cast<std::size_t>(found - plan.tasks.begin()));
    }
    if (only.empty()) {
        wanted.resize(plan.tasks.size());
        std::iota(wanted.begin(), wanted.end(), std::size_t{0});
    }
    std::vector<std::size_t> open;
    for (const std::size_t task : wanted)
        if (sweep::is_open(plan, folder, plan.tasks[task]) &&
            std::find(open.begin(), open.end(), task) == open.end())
            open.push_back(task);
    return open;
}

void sweep_points(const SweepOptions& options) {
    TerminalProgress progress;
    sweep::SweepPlan plan = sweep::plan_sweep(options.file, options.yes, progress);
    std::optional<sweep::Screening> screening;
    if (options.share > 0) {
        screening = sweep::screen_points(plan, options.share, progress);
        for (std::size_t i = 0; i < plan.points.size(); ++i) plan.points[i].dropped = !screening->kept[i];
    }
    const sweep::SweepFolder folder(options.out.empty() ? "out/" + plan.file.name : options.out);
    const auto cores = static_cast<unsigned>(processors());
    const auto processes = options.jobs == 0 ? cores : static_cast<unsigned>(options.jobs);
    if (options.list) {
        folder.check(plan);
        if (options.json)
            list_json(plan, folder);
        else
            list_text(plan, folder, processes, screening ? &*screening : nullptr, progress);
        return;
    }
    if (options.json) refuse("--json: only with --list");
    if (options.collect) {
        folder.require(plan);
        sweep::require_tables_unchanged(folder.path());
    } else {
        (void)chosen_tasks(plan, folder, options.only);  // refuses names before anything is made
        const bool alone = options.only.empty();
        const Descriptor kept = folder.open(plan, options.resume || !alone, alone);
        if (options.retry)
            for (const sweep::PlannedPoint& point : plan.points) folder.forget_failure(point);
        if (screening) {
            folder.note_screening(screening->results, screening->kept);
            show([&] { return screening_text(*screening); });
        } else if (options.only.empty()) {
            folder.drop_nothing();
        }
        sweep::SweepWork work{plan,      folder, chosen_tasks(plan, folder, options.only),
                              processes, 1,      options.conductance_cache};
        // Whoever names simulations runs many such processes beside each other.
        if (options.only.empty()) work.threads = std::max(1U, cores / processes);
        try {
            sweep::work_off(work, progress);
        } catch (const InputError& error) {
            refuse("{}; what was finished is safe: mend this and go on with --resume", error.what());
        } catch (const MachineError& error) {
            fail("{}; what was finished is safe: mend this and go on with --resume", error.what());
        } catch (...) {
            if (options.only.empty()) folder.write(folder.collect(plan));
            throw;
        }
        // One of many processes: the last one collects.
        if (!options.only.empty()) return;
    }
    progress.stage("collecting");
    const sweep::SweepResults results = folder.collect(plan);
    folder.write(results);
    progress.clear();
    show([&] { return sweep::sweep_text(results) + "\n"; });
    fmt::print("Results: {}\n", cleaned(folder.path().string()));
}

struct FrontOptions {
    std::string folder;
    std::vector<std::string> objectives, constraints;
    bool csv = false, json = false;
};

constexpr const char* kFrontFooter =
    "Examples:\n"
    "  sliver front out/adc-sharing\n"
    "      the front of a finished sweep by the objectives of its file\n"
    "  sliver front out/adc-sharing --objective energy_per_image_j --objective 'max top1' --where 'area_mm2 "
    "< 90'\n"
    "      by others; sliver list metrics has them\n"
    "  sliver front out/adc-sharing --csv > front.csv";

void front(const FrontOptions& options) {
    sweep::require_as_collected(options.folder, sweep::kResultsSqlite);
    sweep::SweepResults results =
        sweep::read_sqlite(std::filesystem::path(options.folder) / sweep::kResultsSqlite);
    if (!options.objectives.empty()) {
        if (options.objectives.size() < 2 || options.objectives.size() > 4)
            refuse("--objective: {} given: a front has 2 to 4 objectives", options.objectives.size());
        results.objectives.clear();
        for (const std::string& text : options.objectives)
            results.objectives.push_back(sweep::parse_objective(text, "--objective"));
    }
    for (const std::string& text : options.constraints)
        results.constraints.push_back(sweep::parse_constraint(text, "--where"));
    judge(results);
    if (options.json) {
        fmt::print("{}", sweep::front_json(results));
        return;
    }
    if (!options.csv) {
        show([&] { return sweep::front_text(results); });
        return;
    }
    const std::vector<std::size_t> places = results.front();
    sweep::SweepResults kept = results;
    kept.points.clear();
    for (const std::size_t place : places) kept.points.push_back(results.points[place]);
    fmt::print("{}", sweep::results_csv(kept));
}

}  // namespace

void add_sweep_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App& command = *program.add_subcommand(
        "sweep", "Run the points of a design space, a process each; goes on where it stopped");
    command.footer(kSweepFooter);
    command.add_option("FILE", options->file, "Sweep file (docs/sweeps.md), or a shipped study's name")
        ->required();
    command.add_option("--out", options->out, "Folder of the sweep; default: out/NAME");
    command.add_option("-j,--jobs", options->jobs, "Simulations at a time; default: one a processor")
        ->check(CLI::Range(1, 1024));
    CLI::Option* resume = command.add_flag("--resume", options->resume,
                                           "Go on in a folder that holds finished points of this sweep");
    command.add_flag("--retry", options->retry, "Run failed points again")->needs(resume);
    CLI::Option* list =
        command.add_flag("--list", options->list, "Print the points and the time they would take; run none");
    command.add_flag("--json", options->json, "With --list: for programs");
    CLI::Option* prescreen =
        command
            .add_option("--prescreen", options->share,
                        "Estimate all points by closed forms and simulate this share of each scenario only")
            ->check(CLI::Range(1e-9, 1.0));
    command
        .add_option("--only", options->only,
                    "Run just the simulation of this point; may be given again. Results are not collected")
        ->allow_extra_args(false)
        ->excludes(list)
        ->excludes(prescreen);
    command
        .add_flag("--collect", options->collect,
                  "Run nothing: make results.csv and the others from what is finished")
        ->excludes(list)
        ->excludes(prescreen);
    command.add_flag("--yes", options->yes, fmt::format("Accept more than {} points", sweep::kManyPoints));
    add_conductance_cache(command, options->conductance_cache);
    command.callback([options, &chosen] { chosen = [options] { sweep_points(*options); }; });
}

void add_front_command(CLI::App& program, Action& chosen) {
    auto options = std::make_shared<FrontOptions>();
    CLI::App& command = *program.add_subcommand("front", "The Pareto front of a sweep, by 2 to 4 objectives");
    command.footer(kFrontFooter);
    command.add_option("DIR", options->folder, "Folder of a sweep")->required();
    command
        .add_option("--objective", options->objectives,
                    "METRIC, 'min METRIC' or 'max METRIC', 2 to 4 times; default: those of the sweep")
        ->allow_extra_args(false);
    command
        .add_option("--where", options->constraints,
                    "A further constraint such as 'area_mm2 < 90'; may be given again")
        ->allow_extra_args(false);
    CLI::Option* csv =
        command.add_flag("--csv", options->csv, "Print the points of the front as results.csv has them");
    add_json(command, options->json)->excludes(csv);
    command.callback([options, &chosen] { chosen = [options] { front(*options); }; });
}

}  // namespace sliver::cli
