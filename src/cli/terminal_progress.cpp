#include "cli/terminal_progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace sliver::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kNarrow = 80;
constexpr std::chrono::milliseconds kRedraw{100}, kLogged{10'000};

std::size_t terminal_width(std::FILE* terminal) {
    winsize size{};
    if (::ioctl(::fileno(terminal), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kNarrow;
    return size.ws_col;
}

bool is_unwanted() {
    const char* wish = std::getenv("SLIVER_PROGRESS");
    return wish != nullptr && std::string_view(wish) == "none";
}

}  // namespace

std::string rough_duration(double seconds) {
    constexpr double kMinute = 60, kHour = 3600, kDay = 86400;
    if (seconds < 2 * kMinute) return fmt::format("{:.0f} s", seconds);
    if (seconds < 2 * kHour) return fmt::format("{:.0f} min", seconds / kMinute);
    if (seconds < 2 * kDay) return fmt::format("{:.1f} h", seconds / kHour);
    return fmt::format("{:.1f} days", seconds / kDay);
}

TerminalProgress::TerminalProgress(std::FILE* to, std::function<Clock::time_point()> now)
    : to_(to),
      now_(std::move(now)),
      silent_(is_unwanted()),
      terminal_(::isatty(::fileno(to)) == 1),
      stage_start_(now_()),
      last_drawn_(stage_start_) {}

TerminalProgress::~TerminalProgress() {
    TerminalProgress::clear();
}

void TerminalProgress::draw(const std::string& line) {
    // A line that wraps could not be taken back.
    const std::string text = cleaned(line).substr(0, terminal_width(to_) - 1);
    std::fprintf(to_, "\r\x1b[K%s", text.c_str());
    std::fflush(to_);
    drawn_ = true;
    last_drawn_ = now_();
}

void TerminalProgress::log(const std::string& line) {
    if (now_() - last_drawn_ < kLogged) return;
    fmt::print(to_, "{}\n", cleaned(line));
    last_drawn_ = now_();
}

void TerminalProgress::begin(const std::string& text) {
    if (stage_ == text) return;
    stage_ = text;
    stage_start_ = now_();
    if (terminal_) last_drawn_ = {};
}

void TerminalProgress::stage(const std::string& text) {
    if (silent_) return;
    begin(text);
    if (terminal_)
        draw(text + " ...");
    else
        log(text + " ...");
}

void TerminalProgress::count(const std::string& text, std::size_t done, std::size_t whole,
                             const std::string& unit) {
    if (silent_ || whole == 0) return;
    begin(text);
    const auto now = now_();
    if (now - last_drawn_ < (terminal_ ? kRedraw : kLogged) && (!terminal_ || done < whole)) return;
    const double elapsed_s = std::chrono::duration<double>(now - stage_start_).count();
    const std::size_t filled = kBarWidth * done / whole;
    std::string rate;
    if (done > 0 && elapsed_s > 0.5) {
        const double each_s = elapsed_s / static_cast<double>(done);
        rate = each_s < 1 ? fmt::format(", {:.1f} a second", 1 / each_s)
                          : fmt::format(", {:.1f} s each", each_s);
        rate += fmt::format(", {} left", rough_duration(each_s * static_cast<double>(whole - done)));
    }
    const std::string line = fmt::format("{}: {} of {} {}{}", text, done, whole, unit, rate);
    if (terminal_)
        draw(fmt::format("[{}{}] {}", std::string(filled, '#'), std::string(kBarWidth - filled, '-'), line));
    else
        log(line);
}

void TerminalProgress::clear() {
    if (!drawn_) return;
    std::fputs("\r\x1b[K", to_);
    std::fflush(to_);
    drawn_ = false;
}

}  // namespace sliver::cli
