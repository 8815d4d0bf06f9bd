#include "network/activation_ranges.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/worker_team.h"
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
    if (node.grid) return false;
    switch (node.kind) {
        case NodeKind::input:
        case NodeKind::table:
        case NodeKind::scale:
        case NodeKind::multiply:
            return true;
        case NodeKind::matrix:
        case NodeKind::add:
            return !node.is_output;  // leaves its sums
        default:
            return false;
    }
}

bool needs_calibration(const FloatNetwork& network) {
    return std::any_of(network.nodes.begin(), network.nodes.end(), needs_range);
}

ActivationRanges stand_in_ranges(const FloatNetwork& network) {
    constexpr double kDeviations = 4, kMostPower = 1e60;
    ActivationRanges ranges;
    std::vector<double> power(network.nodes.size(), 1);  // mean square of a value
    for (NodeId id = 1; id < network.nodes.size(); ++id) {
        const FloatNode& node = network.nodes[id];
        double sum = 0;
        for (const NodeId input : node.inputs) sum += power[input];
        if (node.kind == NodeKind::multiply) sum = power[node.inputs[0]] * power[node.inputs[1]];
        if (node.kind == NodeKind::concat) {
            sum = 0;
            for (const NodeId input : node.inputs) sum = std::max(sum, power[input]);
        }
        if (node.kind == NodeKind::scale) {
            double gain = 0, shift = 0;
            for (const float value : node.gain) gain = std::max(gain, double{value} * double{value});
            for (const float value : node.shift) shift = std::max(shift, double{value} * double{value});
            sum = gain * sum + shift;
        }
        if (node.kind == NodeKind::table) {
            const double reach = kDeviations * std::sqrt(sum);
            double largest = 0;
            for (const double start : {-reach, reach}) {
                const double value = through(node.functions, start);
                if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
            }
            sum = largest * largest / (kDeviations * kDeviations);
        }
        if (node.kind == NodeKind::matrix) {
            const auto rows = static_cast<std::size_t>(node.rows / node.groups);
            double largest = 0;
            for (std::size_t output = 0; output < static_cast<std::size_t>(node.outputs); ++output) {
                const float* row = &node.weights[output * rows];
                double squares = 0;
                for (std::size_t i = 0; i < rows; ++i) squares += double{row[i]} * double{row[i]};
                largest =
                    std::max(largest, squares * sum + double{node.bias[output]} * double{node.bias[output]});
            }
            sum = largest;
        }
        power[id] = std::min(sum, kMostPower);
    }
    for (NodeId id = 0; id < network.nodes.size(); ++id) {
        if (!needs_range(network.nodes[id])) continue;
        const double widest = kDeviations * std::sqrt(power[id]);
        const FloatNode& node = network.nodes[id];
        const double lowest = node.relu ? 0 : -widest;
        ranges[node.name] = {std::clamp(lowest, double{node.at_least}, double{node.at_most}),
                             std::clamp(widest, double{node.at_least}, double{node.at_most})};
    }
    return ranges;
}

ActivationRanges calibrate(const FloatNetwork& network, std::size_t count,
                           const std::function<std::vector<float>(std::size_t)>& image, unsigned threads) {
    if (count == 0) refuse("{}: calibration needs at least one image", network.source);
    const FloatExecutor executor(network);
    const std::size_t wanted = threads == 0 ? static_cast<std::size_t>(processors()) : threads;
    // Which worker takes which image is left to chance; lowest and highest do not depend on it.
    std::vector<Extremes> seen(std::min(wanted, count), Extremes(network.nodes.size()));
    in_parallel(count, static_cast<int>(seen.size()), [&](std::size_t i, int worker) {
        Extremes& own = seen[static_cast<std::size_t>(worker)];
        const std::vector<float> pixels = image(i);
        const auto visit = [&](NodeId id, const std::vector<float>& map) {
            if (!std::all_of(map.begin(), map.end(), [](float value) { return std::isfinite(value); }))
                refuse("{}: node '{}' becomes infinite or NaN on calibration image {}", network.source,
                       network.nodes[id].name, i);
            widen(own[id], map);
        };
        static_cast<void>(executor.run(pixels.data(), visit));
    });

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
