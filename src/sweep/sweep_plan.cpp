#include "sweep/sweep_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "app/loaded_network.h"
#include "base/error.h"
#include "base/input_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/version.h"
#include "config/chip_config_loader.h"
#include "config/quantity.h"
#include "config/shipped.h"
#include "network/image_files.h"

namespace sliver::sweep {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kIdDigits = 16;
/// All points of a sweep are held in memory, with what they set and a resolved chip each.
constexpr std::uint64_t kMostSettings = 10'000'000, kSettingsEach = 20;
constexpr std::size_t kMostCount = 10'000'000;

std::uint64_t number_of(const Assignment& assignment, std::uint64_t lowest, std::uint64_t highest) {
    const auto number = config::parse_integer(assignment.value);
    if (!number || *number < 0 || static_cast<std::uint64_t>(*number) < lowest ||
        static_cast<std::uint64_t>(*number) > highest)
        refuse("{}: {}: value {}: must be a whole number from {} to {}", assignment.where, assignment.key,
               shown_text(assignment.value), lowest, highest);
    return static_cast<std::uint64_t>(*number);
}

run::RunRequest options_of(const Point& point) {
    run::RunRequest options;
    options.chip.set.clear();
    for (const Assignment& assignment : point.set) {
        const std::string &key = assignment.key, &value = assignment.value;
        if (key == "chip")
            options.chip.chip = value;
        else if (key == "network")
            options.network = value;
        else if (key == "logits")
            options.logits = value;
        else if (key == "adc")
            options.chip.adc = value;
        else if (key == "images")
            options.images.images = value;
        else if (key == "labels")
            options.images.labels = value;
        else if (key == "calibrate")
            options.images.calibrate = value;
        else if (key == "seed")
            options.seed = number_of(assignment, 0, INT64_MAX);
        else if (key == "count")
            options.count = number_of(assignment, 1, kMostCount);
        else if (key == "functional_count")
            options.functional_count = number_of(assignment, 1, kMostCount);
        else if (key == "calibrate_count")
            options.images.calibrate_count = number_of(assignment, 1, kMostCount);
        else
            options.chip.set.push_back(fmt::format("{}={}", key, value));
    }
    options.count_name = "count";
    options.functional_name = "functional_count";
    static_cast<void>(run::functional_images(options));  // refused here, before anything runs
    return options;
}

/// What an image source is, beyond its name: what the files hold that may be read of it. A set that Sliver
/// knows by name is its name.
std::string source_identity(const std::string& source) {
    std::error_code error;
    if (source.empty() || !fs::exists(source, error)) return source;
    const std::vector<fs::path> files = network::image_files(source);
    if (files.size() == 1 && !fs::is_directory(source, error)) return app::file_sha256(source);
    std::string all;
    for (const fs::path& file : files)
        all += fmt::format("{} {}\n", file.filename().string(),
                           fs::exists(file, error) ? app::file_sha256(file) : "is not there");
    return sha256(all);
}

/// Files by name, each read once, and digests of networks and images.
class Identities {
  public:
    const std::string& network(const std::string& name, const std::string& logits) {
        return once(networks_, name + "\n" + logits, [&] { return app::load_network(name, logits).sha256; });
    }
    /// Of the network's card, which says how images are prepared and which are the default; empty without
    /// one.
    const std::string& card(const std::string& name) {
        return once(cards_, name, [&] {
            const fs::path card =
                network::card_path(config::shipped_or_path(config::ShippedKind::network, name));
            std::error_code error;
            return fs::exists(card, error) ? app::file_sha256(card) : std::string();
        });
    }
    config::ChipConfig chip(const app::ChipRequest& options) {
        auto file = chips_.find(options.chip);
        if (file == chips_.end())
            file = chips_
                       .emplace(options.chip, config::ChipFile(config::shipped_or_path(
                                                  config::ShippedKind::chip, options.chip)))
                       .first;
        return file->second.with(app::chip_overrides(options));
    }
    const std::string& images(const std::string& name) {
        return once(images_, name, [&] { return source_identity(name); });
    }

