// One line of progress on stderr, and only where stderr is a terminal: logs and pipes see nothing of it.
//
// Called by whatever takes longer than a blink; drawing is limited to some ten times a second. Not
// thread-safe: the one thread that drives a command reports.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace sliver::cli {

/// A time as people say it: "40 s", "12 min", "3.5 h".
std::string rough_duration(double seconds);

class Progress {
  public:
    Progress();
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// A stage that gives no count: "simulating 1 image".
    void stage(const std::string& text);
    /// A stage that does: a bar, `done` of `whole`, the rate since the stage began and the time that
    /// is left at this rate.
    void count(const std::string& text, std::size_t done, std::size_t whole, const std::string& unit);
    /// Draws nothing from now on: for one of several processes at the same terminal.
    void silence() { terminal_ = false; }
    /// Takes the line away again.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    void draw(const std::string& line);

    bool terminal_;
    bool drawn_ = false;
    std::string stage_;
    Clock::time_point stage_start_;
    Clock::time_point last_drawn_;
};

}  // namespace sliver::cli
