#include "app/adc_accuracy.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "mapping/placement.h"
#include "network/golden.h"

namespace sliver::app {
namespace {

constexpr int kMostDrop = 8;
/// Share of the distortion of logits that say nothing beyond which one group alone has spoilt the network.
constexpr double kHopeless = 0.25;
/// Images between two looks at whether enough can still be right; the result does not depend on it, the time
/// does.
constexpr std::size_t kPiece = 64;

/// One layer, slice and sign.
struct Member {
    std::size_t layer = 0, slice = 0, sign = 0;
};

class Problem {
  public:
    explicit Problem(const AccuracyQuestion& question) : question_(question) {
        make_groups();
        lossless_ = widths_of(Choice(groups_.size(), 0));
    }

    AccuracyAllocation solve() {
        AccuracyAllocation allocation;
        allocation.images = question_.labels.size();
        measure_reference();
        allocation.lossless_correct = lossless_correct_;
        const double allowed = question_.loss_points / 100 * static_cast<double>(allocation.images);
        const auto lost = static_cast<std::uint64_t>(std::floor(allowed + 1e-9));
        required_ = lossless_correct_ > lost ? lossless_correct_ - lost : 0;
        allocation.required = required_;
        SearchProblem problem;
        problem.groups = groups_;
        problem.distortion = [this](const Choice& choice) { return distortion(choice); };
        problem.correct = [this](const Choice& choice) { return correct(choice); };
        problem.hopeless = signal_ * kHopeless;
        problem.required = allocation.required;
        problem.budget = question_.budget;
        problem.progress = question_.progress;
        allocation.search = search_allocation(problem);
        allocation.widths = widths_of(allocation.search.choice);
        allocation.groups = std::move(groups_);
        return allocation;
    }

  private:
    void make_groups() {
        const mapping::NetworkMapping& mapping = question_.mapping;
        const auto worst = mapping::worst_case_columns(question_.network, mapping, question_.dac_bits);
        const auto signs = static_cast<std::size_t>(mapping.signs());
        std::map<std::size_t, std::vector<Member>> shared;
        for (std::size_t layer = 0; layer < worst.size(); ++layer)
            for (std::size_t slice = 0; slice < worst[layer].size(); ++slice)
                for (std::size_t sign = 0; sign < signs; ++sign)
                    shared[mapping::sharing_group(question_.granularity, layer, slice, sign)].push_back(
                        {layer, slice, sign});
        for (auto& [number, members] : shared) {
            std::uint32_t largest = 0;
            for (const Member& member : members)
                largest = std::max(largest, worst[member.layer][member.slice][member.sign].sum);
            add_group(std::move(members), mapping::lossless_bits(largest));
        }
    }

    void add_group(std::vector<Member> members, int lossless_bits) {
        SearchGroup group;
        group.name = name_of(members);
        std::uint64_t conversions = 0;
        for (const Member& member : members)
            conversions +=
                conversions_of(question_.network, question_.mapping.layers[LayerIndex(member.layer)],
                               SliceIndex(member.slice),
                               member.sign == 0 ? mapping::Sign::positive : mapping::Sign::negative);
        // A step belongs to a layer's slice: both signs have the one that suits them together.
        std::map<std::pair<std::size_t, std::size_t>, std::vector<std::uint64_t>> sums;
        for (const Member& member : members)
            for (std::size_t sign = 0; sign < 2; ++sign)
                mapping::add_counts(question_.profile.groups[member.layer][member.slice][sign].counts,
                                    sums[{member.layer, member.slice}]);
        for (int bits = lossless_bits; bits >= 1; --bits) {
            // A law that has no cost for a width offers no such converter.
            if (!question_.law.supports(bits) && bits != lossless_bits) continue;
            SearchCandidate candidate;
            candidate.energy_j = static_cast<double>(conversions) * question_.law.energy_j(bits);
            for (const Member& member : members) {
                mapping::Converter converter{bits, 0};
                if (bits < lossless_bits && !by_sign())
                    converter.drop = best_drop(sums[{member.layer, member.slice}], bits,
                                               std::min(kMostDrop, lossless_bits - bits));
                candidate.converters.push_back(converter);
            }
            group.candidates.push_back(std::move(candidate));
        }
        groups_.push_back(std::move(group));
        members_.push_back(std::move(members));
    }

    /// Widths by sign take unit steps: a step is shared by both signs.
    [[nodiscard]] bool by_sign() const {
        return question_.granularity == config::AdcGranularity::layer_slice_sign;
    }

    [[nodiscard]] std::string name_of(const std::vector<Member>& members) const {
        const Member& first = members.front();
        const std::string& layer = question_.mapping.layers[LayerIndex(first.layer)].name;
        switch (question_.granularity) {
            case config::AdcGranularity::chip:
                return "chip";
            case config::AdcGranularity::slice:
                return fmt::format("B{}", first.slice);
            case config::AdcGranularity::layer_slice:
                return fmt::format("{} B{}", layer, first.slice);
            case config::AdcGranularity::layer_slice_sign:
                break;
        }
        return fmt::format("{} B{}{}", layer, first.slice, first.sign == 0 ? '+' : '-');
    }

