#include "results/stats_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "config/chip_words.h"
#include "results/quantity_text.h"
#include "results/record_fields.h"
#include "results/stats_json.h"

namespace sliver::results {
namespace {

struct Statistic {
    std::string name, value, unit, description;
};

std::string plain_name(const std::string& text) {
    std::string name = text;
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_' && c != '-') c = '_';
    return name;
}

class Lines {
  public:
    void add(std::string name, std::uint64_t value, std::string_view unit, std::string_view description) {
        put(std::move(name), std::to_string(value), unit, description);
    }
    void add(std::string name, double value, std::string_view unit, std::string_view description) {
        put(std::move(name), exact(value), unit, description);
    }
    void add(std::string name, const cost::WidthCounts& by_width, std::string_view unit,
             std::string_view description) {
        for (std::size_t bits = 1; bits < by_width.size(); ++bits)
            if (by_width[bits] != 0)
                put(fmt::format("{}.{}b", name, bits), std::to_string(by_width[bits]), unit, description);
    }
    void add(std::string name, const cost::LevelCounts& by_level, std::string_view unit,
             std::string_view description) {
        for (std::size_t level = 0; level < by_level.size(); ++level)
            if (by_level[level] != 0)
                put(fmt::format("{}.level_{}", name, level), std::to_string(by_level[level]), unit,
                    description);
    }
    void put(std::string name, std::string value, std::string_view unit, std::string_view description) {
        std::string word(unit);
        std::replace(word.begin(), word.end(), ' ', '-');  // a blank ends a column
        lines_.push_back({std::move(name), std::move(value), std::move(word), std::string(description)});
    }
    [[nodiscard]] std::string text() const {
        std::size_t name = 0, value = 0, unit = 0;
        for (const Statistic& line : lines_) {
            name = std::max(name, line.name.size());
            value = std::max(value, std::min<std::size_t>(line.value.size(), 24));
            unit = std::max(unit, line.unit.size());
        }
        std::string text;
        for (const Statistic& line : lines_)
            text += fmt::format("{:<{}}  {:>{}}  {:<{}}  # {}\n", line.name, name, line.value, value,
                                line.unit, unit, line.description);
        return text;
    }

