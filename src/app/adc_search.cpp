#include "app/adc_search.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/error.h"

namespace sliver::app {
namespace {

/// Share of the hopeless distortion at which a network usually still classifies well: where bisection starts.
constexpr double kFirstGuess = 0.04;
/// Bisection ends when the bracket is this small a part of the list.
constexpr std::size_t kCloseParts = 32;

/// A group goes from one candidate on its hull to a later one.
struct Segment {
    std::size_t group = 0, candidate = 0;
    double slope = 0;  ///< distortion for each joule saved
};

class Search {
  public:
    explicit Search(const SearchProblem& problem) : problem_(problem) {}

    SearchResult run() {
        measure_sensitivity();
        const std::vector<Segment> order = order_segments();
        bisect(order);
        refine();
        result_.energy_j = energy(result_.choice);
        return std::move(result_);
    }

  private:
    [[nodiscard]] double energy(const Choice& choice) const {
        double energy_j = 0;
        for (std::size_t group = 0; group < choice.size(); ++group)
            energy_j += problem_.groups[group].candidates[choice[group]].energy_j;
        return energy_j;
    }

    void tell(const char* stage, std::size_t done, std::size_t all) const {
        if (problem_.progress) problem_.progress(stage, done, all);
    }

    void measure_sensitivity() {
        const Choice widest(problem_.groups.size(), 0);
        std::size_t done = 0, all = 0;
        for (const SearchGroup& group : problem_.groups) all += group.candidates.size() - 1;
        for (std::size_t group = 0; group < problem_.groups.size(); ++group) {
            const std::size_t candidates = problem_.groups[group].candidates.size();
            distortion_.emplace_back(candidates, std::numeric_limits<double>::infinity());
            distortion_.back()[0] = 0;
            for (std::size_t candidate = 1; candidate < candidates; ++candidate) {
                tell("sensitivity", done + candidate - 1, all);
                Choice choice = widest;
                choice[group] = candidate;
                const double distortion = problem_.distortion(choice);
                distortion_[group][candidate] = distortion;
                TrailStep step;
                step.stage = "sensitivity";
                step.group = problem_.groups[group].name;
                step.candidate = candidate;
                step.distortion = distortion;
                step.energy_j = energy(choice);
                result_.trail.push_back(std::move(step));
                if (distortion > problem_.hopeless) break;
            }
            done += candidates - 1;
        }
    }

    /// Next candidate behind `from` that costs less energy, at the least distortion for each joule; the
    /// farthest of equals.
    [[nodiscard]] std::optional<Segment> next_segment(std::size_t group, std::size_t from) const {
        const std::vector<SearchCandidate>& candidates = problem_.groups[group].candidates;
        std::optional<Segment> best;
        for (std::size_t to = from + 1; to < candidates.size(); ++to) {
            const double saved = candidates[from].energy_j - candidates[to].energy_j;
            const double more = distortion_[group][to] - distortion_[group][from];
            if (!(saved > 0) || !(more < std::numeric_limits<double>::infinity())) continue;
            const double slope = std::max(more, 0.0) / saved;
            if (!best || slope <= best->slope) best = Segment{group, to, slope};
        }
        return best;
    }

    [[nodiscard]] std::vector<Segment> order_segments() const {
        std::vector<Segment> order;
        for (std::size_t group = 0; group < problem_.groups.size(); ++group) {
            std::optional<Segment> segment = next_segment(group, 0);
            // A hull's slopes rise, so that a stable sort keeps each group's segments in order.
            double steepest = 0;
            while (segment) {
                steepest = segment->slope = std::max(segment->slope, steepest);
                order.push_back(*segment);
                segment = next_segment(group, segment->candidate);
            }
        }
        std::stable_sort(order.begin(), order.end(),
                         [](const Segment& a, const Segment& b) { return a.slope < b.slope; });
        return order;
    }

    [[nodiscard]] std::uint64_t ask(const char* stage, const std::string& group, std::size_t candidate,
                                    const Choice& choice) {
        tell(stage, asked_, problem_.budget);
        ++asked_;
        TrailStep step;
        step.stage = stage;
        step.group = group;
        step.candidate = candidate;
        step.answer = problem_.correct(choice);
        step.energy_j = energy(choice);
        step.kept = step.answer.correct >= problem_.required;
        result_.trail.push_back(step);
        return step.answer.correct;
    }

