// Progress of long work as Python hears it, and Ctrl-C.
//
// Work runs without the interpreter's lock. Ten times a second at most the lock is taken, signals are looked
// at (an exception of a handler, KeyboardInterrupt for one, ends the work), and the callable that the caller
// gave, if any, is called with (text, done, whole, unit).
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "app/progress.h"

namespace sliver::python {

class PythonProgress : public app::Progress {
  public:
    /// `listener`: None or a callable. Made with the interpreter's lock held.
    explicit PythonProgress(pybind11::object listener) : listener_(std::move(listener)) {}

    void stage(const std::string& text) override { tell(text, 0, 0, "", true); }
    void count(const std::string& text, std::size_t done, std::size_t whole,
               const std::string& unit) override {
        tell(text, done, whole, unit, done == whole);
    }

    /// Waits without the lock until `descriptor` is readable; signals are looked at meanwhile.
    void wait(int descriptor);

  private:
    void tell(const std::string& text, std::size_t done, std::size_t whole, const std::string& unit,
              bool always);

    pybind11::object listener_;
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace sliver::python
