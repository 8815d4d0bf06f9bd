#include "study/adc_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/quantity_text.h"
#include "study/names.h"

namespace sliver::study {
namespace {

using results::si;

constexpr double kDubSaving = 7.13;  ///< arXiv 2403.13082, VGG-11 on CIFAR-10, under 1 % accuracy loss
constexpr int kBaselineBits = 8;

double power(double bits) {
    return std::exp2(bits) / (bits + 1);
}

double points_lost(const AdcSubject& subject, const AdcOutcome& outcome) {
    const AdcOutcome* lossless = subject.outcome(kWorstKey);
    return lossless == nullptr ? 0 : 100 * (lossless->top1() - outcome.top1());
}

std::string bits_text(const AdcOutcome& outcome) {
    return results::slices_text(widest_by_slice(outcome.widths));
}

std::string subject_title(const AdcSubject& subject) {
    return subject.method.empty() ? subject.name : subject.name + " (" + method_title(subject.method) + ")";
}

std::string beside_dub(double saving, double lost_points) {
    const double ratio = saving / kDubSaving;
    std::string text =
        ratio > 1 ? fmt::format("{:.2f} times beyond it", ratio) : fmt::format("{:.2f} of it", ratio);
    if (lost_points > 1) text += ", but at more than the 1 % that D.U.B. allows";
    return text;
}

std::string held_sentence(const AdcSubject& subject, const AdcOutcome& paper) {
    const double lost = points_lost(subject, paper);
    return fmt::format(
        "{}: 1 bit in the top slice and 3 in the others {}: top-1 {:.2f} % instead of {:.2f} %, {} of the "
        "conversions cut.",
        subject_title(subject), lost <= 0.5 ? "hold" : "do not hold", 100 * paper.top1(),
        100 * subject.outcome(kWorstKey)->top1(), results::percent(paper.clipped, paper.conversions));
}

}  // namespace

const AdcOutcome* AdcSubject::outcome(std::string_view key) const {
    for (const AdcOutcome& outcome : outcomes)
        if (outcome.key == key) return &outcome;
    return nullptr;
}

const AdcSubject* AdcStudy::dense() const {
    for (const AdcSubject& subject : subjects)
        if (subject.method == "dense") return &subject;
    return nullptr;
}

double mean_bits(const AdcSubject& subject, const mapping::AdcWidths& widths) {
    double bits = 0, conversions = 0;
    for (std::size_t layer = 0; layer < widths.bits.size(); ++layer)
        for (std::size_t slice = 0; slice < widths.bits[layer].size(); ++slice) {
            const auto weight = static_cast<double>(subject.conversions[layer]);
            const int positive = widths.at(LayerIndex(layer), SliceIndex(slice)).bits;
            const int negative =
                widths.at(LayerIndex(layer), SliceIndex(slice), mapping::Sign::negative).bits;
            bits += weight * (positive + negative) / 2;
            conversions += weight;
        }
    return conversions == 0 ? 0 : bits / conversions;
}

std::vector<int> widest_by_slice(const mapping::AdcWidths& widths) {
    std::vector<int> widest;
    for (const auto* table : {&widths.bits, &widths.negative_bits})
        for (const std::vector<int>& layer : *table) {
            widest.resize(std::max(widest.size(), layer.size()), 0);
            for (std::size_t slice = 0; slice < layer.size(); ++slice)
                widest[slice] = std::max(widest[slice], layer[slice]);
        }
    return widest;
}

std::vector<SliceSaving> table3_from_law() {
    std::vector<SliceSaving> table;
    for (const auto& [group, bits] : {std::pair{"XB3", 1}, std::pair{"XB2, XB1, XB0", 3}}) {
        SliceSaving saving;
        saving.group = group;
        saving.bits_after = bits;
        saving.energy = power(kBaselineBits) / power(bits);
        saving.speed = static_cast<double>(kBaselineBits) / bits;
        saving.area = 2;
        table.push_back(saving);
    }
    return table;
}

std::vector<SliceSaving> table3_executed(const AdcSubject& subject, const AdcOutcome& outcome,
                                         const cost::AdcLaw& law) {
    const std::size_t slices = outcome.widths.bits.empty() ? 0 : outcome.widths.bits.front().size();
    std::vector<SliceSaving> table;
    for (const bool top : {true, false}) {
        SliceSaving saving;
        double conversions = 0, bits = 0, energy_j = 0, area_mm2 = 0;
        const std::size_t first = top ? slices - 1 : 0, last = top ? slices : slices - 1;
        for (std::size_t layer = 0; layer < outcome.widths.bits.size(); ++layer)
            for (std::size_t slice = first; slice < last; ++slice)
                for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative}) {
                    const double weight = static_cast<double>(subject.conversions[layer]) / 2;
                    const int width = outcome.widths.at(LayerIndex(layer), SliceIndex(slice), sign).bits;
                    conversions += weight;
                    bits += weight * width;
                    energy_j += weight * law.energy_j(width);
                    area_mm2 += weight * law.area_mm2(width);
                }
        if (conversions == 0) continue;
        saving.group = top ? fmt::format("XB{}", slices - 1) : fmt::format("XB{}..XB0", slices - 2);
        saving.bits_after = bits / conversions;
        saving.energy = conversions * law.energy_j(kBaselineBits) / energy_j;
        saving.speed = kBaselineBits / saving.bits_after;
        saving.area = conversions * law.area_mm2(kBaselineBits) / area_mm2;
        table.push_back(saving);
    }
    return table;
}