  private:
    std::vector<Statistic> lines_;
};

template <typename Number>
std::string joined(const std::vector<Number>& numbers) {
    return fmt::format("{}", fmt::join(numbers, ","));
}

void add_run(Lines& lines, const RunResult& result) {
    const RunIdentity& identity = result.identity;
    lines.put("run.version", identity.version, "-", "version of Sliver");
    lines.put("run.config_hash", config_hash(result), "-", "SHA-256 of resolved configuration and network");
    lines.put("run.chip", plain_name(result.chip.name), "-", "chip");
    lines.put("run.network", plain_name(identity.network), "-", "network");
    lines.put("run.adc_policy", std::string(config::word_of(result.chip.adc.policy)), "-",
              "where ADC widths come from");
    lines.put("run.adc_law", result.chip.adc.law, "-", "cost law of the ADCs");
    lines.put("run.accounting", std::string(config::word_of(result.chip.cost.accounting)), "-",
              "what a crossbar read is charged for");
    lines.add("run.technology", result.chip.cost.technology_nm, "nm", "node that costs are scaled to");
    lines.add("run.seed", identity.seed, "-", "seed of the run");
    lines.add("run.functional_images", result.functional_images, "image",
              "classified by the functional engine");
    if (!result.accuracy) return;
    lines.add("accuracy.top1", result.accuracy->top1(), "1", "share of images classified as labelled");
    lines.add("accuracy.correct", result.accuracy->correct, "image", "classified as labelled");
    lines.add("accuracy.count", result.accuracy->count, "image", "with labels, of the functional engine");
}

void add_totals(Lines& lines, const RunResult& result, const PricedRun& priced) {
    const ChipRecord& record = result.record;
    lines.add("totals.latency_s", seconds(record.latency_fs()), "s",
              "one image in an empty chip, from its first row to its last logit");
    if (priced.interval_s)
        lines.add("totals.interval_s", *priced.interval_s, "s", "between two images of a stream");
    for (const auto& field : kSteadyFields)
        lines.add(fmt::format("steady.{}", field.key), record.steady.*field.member, field.unit,
                  field.description);
    lines.add("totals.elapsed_s", seconds(record.elapsed_fs), "s", "whole run");
    lines.add("totals.energy_j", priced.total_j.total(), "J", "dynamic energy, whole run");
    lines.add("totals.static_energy_j", priced.static_j.total(), "J",
              "static power x elapsed time, beside energy_j");
    lines.add("totals.power_w", priced.power_w, "W",
              "dynamic and static, of a stream of images where its interval is known");
    lines.add("totals.area_mm2", priced.area_mm2.total(), "mm2", "whole chip, dark tiles too");
    std::uint64_t macs = 0;
    for (const LayerRecord& layer : record.layers) macs += layer.macs;
    lines.add("totals.macs", macs * record.images, "mac", "multiply-accumulates, whole run");
    for (const auto& field : kChipFields)
        lines.add(fmt::format("totals.{}", field.key), record.*field.member, field.unit, field.description);
    cost::for_each_action(priced.actions, [&](const cost::ActionInfo& info, const auto& value) {
        lines.add(fmt::format("totals.actions.{}", info.name), value, info.unit, info.description);
    });
    for (const auto& field : kMeshFields)
        lines.add(fmt::format("mesh.{}", field.key), record.mesh.*field.member, field.unit,
                  field.description);
}

void add_energies(Lines& lines, const std::string& prefix, const cost::PerComponent& values) {
    for (const cost::Component component : cost::kComponents)
        lines.add(fmt::format("{}.energy_j.{}", prefix, cost::component_name(component)), values[component],
                  "J", cost::component_description(component));
}

void add_sums(Lines& lines, const std::string& name, const ColumnSums& sums, std::string_view description) {
    if (!sums.known()) return;
    lines.put(name + ".largest_sum", fmt::format("{}", fmt::join(sums.sums, ",")), "1", description);
    lines.put(name + ".bits", joined(sums.bits), "bit", "lossless width for it, by slice");
}

void add_layer(Lines& lines, const LayerRecord& layer, const LayerColumns& columns,
               const cost::PerComponent& energy) {
    const std::string prefix = "layer." + plain_name(layer.name);
    for (const auto& field : kLayerFields)
        lines.add(fmt::format("{}.{}", prefix, field.key), layer.*field.member, field.unit,
                  field.description);
    lines.put(prefix + ".adc_bits", joined(layer.adc_bits), "bit", "width by slice, least significant first");
    if (!layer.negative_adc_bits.empty())
        lines.put(prefix + ".negative_adc_bits", joined(layer.negative_adc_bits), "bit",
                  "the same of the arrays of negative weights");
    lines.put(prefix + ".adc_drops", joined(layer.adc_drops), "bit", "low bits left out, by slice");
    lines.put(prefix + ".crossbars_by_parts", joined(layer.crossbars_by_parts), "array",
              "read in 1, 2, 4, ... parts of their rows");
    lines.put(prefix + ".adcs_by_slice", joined(layer.adcs_by_slice), "unit",
              "converters that serve columns of the slice");
    lines.put(prefix + ".adc_busy_by_slice_fs", joined(layer.adc_busy_by_slice_fs), "fs",
              "converters busy with columns of the slice, whole run");
    lines.put(prefix + ".clipped_by_slice", fmt::format("{}", fmt::join(layer.clipped, ",")), "conversion",
              "cut at the largest code, by slice, chip");
    lines.put(prefix + ".functional_clipped_by_slice",
              fmt::format("{}", fmt::join(columns.functional_clipped, ",")), "conversion",
              "the same over the images of the functional engine");
    add_sums(lines, prefix + ".adc_worst_case", columns.worst_case, "largest column sum possible, by slice");
    add_sums(lines, prefix + ".adc_calibration", columns.calibration,
             "largest column sum in calibration, by slice");
    add_sums(lines, prefix + ".adc_seen", columns.seen, "largest column sum seen, by slice");
    lines.add(prefix + ".energy_j", energy.total(), "J", "dynamic energy, whole run");
    add_energies(lines, prefix, energy);
    cost::for_each_action(layer.actions, [&](const cost::ActionInfo& info, const auto& value) {
        lines.add(fmt::format("{}.actions.{}", prefix, info.name), value, info.unit, info.description);
    });
}

void add_components(Lines& lines, const RunResult& result, const PricedRun& priced) {
    for (const cost::Component component : cost::kComponents) {
        const std::string prefix = fmt::format("component.{}", cost::component_name(component));
        const std::string_view what = cost::component_description(component);
        lines.add(prefix + ".instances", instances_of(component, result.record.inventory), "unit", what);
        lines.add(prefix + ".actions", actions_of(component, priced.actions, priced.accounting), "action",
                  what);
        lines.add(prefix + ".energy_j", priced.total_j[component], "J", what);
        lines.add(prefix + ".static_energy_j", priced.static_j[component], "J", what);
        lines.add(prefix + ".area_mm2", priced.area_mm2[component], "mm2", what);
        if (const std::optional<double> busy = busy_seconds(component, result))
            lines.add(prefix + ".busy_s", *busy, "s", "one image, summed over instances");
    }
    add_energies(lines, "shared", priced.shared_j);
    for (const auto& field : kInventoryFields)
        lines.add(fmt::format("inventory.{}", field.key), result.record.inventory.*field.member, field.unit,
                  field.description);
    lines.add("inventory.adcs", result.record.inventory.adcs, "adc", "converters by width");
}

void add_band(Lines& lines, const PricedRun& priced) {
    for (const cost::AccountedEnergy& entry : priced.accountings)
        lines.add(fmt::format("energy_by_accounting_j.{}", entry.accounting), entry.total_j, "J",
                  "dynamic energy, whole run, under this accounting");
    for (const cost::BandEntry& entry : priced.band) {
        const std::string name = "energy_band_j." + entry.law;
        if (entry.energy_j)
            lines.add(name, *entry.energy_j, "J", "dynamic energy, whole run, under this ADC law");
        else
            lines.put(name, "refused", "J", entry.refusal);
    }
}

}  // namespace

std::string stats_text(const RunResult& result, const PricedRun& priced) {
    Lines lines;
    add_run(lines, result);
    add_totals(lines, result, priced);
    add_components(lines, result, priced);
    add_band(lines, priced);
    for (std::size_t i = 0; i < result.record.layers.size(); ++i)
        add_layer(lines, result.record.layers[i], result.columns.at(i), priced.layers_j.at(i));
    return lines.text();
}

}  // namespace sliver::results
