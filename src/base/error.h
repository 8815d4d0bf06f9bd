// Errors by whose they are to mend; all texts are one line.
//
// InputError: something that was given to the program (a file, an option, a key) breaks a rule: where (file,
// line, key), the value, the rule, the cure. Exit code 2.
// MachineError: what was asked is right, but the machine refuses: a full disk, a permission, memory, threads.
// The text names the path that the user gave. Exit code 1.
// Interrupted: SIGINT, SIGTERM, SIGHUP or SIGQUIT ended the work in an orderly way. Exit code 128 + signal.
// Anything else that escapes is a defect of Sliver. Exit code 1.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace sliver {

class InputError : public std::runtime_error {
  public:
    /// `text`: what steers a terminal in it, or ends a line, becomes a '?' (cleaned(), base/text.h): it may
    /// quote a file.
    explicit InputError(const std::string& text);
};

/// Throws an InputError whose text is formatted as by fmt::format.
template <typename... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
    throw InputError(fmt::format(text, std::forward<Args>(args)...));
}

class MachineError : public std::runtime_error {
  public:
    /// As InputError.
    explicit MachineError(const std::string& text);
};

/// Throws a MachineError whose text is formatted as by fmt::format.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
    throw MachineError(fmt::format(text, std::forward<Args>(args)...));
}

class Interrupted : public std::runtime_error {
  public:
    Interrupted(int signal, const std::string& text) : std::runtime_error(text), signal_(signal) {}
    [[nodiscard]] int signal() const { return signal_; }

  private:
    int signal_;
};

}  // namespace sliver
