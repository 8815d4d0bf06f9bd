#include "study/nonideal_files.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/output_file.h"
#include "base/own_folder.h"
#include "base/sha256.h"
#include "base/text.h"
#include "config/chip_words.h"
#include "results/json_text.h"
#include "results/quantity_text.h"
#include "study/nonideal_text.h"

namespace sliver::study {
namespace {

using Json = nlohmann::ordered_json;
using results::exact;

constexpr int kNonidealSchema = 1;

Json nonideal_cost_json(const NonidealCost& cost) {
    return {{"energy_j", cost.energy_j},
            {"adc_j", cost.adc_j},
            {"index_table_j", cost.index_j},
            {"latency_s", cost.latency_s},
            {"area_in_use_mm2", cost.area_mm2}};
}

Json nonideal_point_json(const NonidealPoint& point) {
    Json seeds = Json::array();
    for (const NonidealSeed& seed : point.seeds)
        seeds.push_back({{"seed", seed.seed},
                         {"nonideality", seed.nonideality},
                         {"correct", seed.correct[kNoGain]},
                         {"correct_gain_by_array", seed.correct[kArrayGain]},
                         {"correct_gain_by_column", seed.correct[kColumnGain]}});
    return {{"network", point.network},
            {"array", point.array},
            {"rearranged", point.rearranged},
            {"weight_constrained", point.constrained},
            {"crossbars", point.crossbars},
            {"crossbars_unpacked", point.unpacked},
            {"compression", point.compression()},
            {"mean_cell_s", point.mean_siemens},
            {"nonideality", point.nonideality()},
            {"images", point.images},
            {"ideal_top1", point.ideal_top1()},
            {"top1", point.top1(kNoGain)},
            {"top1_spread", point.spread(kNoGain)},
            {"top1_gain_by_array", point.top1(kArrayGain)},
            {"top1_gain_by_array_spread", point.spread(kArrayGain)},
            {"top1_gain_by_column", point.top1(kColumnGain)},
            {"top1_gain_by_column_spread", point.spread(kColumnGain)},
            {"seeds", std::move(seeds)},
            {"cost", point.cost ? nonideal_cost_json(*point.cost) : Json(nullptr)}};
}

Json devices_json(const NonidealStudy& study) {
    const config::ChipConfig& chip = study.chip;
    return {{"source", study.devices},
            {"on_ohm", chip.cells.on_ohm},
            {"off_ohm", chip.cells.off_ohm},
            {"variation", std::string(config::word_of(chip.cells.variation))},
            {"sigma", chip.cells.sigma},
            {"reference", std::string(config::word_of(chip.cells.reference))},
            {"wires", std::string(config::word_of(chip.wires.kind))},
            {"driver_ohm", chip.wires.driver_ohm},
            {"row_ohm", chip.wires.row_ohm},
            {"column_ohm", chip.wires.column_ohm},
            {"sense_ohm", chip.wires.sense_ohm}};
}

std::filesystem::path file_of(const std::filesystem::path& folder, const std::string& key) {
    return folder / (sha256(key) + ".json");
}

/// The file of a key, whole and of this format; null otherwise.
Json read_kept(const std::filesystem::path& folder, const std::string& key) {
    const std::filesystem::path path = file_of(folder, key);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return nullptr;
    Json json;
    try {
        json = results::parse_ordered_json(read_file(path, kResultFile), path.string());
    } catch (const InputError&) {
        return nullptr;  // whatever it is, this program did not leave it so
    }
    if (!json.is_object() || !json.contains("key") || json["key"] != key || !json.contains("values") ||
        !json.contains("digest") || json["digest"] != sha256(json["values"].dump()))
        return nullptr;
    return json["values"];
}

void write_kept(const std::filesystem::path& folder, const std::string& key, const Json& values) {
    const Json json = {{"key", key}, {"values", values}, {"digest", sha256(values.dump())}};
    write_file(file_of(folder, key), json.dump(1) + "\n");
}

}  // namespace

std::string nonideal_json(const NonidealStudy& study) {
    Json json = {{"study", "nonideal"},
                 {"schema", kNonidealSchema},
                 {"version", study.version},
                 {"chip", study.chip.name},
                 {"cell_bits", study.chip.array.cell_bits},
                 {"encoding", std::string(config::word_of(study.chip.weights.encoding))},
                 {"adc_law", study.chip.adc.law},
                 {"devices", devices_json(study)},
                 {"images", {{"source", study.images}, {"count", study.count}}},
                 {"seeds", study.seeds},
                 {"sizes", study.sizes}};
    json["networks"] = Json::array();
    for (const NonidealNetwork& network : study.networks)
        json["networks"].push_back(
            {{"name", network.name},
             {"sha256", network.sha256},
             {"method", network.method},
             {"weight_constrained",
              network.constrained_name.empty() ? Json(nullptr) : Json(network.constrained_name)},
             {"weight_constrained_sha256",
              network.constrained_name.empty() ? Json(nullptr) : Json(network.constrained_sha256)}});
    json["points"] = Json::array();
    for (const NonidealPoint& point : study.points) json["points"].push_back(nonideal_point_json(point));
    json["adc_widths"] = Json::array();
    for (const NonidealWidth& width : study.widths)
        json["adc_widths"].push_back({{"network", width.network},
                                      {"array", width.array},
                                      {"bits", width.bits == 0 ? Json("lossless") : Json(width.bits)},
                                      {"images", width.images},
                                      {"ideal_correct", width.ideal_correct},
                                      {"real_correct", width.real_correct}});
    json["answers"] = Json::array();
    for (const NonidealAnswer& answer : answers(study))
        json["answers"].push_back({{"question", answer.question}, {"answer", answer.sentences}});
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string nonideal_csv(const NonidealStudy& study) {
    std::string csv =
        "network,array,rearranged,weight_constrained,crossbars,crossbars_unpacked,compression,mean_cell_s,"
        "nonideality,images,seeds,ideal_top1,top1,top1_spread,top1_gain_by_array,top1_gain_by_array_spread,"
        "top1_gain_by_column,top1_gain_by_column_spread,energy_j,latency_s,area_in_use_mm2\n";
    for (const NonidealPoint& point : study.points) {
        csv +=
            fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}", csv_text(point.network), point.array,
                        point.rearranged ? 1 : 0, point.constrained ? 1 : 0, point.crossbars, point.unpacked,
                        exact(point.compression()), exact(point.mean_siemens), exact(point.nonideality()),
                        point.images, point.seeds.size(), exact(point.ideal_top1()));
        for (std::size_t gain = 0; gain < kGainKinds.size(); ++gain)
            csv += fmt::format(",{},{}", exact(point.top1(gain)), exact(point.spread(gain)));
        csv += point.cost ? fmt::format(",{},{},{}\n", exact(point.cost->energy_j),
                                        exact(point.cost->latency_s), exact(point.cost->area_mm2))
                          : ",,,\n";
    }
    return csv;
}

