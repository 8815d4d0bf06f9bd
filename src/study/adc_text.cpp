#include "study/adc_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "config/chip_words.h"
#include "results/quantity_text.h"
#include "results/table.h"
#include "results/wrapped_text.h"
#include "study/names.h"

namespace sliver::study {
namespace {

using results::Align;
using results::grouped;
using results::si;
using results::Table;
using results::wrapped;

constexpr std::size_t kAdcIndent = 2;

Table right_table(const char* first, std::initializer_list<const char*> titles) {
    Table table;
    table.add_column(first, Align::left);
    for (const char* title : titles) table.add_column(title, Align::right);
    return table;
}

std::string times(double ratio) {
    return fmt::format("{:.2f}x", ratio);
}

std::string heading(const AdcStudy& study) {
    return fmt::format(
        "ADC study: chip {}, ADC law {}, accounting {}\n"
        "Accuracy on {} test images of {}; profile on {} images, search on {} held-out images of {}\n"
        "Energy, time and area of one image on the chip\n",
        study.chip.name, study.chip.adc.law, config::word_of(study.chip.cost.accounting),
        grouped(study.count), study.images, grouped(study.profile_count), grouped(study.held_out_count),
        study.calibration);
}

void add_savings(Table& table, const std::string& reading, const std::vector<SliceSaving>& savings,
                 const std::string& last) {
    for (const SliceSaving& saving : savings)
        table.add_row({reading, saving.group, fmt::format("{:.0f}", saving.bits_before),
                       fmt::format("{:.2f}", saving.bits_after), times(saving.energy), times(saving.speed),
                       times(saving.area), last});
}

std::string table3(const AdcStudy& study) {
    Table table;
    for (const char* title : {"reading", "slices"}) table.add_column(title, Align::left);
    for (const char* title : {"bits", "to", "ADC energy", "time", "area", "top-1 lost"})
        table.add_column(title, Align::right);
    add_savings(table, "law alone", table3_from_law(), "not said");
    const std::unique_ptr<cost::AdcLaw> law = cost::make_adc_law("saberi", {});
    for (const AdcSubject& subject : study.subjects) {
        const AdcOutcome* worst = subject.outcome(kWorstKey);
        for (const std::string_view key : {kPaperKey, kWorstKey, kAccuracyKey}) {
            const AdcOutcome* outcome = subject.outcome(key);
            if (outcome == nullptr || worst == nullptr) continue;
            table.add_rule();
            add_savings(table, fmt::format("{}, {}", subject.name, outcome->title),
                        table3_executed(subject, *outcome, *law),
                        fmt::format("{:.2f}", 100 * (worst->top1() - outcome->top1())));
        }
    }
    return "Table 3 of the bit-slice paper in two readings: 8 bits against fewer, law saberi (2^N/(N+1)), "
           "time "
           "of a conversion ~ N\n" +
           table.text(kAdcIndent);
}

std::string tightest_text(const AdcSubject& subject, const AdcOutcome& outcome) {
    if (outcome.certificates.empty()) return "-";
    const mapping::ColumnCertificate& column = mapping::tightest(outcome.certificates);
    return fmt::format("{} B{}{} array {} column {}: {} of {}", subject.layers[column.layer.value()],
                       column.slice.value(), column.sign == mapping::Sign::positive ? '+' : '-',
                       column.place.crossbar.value(), column.place.column, column.sum, column.range);
}

std::string interval_text(const std::optional<double>& interval_s) {
    return interval_s ? si(*interval_s, "s") : std::string("-");
}

std::string allocations(const AdcStudy& study, const AdcSubject& subject) {
    Table table =
        right_table("allocation", {"widest", "mean bits", "top-1 %", "lost", "clipped", "ADC", "saved",
                                   "of dense", "ADC share", "energy", "latency", "interval", "ADC area"});
    const AdcOutcome *fixed = subject.outcome(kFixedKey), *worst = subject.outcome(kWorstKey);
    const AdcSubject* dense = study.dense();
    for (const AdcOutcome& outcome : subject.outcomes) {
        const ChipCost& cost = outcome.cost;
        const AdcOutcome* same =
            dense != nullptr && dense != &subject ? dense->outcome(outcome.key) : nullptr;
        table.add_row({outcome.title, results::slices_text(widest_by_slice(outcome.widths)),
                       fmt::format("{:.2f}", outcome.mean_bits), fmt::format("{:.2f}", 100 * outcome.top1()),
                       worst == nullptr ? "-" : fmt::format("{:.2f}", 100 * (worst->top1() - outcome.top1())),
                       results::percent(outcome.clipped, outcome.conversions), si(cost.adc_j, "J"),
                       fixed == nullptr ? "-" : times(fixed->cost.adc_j / cost.adc_j),
                       same == nullptr ? "-" : times(same->cost.adc_j / cost.adc_j),
                       fmt::format("{:.1f} %", 100 * cost.adc_j / cost.total_j), si(cost.total_j, "J"),
                       si(cost.latency_s, "s"), interval_text(cost.interval_s),
                       fmt::format("{:.2f} mm2", cost.adc_area_mm2)});
    }
    std::string text = fmt::format(
                           "{}{}: saved = against 8 bits on this network, of dense = the dense network "
                           "under the same policy\n",
                           subject.name, subject.method.empty() ? "" : ", " + method_title(subject.method)) +
                       table.text(kAdcIndent);
    text += "  Fullest columns (largest sum of largest code):\n";
    Table columns;
    columns.add_column("allocation", Align::left);
    columns.add_column("tightest converter", Align::left);
    columns.add_column("margin", Align::right);
    columns.add_column("holds for", Align::left);
    for (const AdcOutcome& outcome : subject.outcomes)
        if (!outcome.certificates.empty())
            columns.add_row({outcome.title, tightest_text(subject, outcome),
                             std::to_string(mapping::tightest(outcome.certificates).margin()),
                             outcome.certified_for_all_inputs ? "every input" : "the profiled images"});
    return text + columns.text(2 * kAdcIndent);
}

const std::optional<double>& energy_of(const AdcOutcome* outcome, std::size_t law) {
    static const std::optional<double> nothing;
    return outcome != nullptr ? outcome->cost.laws[law].adc_j : nothing;
}

std::string band(const AdcStudy& study) {
    std::vector<std::string> laws = cost::adc_law_names();
    Table table = right_table("ADC law", {});
    std::vector<const AdcOutcome*> fixed, found;
    for (const AdcSubject& subject : study.subjects) {
        table.add_column(subject.name, Align::right);
        table.add_column("lossless", Align::right);
        table.add_column("accuracy", Align::right);
    }
    for (std::size_t law = 0; law < laws.size(); ++law) {
        std::vector<std::string> row = {laws[law]};
        for (const AdcSubject& subject : study.subjects) {
            const std::optional<double>& before = energy_of(subject.outcome(kFixedKey), law);
            row.push_back(before ? si(*before, "J") : "-");
            for (const std::string_view key : {kWorstKey, kAccuracyKey}) {
                const std::optional<double>& after = energy_of(subject.outcome(key), law);
                row.push_back(before && after && *after > 0 ? times(*before / *after) : "-");
            }
        }
        table.add_row(row);
    }
    return "ADC energy of one image under every law: 8 bits everywhere, and how many times less with "
           "lossless "
           "widths and with those found for accuracy (-: the law has no cost for a width in use)\n" +
           table.text(kAdcIndent);
}

std::string training_and_measuring(const AdcStudy& study) {
    const AdcSubject* dense = study.dense();
    if (dense == nullptr) return {};
    const AdcOutcome* baseline = dense->outcome(kFixedKey);
    if (baseline == nullptr) return {};
    Table table = right_table("network", {"policy", "ADC", "measuring buys", "training buys", "together"});
    for (const AdcSubject& subject : study.subjects)
        for (const std::string_view key : {kWorstKey, kAccuracyKey}) {
            const AdcOutcome *here = subject.outcome(key), *there = dense->outcome(key);
            if (here == nullptr || there == nullptr) continue;
            table.add_row({subject.name, here->title, si(here->cost.adc_j, "J"),
                           times(baseline->cost.adc_j / there->cost.adc_j),
                           times(there->cost.adc_j / here->cost.adc_j),
                           times(baseline->cost.adc_j / here->cost.adc_j)});
        }
    return fmt::format(
               "What measuring buys (the dense network against its own 8 bits, {}) and what training "
               "buys on top\n",
               si(baseline->cost.adc_j, "J")) +
           table.text(kAdcIndent);
}

void add_ablation_row(const std::string& title, const AblationState& state, const AblationStep* step,
                      Table& table) {
    table.add_row({title, si(state.energy_j, "J"), step == nullptr ? "" : si(step->saved_j, "J"),
                   step == nullptr ? "" : si(step->alone_j, "J"), si(state.skip_logic_j, "J"),
                   fmt::format("{:.2f} mm2", state.skip_area_mm2), si(state.latency_s, "s"),
                   interval_text(state.interval_s), interval_text(state.shared_interval_s)});
}

std::string ablations(const AdcStudy& study) {
    Table table = right_table(
        "chip", {"energy", "saved", "alone", "skip logic", "its area", "latency", "interval", "shared"});
    bool any = false;
    for (const AdcSubject& subject : study.subjects) {
        if (!subject.ablation) continue;
        const Ablation& ablation = *subject.ablation;
        if (any) table.add_rule();
        any = true;
        table.add_heading(fmt::format(
            "{}, widths of {}: {} of the reads left out by zero planes", subject.name, ablation.allocation,
            results::percent(ablation.planes_skipped, ablation.reads + ablation.planes_skipped)));
        add_ablation_row("baseline", ablation.baseline, nullptr, table);
        for (const AblationStep& step : ablation.steps)
            add_ablation_row(step.effect, step.state, &step, table);
    }
    if (!any) return {};
    return "The four effects of sparsity, executed by the chip, one after the other: arrays and what hangs "
           "on their\ncolumns, one image; shared = interval with eight arrays on a converter whose time "
           "follows its width\n" +
           table.text(kAdcIndent);
}

std::string shared_converters(const AdcStudy& study) {
    Table table;
    for (const char* title : {"network", "allocation", "arrays an ADC", "bank"})
        table.add_column(title, Align::left);
    for (const char* title : {"converters", "ADC area", "latency", "interval", "busy", "samples wait"})
        table.add_column(title, Align::right);
    bool any = false;
    for (const AdcSubject& subject : study.subjects)
        for (const SharedOutcome& shared : subject.shared) {
            any = true;
            const ChipCost& cost = shared.cost;
            table.add_row({subject.name, shared.allocation, std::to_string(shared.arrays_per_adc),
                           std::string(config::word_of(shared.bank)), grouped(cost.converters),
                           fmt::format("{:.2f} mm2", cost.adc_area_mm2), si(cost.latency_s, "s"),
                           interval_text(cost.interval_s), si(cost.adc_busy_s, "s"),
                           si(cost.adc_wait_s, "s")});
        }
    if (!any) return {};
    return "Shared converters whose time follows their width (adc.conversion_time: per-bit)\n" +
           table.text(kAdcIndent);
}

std::string uniform_widths(const AdcStudy& study) {
    Table table = right_table("top-1 % with the same width everywhere", {});
    std::vector<int> bits;
    for (const AdcSubject& subject : study.subjects)
        for (const UniformPoint& point : subject.uniform)
            if (std::find(bits.begin(), bits.end(), point.bits) == bits.end()) bits.push_back(point.bits);
    if (bits.empty()) return {};
    std::sort(bits.begin(), bits.end());
    for (const int width : bits) table.add_column(fmt::format("{} bit", width), Align::right);
    for (const AdcSubject& subject : study.subjects) {
        std::vector<std::string> row = {subject.name};
        for (const int width : bits) {
            std::string cell = "-";
            for (const UniformPoint& point : subject.uniform)
                if (point.bits == width)
                    cell = fmt::format("{:.1f}", 100 * static_cast<double>(point.correct) /
                                                     static_cast<double>(point.images));
            row.push_back(std::move(cell));
        }
        table.add_row(row);
    }
    std::uint64_t images = 0;
    for (const AdcSubject& subject : study.subjects)
        if (!subject.uniform.empty()) images = subject.uniform.front().images;
    return fmt::format("Accuracy over the width, {} test images\n", grouped(images)) + table.text(kAdcIndent);
}

}  // namespace

std::string adc_text(const AdcStudy& study) {
    std::string text = heading(study);
    for (const AdcSubject& subject : study.subjects) text += "\n" + allocations(study, subject);
    text += "\n" + table3(study);
    text += "\n" + band(study);
    for (const std::string& part :
         {training_and_measuring(study), ablations(study), uniform_widths(study), shared_converters(study)})
        if (!part.empty()) text += "\n" + part;
    text += "\nVerdict\n";
    for (const std::string& sentence : verdict(study)) text += wrapped("  - ", sentence);
    return text;
}

}  // namespace sliver::study
