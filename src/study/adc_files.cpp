#include "study/adc_files.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/adc_search_json.h"
#include "base/text.h"
#include "config/chip_words.h"
#include "results/json_text.h"
#include "results/quantity_text.h"

namespace sliver::study {
namespace {

using Json = nlohmann::ordered_json;
using results::exact;

/// 2: the ablation is from runs of the chip, with its times and with what looks for zeros.
constexpr int kAdcSchema = 2;

const char* sign_word(mapping::Sign sign) {
    return sign == mapping::Sign::positive ? "positive" : "negative";
}

Json cost_json(const ChipCost& cost) {
    Json laws = Json::object();
    for (const LawEnergy& law : cost.laws)
        laws[law.law] = {{"adc_j", results::json_or_null<Json>(law.adc_j)},
                         {"total_j", results::json_or_null<Json>(law.total_j)}};
    return {{"adc_j", cost.adc_j},
            {"adc_slice_j", cost.adc_slice_j},
            {"total_j", cost.total_j},
            {"latency_s", cost.latency_s},
            {"interval_s", results::json_or_null<Json>(cost.interval_s)},
            {"area_mm2", cost.area_mm2},
            {"adc_area_mm2", cost.adc_area_mm2},
            {"converters", cost.converters},
            {"adc_busy_s", cost.adc_busy_s},
            {"adc_wait_s", cost.adc_wait_s},
            {"laws", std::move(laws)}};
}

Json certificate_json(const AdcSubject& subject, const mapping::ColumnCertificate& certificate) {
    return {{"layer", subject.layers[certificate.layer.value()]},
            {"slice", certificate.slice.value()},
            {"sign", sign_word(certificate.sign)},
            {"array", certificate.place.crossbar.value()},
            {"column", certificate.place.column},
            {"sum", certificate.sum},
            {"range", certificate.range},
            {"margin", certificate.margin()}};
}

Json outcome_json(const AdcSubject& subject, const AdcOutcome& outcome) {
    Json certificates = Json::array();
    for (const mapping::ColumnCertificate& certificate : outcome.certificates)
        certificates.push_back(certificate_json(subject, certificate));
    return {{"key", outcome.key},
            {"title", outcome.title},
            {"bits", outcome.widths.bits},
            {"negative_bits", outcome.widths.negative_bits},
            {"drops", outcome.widths.drops},
            {"split_rows", outcome.widths.split_rows},
            {"mean_bits", outcome.mean_bits},
            {"widest_bits", widest_by_slice(outcome.widths)},
            {"top1", outcome.top1()},
            {"correct", outcome.correct},
            {"images", outcome.images},
            {"clipped", outcome.clipped},
            {"conversions", outcome.conversions},
            {"clipped_by_slice", outcome.clipped_by_slice},
            {"certified_for_all_inputs", outcome.certified_for_all_inputs},
            {"certificates", std::move(certificates)},
            {"cost", cost_json(outcome.cost)}};
}

Json histograms_json(const AdcSubject& subject) {
    Json histograms = Json::array();
    for (std::size_t layer = 0; layer < subject.profile.groups.size(); ++layer)
        for (std::size_t slice = 0; slice < subject.profile.groups[layer].size(); ++slice)
            for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative}) {
                const std::size_t number = sign == mapping::Sign::positive ? 0 : 1;
                const mapping::SumHistogram& histogram = subject.profile.groups[layer][slice][number];
                if (histogram.counts.empty()) continue;  // offset encoding has one sign
                histograms.push_back({{"layer", subject.layers[layer]},
                                      {"slice", slice},
                                      {"sign", sign_word(sign)},
                                      {"largest_seen", histogram.largest.sum},
                                      {"largest_possible", subject.worst_case[layer][slice][number].sum},
                                      {"counts", histogram.counts}});
            }
    return histograms;
}

Json state_json(const AblationState& state) {
    return {{"energy_j", state.energy_j},
            {"skip_logic_j", state.skip_logic_j},
            {"skip_area_mm2", state.skip_area_mm2},
            {"latency_s", state.latency_s},
            {"interval_s", results::json_or_null<Json>(state.interval_s)},
            {"shared_interval_s", results::json_or_null<Json>(state.shared_interval_s)}};
}

Json ablation_json(const Ablation& ablation) {
    Json steps = Json::array();
    for (const AblationStep& step : ablation.steps) {
        Json json = {{"effect", step.effect}, {"saved_j", step.saved_j}, {"alone_j", step.alone_j}};
        json.update(state_json(step.state));
        steps.push_back(std::move(json));
    }
    return {{"allocation", ablation.allocation},
            {"baseline", state_json(ablation.baseline)},
            {"effects", std::move(steps)},
            {"reads", ablation.reads},
            {"planes_skipped", ablation.planes_skipped}};
}

