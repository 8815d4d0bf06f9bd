// What the blocks tell of their work, for whoever debugs a platform or wonders about a time.
//
// Off by default; switched on by block (`mesh=debug`). A message is an ordinary SystemC report: severity
// SC_INFO, type "/sliver/" and the block's name, at the process and time it is about. So a platform sees it
// where it sees all others, and decides what becomes of it; `sliver run --log` hands it to spdlog
// (cli/logging.h). Switched off it costs a comparison: log() calls `text` only where somebody listens.
// docs/trace.md says what each block tells at each level.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace sliver::model {

enum class LogModule : unsigned char { accelerator, adc, chip, host, mesh, tile };
enum class LogLevel : unsigned char {
    off,
    info,   ///< what a user asked for: jobs, images, resets
    debug,  ///< what the hardware does: windows, packets, waits, register accesses
    trace   ///< every step of it
};
inline constexpr std::array<std::string_view, 6> kLogModules{"accelerator", "adc",  "chip",
                                                             "host",        "mesh", "tile"};
inline constexpr std::array<std::string_view, 4> kLogLevels{"off", "info", "debug", "trace"};

/// Of a message's report, which SystemC's default limit (SC_MEDIUM) lets pass.
constexpr int verbosity_of(LogLevel level) {
    constexpr int kInfo = 100, kStep = 50;
    return kInfo + (static_cast<int>(level) - 1) * kStep;
}

namespace detail {
inline std::array<LogLevel, kLogModules.size()> log_levels{};
}

/// `setting`: MODULE=LEVEL, where MODULE may be all. InputError, naming `option` and the choices.
void set_log(std::string_view setting, std::string_view option = "log");

[[nodiscard]] inline bool logs(LogModule module, LogLevel level) {
    return detail::log_levels[static_cast<std::size_t>(module)] >= level;
}

void report_log(LogModule module, LogLevel level, const std::string& text);

/// `text`: makes the message.
template <typename Text>
void log(LogModule module, LogLevel level, Text&& text) {
    if (logs(module, level)) report_log(module, level, text());
}

}  // namespace sliver::model