    [[nodiscard]] mapping::AdcWidths widths_of(const Choice& choice) const {
        mapping::AdcWidths widths;
        for (const mapping::LayerMapping& layer : question_.mapping.layers)
            widths.bits.emplace_back(layer.shifts.size(), 1);
        widths.drops = widths.bits;
        if (by_sign()) widths.negative_bits = widths.bits;
        bool any_drop = false;
        for (std::size_t group = 0; group < choice.size(); ++group) {
            const SearchCandidate& candidate = groups_[group].candidates[choice[group]];
            for (std::size_t i = 0; i < members_[group].size(); ++i) {
                const Member& member = members_[group][i];
                const mapping::Converter& converter = candidate.converters[i];
                auto& bits = by_sign() && member.sign == 1 ? widths.negative_bits : widths.bits;
                bits[member.layer][member.slice] = converter.bits;
                widths.drops[member.layer][member.slice] = converter.drop;
                any_drop = any_drop || converter.drop != 0;
            }
        }
        if (!any_drop) widths.drops.clear();
        return widths;
    }

    void measure_reference() {
        const std::size_t pixels = question_.network.nodes.front().shape.size();
        if (question_.labels.empty() || question_.images.size() != question_.labels.size() * pixels)
            refuse("adc.policy: accuracy needs labelled images: {} labels for {} images",
                   question_.labels.size(), question_.images.size() / pixels);
        lossless_correct_ = correct(Choice(groups_.size(), 0)).correct;
        sensitive_ = std::min(question_.sensitivity_images, question_.labels.size());
        reference_ = question_.engine.remember(question_.images.data(), sensitive_, lossless_).logits;
        signal_ = distance(std::vector<std::int32_t>(reference_.size(), 0), reference_);
    }

    /// Sum over the images of the squared differences of two sets of logits, each image's mean left out.
    [[nodiscard]] double distance(const std::vector<std::int32_t>& a,
                                  const std::vector<std::int32_t>& b) const {
        const std::size_t classes = a.size() / sensitive_;
        double total = 0;
        for (std::size_t first = 0; first < a.size(); first += classes) {
            double sum = 0, squares = 0;
            for (std::size_t i = first; i < first + classes; ++i) {
                const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
                sum += difference;
                squares += difference * difference;
            }
            total += std::max(0.0, squares - sum * sum / static_cast<double>(classes));
        }
        return total;
    }

    [[nodiscard]] double distortion(const Choice& choice) const {
        return distance(question_.engine.run_changed(widths_of(choice)).logits, reference_);
    }

    /// Looks at images until all are done or too many are wrong.
    [[nodiscard]] Correct correct(const Choice& choice) const {
        const std::size_t count = question_.labels.size();
        const std::size_t pixels = question_.network.nodes.front().shape.size();
        const std::uint64_t allowed = count - required_;
        const mapping::AdcWidths widths = widths_of(choice);
        Correct answer;
        while (answer.images < count && answer.images - answer.correct <= allowed) {
            const auto first = static_cast<std::size_t>(answer.images);
            const std::size_t piece = std::min(kPiece, count - first);
            const engine::BatchResult batch =
                question_.engine.run(&question_.images[first * pixels], piece, widths);
            const std::vector<int> classes = network::predicted_classes(batch.logits, piece);
            for (std::size_t i = 0; i < piece; ++i)
                answer.correct += classes[i] == question_.labels[first + i] ? 1 : 0;
            answer.images += piece;
        }
        return answer;
    }

    const AccuracyQuestion& question_;
    std::vector<SearchGroup> groups_;
    std::vector<std::vector<Member>> members_;  ///< of each group
    mapping::AdcWidths lossless_;
    std::uint64_t lossless_correct_ = 0, required_ = 0;
    std::size_t sensitive_ = 0;            ///< images that distortion is measured on
    std::vector<std::int32_t> reference_;  ///< their logits with ideal converters
    double signal_ = 0;                    ///< distortion of logits that say nothing
};

}  // namespace

AccuracyAllocation allocate_for_accuracy(const AccuracyQuestion& question) {
    return Problem(question).solve();
}

std::uint64_t conversions_of(const network::QuantisedNetwork& network, const mapping::LayerMapping& layer) {
    return layer.columns() * layer.planes.size() * mapping::windows_per_image(network.nodes[layer.node]);
}

std::uint64_t conversions_of(const network::QuantisedNetwork& network, const mapping::LayerMapping& layer,
                             SliceIndex slice, mapping::Sign sign) {
    return layer.columns(slice, sign) * layer.planes.size() *
           mapping::windows_per_image(network.nodes[layer.node]);
}

int best_drop(const std::vector<std::uint64_t>& counts, int bits, int most) {
    int best = 0;
    double least = -1;
    for (int drop = 0; drop <= most; ++drop) {
        const mapping::Converter converter{bits, drop};
        double error = 0;
        for (std::size_t sum = 0; sum < counts.size(); ++sum) {
            const double lost =
                static_cast<double>(sum) - mapping::converted(converter, static_cast<std::uint32_t>(sum));
            error += static_cast<double>(counts[sum]) * lost * lost;
        }
        if (least < 0 || error < least) {
            least = error;
            best = drop;
        }
    }
    return best;
}

}  // namespace sliver::app
