// The search against brute force: with additive distortions and accuracies that follow from them, every
// allocation can be tried.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "app/adc_search.h"
#include "base/error.h"

BOOST_AUTO_TEST_SUITE(study_adc_search)

using namespace sliver;
using app::Choice;

namespace {

struct Toy {
    app::SearchProblem problem;
    std::vector<std::vector<double>> distortion;
    double allowed = 0;
    std::size_t asked = 0;

    [[nodiscard]] double energy(const Choice& choice) const {
        double energy_j = 0;
        for (std::size_t g = 0; g < choice.size(); ++g)
            energy_j += problem.groups[g].candidates[choice[g]].energy_j;
        return energy_j;
    }
    [[nodiscard]] double sum(const Choice& choice) const {
        double total = 0;
        for (std::size_t g = 0; g < choice.size(); ++g) total += distortion[g][choice[g]];
        return total;
    }
};

/// 1000 images of which round(distortion) go wrong.
Toy random_toy(std::mt19937& random, std::size_t groups, std::size_t candidates) {
    Toy toy;
    std::uniform_real_distribution<double> uniform(0, 1);
    for (std::size_t g = 0; g < groups; ++g) {
        app::SearchGroup group;
        group.name = "group " + std::to_string(g);
        toy.distortion.emplace_back();
        double energy = 10 + 90 * uniform(random), lost = 0;
        for (std::size_t c = 0; c < candidates; ++c) {
            group.candidates.push_back({{mapping::Converter{static_cast<int>(candidates - c), 0}}, energy});
            toy.distortion.back().push_back(lost);
            energy *= 0.5 + 0.4 * uniform(random);
            lost = lost * 2 + 3 * uniform(random);  // convex: each step costs more than the one before
        }
        toy.problem.groups.push_back(std::move(group));
    }
    toy.problem.hopeless = 1e9;
    toy.allowed = 20 * uniform(random);
    return toy;
}

void connect(Toy& toy) {
    toy.problem.required = static_cast<std::uint64_t>(std::ceil(1000 - toy.allowed));
    toy.problem.distortion = [&toy](const Choice& choice) {
        std::size_t changed = 0;
        for (const std::size_t candidate : choice) changed += candidate == 0 ? 0 : 1;
        BOOST_TEST(changed <= 1U);
        return toy.sum(choice);
    };
    toy.problem.correct = [&toy](const Choice& choice) {
        ++toy.asked;
        return app::Correct{static_cast<std::uint64_t>(std::max(0.0, std::floor(1000 - toy.sum(choice)))),
                            1000};
    };
}

}  // namespace

BOOST_AUTO_TEST_CASE(close_to_the_best_of_all_allocations) {
    std::mt19937 random(5);
    double worst = 1;
    for (int round = 0; round < 60; ++round) {
        Toy toy = random_toy(random, 5, 5);
        toy.problem.budget = 200;
        connect(toy);
        const app::SearchResult found = app::search_allocation(toy.problem);
        BOOST_TEST(found.correct >= toy.problem.required);
        BOOST_TEST(found.energy_j == toy.energy(found.choice));
        double best = toy.energy(Choice(5, 0)), widest = best;
        Choice choice(5, 0);
        for (int i = 0; i < 5 * 5 * 5 * 5 * 5; ++i) {
            for (int g = 0, rest = i; g < 5; ++g, rest /= 5)
                choice[static_cast<std::size_t>(g)] = static_cast<std::size_t>(rest % 5);
            if (std::floor(1000 - toy.sum(choice)) >= static_cast<double>(toy.problem.required))
                best = std::min(best, toy.energy(choice));
        }
        BOOST_TEST(found.energy_j >= best * (1 - 1e-12));
        // Of what brute force saves the search saves nearly all.
        if (widest > best) worst = std::min(worst, (widest - found.energy_j) / (widest - best));
    }
    BOOST_TEST(worst > 0.9);
}

BOOST_AUTO_TEST_CASE(budget_trail_and_repetition) {
    std::mt19937 random(6);
    Toy toy = random_toy(random, 8, 6);
    toy.problem.budget = 9;
    connect(toy);
    const app::SearchResult first = app::search_allocation(toy.problem);
    BOOST_TEST(toy.asked <= 9U);
    std::size_t sensitivity = 0, questions = 0;
    for (const app::TrailStep& step : first.trail)
        (step.stage == "sensitivity" ? sensitivity : questions) += 1;
    BOOST_TEST(sensitivity == 8U * 5U);
    BOOST_TEST(questions == toy.asked);
    const app::SearchResult again = app::search_allocation(toy.problem);
    BOOST_TEST(again.choice == first.choice, boost::test_tools::per_element());
    BOOST_TEST(again.trail.size() == first.trail.size());
}

BOOST_AUTO_TEST_CASE(hopeless_candidates_are_left_out) {
    std::mt19937 random(7);
    Toy toy = random_toy(random, 3, 6);
    toy.allowed = 1000;
    toy.problem.hopeless = 4;
    connect(toy);
    const app::SearchResult found = app::search_allocation(toy.problem);
    for (std::size_t g = 0; g < 3; ++g) {
        // At most the first candidate beyond the bound was tried.
        const std::size_t taken = found.choice[g];
        if (taken > 0) BOOST_TEST(toy.distortion[g][taken - 1] <= 4);
    }
}

BOOST_AUTO_TEST_CASE(flat_costs_and_impossible_accuracy) {
    std::mt19937 random(8);
    Toy toy = random_toy(random, 2, 4);
    for (app::SearchCandidate& candidate : toy.problem.groups[0].candidates) candidate.energy_j = 5;
    toy.allowed = 1000;
    connect(toy);
    BOOST_TEST(app::search_allocation(toy.problem).choice[0] == 0U);  // narrower would save nothing
    toy.problem.required = 1001;
    BOOST_CHECK_THROW(app::search_allocation(toy.problem), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