    /// Brackets the longest good prefix by doubling or halving its predicted distortion, then by length, down
    /// to what refinement walks through anyway.
    void bisect(const std::vector<Segment>& order) {
        const std::vector<double> predicted = predicted_distortions(order);
        const auto prefix = [&](std::size_t length) {
            Choice choice(problem_.groups.size(), 0);
            for (std::size_t i = 0; i < length; ++i) choice[order[i].group] = order[i].candidate;
            return choice;
        };
        result_.choice = prefix(0);
        result_.correct = ask("bisection", "", 0, result_.choice);
        if (result_.correct < problem_.required)
            refuse("adc.accuracy_loss: {} images must stay right, lossless converters have {}",
                   problem_.required, result_.correct);
        std::size_t good = 0, bad = order.size() + 1;
        const std::size_t close = std::max<std::size_t>(1, order.size() / kCloseParts);
        // Prefixes up to `target` of predicted distortion; predicted[n] is that of n segments.
        double target = problem_.hopeless * kFirstGuess;
        bool bracketed = false;
        while (bad - good > close && asked_ < problem_.budget) {
            std::size_t length = (good + bad) / 2;
            if (!bracketed) {
                const auto beyond = std::upper_bound(predicted.begin(), predicted.end(), target);
                const auto guess = static_cast<std::size_t>(beyond - predicted.begin()) - 1;
                length = std::min(std::max(guess, good + 1), bad - 1);
            }
            const Choice choice = prefix(length);
            const std::uint64_t correct = ask("bisection", "", 0, choice);
            if (correct >= problem_.required) {
                bracketed = bracketed || bad <= order.size();
                good = length;
                target = 2 * predicted[length];
                result_.choice = choice;
                result_.correct = correct;
            } else {
                bracketed = bracketed || good > 0;
                bad = length;
                target = predicted[length] / 2;
            }
        }
    }

    [[nodiscard]] std::vector<double> predicted_distortions(const std::vector<Segment>& order) const {
        std::vector<double> sums = {0};
        Choice choice(problem_.groups.size(), 0);
        for (const Segment& segment : order) {
            std::size_t& candidate = choice[segment.group];
            sums.push_back(sums.back() + std::max(0.0, distortion_[segment.group][segment.candidate] -
                                                           distortion_[segment.group][candidate]));
            candidate = segment.candidate;
        }
        return sums;
    }

    void refine() {
        std::vector<bool> tried(problem_.groups.size(), false);
        while (asked_ < problem_.budget) {
            std::optional<Segment> best;
            for (std::size_t group = 0; group < problem_.groups.size(); ++group) {
                if (tried[group]) continue;
                const std::optional<Segment> segment = one_step(group);
                if (segment && (!best || segment->slope < best->slope)) best = segment;
            }
            if (!best) return;
            tried[best->group] = true;
            Choice choice = result_.choice;
            choice[best->group] = best->candidate;
            const std::uint64_t correct =
                ask("refinement", problem_.groups[best->group].name, best->candidate, choice);
            if (correct < problem_.required) continue;
            result_.choice = choice;
            result_.correct = correct;
            tried[best->group] = false;  // perhaps one step more
        }
    }

    /// The next narrower candidate that costs less.
    [[nodiscard]] std::optional<Segment> one_step(std::size_t group) const {
        const std::vector<SearchCandidate>& candidates = problem_.groups[group].candidates;
        const std::size_t from = result_.choice[group];
        for (std::size_t to = from + 1; to < candidates.size(); ++to) {
            const double saved = candidates[from].energy_j - candidates[to].energy_j;
            const double more = distortion_[group][to] - distortion_[group][from];
            if (saved > 0 && more < std::numeric_limits<double>::infinity())
                return Segment{group, to, std::max(more, 0.0) / saved};
        }
        return std::nullopt;
    }

    const SearchProblem& problem_;
    std::vector<std::vector<double>> distortion_;  ///< [group][candidate]; infinite: not tried
    std::size_t asked_ = 0;
    SearchResult result_;
};

}  // namespace

SearchResult search_allocation(const SearchProblem& problem) {
    return Search(problem).run();
}

}  // namespace sliver::app
