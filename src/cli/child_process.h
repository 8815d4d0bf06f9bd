// Work in a process of its own: SystemC elaborates once a process, so several simulations need several.
#pragma once

#include <functional>

namespace sliver::cli {

/// Forks, runs `work` in the child, waits. What `work` throws is thrown here: InputError stays InputError,
/// everything else (a signal, too) becomes std::runtime_error. The child dies with its parent. Call it while
/// the process has one thread.
void run_in_child(const std::function<void()>& work);

}  // namespace sliver::cli
