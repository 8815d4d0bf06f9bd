#include "results/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "config/chip_words.h"
#include "results/quantity_text.h"
#include "results/table.h"
#include "results/wrapped_text.h"

namespace sliver::results {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLongestRefusal = 74;
constexpr std::size_t kLongestName = 18;

std::string cut(const std::string& text, std::size_t longest) {
    return text.size() <= longest ? text : text.substr(0, longest - 3) + "...";
}
/// The end of a layer's name tells it from others: ONNX names begin alike.
std::string cut_front(const std::string& text, std::size_t longest) {
    return text.size() <= longest ? text : "..." + text.substr(text.size() - (longest - 3));
}

std::string share(double part, double whole) {
    return whole > 0 ? fmt::format("{:.1f} %", 100 * part / whole) : "-";
}

std::string images_text(std::uint64_t images) {
    return grouped(images) + (images == 1 ? " image" : " images");
}

std::string heading(const RunResult& result) {
    const RunIdentity& identity = result.identity;
    const config::ChipConfig& chip = result.chip;
    Table table;
    table.add_column("", Align::left);
    table.add_column("", Align::left);
    table.add_row(
        {"network", fmt::format("{} (sha256 {})", identity.network, identity.network_sha256.substr(0, 12))});
    table.add_row(
        {"chip", fmt::format("{}: {} tiles x {} units x {} arrays of {} x {} x {} bits, {}, {} slices",
                             chip.name, chip.tiles(), chip.tile.processing_elements, chip.tile.arrays_per_pe,
                             chip.array.rows, chip.array.columns, chip.array.cell_bits,
                             config::word_of(chip.weights.encoding), config::word_of(chip.weights.slices))});
    table.add_row({"images", fmt::format("{} on the chip, from {}", images_text(result.record.images),
                                         identity.images)});
    table.add_row({"settings", fmt::format("ADC policy {}, ADC law {}, accounting {}, {} nm, seed {}",
                                           config::word_of(chip.adc.policy), chip.adc.law,
                                           config::word_of(chip.cost.accounting),
                                           exact(chip.cost.technology_nm), identity.seed)});
    const char* label = "arithmetic";
    for (const std::string& line : arithmetic_lines(result.arithmetic)) {
        table.add_row({label, line});
        label = "";
    }
    table.add_row({"config hash", config_hash(result).substr(0, 16)});
    return table.text(kIndent);
}

std::string settled_text(const SteadyRecord& steady) {
    if (steady.period == 1) return fmt::format("every image the same, {} simulated", steady.images);
    if (steady.period > 1)
        return fmt::format("mean of a period of {}, {} simulated", images_text(steady.period), steady.images);
    return fmt::format("mean of {}, settled to {:.2f} %", images_text(steady.measured),
                       100 * static_cast<double>(steady.spread_fs) * static_cast<double>(steady.measured) /
                           static_cast<double>(steady.measured_fs));
}

/// Why the chip is not faster: what works longest for an image.
std::string busiest(const RunResult& result) {
    const SteadyRecord& steady = result.record.steady;
    if (steady.resources.empty()) return {};
    Table table;
    table.add_column("kind", Align::left);
    table.add_column("busiest", Align::left);
    table.add_column("an image", Align::right);
    table.add_column("of the interval", Align::right);
    const auto interval = result.record.interval_fs();
    for (const ResourceRecord& resource : steady.resources)
        table.add_row({resource.kind, resource.name, si(seconds(resource.need_fs), "s"),
                       interval ? fmt::format("{:.1f} %", 100 * static_cast<double>(resource.need_fs) /
                                                              static_cast<double>(*interval))
                                : std::string("-")});
    return "What limits: time that an image takes of the busiest resources\n" + table.text(kIndent);
}

std::string totals(const RunResult& result, const PricedRun& priced) {
    const ChipRecord& record = result.record;
    const std::uint64_t cycle = cycle_fs(result.chip);
    const auto images = static_cast<double>(record.images);
    std::uint64_t macs = 0;
    for (const LayerRecord& layer : record.layers) macs += layer.macs;
    const double energy_j = priced.total_j.total();
    Table table;
    table.add_column("", Align::left);
    table.add_column("", Align::right);
    table.add_column("", Align::left);
    table.add_row({"latency of an image", si(seconds(record.latency_fs()), "s"),
                   cycles_text(record.latency_fs(), cycle) + " array cycles"});
    const SteadyRecord& steady = record.steady;
    if (const auto interval = record.interval_fs()) {
        table.add_row({"interval between images", si(seconds(*interval), "s"),
                       cycles_text(*interval, cycle) + " array cycles; " + settled_text(steady)});
        table.add_row({"latency in a stream",
                       si(seconds(steady.latency_sum_fs) / static_cast<double>(steady.measured), "s"),
                       fmt::format("at most {}", si(seconds(steady.latency_max_fs), "s"))});
    } else {
        table.add_row({"interval between images", "-",
                       steady.images == 0
                           ? std::string("not measured (--settle)")
                           : fmt::format("not settled after {} (--settle)", images_text(steady.images))});
    }
    table.add_row({"energy of an image", si(energy_j / images, "J"),
                   fmt::format("dynamic; {} a multiply-accumulate",
                               si(energy_j / images / static_cast<double>(macs), "J"))});
    if (const auto still = priced.static_image_j())
        table.add_row({"static energy", si(*still, "J"),
                       fmt::format("an image: {} over the interval", si(priced.static_w.total(), "W"))});
    else
        table.add_row(
            {"static energy", "-", fmt::format("{} all the time", si(priced.static_w.total(), "W"))});
    table.add_row({"average power", si(priced.power_w, "W"),
                   priced.interval_s ? "dynamic and static, in a stream of images"
                                     : "dynamic and static over the run"});
    table.add_row({"area", fmt::format("{:.2f} mm2", priced.area_mm2.total()), "whole chip, dark tiles too"});
    table.add_row({"in use", grouped(record.crossbars) + " arrays",
                   fmt::format("of {}; {} of {} tiles", grouped(record.inventory.arrays),
                               grouped(record.tiles), grouped(record.inventory.tiles))});
    if (result.accuracy)
        table.add_row({"top-1", fmt::format("{:.2f} %", 100 * result.accuracy->top1()),
                       fmt::format("{} of {} (functional engine)", grouped(result.accuracy->correct),
                                   images_text(result.accuracy->count))});
    else
        table.add_row({"top-1", "-", "the images have no labels"});
    std::string text = table.text(kIndent);
    if (record.crossbars_unpacked != record.crossbars)
        text += fmt::format("  {}\n", packing_text(record.crossbars, record.crossbars_unpacked));
    return text;
}

/// Widths by slice, of the wider sign.
std::string widths_text(const LayerRecord& layer) {
    if (layer.negative_adc_bits.empty()) return slices_text(layer.adc_bits);
    return slices_text(widest_by_slice({layer.adc_bits, layer.negative_adc_bits}));
}

std::string layers(const RunResult& result, const PricedRun& priced) {
    const ChipRecord& record = result.record;
    const std::uint64_t cycle = cycle_fs(result.chip);
    const auto images = static_cast<double>(record.images);
    Table table;
    table.add_column("layer", Align::left);
    table.add_column("rows x outputs", Align::right);
    table.add_column("windows", Align::right);
    table.add_column("arrays", Align::right);
    table.add_column("ADC bits", Align::right);
    table.add_column("conversions", Align::right);
    table.add_column("clipped", Align::right);
    table.add_column("first", Align::right);
    table.add_column("last", Align::right);
    table.add_column("done", Align::right);
    table.add_column("energy", Align::right);
    for (std::size_t i = 0; i < record.layers.size(); ++i) {
        const LayerRecord& layer = record.layers[i];
        const std::string copies = layer.copies > 1 ? fmt::format(" ({}x)", layer.copies) : "";
        table.add_row({cut_front(layer.name, kLongestName) + copies,
                       fmt::format("{} x {}", layer.rows, layer.outputs), grouped(layer.windows),
                       grouped(layer.crossbars), widths_text(layer),
                       grouped(cost::sum(layer.actions.conversions_used)), grouped(layer.actions.clipped),
                       grouped(layer.first_start_fs / cycle), grouped(layer.last_start_fs / cycle),
                       grouped(layer.done_fs / cycle), si(priced.layers_j.at(i).total() / images, "J")});
    }
    std::string text = wrapped(
        "",
        "Layers: windows and energy of one image, conversions and clips of the run, ADC bits by slice "
        "msb..lsb, cycles at which the first image's first and last window start and its last value is "
        "done");
    text += table.text(kIndent);
    if (record.shared == cost::Actions()) return text;
    return text + fmt::format("  {} of no layer: host link and the image's way to its tiles\n",
                              si(priced.shared_j.total() / images, "J"));
}

std::string components(const RunResult& result, const PricedRun& priced) {
    const auto images = static_cast<double>(result.record.images);
    Table table;
    table.add_column("component", Align::left);
    table.add_column("instances", Align::right);
    table.add_column("actions", Align::right);
    table.add_column("energy", Align::right);
    table.add_column("share", Align::right);
    table.add_column("static", Align::right);
    table.add_column("area", Align::right);
    table.add_column("share", Align::right);
    const double energy = priced.total_j.total(), area = priced.area_mm2.total();
    std::vector<cost::Component> order(cost::kComponents.begin(), cost::kComponents.end());
    std::stable_sort(order.begin(), order.end(), [&](cost::Component a, cost::Component b) {
        return priced.total_j[a] > priced.total_j[b];
    });
    const auto still = [&](double watts) {
        return priced.interval_s ? si(watts * *priced.interval_s, "J") : std::string("-");
    };
    for (const cost::Component component : order)
        table.add_row({std::string(cost::component_name(component)),
                       grouped(instances_of(component, result.record.inventory)),
                       grouped(actions_of(component, priced.actions, priced.accounting)),
                       si(priced.total_j[component] / images, "J"), share(priced.total_j[component], energy),
                       still(priced.static_w[component]),
                       fmt::format("{:.3f} mm2", priced.area_mm2[component]),
                       share(priced.area_mm2[component], area)});
    table.add_rule();
    table.add_row({"chip", "", "", si(energy / images, "J"), "", still(priced.static_w.total()),
                   fmt::format("{:.3f} mm2", area), ""});
    return "Components: energy of one image, actions of the run, area of the chip\n" + table.text(kIndent);
}

std::string accountings(const RunResult& result, const PricedRun& priced) {
    const auto images = static_cast<double>(result.record.images);
    std::string text = "Energy of one image by accounting:";
    for (const cost::AccountedEnergy& entry : priced.accountings)
        text += fmt::format(" {}{} {}", &entry == &priced.accountings.front() ? "" : "| ", entry.accounting,
                            si(entry.total_j / images, "J"));
    return text + "\n";
}

}  // namespace

