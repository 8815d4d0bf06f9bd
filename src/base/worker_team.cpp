#include "base/worker_team.h"

#include <algorithm>
#include <new>
#include <system_error>

namespace sliver {
namespace {

std::mutex shortage_lock;
std::optional<ThreadShortage> worst_shortage;

void note_shortage(const ThreadShortage& shortage) {
    const std::lock_guard<std::mutex> lock(shortage_lock);
    if (!worst_shortage || shortage.wanted - shortage.had > worst_shortage->wanted - worst_shortage->had)
        worst_shortage = shortage;
}

}  // namespace

WorkerTeam::WorkerTeam(int threads) {
    if (threads <= 1) return;
    start(static_cast<std::size_t>(threads) - 1);
    if (this->threads() < threads) note_shortage({threads, this->threads()});
}

/// Helpers that run must be joined whatever happens, so nothing may escape once the first is there: room for
/// all comes before it.
void WorkerTeam::start(std::size_t helpers) {
    helpers_.reserve(helpers);
    try {
        while (helpers_.size() < helpers)
            helpers_.emplace_back([this, worker = this->threads()] { help(worker); });
    } catch (const std::system_error&) {  // no thread to be had
    } catch (const std::bad_alloc&) {     // nor memory for its start
    }
}

WorkerTeam::~WorkerTeam() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stop_ = true;
    }
    start_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
}

void WorkerTeam::run(std::size_t units, const Work& work) {
    if (helpers_.empty() || units <= 1) {
        for (std::size_t unit = 0; unit < units; ++unit) work(unit, 0);
        return;
    }
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        work_ = &work;
        units_ = units;
        next_.store(0, std::memory_order_relaxed);
        busy_ = helpers_.size();
        failure_ = nullptr;
        ++round_;
    }
    start_.notify_all();
    take_units(0);
    std::exception_ptr failure;
    {
        std::unique_lock<std::mutex> lock(mutex_);
        done_.wait(lock, [this] { return busy_ == 0; });
        failure.swap(failure_);
    }
    if (failure != nullptr) std::rethrow_exception(failure);
}

void WorkerTeam::take_units(int worker) {
    std::size_t unit = 0;
    try {
        while ((unit = next_.fetch_add(1, std::memory_order_relaxed)) < units_) (*work_)(unit, worker);
    } catch (...) {
        // Units are begun in order: all below this one have been, and what they throw is waited for.
        const std::lock_guard<std::mutex> lock(mutex_);
        next_.store(units_, std::memory_order_relaxed);
        if (failure_ == nullptr || unit < failed_unit_) {
            failure_ = std::current_exception();
            failed_unit_ = unit;
        }
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
        take_units(worker);
        const std::lock_guard<std::mutex> lock(mutex_);
        if (--busy_ == 0) done_.notify_one();
    }
}

void in_parallel(std::size_t units, int threads, const WorkerTeam::Work& work) {
    const auto useful = std::min<std::size_t>(units, static_cast<std::size_t>(std::max(1, threads)));
    WorkerTeam(static_cast<int>(useful)).run(units, work);
}

int processors() {
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::optional<ThreadShortage> thread_shortage() {
    const std::lock_guard<std::mutex> lock(shortage_lock);
    return worst_shortage;
}

int thread_count(unsigned asked) {
    return asked == 0 ? processors() : static_cast<int>(asked);
}

}  // namespace sliver
