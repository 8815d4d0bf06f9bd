#include "base/child_process.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/staging.h"

namespace sliver {
namespace {

constexpr int kChildDone = 0, kChildFailed = 1, kChildWrongInput = 2, kChildMachine = 3,
              kChildSignalled = 128;

[[noreturn]] void give_up(const char* what) {
    fail("{} ({})", what, std::strerror(errno));
}

void send(int pipe_end, const char* text) {
    // Errors are one line and fit the pipe; a parent that is gone needs none.
    const ssize_t sent = ::write(pipe_end, text, std::strlen(text));
    static_cast<void>(sent);
}

[[noreturn]] void be_the_child(const std::function<void()>& work, pid_t parent, int pipe_end) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent may wait for its children before it ends; they end at once, and leave nothing.
    remove_unfinished_on_signals(false);
    int code = ::getppid() == parent ? kChildDone : kChildFailed;
    try {
        if (code == kChildDone) work();
    } catch (const InputError& error) {
        send(pipe_end, error.what());
        code = kChildWrongInput;
    } catch (const MachineError& error) {
        send(pipe_end, error.what());
        code = kChildMachine;
    } catch (const std::exception& error) {
        send(pipe_end, error.what());
        code = kChildFailed;
    } catch (...) {
        code = kChildFailed;
    }
    std::fflush(nullptr);
    // The parent's objects (its unfinished results folder) are the parent's to destroy.
    std::_Exit(code);
}

std::string receive(int pipe_end) {
    std::string text;
    std::array<char, 4096> chunk{};
    ssize_t got = 0;
    while ((got = ::read(pipe_end, chunk.data(), chunk.size())) != 0) {
        if (got < 0 && errno != EINTR) break;
        if (got > 0) text.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace

ChildProcess::ChildProcess(const std::function<void()>& work) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) give_up("cannot make a pipe");
    // What is still buffered would be written twice.
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) give_up("cannot start a process");
    if (pid_ == 0) {
        ::close(ends[0]);
        be_the_child(work, parent, ends[1]);
    }
    ::close(ends[1]);
    error_end_ = ends[0];
}

void ChildProcess::wait() {
    const std::string error = receive(error_end_);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0)
        if (errno != EINTR) give_up("lost a process");
    pid_ = -1;
    if (WIFSIGNALED(status))
        throw std::runtime_error(fmt::format("a run was ended by signal {}", WTERMSIG(status)));
    if (WEXITSTATUS(status) > kChildSignalled)
        throw std::runtime_error(
            fmt::format("a run was ended by signal {}", WEXITSTATUS(status) - kChildSignalled));
    if (WEXITSTATUS(status) == kChildWrongInput) throw InputError(error);
    if (WEXITSTATUS(status) == kChildMachine) throw MachineError(error);
    if (WEXITSTATUS(status) != kChildDone) throw std::runtime_error(error.empty() ? "a run failed" : error);
}

ChildProcess::~ChildProcess() {
    ::close(error_end_);
    if (pid_ < 0) return;
    // In order first: it removes what it has half written.
    constexpr int kPatience = 100;
    constexpr useconds_t kGlance_us = 20'000;
    ::kill(pid_, SIGTERM);
    for (int glance = 0; glance < kPatience; ++glance) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) return;
        ::usleep(kGlance_us);
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void run_in_child(const std::function<void()>& work) {
    ChildProcess(work).wait();
}

}  // namespace sliver
