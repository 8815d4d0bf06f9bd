// Threads that wait for work: one job of many independent units at a time, taken in turn. Private to bitline.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sliver::bitline {

class WorkerTeam {
  public:
    /// `threads` in all, the calling one among them.
    explicit WorkerTeam(int threads);
    ~WorkerTeam();
    WorkerTeam(const WorkerTeam&) = delete;
    WorkerTeam& operator=(const WorkerTeam&) = delete;

    [[nodiscard]] int threads() const { return static_cast<int>(helpers_.size()) + 1; }

    /// Calls unit_of_work(unit, worker) once for every unit below `units`, worker in [0, threads()), and
    /// returns when all are done. If any throws, the rest is dropped and the first exception is thrown again
    /// here.
    void run(std::size_t units, const std::function<void(std::size_t, int)>& unit_of_work);

  private:
    void help(int worker);
    void work(int worker);

    std::vector<std::thread> helpers_;
    std::mutex mutex_;
    std::condition_variable start_, done_;
    const std::function<void(std::size_t, int)>* job_ = nullptr;
    std::size_t units_ = 0;
    std::atomic<std::size_t> next_{0};
    std::size_t round_ = 0;
    int busy_ = 0;
    bool stop_ = false;
    std::exception_ptr failure_;
};

}  // namespace sliver::bitline
