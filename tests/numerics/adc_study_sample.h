// A small ADC study made by hand, for the tests of its report: two networks, one of them with converters by
// sign, with and without a search.
//
// Values are small, different from each other and of no meaning; the file is the study's own
// (study/adc_files.h).
#pragma once

#include <string>

#include "study/adc_files.h"

namespace adc_study_sample {

using namespace sliver;

inline constexpr std::size_t kLayers = 2, kSlices = 2;

inline study::ChipCost cost(double scale) {
    study::ChipCost cost;
    cost.adc_j = 1.25e-6 * scale;
    cost.total_j = 2.5e-6 * scale;
    cost.adc_slice_j = {0.75e-6 * scale, 0.5e-6 * scale};
    cost.laws = {{"isaac", 1.25e-6 * scale, 2.5e-6 * scale},
                 {"saberi", 1.5e-6 * scale, 2.75e-6 * scale},
                 {"survey", std::nullopt, std::nullopt}};
    cost.latency_s = 3.125e-6;
    cost.interval_s = 8e-7;
    cost.area_mm2 = 85.5;
    cost.adc_area_mm2 = 5.5 * scale;
    cost.converters = 64;
    cost.adc_busy_s = 5e-5 * scale;
    cost.adc_wait_s = 0.25e-5;
    return cost;
}

inline study::AdcOutcome outcome(const std::string& key, const std::string& title,
                                 const mapping::AdcWidths& widths, std::uint64_t correct, double scale) {
    study::AdcOutcome outcome;
    outcome.key = key;
    outcome.title = title;
    outcome.widths = widths;
    outcome.mean_bits = 8 * scale;
    outcome.correct = correct;
    outcome.images = 80;
    outcome.clipped = 80 - correct;
    outcome.conversions = 123456;
    outcome.clipped_by_slice.assign(kLayers, {3, 5});
    outcome.certified_for_all_inputs = key != "accuracy";
    for (std::size_t layer = 0; layer < kLayers; ++layer)
        for (std::size_t slice = 0; slice < kSlices; ++slice)
            for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative}) {
                const auto number = static_cast<std::uint32_t>(4 * layer + 2 * slice) +
                                    (sign == mapping::Sign::negative ? 1U : 0U);
                outcome.certificates.push_back(
                    {LayerIndex(layer),
                     SliceIndex(slice),
                     sign,
                     {CrossbarIndex(layer), static_cast<int>(10 + number)},
                     // The tightest is the fourth.
                     number == 3 ? 20U : 5 + number,
                     widths.at(LayerIndex(layer), SliceIndex(slice), sign).range()});
            }
    outcome.cost = cost(scale);
    return outcome;
}

inline app::AccuracyAllocation search() {
    app::AccuracyAllocation found;
    found.images = 50;
    found.lossless_correct = 48;
    found.required = 47;
    app::SearchCandidate wide, narrow;
    wide.converters = {{4, 0}};
    wide.energy_j = 1e-6;
    narrow.converters = {{2, 1}};
    narrow.energy_j = 0.5e-6;
    found.groups = {{"conv B0", {wide, narrow}}, {"fc B1", {wide, narrow}}};
    found.search.choice = {1, 0};
    found.search.correct = 47;
    found.search.energy_j = 1.5e-6;
    const auto ask = [&](const char* stage, const char* group, std::uint64_t correct, std::uint64_t images,
                         bool kept) {
        app::TrailStep step;
        step.stage = stage;
        step.group = group;
        step.candidate = *group == 0 ? 0 : 1;
        step.distortion = 3.5;
        step.answer = {correct, images};
        step.energy_j = 1.5e-6;
        step.kept = kept;
        found.search.trail.push_back(step);
    };
    ask("sensitivity", "conv B0", 0, 0, false);
    ask("bisection", "", 48, 50, true);
    ask("refinement", "conv B0", 47, 50, true);
    ask("refinement", "fc B1", 15, 20, false);  // given up before all images were asked
    return found;
}

inline study::AdcSubject subject(const std::string& name, const std::string& method) {
    study::AdcSubject subject;
    subject.name = name;
    subject.sha256 = std::string(64, 'a');
    subject.method = method;
    subject.layers = {"conv", "fc"};
    subject.conversions = {1000, 10};
    mapping::AdcWidths fixed, worst, found;
    fixed.bits = {{8, 8}, {8, 8}};
    worst.bits = {{5, 4}, {6, 3}};
    worst.negative_bits = {{5, 5}, {5, 3}};
    found.bits = {{2, 4}, {6, 1}};
    found.drops = {{1, 0}, {0, 3}};
    subject.outcomes = {outcome("fixed-8", "8 bits", fixed, 76, 1),
                        outcome("worst-case", "lossless by layer", worst, 76, 0.625),
                        outcome("accuracy", "accuracy, 0.5 points", found, 75, 0.25)};
    for (std::size_t layer = 0; layer < kLayers; ++layer) {
        subject.profile.groups.emplace_back(kSlices);
        subject.worst_case.emplace_back(kSlices);
        for (std::size_t slice = 0; slice < kSlices; ++slice)
            for (std::size_t sign = 0; sign < 2; ++sign) {
                mapping::SumHistogram& histogram = subject.profile.groups[layer][slice][sign];
                histogram.counts = {9000, 100 + sign, 0, 7 + slice};
                histogram.largest.sum = 3;
                subject.worst_case[layer][slice][sign].sum = 4;
            }
    }
    subject.uniform = {{2, 5, 20}, {3, 19, 20}};
    subject.shared = {{"fixed-8", 8, config::AdcBank::per_slice, cost(0.125)}};
    return subject;
}

inline study::AdcStudy sample() {
    study::AdcStudy study;
    study.version = "0.1.0";
    study.chip.name = "small";
    study.chip_yaml = "chip: small\nadc:\n  law: isaac\n";
    study.images = "test.npy";
    study.calibration = "train.npy";
    study.count = 80;
    study.profile_count = 4;
    study.held_out_first = 100;
    study.held_out_count = 50;
    study.loss_points = 0.5;
    study.budget = 12;
    study.subjects = {subject("net-dense", "dense"), subject("net-bitslice", "bitslice-l1")};
    study::AdcSubject& sparse = study.subjects.back();
    sparse.card_top1 = 0.9375;
    sparse.search = search();
    study::Ablation ablation;
    ablation.allocation = "accuracy";
    ablation.baseline = {9e-6, 0, 0, 4e-6, 9e-7, 3e-6};
    ablation.steps = {{"conducting cells", 1e-6, 1e-6, {8e-6, 0, 0, 4e-6, 9e-7, 3e-6}},
                      {"column sums", 3e-6, 3.5e-6, {5e-6, 0, 0, 4e-6, 9e-7, 2e-6}},
                      {"zero planes", 0.5e-6, 0.75e-6, {4.5e-6, 2e-7, 0.125, 3.5e-6, 8e-7, std::nullopt}}};
    ablation.reads = 32;
    ablation.planes_skipped = 5;
    sparse.ablation = ablation;
    return study;
}

}  // namespace adc_study_sample
