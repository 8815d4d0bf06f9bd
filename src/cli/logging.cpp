#include "cli/logging.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <string_view>
#include <systemc>

#include "model/log.h"

namespace sliver::cli {
namespace {

constexpr std::string_view kOwnTypes = "/sliver/";

spdlog::level::level_enum level_of(int verbosity) {
    if (verbosity <= model::verbosity_of(model::LogLevel::info)) return spdlog::level::info;
    return verbosity <= model::verbosity_of(model::LogLevel::debug) ? spdlog::level::debug
                                                                    : spdlog::level::trace;
}

/// One logger a block, all to stderr.
spdlog::logger& logger_of(std::string_view module) {
    static const auto loggers = [] {
        const auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
        std::array<std::unique_ptr<spdlog::logger>, model::kLogModules.size()> made;
        for (std::size_t i = 0; i < made.size(); ++i) {
            made[i] = std::make_unique<spdlog::logger>(std::string(model::kLogModules[i]), sink);
            made[i]->set_level(spdlog::level::trace);  // the blocks know what is asked for
        }
        sink->set_pattern("%v");
        return made;
    }();
    std::size_t place = 0;
    while (place + 1 < loggers.size() && loggers[place]->name() != module) ++place;
    return *loggers[place];
}

void handle(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    const std::string_view type = report.get_msg_type();
    if (report.get_severity() != sc_core::SC_INFO || type.substr(0, kOwnTypes.size()) != kOwnTypes) {
        sc_core::sc_report_handler::default_handler(report, actions);
        return;
    }
    const std::string_view module = type.substr(kOwnTypes.size());
    const spdlog::level::level_enum level = level_of(report.get_verbosity());
    const char* const process = report.get_process_name();
    const std::string_view level_name(spdlog::level::to_string_view(level).data(),
                                      spdlog::level::to_string_view(level).size());
    logger_of(module).log(level, fmt::format("{:>14} {:<11} {:<5} {}{}{}", report.get_time().to_string(),
                                             module, level_name, process == nullptr ? "" : process,
                                             process == nullptr ? "" : ": ", report.get_msg()));
}

}  // namespace

void add_log_option(CLI::App& command, std::vector<std::string>& settings) {
    command
        .add_option("--log", settings,
                    fmt::format("What a block of the chip does, on stderr: MODULE=LEVEL, may be given again. "
                                "Modules: all, {}; levels: {} (docs/trace.md)",
                                fmt::join(model::kLogModules, ", "), fmt::join(model::kLogLevels, ", ")))
        ->allow_extra_args(false);
}

void start_logging(const std::vector<std::string>& settings) {
    for (const std::string& setting : settings) model::set_log(setting, "--log");
    if (!settings.empty()) sc_core::sc_report_handler::set_handler(handle);
}

}  // namespace sliver::cli
