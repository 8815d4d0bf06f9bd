#include "network/activation_ranges.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "network/float_executor.h"

namespace sliver::network {

namespace {

using Extremes = std::vector<Range>;  // by node

void widen(Range& range, const std::vector<float>& map) {
    for (const float value : map) {
        range.lowest = std::min(range.lowest, double{value});
        range.highest = std::max(range.highest, double{value});
    }
}

}  // namespace

bool needs_range(const FloatNode& node) {
    const bool chooses =
        node.kind == NodeKind::input || node.kind == NodeKind::matrix || node.kind == NodeKind::add;
    return chooses && !node.grid && !node.is_output;
}

bool needs_calibration(const FloatNetwork& network) {
    return std::any_of(network.nodes.begin(), network.nodes.end(), needs_range);
}

ActivationRanges calibrate(const FloatNetwork& network, std::size_t count,
                           const std::function<std::vector<float>(std::size_t)>& image, unsigned threads) {
    if (count == 0) refuse("{}: calibration needs at least one image", network.source);
    const FloatExecutor executor(network);
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t workers = std::min<std::size_t>(threads, count);
    // Which worker takes which image is left to chance; lowest and highest do not depend on it.
    std::vector<Extremes> seen(workers, Extremes(network.nodes.size()));
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failure_lock;
    const auto work = [&](Extremes& own) {
        try {
            for (std::size_t i = next++; i < count; i = next++) {
                const std::vector<float> pixels = image(i);
                const auto visit = [&](NodeId id, const std::vector<float>& map) {
                    if (!std::all_of(map.begin(), map.end(),
                                     [](float value) { return std::isfinite(value); }))
                        refuse("{}: node '{}' becomes infinite or NaN on calibration image {}",
                               network.source, network.nodes[id].name, i);
                    widen(own[id], map);
                };
                static_cast<void>(executor.run(pixels.data(), visit));
            }
        } catch (...) {
            const std::lock_guard<std::mutex> guard(failure_lock);
            failure = std::current_exception();
            next = count;
        }
    };
    std::vector<std::thread> crew;
    for (std::size_t w = 1; w < workers; ++w) crew.emplace_back(work, std::ref(seen[w]));
    work(seen[0]);
    for (std::thread& thread : crew) thread.join();
    if (failure) std::rethrow_exception(failure);

    ActivationRanges ranges;
    for (NodeId id = 0; id < network.nodes.size(); ++id) {
        if (!needs_range(network.nodes[id])) continue;
        Range& range = ranges[network.nodes[id].name];
        for (const Extremes& own : seen) {
            range.lowest = std::min(range.lowest, own[id].lowest);
            range.highest = std::max(range.highest, own[id].highest);
        }
    }
    return ranges;
}

}  // namespace sliver::network