Json savings_json(const std::vector<SliceSaving>& savings) {
    Json table = Json::array();
    for (const SliceSaving& saving : savings)
        table.push_back({{"group", saving.group},
                         {"bits_before", saving.bits_before},
                         {"bits_after", saving.bits_after},
                         {"energy_saving", saving.energy},
                         {"speed_up", saving.speed},
                         {"area_saving", saving.area}});
    return table;
}

Json subject_json(const AdcSubject& subject) {
    Json json = {{"name", subject.name},
                 {"sha256", subject.sha256},
                 {"method", subject.method},
                 {"layers", subject.layers},
                 {"conversions_per_slice", subject.conversions},
                 {"card_top1", subject.card_top1 < 0 ? Json(nullptr) : Json(subject.card_top1)}};
    json["allocations"] = Json::array();
    for (const AdcOutcome& outcome : subject.outcomes)
        json["allocations"].push_back(outcome_json(subject, outcome));
    const std::unique_ptr<cost::AdcLaw> law = cost::make_adc_law("saberi", {});
    json["table3_executed"] = Json::object();
    for (const std::string_view key : {kPaperKey, kWorstKey, kAccuracyKey})
        if (const AdcOutcome* outcome = subject.outcome(key))
            json["table3_executed"][std::string(key)] =
                savings_json(table3_executed(subject, *outcome, *law));
    json["search"] = subject.search ? app::search_json(*subject.search) : Json(nullptr);
    json["uniform_widths"] = Json::array();
    for (const UniformPoint& point : subject.uniform)
        json["uniform_widths"].push_back(
            {{"bits", point.bits},
             {"top1", static_cast<double>(point.correct) / static_cast<double>(point.images)},
             {"correct", point.correct},
             {"images", point.images}});
    json["shared_converters"] = Json::array();
    for (const SharedOutcome& shared : subject.shared)
        json["shared_converters"].push_back({{"allocation", shared.allocation},
                                             {"arrays_per_adc", shared.arrays_per_adc},
                                             {"bank", std::string(config::word_of(shared.bank))},
                                             {"cost", cost_json(shared.cost)}});
    json["ablation"] = subject.ablation ? ablation_json(*subject.ablation) : Json(nullptr);
    json["histograms"] = histograms_json(subject);
    return json;
}

}  // namespace

std::string adc_json(const AdcStudy& study) {
    Json config = Json::array();
    std::istringstream lines(study.chip_yaml);
    for (std::string line; std::getline(lines, line);) config.push_back(line);
    Json json = {{"study", "adc"},
                 {"schema", kAdcSchema},
                 {"version", study.version},
                 {"chip", study.chip.name},
                 {"adc_law", study.chip.adc.law},
                 {"accounting", std::string(config::word_of(study.chip.cost.accounting))},
                 {"images", {{"source", study.images}, {"count", study.count}}},
                 {"calibration",
                  {{"source", study.calibration},
                   {"profile_first", study.profile_first},
                   {"profile_count", study.profile_count},
                   {"held_out_first", study.held_out_first},
                   {"held_out_count", study.held_out_count}}},
                 {"loss_points", study.loss_points},
                 {"budget", study.budget},
                 {"granularity", std::string(config::word_of(study.chip.adc.granularity))},
                 {"table3_from_law", savings_json(table3_from_law())}};
    json["networks"] = Json::array();
    for (const AdcSubject& subject : study.subjects) json["networks"].push_back(subject_json(subject));
    json["verdict"] = verdict(study);
    json["config"] = std::move(config);
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string adc_csv(const AdcStudy& study) {
    std::string csv =
        "network,method,allocation,mean_bits,widest_bits,top1,clipped,conversions,adc_j,total_j,latency_s,"
        "interval_s,area_mm2,adc_area_mm2\n";
    for (const AdcSubject& subject : study.subjects)
        for (const AdcOutcome& outcome : subject.outcomes)
            csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_text(subject.name),
                               csv_text(subject.method), outcome.key, exact(outcome.mean_bits),
                               results::slices_text(widest_by_slice(outcome.widths)), exact(outcome.top1()),
                               outcome.clipped, outcome.conversions, exact(outcome.cost.adc_j),
                               exact(outcome.cost.total_j), exact(outcome.cost.latency_s),
                               outcome.cost.interval_s ? exact(*outcome.cost.interval_s) : std::string(),
                               exact(outcome.cost.area_mm2), exact(outcome.cost.adc_area_mm2));
    return csv;
}

}  // namespace sliver::study
