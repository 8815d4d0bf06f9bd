// Who hears how far long work has come. This one hears nothing: the command line draws a line
// (cli/terminal_progress.h), Python's module asks tqdm.
//
// Called by whatever takes longer than a blink, from the one thread that drives the work.
#pragma once

#include <cstddef>
#include <string>

namespace sliver::app {

class Progress {
  public:
    Progress() = default;
    virtual ~Progress() = default;
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// A stage that gives no count: "simulating 1 image".
    virtual void stage(const std::string& text) { static_cast<void>(text); }
    /// A stage that does: `done` of `whole`.
    virtual void count(const std::string& text, std::size_t done, std::size_t whole,
                       const std::string& unit) {
        static_cast<void>(text), static_cast<void>(done), static_cast<void>(whole), static_cast<void>(unit);
    }
    /// The stage is over.
    virtual void clear() {}
};

}  // namespace sliver::app
