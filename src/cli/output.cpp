#include "cli/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "config/quantity.h"
#include "results/wrapped_text.h"

namespace sliver::cli {
namespace {

constexpr std::size_t kUsual = 80, kLeast = 40;

}  // namespace

std::size_t output_width() {
    if (const char* columns = std::getenv("COLUMNS"); columns != nullptr)
        if (const std::optional<std::int64_t> wish = config::parse_integer(columns); wish && *wish > 0)
            return std::max(kLeast, static_cast<std::size_t>(*wish));
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
    return std::max(kLeast, std::size_t{size.ws_col});
}

void show(const std::function<std::string()>& text) {
    const results::LineWidth width(output_width());
    fmt::print("{}", results::fitted(text()));
}

}  // namespace sliver::cli
