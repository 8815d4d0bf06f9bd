// The points of a space: order, number, strata.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "sweep/space.h"

BOOST_AUTO_TEST_SUITE(sweep_space)

using namespace sliver;
using sweep::Point;

namespace {

std::vector<Point> points(const std::string& axes, const std::string& more = "") {
    return sweep::points_of(sweep::parse_sweep(
        "name: t\nfixed: {chip: isaac, network: n}\naxes:\n" + axes + "objectives: [top1]\n" + more,
        "s.yaml"));
}

std::string joined(const Point& point) {
    std::string text;
    for (const std::string& label : point.labels) text += (text.empty() ? "" : " ") + label;
    return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_grid_is_every_combination_the_last_axis_fastest) {
    const auto all =
        points("  adc.bits: [3, 4]\n  adc.law: [a, b, c]\n", "baseline: {adc.bits: 4, adc.law: b}\n");
    std::vector<std::string> order;
    for (const Point& point : all) order.push_back(joined(point));
    BOOST_TEST(order == (std::vector<std::string>{"3 a", "3 b", "3 c", "4 a", "4 b", "4 c"}),
               boost::test_tools::per_element());
    for (const Point& point : all) BOOST_TEST(point.baseline == (joined(point) == "4 b"));
    BOOST_TEST(all[4].set.size() == 4U);
    BOOST_TEST(all[4].set[2].value == "4");
}

BOOST_AUTO_TEST_CASE(a_latin_hypercube_has_one_point_in_every_part_of_every_axis) {
    constexpr std::size_t kPoints = 40;
    const auto all = points(
        "  cells.sigma: {from: 0.0, to: 1.0}\n  cells.stuck_on: {from: 0.0, to: 1.0}\n"
        "  adc.bits: [3, 4, 5, 6]\n",
        "sample: {kind: latin-hypercube, points: 40, seed: 5}\n");
    BOOST_TEST(all.size() == kPoints);
    for (std::size_t axis = 0; axis < 2; ++axis) {
        std::multiset<int> parts;
        for (const Point& point : all)
            // Labels have four digits: a value may lie on the edge of its part.
            parts.insert(static_cast<int>(std::floor(std::stod(point.labels[axis]) * kPoints)));
        std::size_t different = std::set<int>(parts.begin(), parts.end()).size();
        BOOST_TEST(different >= kPoints - 1);
    }
    for (const char* bits : {"3", "4", "5", "6"})
        BOOST_TEST(std::count_if(all.begin(), all.end(),
                                 [&](const Point& point) { return point.labels[2] == bits; }) == 10);
    // The axes are shuffled each by itself: not one diagonal.
    double product = 0;
    for (const Point& point : all)
        product += (std::stod(point.labels[0]) - 0.5) * (std::stod(point.labels[1]) - 0.5);
    BOOST_TEST(std::abs(product) < 0.5 * kPoints / 12);
}

BOOST_AUTO_TEST_CASE(random_points_depend_on_the_seed_alone_and_baselines_come_first) {
    const std::string axes = "  cells.sigma: {from: 0.0, to: 1.0}\n  adc.bits: [3, 4]\n";
    const auto one = points(axes, "sample: {kind: random, points: 9, seed: 5}\n");
    const auto again = points(axes, "sample: {kind: random, points: 9, seed: 5}\n");
    const auto other = points(axes, "sample: {kind: random, points: 9, seed: 6}\n");
    std::size_t same = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        BOOST_TEST(joined(one[i]) == joined(again[i]));
        same += joined(one[i]) == joined(other[i]) ? 1 : 0;
    }
    BOOST_TEST(same < one.size());
    const auto based =
        points("  adc.bits: [3, 4, 5, 6, 7, 8]\n  adc.law: [a, b, c, d, e, f]\n",
               "sample: {kind: random, points: 1, seed: 5}\nbaseline: {adc.bits: 8, adc.law: f}\n");
    BOOST_TEST(based.size() == 2U);
    BOOST_TEST(based[0].baseline);
    BOOST_TEST(joined(based[0]) == "8 f");
}

BOOST_AUTO_TEST_CASE(points_are_counted_before_they_are_made) {
    std::string axes;
    for (const char* key : {"array.rows", "array.columns", "mesh.columns", "mesh.rows", "tile.arrays_per_pe"})
        axes += std::string("  ") + key + ": {from: 1, to: 90000, step: 1}\n";
    const auto file = sweep::parse_sweep(
        "name: t\nfixed: {chip: isaac, network: n}\naxes:\n" + axes + "objectives: [top1]\n", "s.yaml");
    BOOST_TEST(sweep::count_points(file) >= std::uint64_t{1} << 63);
}

BOOST_AUTO_TEST_SUITE_END()
