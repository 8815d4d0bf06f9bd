// The points of a design space, in an order that depends on the file alone.
//
// A grid takes every combination, the last axis fastest. Random points draw every axis by itself; a Latin
// hypercube of n points puts exactly one into each n-th part of every axis (McKay, Beckman and Conover 1979).
// Draws are named by seed, point and axis (base/random_stream.h). A baseline that the space does not hit is
// put in front.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sweep/sweep_file.h"

namespace sliver::sweep {

struct Point {
    std::vector<std::string> labels;  ///< by axis
    std::vector<Assignment> set;      ///< fixed ones first
    bool baseline = false;
};

/// How many there are before they are made, a baseline beside the grid apart; saturates at kMostCounted.
constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 63;
std::uint64_t count_points(const SweepFile& file);
std::vector<Point> points_of(const SweepFile& file);

}  // namespace sliver::sweep
