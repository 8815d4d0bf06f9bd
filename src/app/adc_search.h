// The cheapest converters within an accuracy loss: sensitivity first, then greedy.
//
// Knows groups of columns that share a converter, candidates from lossless to narrow with what each costs,
// and two questions it may ask: how far are the logits off (cheap, on few images), and how many images are
// still right (dear, on many). It knows no engine, so that tests can put closed forms in its place.
//   1. sensitivity  every group alone takes each of its candidates: distortion of the logits
//   2. order        distortion taken as additive, the allocations with the least distortion for their energy
//                   are the prefixes of one list: the segments of all groups' lower convex hulls (energy
//                   saved, distortion) by slope. That is the optimum of the additive problem on its hull.
//   3. bisection    the longest prefix that keeps enough images right, bracketed by predicted distortion
//   4. refinement   one group one step narrower at a time, cheapest distortion for the energy first, kept
//                   where enough images stay right; until a whole pass keeps nothing or the budget is spent
// Deterministic; the budget counts step 3 and 4's questions, not seconds. Called by adc_problem.h's users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mapping/adc_widths.h"

namespace sliver::app {

/// One choice for a group: `converters` has one entry a member of the group.
struct SearchCandidate {
    std::vector<mapping::Converter> converters;
    double energy_j = 0;  ///< of the group's conversions of one image
};

struct SearchGroup {
    std::string name;                         ///< for the trail: "conv3 slice 2"
    std::vector<SearchCandidate> candidates;  ///< the first cuts nothing; the others narrower and narrower
};

/// Candidate of each group.
using Choice = std::vector<std::size_t>;

/// How many of the images looked at are classified right. Whoever answers may stop looking as soon as
/// `required` is out of reach.
struct Correct {
    std::uint64_t correct = 0, images = 0;
};

struct SearchProblem {
    std::vector<SearchGroup> groups;
    /// Distortion of the logits, 0 where they are exact; asked with one group off its first candidate.
    std::function<double(const Choice& choice)> distortion;
    /// A group's narrower candidates are not tried once one has more distortion than this.
    double hopeless = 0;
    std::function<Correct(const Choice& choice)> correct;
    std::uint64_t required = 0;  ///< images that must be right
    std::size_t budget = 40;     ///< questions to `correct`
    /// Called before each question; `done` of about `all`.
    std::function<void(const std::string& stage, std::size_t done, std::size_t all)> progress{};
};

/// One question and its answer.
struct TrailStep {
    std::string stage;  ///< sensitivity, bisection, refinement
    std::string group;  ///< changed group; empty in bisection
    std::size_t candidate = 0;
    double distortion = 0;  ///< sensitivity
    Correct answer;         ///< bisection, refinement
    double energy_j = 0;    ///< of the whole allocation asked about
    bool kept = false;
};

struct SearchResult {
    Choice choice;
    std::uint64_t correct = 0;
    double energy_j = 0;
    std::vector<TrailStep> trail;
};

/// InputError where even the first candidates keep too few images right.
SearchResult search_allocation(const SearchProblem& problem);

}  // namespace sliver::app
