// Work in a process of its own: SystemC elaborates once a process, so several simulations need several.
#pragma once

#include <sys/types.h>

#include <functional>

namespace sliver {

/// Forks and runs `work` in the child. The child dies with its parent; several may run at a time. Where the
/// process has other threads, `work` may take no lock that one of these may hold: memory, stdio and SHA-256
/// are safe, files and networks are not read in there.
class ChildProcess {
  public:
    explicit ChildProcess(const std::function<void()>& work);
    /// Waits; what `work` threw is thrown here: InputError and MachineError stay what they are, everything
    /// else (a signal, too) becomes std::runtime_error. Once.
    void wait();
    /// A descriptor that becomes readable when the child ends: for poll().
    [[nodiscard]] int end_signal() const { return error_end_; }
    /// Ends and reaps a child that nobody waited for.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

  private:
    pid_t pid_ = -1;
    int error_end_ = -1;  ///< where the child's error can be read
};

/// ChildProcess, started and waited for.
void run_in_child(const std::function<void()>& work);

}  // namespace sliver