std::optional<double> adc_energy_j(const AdcOutcome& outcome, std::string_view law) {
    for (const LawEnergy& energy : outcome.cost.laws)
        if (energy.law == law) return energy.adc_j;
    return std::nullopt;
}

std::vector<std::string> verdict(const AdcStudy& study) {
    std::vector<std::string> sentences;
    for (const AdcSubject& subject : study.subjects)
        if (const AdcOutcome* paper = subject.outcome(kPaperKey))
            sentences.push_back(held_sentence(subject, *paper));
    for (const AdcSubject& subject : study.subjects) {
        const AdcOutcome* steps = subject.outcome(kPaperStepsKey);
        if (steps == nullptr) continue;
        sentences.push_back(fmt::format(
            "{}: the same widths with coarser steps where those lose less: top-1 {:.2f} %, {:.2f} points "
            "below lossless.",
            subject_title(subject), 100 * steps->top1(), points_lost(subject, *steps)));
    }
    for (const AdcSubject& subject : study.subjects) {
        const AdcOutcome *worst = subject.outcome(kWorstKey), *found = subject.outcome(kAccuracyKey);
        if (worst == nullptr || found == nullptr) continue;
        sentences.push_back(fmt::format(
            "{}: what holds: lossless for every input at a mean of {:.2f} bits ({} msb..lsb at most); within "
            "{} points on held-out images at {:.2f} bits ({} at most), top-1 {:.2f} % on the test images, "
            "{:+.2f} points.",
            subject_title(subject), worst->mean_bits, bits_text(*worst), study.loss_points, found->mean_bits,
            bits_text(*found), 100 * found->top1(), -points_lost(subject, *found)));
    }
    const AdcSubject* dense = study.dense();
    for (const AdcSubject& subject : study.subjects) {
        const AdcOutcome* found = subject.outcome(kAccuracyKey);
        const AdcOutcome* fixed = (dense != nullptr ? *dense : subject).outcome(kFixedKey);
        if (found == nullptr || fixed == nullptr) continue;
        const auto before = adc_energy_j(*fixed, "saberi"), after = adc_energy_j(*found, "saberi");
        if (!before || !after || !(*after > 0)) continue;
        const double saving = *before / *after;
        const AdcSubject& reference = dense != nullptr ? *dense : subject;
        const double lost = 100 * (reference.outcome(kWorstKey)->top1() - found->top1());
        std::string sentence = fmt::format(
            "{}: ADC energy under 2^N/(N+1) (law saberi): {} instead of {} with 8 bits everywhere, {:.2f} "
            "times less, {:.2f} points below {}; D.U.B. (arXiv 2403.13082) reports {} times for VGG-11 on "
            "CIFAR-10 under 1 % loss: {}.",
            subject_title(subject), si(*after, "J"), si(*before, "J"), saving, lost,
            dense != nullptr ? "the dense network" : "lossless", kDubSaving, beside_dub(saving, lost));
        if (dense != nullptr && dense != &subject) {
            const AdcOutcome* same = dense->outcome(kAccuracyKey);
            const auto dense_after = same != nullptr ? adc_energy_j(*same, "saberi") : std::nullopt;
            if (dense_after)
                sentence += fmt::format(
                    " Measuring alone buys {:.2f} times (the dense network under the same "
                    "policy), training {:.2f} times more.",
                    *before / *dense_after, *dense_after / *after);
        }
        sentences.push_back(std::move(sentence));
    }
    return sentences;
}

}  // namespace sliver::study
