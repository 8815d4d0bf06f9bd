#include "results/layers_csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "results/quantity_text.h"

namespace sliver::results {
namespace {

std::string in_cycles(std::uint64_t femtoseconds, std::uint64_t cycle) {
    if (femtoseconds % cycle == 0) return std::to_string(femtoseconds / cycle);
    return exact(static_cast<double>(femtoseconds) / static_cast<double>(cycle));
}

template <typename T>
std::string msb_first(const std::vector<T>& by_slice) {
    return fmt::format("{}", fmt::join(by_slice.rbegin(), by_slice.rend(), " "));
}

}  // namespace

std::string layers_csv(const RunResult& result, const PricedRun& priced) {
    std::string text =
        "name,kind,rows,outputs,windows,copies,crossbars,tiles,reads,conversions,conversions_used,clipped,"
        "interval_cycles,first_start_cycle,last_start_cycle,done_cycle,adc_bits,clipped_by_slice,worst_case_"
        "bits,"
        "seen_bits,waited_input_s,waited_output_s,energy_j";
    for (const cost::Component component : cost::kComponents)
        text += fmt::format(",energy_{}_j", cost::component_name(component));
    text += "\n";
    const std::uint64_t cycle = cycle_fs(result.chip);
    for (std::size_t i = 0; i < result.record.layers.size(); ++i) {
        const LayerRecord& layer = result.record.layers[i];
        const LayerColumns& columns = result.columns.at(i);
        const cost::PerComponent& energy = priced.layers_j.at(i);
        text +=
            fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},", csv_text(layer.name), layer.kind, layer.rows,
                        layer.outputs, layer.actions.windows, layer.copies, layer.crossbars, layer.tiles,
                        layer.actions.crossbar_reads, cost::sum(layer.actions.conversions_all),
                        cost::sum(layer.actions.conversions_used), layer.actions.clipped);
        text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}", in_cycles(layer.interval_fs, cycle),
                            in_cycles(layer.first_start_fs, cycle), in_cycles(layer.last_start_fs, cycle),
                            in_cycles(layer.done_fs, cycle), msb_first(layer.adc_bits),
                            msb_first(layer.clipped), msb_first(columns.worst_case.bits),
                            msb_first(columns.seen.bits), exact(seconds(layer.waited_input_fs)),
                            exact(seconds(layer.waited_output_fs)), exact(energy.total()));
        for (const cost::Component component : cost::kComponents) text += "," + exact(energy[component]);
        text += "\n";
    }
    return text;
}

std::string predictions_csv(const std::vector<Prediction>& predictions,
                            const std::vector<std::string>& class_names) {
    const auto name_of = [&](int index) {
        const auto at = static_cast<std::size_t>(index);
        return at < class_names.size() ? csv_text(class_names[at]) : std::string();
    };
    std::string text = "image,label,predicted,correct,logit,engine,label_name,predicted_name\n";
    for (const Prediction& p : predictions)
        text += fmt::format("{},{},{},{},{},{},{},{}\n", p.image, p.label ? std::to_string(*p.label) : "",
                            p.predicted, p.label ? (*p.label == p.predicted ? "1" : "0") : "", p.logit,
                            p.on_chip ? "chip" : "functional", p.label ? name_of(*p.label) : "",
                            name_of(p.predicted));
    return text;
}

}  // namespace sliver::results
