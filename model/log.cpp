#include "model/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <systemc>

#include "base/error.h"

namespace sliver::model {
namespace {

template <typename Names>
std::string listed(const Names& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

void set_log(std::string_view setting, std::string_view option) {
    const std::size_t equals = setting.find('=');
    const std::string_view module = setting.substr(0, equals);
    const std::string_view level_name =
        equals == std::string_view::npos ? std::string_view() : setting.substr(equals + 1);
    const auto* const level = std::find(kLogLevels.begin(), kLogLevels.end(), level_name);
    const auto* const found = std::find(kLogModules.begin(), kLogModules.end(), module);
    if (level == kLogLevels.end() || (found == kLogModules.end() && module != "all"))
        refuse("{}: value {}: must be MODULE=LEVEL; modules: all, {}; levels: {}", option, setting,
               listed(kLogModules), listed(kLogLevels));
    const auto chosen = static_cast<LogLevel>(level - kLogLevels.begin());
    if (module == "all")
        detail::log_levels.fill(chosen);
    else
        detail::log_levels[static_cast<std::size_t>(found - kLogModules.begin())] = chosen;
}

void report_log(LogModule module, LogLevel level, const std::string& text) {
    const std::string type = fmt::format("/sliver/{}", kLogModules[static_cast<std::size_t>(module)]);
    sc_core::sc_report_handler::report(sc_core::SC_INFO, type.c_str(), text.c_str(), verbosity_of(level),
                                       __FILE__, __LINE__);
}

}  // namespace sliver::model
