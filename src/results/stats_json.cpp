#include "results/stats_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/error.h"
#include "config/chip_words.h"
#include "results/json_text.h"
#include "results/record_fields.h"

namespace sliver::results {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no infinity, and nlohmann would write null in its place: a total without a value must not look
// like one.
double finite(double value, const char* what) {
    if (!std::isfinite(value))
        throw std::logic_error(fmt::format("{} = {}: results are finite", what, value));
    return value;
}

Json energies_json(const cost::PerComponent& values) {
    Json json = Json::object();
    for (const cost::Component component : cost::kComponents)
        json[std::string(cost::component_name(component))] = finite(values[component], "energy");
    return json;
}

Json actions_json(const cost::Actions& actions) {
    Json json = Json::object();
    cost::for_each_action(actions, [&](const cost::ActionInfo& info, const auto& value) {
        json[std::string(info.name)] = value;
    });
    return json;
}

template <typename Fields, typename Record>
void add_fields(Json& json, const Fields& fields, const Record& record) {
    for (const auto& field : fields) json[std::string(field.key)] = record.*field.member;
}

Json cycles_json(std::uint64_t femtoseconds, std::uint64_t cycle) {
    if (femtoseconds % cycle == 0) return femtoseconds / cycle;
    return static_cast<double>(femtoseconds) / static_cast<double>(cycle);
}

Json interval_cycles(const ChipRecord& record, std::uint64_t cycle) {
    const auto interval = record.interval_fs();
    return interval ? cycles_json(*interval, cycle) : Json();
}

Json streaming_mean(const SteadyRecord& steady) {
    if (steady.measured == 0) return nullptr;
    return seconds(steady.latency_sum_fs) / static_cast<double>(steady.measured);
}

Json streaming_max(const SteadyRecord& steady) {
    return steady.measured == 0 ? Json() : Json(seconds(steady.latency_max_fs));
}

/// What limits first; utilisation: the share of the interval in which the resource works.
Json steady_json(const ChipRecord& record) {
    Json json = Json::object();
    add_fields(json, kSteadyFields, record.steady);
    json["resources"] = Json::array();
    const auto interval = record.interval_fs();
    for (const ResourceRecord& resource : record.steady.resources)
        json["resources"].push_back({{"kind", resource.kind},
                                     {"name", resource.name},
                                     {"need_fs", resource.need_fs},
                                     {"busy_fs", resource.busy_fs},
                                     {"stalled_fs", resource.stalled_fs},
                                     {"idle_fs", resource.idle_fs},
                                     {"utilisation", interval ? Json(static_cast<double>(resource.need_fs) /
                                                                     static_cast<double>(*interval))
                                                              : Json()}});
    return json;
}

Json arithmetic_json(const Arithmetic& arithmetic) {
    Json json = {{"quantised_file", arithmetic.quantised_file}};
    add_fields(json, kArithmeticFields, arithmetic);
    json["notes"] = arithmetic.notes;
    json["original"] = nullptr;
    if (arithmetic.original)
        json["original"] = {{"images", arithmetic.original->images}, {"differ", arithmetic.original->differ}};
    return json;
}

Json run_json(const RunResult& result) {
    const RunIdentity& identity = result.identity;
    const config::ChipConfig& chip = result.chip;
    Json json = {{"version", identity.version},
                 {"config_hash", config_hash(result)},
                 {"chip", chip.name},
                 {"network", identity.network},
                 {"images", identity.images},
                 {"adc_policy", config::word_of(chip.adc.policy)},
                 {"adc_lossless", result.lossless},
                 {"adc_law", chip.adc.law},
                 {"accounting", config::word_of(chip.cost.accounting)},
                 {"technology_nm", chip.cost.technology_nm},
                 {"seed", identity.seed},
                 {"image_count", result.record.images},
                 {"functional_images", result.functional_images},
                 {"network_sha256", identity.network_sha256},
                 {"images_sha256", identity.images_sha256},
                 {"calibration", nullptr},
                 {"arithmetic", arithmetic_json(result.arithmetic)},
                 {"schema", kStatsSchema}};
    if (!identity.calibration.empty())
        json["calibration"] = {{"images", identity.calibration},
                               {"first", identity.calibration_first},
                               {"count", identity.calibration_count}};
    return json;
}

Json totals_json(const RunResult& result, const PricedRun& priced) {
    const ChipRecord& record = result.record;
    const cost::Actions& actions = priced.actions;
    std::uint64_t macs = 0;
    for (const LayerRecord& layer : record.layers) macs += layer.macs;
    const double energy_j = finite(priced.total_j.total(), "totals.energy_j");
    return {{"latency_s", seconds(record.latency_fs())},
            {"interval_s", json_or_null<Json>(priced.interval_s)},
            {"latency_streaming_s", streaming_mean(record.steady)},
            {"latency_streaming_max_s", streaming_max(record.steady)},
            {"static_energy_per_image_j", json_or_null<Json>(priced.static_image_j())},
            {"energy_j", energy_j},
            {"static_energy_j", finite(priced.static_j.total(), "totals.static_energy_j")},
            {"area_mm2", finite(priced.area_mm2.total(), "totals.area_mm2")},
            {"power_w", finite(priced.power_w, "totals.power_w")},
            {"macs", macs * record.images},
            {"crossbars", record.crossbars},
            {"tiles", record.tiles},
            {"reads", actions.crossbar_reads},
            {"conversions", cost::sum(actions.conversions_all)},
            {"conversions_used", cost::sum(actions.conversions_used)},
            {"clipped", actions.clipped},
            {"conversions_unit", cost::sum(actions.conversions_unit)},
            {"conversions_skipped", actions.conversions_skipped},
            {"energy_per_image_j", energy_j / static_cast<double>(record.images)},
            {"static_power_w", finite(priced.static_w.total(), "totals.static_power_w")},
            {"elapsed_s", seconds(record.elapsed_fs)},
            {"latency_cycles", cycles_json(record.latency_fs(), cycle_fs(result.chip))},
            {"interval_cycles", interval_cycles(record, cycle_fs(result.chip))},
            {"crossbars_unpacked", record.crossbars_unpacked}};
}

Json sums_json(const ColumnSums& sums) {
    if (!sums.known()) return nullptr;
    return {{"largest_sum", sums.sums}, {"bits", sums.bits}};
}

const char* sign_name(bool negative) {
    return negative ? "negative" : "positive";
}

Json fullest_json(const std::vector<FullestColumn>& columns) {
    Json json = Json::array();
    for (const FullestColumn& column : columns)
        json.push_back(
            {{"slice", column.slice},
             {"sign", sign_name(column.negative)},
             {"array", column.array},
             {"column", column.column},
             {"sum", column.sum},
             {"range", column.range},
             {"margin", static_cast<std::int64_t>(column.range) - static_cast<std::int64_t>(column.sum)}});
    return json;
}

Json column_sums_json(const std::vector<ColumnHistogram>& histograms) {
    Json json = Json::array();
    for (const ColumnHistogram& histogram : histograms)
        json.push_back({{"slice", histogram.slice},
                        {"sign", sign_name(histogram.negative)},
                        {"largest_seen", histogram.counts.size() - 1},
                        {"range", histogram.range},
                        {"counts", histogram.counts}});
    return json;
}

Json layer_json(const LayerRecord& layer, const LayerColumns& columns, const cost::PerComponent& energy,
                std::uint64_t cycle) {
    Json json = {{"name", layer.name},
                 {"kind", layer.kind},
                 {"rows", layer.rows},
                 {"outputs", layer.outputs},
                 {"windows", layer.actions.windows},
                 {"crossbars", layer.crossbars},
                 {"reads", layer.actions.crossbar_reads},
                 {"conversions", cost::sum(layer.actions.conversions_all)},
                 {"conversions_used", cost::sum(layer.actions.conversions_used)},
                 {"clipped", layer.actions.clipped},
                 {"interval_cycles", cycles_json(layer.interval_fs, cycle)},
                 {"first_start_cycle", cycles_json(layer.first_start_fs, cycle)},
                 {"last_start_cycle", cycles_json(layer.last_start_fs, cycle)},
                 {"done_cycle", cycles_json(layer.done_fs, cycle)},
                 {"adc_bits", layer.adc_bits},
                 {"energy_j", energies_json(energy)},
                 {"energy_total_j", energy.total()},
                 {"conversions_by_slice", layer.conversions},
                 {"clipped_by_slice", layer.clipped},
                 {"functional_clipped_by_slice", columns.functional_clipped},
                 {"adc_worst_case", sums_json(columns.worst_case)},
                 {"adc_calibration", sums_json(columns.calibration)},
                 {"adc_seen", sums_json(columns.seen)},
                 {"fullest_columns", fullest_json(columns.fullest)},
                 {"column_sums", column_sums_json(layer.column_sums)}};
    add_fields(json, kLayerFields, layer);
    json["negative_adc_bits"] = layer.negative_adc_bits;
    json["adc_drops"] = layer.adc_drops;
    json["crossbars_by_parts"] = layer.crossbars_by_parts;
    json["adcs_by_slice"] = layer.adcs_by_slice;
    json["adc_busy_by_slice_fs"] = layer.adc_busy_by_slice_fs;
    json["actions"] = actions_json(layer.actions);
    return json;
}

Json layers_json(const RunResult& result, const PricedRun& priced) {
    Json json = Json::array();
    for (std::size_t i = 0; i < result.record.layers.size(); ++i)
        json.push_back(layer_json(result.record.layers[i], result.columns.at(i), priced.layers_j.at(i),
                                  cycle_fs(result.chip)));
    return json;
}

Json components_json(const RunResult& result, const PricedRun& priced) {
    Json json = Json::array();
    for (const cost::Component component : cost::kComponents) {
        const std::optional<double> busy = busy_seconds(component, result);
        json.push_back(
            {{"name", cost::component_name(component)},
             {"instances", instances_of(component, result.record.inventory)},
             {"actions", actions_of(component, priced.actions, priced.accounting)},
             {"energy_j", finite(priced.total_j[component], "components[].energy_j")},
             {"busy_s", busy ? Json(finite(*busy, "components[].busy_s")) : Json()},
             {"area_mm2", finite(priced.area_mm2[component], "components[].area_mm2")},
             {"static_energy_j", finite(priced.static_j[component], "components[].static_energy_j")}});
    }
    return json;
}

Json inventory_json(const cost::ChipInventory& inventory) {
    Json json = Json::object();
    add_fields(json, kInventoryFields, inventory);
    json["adcs"] = inventory.adcs;
    return json;
}

Json ranges_json(const RunResult& result) {
    Json json = Json::object();
    for (const auto& [name, range] : result.activation_ranges)
        json[name] = {finite(range.first, "activation_ranges"), finite(range.second, "activation_ranges")};
    return json;
}

Json lines_json(const std::string& text) {
    Json json = Json::array();
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        json.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return json;
}

void add_band(Json& json, const PricedRun& priced) {
    Json band = Json::object(), refusals = Json::object();
    for (const cost::BandEntry& entry : priced.band) {
        band[entry.law] = entry.energy_j ? Json(finite(*entry.energy_j, "energy_band_j")) : Json();
        if (!entry.energy_j) refusals[entry.law] = entry.refusal;
    }
    json["energy_band_j"] = std::move(band);
    json["energy_band_refusals"] = std::move(refusals);
    Json accountings = Json::object();
    for (const cost::AccountedEnergy& entry : priced.accountings)
        accountings[std::string(entry.accounting)] = finite(entry.total_j, "energy_by_accounting_j");
    json["energy_by_accounting_j"] = std::move(accountings);
}

}  // namespace

