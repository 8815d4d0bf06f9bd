// Which points a screening keeps, by hand, and errors of estimates by hand.
#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>

#include "sweep/screening.h"

BOOST_AUTO_TEST_SUITE(sweep_screening)

using namespace sliver::sweep;
using Places = std::vector<std::size_t>;

std::size_t place(const char* metric) {
    return static_cast<std::size_t>(find_metric(metric) - metrics().data());
}

struct Space {
    Space() {
        results.objectives = {parse_objective("energy_per_image_j", "t"), parse_objective("latency_s", "t"),
                              parse_objective("max top1", "t")};
        results.axes = {{"design", false, {}, {}}, {"law", true, {"a", "b"}, {}}};
    }
    void add(double energy, double latency, double area = 1, const std::string& law = "a") {
        PointResult point;
        point.number = results.points.size() + 1;
        point.labels = {std::to_string(point.number), law};
        point.estimates.resize(metrics().size());
        point.estimates[place("energy_per_image_j")] = energy;
        point.estimates[place("latency_s")] = latency;
        point.estimates[place("area_mm2")] = area;
        results.points.push_back(std::move(point));
    }
    [[nodiscard]] Places kept(double share) const { return screen(results, share); }
    SweepResults results;
};

BOOST_FIXTURE_TEST_CASE(fronts_are_peeled_one_after_the_other, Space) {
    // Fronts: {0, 3, 5}, {1, 4}, {2}. top1 has no estimate and decides nothing.
    add(1, 9);
    add(2, 9);
    add(9, 9);
    add(3, 3);
    add(4, 4);
    add(9, 1);
    BOOST_TEST(kept(0.5) == (Places{0, 3, 5}), boost::test_tools::per_element());
    BOOST_TEST(kept(5.0 / 6) == (Places{0, 1, 3, 4, 5}), boost::test_tools::per_element());
    BOOST_TEST(kept(1) == (Places{0, 1, 2, 3, 4, 5}), boost::test_tools::per_element());
    BOOST_TEST(kept(0.01).size() == 1U);  // rounded up
    // The ends of a front that has no room come first.
    BOOST_TEST(kept(2.0 / 6) == (Places{0, 5}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(of_a_crowded_front_those_that_stand_alone, Space) {
    add(0, 10);
    add(1, 9);  // between its neighbours: 2 + 2 of 10
    add(2, 8);  // 5 + 5 of 10
    add(6, 4);  // 8 + 8 of 10
    add(10, 0);
    BOOST_TEST(kept(0.6) == (Places{0, 3, 4}), boost::test_tools::per_element());
    BOOST_TEST(kept(0.8) == (Places{0, 2, 3, 4}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(scenarios_do_not_compete, Space) {
    add(1, 1);
    add(2, 2);
    add(10, 10, 1, "b");
    add(20, 20, 1, "b");
    BOOST_TEST(kept(0.5) == (Places{0, 2}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(what_misses_a_constraint_by_far_comes_last, Space) {
    results.constraints = {parse_constraint("area_mm2 < 10", "t"), parse_constraint("top1 > 0.9", "t")};
    add(1, 1, 12.1);
    add(2, 2, 12);  // within the margin: an estimate may be off
    add(3, 3, 9);
    BOOST_TEST(kept(0.3) == (Places{1}), boost::test_tools::per_element());
    BOOST_TEST(kept(0.6) == (Places{1, 2}), boost::test_tools::per_element());
    BOOST_TEST(kept(1) == (Places{0, 1, 2}), boost::test_tools::per_element());
    results.constraints = {parse_constraint("area_mm2 >= 15", "t")};
    BOOST_TEST(kept(0.3) == (Places{0}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_baseline_always_and_what_has_no_estimate_never, Space) {
    add(1, 1);
    add(2, 2);
    add(3, 3);
    add(0, 0);
    results.points[3].estimates.clear();
    results.baseline = 2;
    BOOST_TEST(kept(0.25) == (Places{0, 2}), boost::test_tools::per_element());
    BOOST_TEST(kept(1) == (Places{0, 1, 2}), boost::test_tools::per_element());
    results.baseline = 3;
    BOOST_TEST(kept(0.25) == (Places{0}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(errors_by_hand, Space) {
    BOOST_TEST(estimate_errors(results).empty());
    for (const auto& [estimate, value] : {std::pair{1.0, 1.0}, {1.5, 2.0}, {11.0, 10.0}, {5.0, 4.0}}) {
        add(estimate, 0);
        results.points.back().values.resize(metrics().size());
        results.points.back().values[place("energy_per_image_j")] = value;
        results.points.back().values[place("latency_s")] = 0;  // no relative error
    }
    add(7, 7);  // dropped: without values
    const std::vector<EstimateError> errors = estimate_errors(results);
    BOOST_REQUIRE(errors.size() == 1U);
    BOOST_TEST(errors[0].metric->name == "energy_per_image_j");
    BOOST_TEST(errors[0].points == 4U);
    BOOST_TEST(errors[0].median == 0.175, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(errors[0].largest == 0.25, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(only_a_simulation_tells_some) {
    for (const char* name : {"top1", "clipped_share", "stalled_input_s", "stalled_output_s", "adc_wait_s",
                             "latency_streaming_s"})
        BOOST_TEST(!has_estimate(*find_metric(name)));
    BOOST_TEST(has_estimate(*find_metric("energy_per_image_j")));
    BOOST_TEST(metrics().size() == 22U);  // a new one: can closed forms give it?
}

BOOST_AUTO_TEST_SUITE_END()
