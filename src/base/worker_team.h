// Threads for loops of independent units of work: the only place of Sliver that starts any.
//
// The machine may have fewer threads to give than were asked for (a limit on processes, a control group,
// address space): a team then goes on with those it has, at the least the calling one, and thread_shortage()
// tells the program. Results must not depend on the number: a unit writes only what is its own, or its
// worker's. Called by the engine, the calibration, the studies and the program.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace sliver {

class WorkerTeam {
  public:
    /// One unit of work; the worker, below threads(), is the thread that does it.
    using Work = std::function<void(std::size_t unit, int worker)>;

    /// At most `threads` in all, the calling one among them, which is worker 0; 1 where it is smaller.
    explicit WorkerTeam(int threads);
    ~WorkerTeam();
    WorkerTeam(const WorkerTeam&) = delete;
    WorkerTeam& operator=(const WorkerTeam&) = delete;

    [[nodiscard]] int threads() const { return static_cast<int>(helpers_.size()) + 1; }

    /// Calls work(unit, worker) once for every unit below `units`, each taken in turn by who is free, and
    /// returns when all are done. Where units throw, those that nobody has begun are dropped, and what the
    /// lowest of them threw is thrown again here, whatever the number of threads. One call at a time.
    void run(std::size_t units, const Work& work);

  private:
    void start(std::size_t helpers);
    void help(int worker);
    void take_units(int worker);

    std::vector<std::thread> helpers_;
    std::mutex mutex_;
    std::condition_variable start_, done_;
    const Work* work_ = nullptr;
    std::size_t units_ = 0;
    std::atomic<std::size_t> next_{0};
    std::size_t round_ = 0;
    std::size_t busy_ = 0;
    bool stop_ = false;
    std::exception_ptr failure_;
    std::size_t failed_unit_ = 0;
};

/// One such loop with a team of its own, of no more threads than units.
void in_parallel(std::size_t units, int threads, const WorkerTeam::Work& work);

/// Threads that this machine runs at once, at least 1.
[[nodiscard]] int processors();

/// Threads that `asked` means: 0 is one a processor.
[[nodiscard]] int thread_count(unsigned asked);

struct ThreadShortage {
    int wanted = 0, had = 0;  ///< threads of the team that missed most
};

/// Whether a team of this process had fewer threads than it was to have. For the program to tell.
[[nodiscard]] std::optional<ThreadShortage> thread_shortage();

}  // namespace sliver
