#include "bitline/worker_team.h"

namespace sliver::bitline {

WorkerTeam::WorkerTeam(int threads) {
    for (int worker = 1; worker < threads; ++worker) helpers_.emplace_back([this, worker] { help(worker); });
}

WorkerTeam::~WorkerTeam() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stop_ = true;
    }
    start_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
}

void WorkerTeam::run(std::size_t units, const std::function<void(std::size_t, int)>& unit_of_work) {
    if (helpers_.empty() || units <= 1) {
        for (std::size_t unit = 0; unit < units; ++unit) unit_of_work(unit, 0);
        return;
    }
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        job_ = &unit_of_work;
        units_ = units;
        next_.store(0, std::memory_order_relaxed);
        busy_ = static_cast<int>(helpers_.size());
        failure_ = nullptr;
        ++round_;
    }
    start_.notify_all();
    work(0);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    if (failure_ != nullptr) std::rethrow_exception(failure_);
}

void WorkerTeam::work(int worker) {
    try {
        for (std::size_t unit; (unit = next_.fetch_add(1, std::memory_order_relaxed)) < units_;)
            (*job_)(unit, worker);
    } catch (...) {
        next_.store(units_, std::memory_order_relaxed);
        const std::lock_guard<std::mutex> lock(mutex_);
        if (failure_ == nullptr) failure_ = std::current_exception();
    }
}

void WorkerTeam::help(int worker) {
    std::size_t seen = 0;
    for (;;) {
        {
            std::unique_lock<std::mutex> lock(mutex_);
            start_.wait(lock, [&] { return stop_ || round_ != seen; });
            if (stop_) return;
            seen = round_;
        }
        work(worker);
        const std::lock_guard<std::mutex> lock(mutex_);
        if (--busy_ == 0) done_.notify_one();
    }
}

}  // namespace sliver::bitline
