// Progress on stderr: on a terminal one line that is drawn anew some ten times a second; elsewhere (logs,
// pipes) a line of its own every ten seconds, so that long work is seen to live and short work leaves
// nothing.
//
// Not thread-safe: the one thread that drives a command reports.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>

#include "app/progress.h"

namespace sliver::cli {

/// A time as people say it: "40 s", "12 min", "3.5 h".
std::string rough_duration(double seconds);

class TerminalProgress : public app::Progress {
  public:
    using Clock = std::chrono::steady_clock;

    /// Tests have a file and a clock of their own.
    explicit TerminalProgress(
        std::FILE* to = stderr, std::function<Clock::time_point()> now = [] { return Clock::now(); });
    ~TerminalProgress() override;

    /// "simulating 1 image".
    void stage(const std::string& text) override;
    /// A bar, `done` of `whole`, the rate since the stage began and the time that is left at this rate.
    void count(const std::string& text, std::size_t done, std::size_t whole,
               const std::string& unit) override;
    /// Takes the line of a terminal away again.
    void clear() override;

  private:
    void draw(const std::string& line);
    void log(const std::string& line);
    void begin(const std::string& text);

    std::FILE* to_;
    std::function<Clock::time_point()> now_;
    bool silent_, terminal_;
    bool drawn_ = false;
    std::string stage_;
    Clock::time_point stage_start_;
    Clock::time_point last_drawn_;  ///< or logged
};

}  // namespace sliver::cli