std::string band_table(const RunResult& result, const PricedRun& priced) {
    const auto images = static_cast<double>(result.record.images);
    std::optional<double> chosen, lowest, highest;
    for (const cost::BandEntry& entry : priced.band) {
        if (!entry.energy_j) continue;
        if (entry.law == result.chip.adc.law) chosen = entry.energy_j;
        lowest = lowest ? std::min(*lowest, *entry.energy_j) : *entry.energy_j;
        highest = highest ? std::max(*highest, *entry.energy_j) : *entry.energy_j;
    }
    Table table;
    table.add_column("ADC law", Align::left);
    table.add_column("energy", Align::right);
    table.add_column("against this run's", Align::left);
    for (const cost::BandEntry& entry : priced.band) {
        const std::string name = entry.law + (entry.law == result.chip.adc.law ? " *" : "");
        if (entry.energy_j && chosen)
            table.add_row({name, si(*entry.energy_j / images, "J"),
                           fmt::format("{:.3g} x", *entry.energy_j / *chosen)});
        else if (entry.energy_j)
            table.add_row({name, si(*entry.energy_j / images, "J")});
        else
            table.add_row({name, "refused", cut(entry.refusal, kLongestRefusal)});
    }
    std::string text = "Energy of one image under every ADC law (* this run's)";
    if (lowest && highest)
        text += fmt::format(": from {} to {}", si(*lowest / images, "J"), si(*highest / images, "J"));
    return text + "\n" + table.text(kIndent);
}