  private:
    template <typename Make>
    static const std::string& once(std::map<std::string, std::string>& known, const std::string& name,
                                   const Make& make) {
        const auto found = known.find(name);
        return found != known.end() ? found->second : known.emplace(name, make()).first->second;
    }
    std::map<std::string, std::string> networks_, cards_, images_;
    std::map<std::string, config::ChipFile> chips_;
};

std::string short_hash(const std::string& text) {
    return sha256(text).substr(0, kIdDigits);
}

/// A chip without its name, and without prices where they decide nothing.
std::string what_happens(config::ChipConfig chip) {
    chip.name = "chip";
    chip.summary.clear();
    if (chip.adc.policy != config::AdcPolicy::accuracy) {
        chip.adc.law = config::AdcConfig{}.law;
        chip.cost = config::CostConfig{};
    }
    return config::to_yaml(chip);
}

void identify(PlannedPoint& planned, Identities& known) {
    const run::RunRequest& options = planned.options;
    planned.chip = known.chip(options.chip);
    const config::ChipConfig& chip = planned.chip;
    const app::ImageRequest& images = options.images;
    planned.network_sha256 = known.network(options.network, options.logits);
    std::string rest = fmt::format(
        "sliver-sweep-2 {}\nnetwork {}\ncard {}\nimages {}\nlabels {}\ncalibrate {} {}\ncount {} {}\nseed "
        "{}\n",
        version(), planned.network_sha256, known.card(options.network), known.images(images.images),
        known.images(images.labels), known.images(images.calibrate), images.calibrate_count, options.count,
        options.functional_count, options.seed);
    if (!options.logits.empty()) rest += "logits " + options.logits + "\n";
    planned.id = short_hash(rest + "network name " + options.network + "\n" + config::to_yaml(chip));
    planned.simulation = short_hash(rest + what_happens(chip));
}

/// Settings that one point may have.
std::size_t most_settings(const SweepFile& file) {
    std::size_t settings = file.fixed.size();
    for (const Axis& axis : file.axes) {
        std::size_t most = axis.keys.size();
        for (const AxisValue& value : axis.values) most = std::max(most, value.set.size());
        settings += most;
    }
    return settings;
}

/// A list of values was written down by hand: one that no point can have is a slip.
void refuse_impossible_values(const SweepPlan& plan) {
    if (plan.file.sampling != Sampling::grid) return;
    for (std::size_t axis = 0; axis < plan.file.axes.size(); ++axis) {
        struct Fate {
            bool possible = false;
            const std::string* why = nullptr;
        };
        std::unordered_map<std::string_view, Fate> fates;
        for (const PlannedPoint& point : plan.points) {
            Fate& fate = fates[point.point.labels[axis]];
            fate.possible = fate.possible || point.refusal.empty();
            if (fate.why == nullptr) fate.why = &point.refusal;
        }
        for (const AxisValue& value : plan.file.axes[axis].values) {
            const auto fate = fates.find(value.label);
            if (fate != fates.end() && !fate->second.possible)
                refuse("{}: {}: value {}: no point can have it: {}", value.where,
                       shown_text(plan.file.axes[axis].name), shown_text(value.label), *fate->second.why);
        }
    }
}

}  // namespace

SweepPlan read_plan(const std::string& file) {
    const fs::path path = config::shipped_or_path(config::ShippedKind::study, file);
    SweepPlan plan;
    plan.text = read_file(path, kTextFile);
    plan.file = parse_sweep(plan.text, path.string());
    return plan;
}

SweepPlan plan_sweep(const std::string& file, bool many, app::Progress& progress) {
    SweepPlan plan = read_plan(file);
    const std::uint64_t count = count_points(plan.file);
    if (count > kManyPoints && !many)
        refuse("{}: {} points: more than {} only with --yes (sample the space, or take fewer values)", file,
               count, kManyPoints);
    const std::size_t each = kSettingsEach + most_settings(plan.file);
    if (count > kMostSettings / each)
        refuse("{}: {} points of up to {} settings: {} settings in all are the most that one sweep may have",
               file, count, each, kMostSettings);
    Identities known;
    std::map<std::string, std::size_t> tasks;
    for (Point& point : points_of(plan.file)) {
        PlannedPoint planned;
        planned.number = plan.points.size() + 1;
        planned.point = std::move(point);
        progress.count("resolving", plan.points.size(), count, "points");
        try {
            planned.options = options_of(planned.point);
            identify(planned, known);
        } catch (const InputError& error) {
            planned.refusal = error.what();
            std::string all;
            for (const Assignment& assignment : planned.point.set)
                all += assignment.key + "=" + assignment.value + "\n";
            planned.id = planned.simulation = short_hash(all);
        }
        const auto [task, added] = tasks.emplace(planned.simulation, plan.tasks.size());
        if (added) plan.tasks.push_back({planned.simulation, {}});
        plan.tasks[task->second].points.push_back(plan.points.size());
        plan.points.push_back(std::move(planned));
    }
    progress.clear();
    refuse_impossible_values(plan);
    return plan;
}

SweepResults empty_results(const SweepPlan& plan) {
    SweepResults results;
    results.name = plan.file.name;
    results.summary = plan.file.summary;
    results.version = version();
    results.objectives = plan.file.objectives;
    results.constraints = plan.file.constraints;
    switch (plan.file.sampling) {
        case Sampling::grid:
            results.sampling = "grid";
            break;
        case Sampling::random:
            results.sampling = fmt::format("random, seed {}", plan.file.sample_seed);
            break;
        case Sampling::latin_hypercube:
            results.sampling = fmt::format("Latin hypercube, seed {}", plan.file.sample_seed);
            break;
    }
    for (const Assignment& assignment : plan.file.fixed)
        results.fixed += (results.fixed.empty() ? "" : ", ") + assignment.key + " " + assignment.value;
    for (const Axis& axis : plan.file.axes) {
        AxisResult made{axis.name, axis.scenario, {}, {}};
        for (const AxisValue& value : axis.values) made.labels.push_back(value.label);
        results.axes.push_back(std::move(made));
    }
    for (const PlannedPoint& planned : plan.points) {
        PointResult point;
        point.number = planned.number;
        point.id = planned.id;
        point.simulation = planned.simulation;
        point.labels = planned.point.labels;
        point.baseline = planned.point.baseline;
        if (point.baseline) results.baseline = results.points.size();
        results.points.push_back(std::move(point));
    }
    return results;
}

}  // namespace sliver::sweep
