#include "sweep/space.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/random_stream.h"

namespace sliver::sweep {
namespace {

Point point_of(const SweepFile& file, const std::vector<AxisValue>& values) {
    Point point;
    point.set = file.fixed;
    for (const AxisValue& value : values) {
        point.labels.push_back(value.label);
        point.set.insert(point.set.end(), value.set.begin(), value.set.end());
    }
    return point;
}

/// A permutation of 0 .. count - 1 (Fisher and Yates).
std::vector<std::uint64_t> shuffled(std::uint64_t count, RandomStream& random) {
    std::vector<std::uint64_t> order(count);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    for (std::uint64_t left = count; left > 1; --left)
        std::swap(order[left - 1],
                  order[static_cast<std::uint64_t>(random.uniform() * static_cast<double>(left))]);
    return order;
}

/// Shares of every axis from 0 to below 1, by axis and point.
std::vector<std::vector<double>> shares_of(const SweepFile& file) {
    std::vector<std::vector<double>> shares;
    for (std::size_t axis = 0; axis < file.axes.size(); ++axis) {
        RandomStream random(file.sample_seed, {axis});
        std::vector<std::uint64_t> strata;
        if (file.sampling == Sampling::latin_hypercube) strata = shuffled(file.samples, random);
        std::vector<double>& own = shares.emplace_back();
        for (std::uint64_t point = 0; point < file.samples; ++point) {
            const double within = random.uniform();
            own.push_back(strata.empty() ? within
                                         : (static_cast<double>(strata[point]) + within) /
                                               static_cast<double>(file.samples));
        }
    }
    return shares;
}

std::vector<Point> grid_of(const SweepFile& file) {
    std::vector<Point> points;
    std::vector<std::size_t> at(file.axes.size(), 0);
    for (;;) {
        std::vector<AxisValue> values;
        for (std::size_t axis = 0; axis < file.axes.size(); ++axis)
            values.push_back(file.axes[axis].values[at[axis]]);
        points.push_back(point_of(file, values));
        std::size_t axis = file.axes.size();
        while (axis > 0 && ++at[axis - 1] == file.axes[axis - 1].values.size()) at[--axis] = 0;
        if (axis == 0) return points;
    }
}

}  // namespace

std::uint64_t count_points(const SweepFile& file) {
    if (file.sampling != Sampling::grid) return file.samples;
    std::uint64_t count = 1;
    for (const Axis& axis : file.axes) {
        if (count > kMostCounted / axis.values.size()) return kMostCounted;
        count *= axis.values.size();
    }
    return count;
}

std::vector<Point> points_of(const SweepFile& file) {
    std::vector<Point> points;
    if (file.sampling == Sampling::grid) {
        points = grid_of(file);
    } else {
        const std::vector<std::vector<double>> shares = shares_of(file);
        for (std::uint64_t point = 0; point < file.samples; ++point) {
            std::vector<AxisValue> values;
            for (std::size_t axis = 0; axis < file.axes.size(); ++axis)
                values.push_back(file.axes[axis].at(shares[axis][point]));
            points.push_back(point_of(file, values));
        }
    }
    if (file.baseline.empty()) return points;
    const auto found = std::find_if(points.begin(), points.end(),
                                    [&](const Point& point) { return point.labels == file.baseline; });
    if (found != points.end()) {
        found->baseline = true;
        return points;
    }
    std::vector<AxisValue> values;
    for (std::size_t axis = 0; axis < file.axes.size(); ++axis)
        values.push_back(
            *std::find_if(file.axes[axis].values.begin(), file.axes[axis].values.end(),
                          [&](const AxisValue& value) { return value.label == file.baseline[axis]; }));
    points.insert(points.begin(), point_of(file, values));
    points.front().baseline = true;
    return points;
}

}  // namespace sliver::sweep
