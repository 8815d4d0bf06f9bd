#include "results/stats_reader.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "config/chip_config_loader.h"
#include "results/json_reader.h"
#include "results/json_text.h"
#include "results/record_fields.h"

namespace sliver::results {
namespace {

template <typename Fields, typename Record>
void read_fields(const Field& json, const Fields& fields, Record& record) {
    for (const auto& field : fields) record.*field.member = json[field.key].count();
}

cost::WidthCounts width_counts(const Field& json) {
    const std::vector<std::uint64_t> counts = json.counts();
    cost::WidthCounts by_width{};
    if (counts.size() != by_width.size()) json.fail("must have 13 entries, one a width from 0 to 12 bits");
    std::copy(counts.begin(), counts.end(), by_width.begin());
    return by_width;
}

void read_action(const Field& json, std::uint64_t& value) {
    value = json.count();
}
void read_action(const Field& json, cost::WidthCounts& value) {
    value = width_counts(json);
}
void read_action(const Field& json, cost::LevelCounts& value) {
    const std::vector<std::uint64_t> counts = json.counts();
    if (counts.size() != value.size()) json.fail("must have 16 entries, one a level from 0 to 15");
    std::copy(counts.begin(), counts.end(), value.begin());
}

cost::Actions read_actions(const Field& json) {
    cost::Actions actions;
    cost::for_each_action(actions, [&](const cost::ActionInfo& info, auto& value) {
        if (!info.younger || json.has(info.name)) read_action(json[info.name], value);
    });
    cost::check_actions(actions, json.path());
    return actions;
}

ColumnSums read_sums(const Field& json) {
    ColumnSums sums;
    if (json.is_null()) return sums;
    for (const Field& item : json["largest_sum"].items()) {
        if (item.count() > std::numeric_limits<std::uint32_t>::max()) item.fail("must fit 32 bits");
        sums.sums.push_back(static_cast<std::uint32_t>(item.count()));
    }
    sums.bits = json["bits"].integers(1, 32);
    if (sums.bits.size() != sums.sums.size()) json.fail("needs as many bits as sums");
    return sums;
}

void same_slices(const Field& json, std::size_t entries, std::size_t slices) {
    if (entries != slices) json.fail(fmt::format("has {} entries, adc_bits has {}", entries, slices));
}

std::uint64_t total(const std::vector<std::uint64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

bool read_negative(const Field& json) {
    const std::string sign = json.text();
    if (sign != "positive" && sign != "negative") json.fail("must be positive or negative");
    return sign == "negative";
}

/// Histograms in their order, each conversion in one of them; of ideal cells, those beyond the ranges are the
/// clipped ones (sums that are no whole numbers are counted rounded). None where the run did not count them.
std::vector<ColumnHistogram> read_histograms(const Field& json, const LayerRecord& layer,
                                             config::CellKind cells) {
    std::vector<ColumnHistogram> histograms;
    std::vector<std::uint64_t> conversions(layer.conversions.size(), 0), clipped = conversions;
    for (const Field& entry : json.items()) {
        ColumnHistogram histogram;
        histogram.slice = entry["slice"].count();
        histogram.negative = read_negative(entry["sign"]);
        histogram.range = entry["range"].count();
        histogram.counts = entry["counts"].counts();
        if (histogram.slice >= conversions.size())
            entry["slice"].fail(
                fmt::format("value {}: must be below {}", histogram.slice, conversions.size()));
        const auto place = [](const ColumnHistogram& of) { return std::pair(of.slice, of.negative); };
        if (!histograms.empty() && place(histogram) <= place(histograms.back()))
            entry.fail("must stand in the order of slices, positive before negative");
        if (histogram.counts.empty() || (histogram.counts.size() > 1 && histogram.counts.back() == 0))
            entry["counts"].fail("must end with the largest sum that was seen");
        conversions[histogram.slice] += total(histogram.counts);
        for (std::size_t sum = 0; sum < histogram.counts.size(); ++sum)
            if (sum > histogram.range) clipped[histogram.slice] += histogram.counts[sum];
        histograms.push_back(std::move(histogram));
    }
    if (histograms.empty()) return histograms;
    if (conversions != layer.conversions) json.fail("must sum up to conversions_by_slice");
    if (cells == config::CellKind::ideal && clipped != layer.clipped)
        json.fail("must sum up to clipped_by_slice beyond their ranges");
    return histograms;
}

/// What the layer's converters were and did.
void read_converters(const Field& json, LayerRecord& layer) {
    const std::size_t slices = layer.adc_bits.size();
    layer.negative_adc_bits = json["negative_adc_bits"].integers(1, cost::kMaxAdcBits);
    if (!layer.negative_adc_bits.empty())
        same_slices(json["negative_adc_bits"], layer.negative_adc_bits.size(), slices);
    layer.adc_drops = json["adc_drops"].integers(0, cost::kMaxAdcBits);
    same_slices(json["adc_drops"], layer.adc_drops.size(), slices);
    layer.adcs_by_slice = json["adcs_by_slice"].counts();
    same_slices(json["adcs_by_slice"], layer.adcs_by_slice.size(), slices);
    layer.adc_busy_by_slice_fs = json["adc_busy_by_slice_fs"].counts();
    same_slices(json["adc_busy_by_slice_fs"], layer.adc_busy_by_slice_fs.size(), slices);
    if (total(layer.adc_busy_by_slice_fs) != layer.adc_busy_fs)
        json["adc_busy_by_slice_fs"].fail("must sum up to adc_busy_fs");
    layer.crossbars_by_parts = json["crossbars_by_parts"].counts();
    if (layer.crossbars_by_parts.empty() || total(layer.crossbars_by_parts) != layer.crossbars)
        json["crossbars_by_parts"].fail("must sum up to crossbars");
}

LayerRecord read_layer(const Field& json, config::CellKind cells) {
    LayerRecord layer;
    layer.name = json["name"].text();
    layer.kind = json["kind"].text();
    read_fields(json, kLayerFields, layer);
    layer.adc_bits = json["adc_bits"].integers(1, cost::kMaxAdcBits);
    layer.conversions = json["conversions_by_slice"].counts();
    layer.clipped = json["clipped_by_slice"].counts();
    same_slices(json["conversions_by_slice"], layer.conversions.size(), layer.adc_bits.size());
    same_slices(json["clipped_by_slice"], layer.clipped.size(), layer.adc_bits.size());
    read_converters(json, layer);
    layer.column_sums = read_histograms(json["column_sums"], layer, cells);
    layer.actions = read_actions(json["actions"]);
    return layer;
}

LayerColumns read_columns(const Field& json) {
    LayerColumns columns;
    columns.worst_case = read_sums(json["adc_worst_case"]);
    columns.calibration = read_sums(json["adc_calibration"]);
    columns.seen = read_sums(json["adc_seen"]);
    columns.functional_clipped = json["functional_clipped_by_slice"].counts();
    for (const Field& entry : json["fullest_columns"].items()) {
        FullestColumn column;
        column.slice = entry["slice"].count();
        column.negative = read_negative(entry["sign"]);
        column.array = entry["array"].count();
        column.column = entry["column"].count();
        column.sum = entry["sum"].count();
        column.range = entry["range"].count();
        columns.fullest.push_back(column);
    }
    return columns;
}

void read_arithmetic(const Field& json, Arithmetic& arithmetic) {
    arithmetic.quantised_file = json["quantised_file"].flag();
    read_fields(json, kArithmeticFields, arithmetic);
    for (const Field& note : json["notes"].items()) arithmetic.notes.push_back(note.text());
    if (json["original"].is_null()) return;
    arithmetic.original = {json["original"]["images"].count(), json["original"]["differ"].count()};
    if (arithmetic.original->differ > arithmetic.original->images)
        json["original"]["differ"].fail("cannot be more than images");
}

void read_run(const Field& json, RunResult& result) {
    RunIdentity& identity = result.identity;
    identity.version = json["version"].text();
    identity.network = json["network"].text();
    identity.network_sha256 = json["network_sha256"].text();
    identity.images = json["images"].text();
    identity.images_sha256 = json["images_sha256"].text();
    identity.seed = json["seed"].count();
    result.functional_images = json["functional_images"].count();
    result.lossless = json["adc_lossless"].flag();
    if (json.has("arithmetic")) read_arithmetic(json["arithmetic"], result.arithmetic);
    const Field calibration = json["calibration"];
    if (calibration.is_null()) return;
    identity.calibration = calibration["images"].text();
    identity.calibration_first = calibration["first"].count();
    identity.calibration_count = calibration["count"].count();
}

std::optional<Accuracy> read_accuracy(const Field& json) {
    if (json.is_null()) return std::nullopt;
    const Accuracy accuracy{json["correct"].count(), json["count"].count()};
    if (accuracy.count == 0 || accuracy.correct > accuracy.count)
        json.fail("correct images cannot exceed count, count not be 0");
    return accuracy;
}

std::uint64_t time_of(const ResourceRecord& resource) {
    return resource.busy_fs + resource.stalled_fs + resource.idle_fs;
}

void read_steady(const Field& json, SteadyRecord& steady) {
    read_fields(json, kSteadyFields, steady);
    if (steady.measured + steady.warm_up > steady.images)
        json["measured"].fail("more images are measured and warm up than were simulated");
    for (const Field& entry : json["resources"].items()) {
        ResourceRecord resource;
        resource.kind = entry["kind"].text();
        resource.name = entry["name"].text();
        resource.need_fs = entry["need_fs"].count();
        resource.busy_fs = entry["busy_fs"].count();
        resource.stalled_fs = entry["stalled_fs"].count();
        resource.idle_fs = entry["idle_fs"].count();
        if (!steady.resources.empty() && time_of(resource) != time_of(steady.resources.front()))
            entry["idle_fs"].fail(
                "busy, stalled and idle time together are not those of the other resources");
        steady.resources.push_back(std::move(resource));
    }
    if (!steady.resources.empty() && steady.measured != 0 &&
        static_cast<double>(steady.measured_fs) <
            static_cast<double>(steady.resources.front().need_fs) * static_cast<double>(steady.measured))
        json["measured_fs"].fail("is less than what the busiest resource needs");
}

ChipRecord read_record(const Field& json, config::CellKind cells) {
    ChipRecord record;
    const Field chip = json["record"];
    read_fields(chip, kChipFields, record);
    record.injected_fs = chip["injected_fs"].counts();
    record.completed_fs = chip["completed_fs"].counts();
    if (record.images == 0) chip["images"].fail("must be positive");
    for (const char* key : {"injected_fs", "completed_fs"})
        if (chip[key].items().size() != record.images) chip[key].fail("needs one entry an image");
    for (std::size_t i = 0; i < record.images; ++i)
        if (record.completed_fs[i] < record.injected_fs[i])
            chip["completed_fs"].fail("ends before injected_fs");
    if (record.elapsed_fs == 0) chip["elapsed_fs"].fail("must be positive");
    read_steady(json["steady"], record.steady);
    if (record.crossbars_unpacked < record.crossbars)
        chip["crossbars_unpacked"].fail("must be at least crossbars");
    for (const Field& layer : json["layers"].items()) record.layers.push_back(read_layer(layer, cells));
    if (record.layers.empty()) json["layers"].fail("holds no layer");
    record.shared = read_actions(json["shared"]["actions"]);
    read_fields(json["mesh"], kMeshFields, record.mesh);
    const Field inventory = json["inventory"];
    read_fields(inventory, kInventoryFields, record.inventory);
    record.inventory.adcs = width_counts(inventory["adcs"]);
    return record;
}

}  // namespace

RunResult read_stats(std::string_view json_text, const std::string& source) {
    const nlohmann::json document = parse_json(json_text, source);
    const Field json(document, source + ": ");
    const std::uint64_t schema = json["run"]["schema"].count();
    if (schema != kStatsSchema)
        refuse("{}: run.schema: value {}: this program reads {}", source, schema, kStatsSchema);
    RunResult result;
    for (const Field& line : json["config"].items()) result.chip_yaml += line.text() + "\n";
    result.chip = config::parse_chip(result.chip_yaml, source + ": config");
    read_run(json["run"], result);
    result.accuracy = read_accuracy(json["accuracy"]);
    result.record = read_record(json, result.chip.cells.kind);
    for (const Field& layer : json["layers"].items()) result.columns.push_back(read_columns(layer));
    for (const auto& [name, range] : json["activation_ranges"].entries()) {
        const std::vector<Field> ends = range.items();
        if (ends.size() != 2) range.fail("must be [lowest, highest]");
        result.activation_ranges[name] = {ends[0].number(), ends[1].number()};
    }
    // The hash stands for configuration and network; one that does not fit means that one of the three was
    // edited.
    if (json["run"]["config_hash"].text() != config_hash(result))
        refuse("{}: run.config_hash: does not belong to the configuration and network in the file", source);
    return result;
}

}  // namespace sliver::results