KeptResults::KeptResults(std::filesystem::path folder) : folder_(std::move(folder)) {
    claim_folder(folder_, "finished parts of studies", folder_.string());
    remove_leftovers(folder_);
}

std::optional<NonidealSeed> KeptResults::find_seed(const std::string& key) const {
    const Json json = read_kept(folder_, key);
    if (!json.is_object() || !json.contains("correct") || json["correct"].size() != kGainKinds.size())
        return std::nullopt;
    NonidealSeed seed;
    seed.seed = json["seed"];
    seed.nonideality = json["nonideality"];
    seed.mean_siemens = json["mean_siemens"];
    for (std::size_t gain = 0; gain < kGainKinds.size(); ++gain) seed.correct[gain] = json["correct"][gain];
    return seed;
}

void KeptResults::keep(const std::string& key, const NonidealSeed& seed) const {
    write_kept(folder_, key,
               {{"seed", seed.seed},
                {"nonideality", seed.nonideality},
                {"correct", seed.correct},
                {"mean_siemens", seed.mean_siemens}});
}

std::optional<NonidealCost> KeptResults::find_cost(const std::string& key) const {
    const Json json = read_kept(folder_, key);
    if (!json.is_object() || !json.contains("energy_j")) return std::nullopt;
    NonidealCost cost;
    cost.energy_j = json["energy_j"];
    cost.adc_j = json["adc_j"];
    cost.index_j = json["index_table_j"];
    cost.latency_s = json["latency_s"];
    cost.area_mm2 = json["area_in_use_mm2"];
    return cost;
}

void KeptResults::keep(const std::string& key, const NonidealCost& cost) const {
    write_kept(folder_, key, nonideal_cost_json(cost));
}

}  // namespace sliver::study