std::string adc_certificate(const RunResult& result, const PricedRun& priced) {
    const std::uint64_t made = cost::sum(priced.actions.conversions_used);
    const std::uint64_t clipped = priced.actions.clipped;
    const std::string clips = fmt::format("{} of {} conversions clipped on the chip ({})", grouped(clipped),
                                          grouped(made), percent(clipped, made));
    std::uint64_t functional_clipped = 0;
    for (const LayerColumns& columns : result.columns)
        for (const std::uint64_t count : columns.functional_clipped) functional_clipped += count;
    std::string text = "ADC widths: ";
    switch (result.chip.adc.policy) {
        case config::AdcPolicy::fixed:
            text += "fixed by the configuration; " + clips;
            break;
        case config::AdcPolicy::worst_case:
            text += "lossless by construction (worst case); " + clips;
            break;
        case config::AdcPolicy::profiled:
            text += fmt::format("lossless on {} of {} (margin {}); {}",
                                images_text(result.identity.calibration_count), result.identity.calibration,
                                result.chip.adc.margin, clips);
            break;
        case config::AdcPolicy::percentile:
            text += fmt::format("hold {} % of the conversions on {} of {}; {}", result.chip.adc.percentile,
                                images_text(result.identity.calibration_count), result.identity.calibration,
                                clips);
            break;
        case config::AdcPolicy::accuracy:
            text += fmt::format("lose at most {} points on {} of {}; {}", result.chip.adc.accuracy_loss,
                                images_text(result.identity.calibration_count), result.identity.calibration,
                                clips);
            break;
    }
    if (result.chip.adc.overflow == config::AdcOverflow::split) {
        std::uint64_t arrays = 0, whole = 0;
        for (const LayerRecord& layer : result.record.layers) {
            arrays += layer.crossbars;
            whole += layer.crossbars_by_parts.at(0);
        }
        text += fmt::format("\n            {} of {} arrays read in parts of their rows",
                            grouped(arrays - whole), grouped(arrays));
    }
    if (result.functional_images > result.record.images)
        text += fmt::format("\n            {} clipped over the {} of the functional engine",
                            grouped(functional_clipped), images_text(result.functional_images));
    if (const std::optional<TightestColumn> tightest = tightest_column(result)) {
        const FullestColumn& column = tightest->column;
        text += fmt::format("\n            fullest column ({}): {} of {}, {} B{}{}, array {}, column {}",
                            result.lossless                                         ? "any input"
                            : result.chip.cells.kind == config::CellKind::resistive ? "of ideal cells"
                                                                                    : "calibration",
                            column.sum, column.range, result.record.layers[tightest->layer].name,
                            column.slice, column.negative ? '-' : '+', column.array, column.column);
    }
    return text + "\n";
}

std::string summary(const RunResult& result, const PricedRun& priced) {
    return "Run\n" + heading(result) + "\nTotals\n" + totals(result, priced) + "\n" + busiest(result) + "\n" +
           layers(result, priced) + "\n" + adc_certificate(result, priced) + "\n" +
           components(result, priced) + "\n" + accountings(result, priced) + "\n" +
           band_table(result, priced);
}

}  // namespace sliver::results