std::optional<double> busy_seconds(cost::Component component, const RunResult& result) {
    const ChipRecord& record = result.record;
    const auto images = static_cast<double>(record.images);
    std::uint64_t adc_busy_fs = 0, reads = 0;
    for (const LayerRecord& layer : record.layers) {
        adc_busy_fs += layer.adc_busy_fs;
        reads += layer.actions.crossbar_reads;
    }
    if (component == cost::Component::adc) return seconds(adc_busy_fs) / images;
    if (component == cost::Component::crossbar) return seconds(reads * cycle_fs(result.chip)) / images;
    return std::nullopt;
}

std::string stats_json(const RunResult& result, const PricedRun& priced) {
    const ChipRecord& record = result.record;
    Json json;
    json["run"] = run_json(result);
    json["accuracy"] = nullptr;
    if (result.accuracy)
        json["accuracy"] = {{"top1", result.accuracy->top1()},
                            {"count", result.accuracy->count},
                            {"correct", result.accuracy->correct}};
    json["totals"] = totals_json(result, priced);
    json["layers"] = layers_json(result, priced);
    json["components"] = components_json(result, priced);
    add_band(json, priced);
    json["shared"] = {{"energy_j", energies_json(priced.shared_j)},
                      {"energy_total_j", priced.shared_j.total()},
                      {"actions", actions_json(record.shared)}};
    Json chip = Json::object();
    add_fields(chip, kChipFields, record);
    chip["injected_fs"] = record.injected_fs;
    chip["completed_fs"] = record.completed_fs;
    json["record"] = std::move(chip);
    json["steady"] = steady_json(record);
    json["mesh"] = Json::object();
    add_fields(json["mesh"], kMeshFields, record.mesh);
    json["inventory"] = inventory_json(record.inventory);
    json["activation_ranges"] = ranges_json(result);
    json["config"] = lines_json(result.chip_yaml);
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sliver::results
