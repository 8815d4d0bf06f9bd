#include "study/slice_files.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "results/quantity_text.h"
#include "study/names.h"

namespace sliver::study {
namespace {

using Json = nlohmann::ordered_json;
using results::exact;

Json number_or_null(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json shares_json(const SliceShares& shares) {
    return {{"nonzero_percent", shares.percent}, {"mean_percent", shares.mean}, {"std_percent", shares.std}};
}

Json layer_json(const CodeCounts& counts, const LayerColumns& columns, int slice_bits) {
    return {{"name", counts.name},
            {"weights", counts.weights()},
            {"zero_weights", counts.zeros()},
            {"largest_code", counts.largest()},
            {"nonzero_percent", nonzero_shares(counts, slice_bits).percent},
            {"largest_sums", columns.largest_sums},
            {"adc_bits", columns.bits},
            {"conversions_per_slice", columns.conversions}};
}

Json network_json(const StudiedNetwork& network, int slice_bits) {
    Json json = {{"name", network.name},
                 {"sha256", network.sha256},
                 {"model", network.model},
                 {"data", network.data},
                 {"method", network.card.method},
                 {"architecture", network.architecture},
                 {"top1",
                  {{"float", number_or_null(network.card.top1_float)},
                   {"fixed_point", number_or_null(network.card.top1_fixed_point)},
                   {"sliver", number_or_null(network.card.top1_sliver)}}},
                 {"weights", network.all.weights()},
                 {"zero_weights", network.all.zeros()},
                 {"largest_code", network.all.largest()}};
    json.update(shares_json(network.shares));
    json["adc_bits_mean"] = mean_bits(network.columns);
    json["adc_bits_widest"] = widest_bits(network.columns);
    json["layers"] = Json::array();
    for (std::size_t i = 0; i < network.layers.size(); ++i)
        json["layers"].push_back(layer_json(network.layers[i], network.columns.at(i), slice_bits));
    return json;
}

Json paper_json(const PaperRow& row) {
    return {{"model", row.model},
            {"data", row.data},
            {"method", row.method},
            {"top1", row.top1_percent / 100},
            {"nonzero_percent", row.percent},
            {"mean_percent", row.mean},
            {"std_percent", row.std}};
}

Json point_json(const TradeOffPoint& point, bool best) {
    Json json = {{"model", point.model},   {"data", point.data},   {"method", point.method},
                 {"alpha", point.alpha},   {"prune", point.prune}, {"column_bits", point.column_bits},
                 {"epochs", point.epochs}, {"seed", point.seed},   {"top1", point.top1}};
    json.update(shares_json(point.shares));
    json["adc_bits_mean"] = point.adc_bits;
    json["unbeaten"] = best;
    json["note"] = point.note;
    return json;
}

/// Marks among the curve's points and the networks of the group, as in the text; here the curve's alone.
std::vector<bool> marks_of(const Group& group) {
    std::vector<Balance> balances;
    for (const TradeOffPoint* point : group.points) balances.push_back({point->top1, point->shares.mean});
    for (const StudiedNetwork* network : group.networks)
        if (const auto top1 = network->card.top1()) balances.push_back({*top1, network->shares.mean});
    return unbeaten(balances);
}

Json ratio_json(const Ratio& ratio, const Group& group) {
    return {{"model", group.model},
            {"data", group.data},
            {"l1", ratio.l1 == nullptr ? "paper" : ratio.l1->name},
            {"bitslice", ratio.bitslice == nullptr ? "paper" : ratio.bitslice->name},
            {"sparsity_ratio", ratio.sparsity},
            {"top1_points", number_or_null(ratio.top1_points)}};
}

std::string csv_row(const char* source, std::string_view model, std::string_view data,
                    std::string_view method, const std::string& name, const std::string& top1) {
    return fmt::format("{},{},{},{},{},{}", source, csv_text(model), csv_text(data), csv_text(method),
                       csv_text(name), top1);
}

template <typename Percent>
std::string csv_shares(const Percent& percent, double mean, double std) {
    std::string text;
    for (auto slice = percent.rbegin(); slice != percent.rend(); ++slice) text += "," + exact(*slice);
    return text + "," + exact(mean) + "," + exact(std);
}

}  // namespace

std::string slices_json(const SliceStudy& study) {
    Json json = {{"schema", kSlicesSchema},
                 {"slice_bits", study.slice_bits},
                 {"chip",
                  {{"name", study.chip.name},
                   {"rows", study.chip.array.rows},
                   {"columns", study.chip.array.columns},
                   {"dac_bits", study.chip.inputs.dac_bits}}},
                 {"paper_source", kPaperCitation}};
    for (const char* key : {"paper", "networks", "curves", "l1_over_bitslice"}) json[key] = Json::array();
    for (const Group& group : groups_of(study)) {
        for (const PaperRow* row : group.paper) json["paper"].push_back(paper_json(*row));
        for (const StudiedNetwork* network : group.networks)
            json["networks"].push_back(network_json(*network, study.slice_bits));
        const std::vector<bool> best = marks_of(group);
        for (std::size_t i = 0; i < group.points.size(); ++i)
            json["curves"].push_back(point_json(*group.points[i], best[i]));
        if (const auto ratio = paper_ratio(group))
            json["l1_over_bitslice"].push_back(ratio_json(*ratio, group));
        for (const Ratio& ratio : our_ratios(group))
            json["l1_over_bitslice"].push_back(ratio_json(ratio, group));
    }
    json["missing"] = Json::array();
    if (study.whole)
        for (const Wanted& wanted : missing_networks(study))
            json["missing"].push_back(
                {{"model", wanted.model}, {"data", wanted.data}, {"methods", wanted.methods}});
    // A file's name may hold any bytes; everything else is UTF-8 already.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string slices_csv(const SliceStudy& study) {
    std::string text = "source,model,data,method,name,top1";
    for (int slice = kCodeBits / study.slice_bits; slice-- > 0;) text += fmt::format(",B{}", slice);
    text += ",mean,std,adc_bits_mean\n";
    for (const Group& group : groups_of(study)) {
        for (const PaperRow* row : group.paper)
            text += csv_row("paper", row->model, row->data, row->method, "", exact(row->top1_percent / 100)) +
                    csv_shares(row->percent, row->mean, row->std) + ",\n";
        for (const StudiedNetwork* network : group.networks) {
            const std::optional<double> top1 = network->card.top1();
            text += csv_row("network", network->model, network->data, network->card.method, network->name,
                            top1 ? exact(*top1) : "") +
                    csv_shares(network->shares.percent, network->shares.mean, network->shares.std) + "," +
                    exact(mean_bits(network->columns)) + "\n";
        }
        for (const TradeOffPoint* point : group.points)
            text +=
                csv_row("curve", point->model, point->data, point->method, point->note, exact(point->top1)) +
                csv_shares(point->shares.percent, point->shares.mean, point->shares.std) + "," +
                exact(point->adc_bits) + "\n";
    }
    return text;
}

}  // namespace sliver::study
