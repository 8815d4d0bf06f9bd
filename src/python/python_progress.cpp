#include "python/python_progress.h"

#include <poll.h>

#include <cerrno>

#include "base/error.h"

namespace py = pybind11;

namespace sliver::python {
namespace {

constexpr std::chrono::milliseconds kOften{100};

void look_at_signals() {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace

void PythonProgress::tell(const std::string& text, std::size_t done, std::size_t whole,
                          const std::string& unit, bool always) {
    const auto now = std::chrono::steady_clock::now();
    if (!always && now - last_ < kOften) return;
    last_ = now;
    const py::gil_scoped_acquire lock;
    look_at_signals();
    if (!listener_.is_none()) listener_(text, done, whole, unit);
}

void PythonProgress::wait(int descriptor) {
    for (;;) {
        pollfd end{descriptor, POLLIN, 0};
        const int ready = ::poll(&end, 1, static_cast<int>(kOften.count()));
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR) fail("cannot wait for a process");
        const py::gil_scoped_acquire lock;
        look_at_signals();
    }
}

}  // namespace sliver::python
