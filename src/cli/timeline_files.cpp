#include "cli/timeline_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "cli/options.h"
#include "config/quantity.h"
#include "results/chrome_trace.h"
#include "results/quantity_text.h"
#include "results/vcd.h"

namespace sliver::cli {
namespace fs = std::filesystem;

namespace {

constexpr double kFsPerSecond = 1e15;

std::uint64_t time_fs(const char* option, const std::string& text) {
    constexpr double kLongest_s = 1000;
    const auto seconds = config::parse_quantity(text, config::Dimension::time);
    if (!seconds || *seconds < 0 || *seconds > kLongest_s)
        refuse("{}: value {}: must be a time from 0 s to {} s with its unit, {}", option, text, kLongest_s,
               config::accepted_units(config::Dimension::time));
    return static_cast<std::uint64_t>(std::llround(*seconds * kFsPerSecond));
}

std::string time_text(std::uint64_t fs) {
    return config::format_quantity(static_cast<double>(fs) / kFsPerSecond, config::Dimension::time);
}

fs::path place_of(const std::string& path) {
    return followed(path, path);
}

}  // namespace

void add_timeline_options(CLI::App& command, TimelineOptions& options) {
    const auto named = [](const std::string& file) {
        return file.empty() ? std::string("a file must be named") : std::string();
    };
    command
        .add_option("--trace", options.trace,
                    "File for a timeline of tiles, processing elements, converters and links: Chrome "
                    "trace JSON for ui.perfetto.dev (docs/trace.md)")
        ->check(named);
    command.add_option("--vcd", options.vcd, "File for a handful of signals, for GTKWave (docs/trace.md)")
        ->check(named);
    command.add_option(results::kTraceLayer, options.layers, "Record this layer only; may be given again")
        ->allow_extra_args(false);
    command.add_option("--trace-from", options.from, "Record from this time on: '20 us'");
    command.add_option("--trace-to", options.to, "Record up to this time");
    add_count(command, "--trace-limit", options.limit,
              fmt::format("Events after which recording ends; default: {}, with --vcd alone {}", kTraceLimit,
                          kVcdLimit));
}

std::optional<results::TimelineRequest> timeline_request(const TimelineOptions& options) {
    if (options.trace.empty() && options.vcd.empty()) {
        const std::pair<const char*, bool> given[] = {{results::kTraceLayer, !options.layers.empty()},
                                                      {"--trace-from", options.from.has_value()},
                                                      {"--trace-to", options.to.has_value()},
                                                      {"--trace-limit", options.limit != 0}};
        for (const auto& [option, is_given] : given)
            if (is_given) refuse("{}: says what to record; name a file with --trace or --vcd", option);
        return std::nullopt;
    }
    results::TimelineRequest request;
    request.layers = options.layers;
    if (options.from.has_value()) request.from_fs = time_fs("--trace-from", *options.from);
    if (options.to.has_value()) request.to_fs = time_fs("--trace-to", *options.to);
    if (request.from_fs >= request.to_fs)
        refuse("--trace-to: value {}: must be after --trace-from, {}", *options.to,
               options.from.value_or("0 s"));
    request.limit = options.limit != 0 ? options.limit : options.trace.empty() ? kVcdLimit : kTraceLimit;
    return request;
}

TimelineFiles::TimelineFiles(const TimelineOptions& options, const std::string& folder,
                             const OutputRules& rules) {
    for (const auto& [option, file] : {std::pair{"--trace", &options.trace}, {"--vcd", &options.vcd}})
        if (!file->empty() && !folder.empty() && lies_in(place_of(*file), place_of(folder)))
            refuse("{}: {} lies in {}, which --out replaces as a whole; choose another place", option, *file,
                   folder);
    if (!options.trace.empty() && !options.vcd.empty() && place_of(options.trace) == place_of(options.vcd))
        refuse("--vcd: {} is the file of --trace", options.vcd);
    const auto begin = [&](std::optional<OutputFile>& file, const std::string& path, const char* option,
                           const FileSeal& seal) {
        OutputRules own = rules;
        own.maker = fmt::format("sliver run {}", option);
        own.option = option;
        own.seal = seal;
        if (!path.empty()) file.emplace(path, std::move(own));
    };
    begin(trace_, options.trace, "--trace", results::kTraceSeal);
    begin(vcd_, options.vcd, "--vcd", results::kVcdSeal);
}

void TimelineFiles::write(const results::TimelineRecord& timeline, const results::TimelineSource& source) {
    if (trace_)
        results::write_chrome_trace(timeline, source, [&](std::string_view text) { trace_->append(text); });
    if (vcd_) results::write_vcd(timeline, source, [&](std::string_view text) { vcd_->append(text); });
}

void TimelineFiles::commit() {
    for (std::optional<OutputFile>* file : {&trace_, &vcd_})
        if (*file) (*file)->commit();
}

std::string TimelineFiles::summary(const results::TimelineRecord& timeline) const {
    std::string text;
    const std::string events = results::grouped(timeline.events.size());
    if (trace_) text += fmt::format("Trace: {}, {} events\n", cleaned(trace_->shown()), events);
    if (vcd_) text += fmt::format("Signals: {}, from {} events\n", cleaned(vcd_->shown()), events);
    if (timeline.complete_until_fs)
        text += fmt::format("       cut at {}, --trace-limit {}: {} events that began later are left out\n",
                            time_text(*timeline.complete_until_fs), timeline.request.limit,
                            results::grouped(timeline.left_out));
    if (timeline.request.from_fs >= timeline.elapsed_fs)
        text += fmt::format("       empty: the run ends at {}, before --trace-from\n",
                            time_text(timeline.elapsed_fs));
    return text;
}

}  // namespace sliver::cli
