#include "results/comparison.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "config/chip_words.h"
#include "results/json_text.h"
#include "results/quantity_text.h"
#include "results/table.h"

namespace sliver::results {
namespace {

/// Parts below it say nothing in a comparison; they are in the total and in every stats.json.
constexpr double kSmallShare = 1e-3;

std::vector<int> widest(const ComparedRun& run,
                        const std::function<std::vector<int>(std::size_t)>& of_layer) {
    std::vector<std::vector<int>> layers;
    for (std::size_t i = 0; i < run.result.record.layers.size(); ++i) layers.push_back(of_layer(i));
    return widest_by_slice(layers);
}

std::vector<int> adc_bits(const ComparedRun& run) {
    return widest(run, [&](std::size_t i) {
        const LayerRecord& layer = run.result.record.layers[i];
        if (layer.negative_adc_bits.empty()) return layer.adc_bits;
        return widest_by_slice({layer.adc_bits, layer.negative_adc_bits});
    });
}
std::vector<int> worst_case_bits(const ComparedRun& run) {
    return widest(run, [&](std::size_t i) { return run.result.columns[i].worst_case.bits; });
}
std::vector<int> seen_bits(const ComparedRun& run) {
    return widest(run, [&](std::size_t i) { return run.result.columns[i].seen.bits; });
}

/// Bits of a conversion, averaged over the conversions made.
double mean_bits(const ComparedRun& run) {
    const cost::WidthCounts& made = run.priced.actions.conversions_used;
    double sum = 0;
    for (std::size_t bits = 0; bits < made.size(); ++bits)
        sum += static_cast<double>(made[bits]) * static_cast<double>(bits);
    const std::uint64_t all = cost::sum(made);
    return all == 0 ? 0 : sum / static_cast<double>(all);
}

double images_of(const ComparedRun& run) {
    return static_cast<double>(run.result.record.images);
}

std::uint64_t functional_clipped(const ComparedRun& run) {
    std::uint64_t clipped = 0;
    for (const LayerColumns& columns : run.result.columns)
        for (const std::uint64_t count : columns.functional_clipped) clipped += count;
    return clipped;
}

using Value = std::function<double(const ComparedRun&)>;
using Text = std::function<std::string(const ComparedRun&)>;

class Sheet {
  public:
    explicit Sheet(const std::vector<ComparedRun>& runs) : runs_(runs) {
        table_.add_column("", Align::left);
        for (const ComparedRun& run : runs) table_.add_column(run.name, Align::right);
        if (runs.size() == 2) table_.add_column("ratio", Align::right);
    }
    void text(const std::string& title, const Text& of) {
        std::vector<std::string> cells = {title};
        for (const ComparedRun& run : runs_) cells.push_back(of(run));
        table_.add_row(cells);
    }
    void value(const std::string& title, const Value& of, const std::function<std::string(double)>& shown) {
        std::vector<std::string> cells = {title};
        for (const ComparedRun& run : runs_) cells.push_back(shown(of(run)));
        if (runs_.size() == 2 && of(runs_[0]) > 0)
            cells.push_back(fmt::format("{:.3f}", of(runs_[1]) / of(runs_[0])));
        table_.add_row(cells);
    }
    /// Where a run may have none.
    void value_or_none(const std::string& title,
                       const std::function<std::optional<double>(const ComparedRun&)>& of,
                       const std::function<std::string(double)>& shown) {
        std::vector<std::string> cells = {title};
        for (const ComparedRun& run : runs_) {
            const std::optional<double> own = of(run);
            cells.push_back(own ? shown(*own) : "-");
        }
        if (runs_.size() == 2 && of(runs_[0]).value_or(0) > 0 && of(runs_[1]))
            cells.push_back(fmt::format("{:.3f}", *of(runs_[1]) / *of(runs_[0])));
        table_.add_row(cells);
    }
    void section(const std::string& title) {
        table_.add_row({""});
        table_.add_heading(title);
    }
    [[nodiscard]] std::string finish() const { return table_.text(2); }

  private:
    const std::vector<ComparedRun>& runs_;
    Table table_;
};

std::string joules(double value) {
    return si(value, "J");
}
std::string time_text(double value) {
    return si(value, "s");
}
std::string whole(double value) {
    return grouped(static_cast<std::uint64_t>(value));
}

void add_accuracy(Sheet& sheet) {
    sheet.text("top-1", [](const ComparedRun& run) {
        const auto& accuracy = run.result.accuracy;
        return accuracy ? fmt::format("{:.2f} %", 100 * accuracy->top1()) : std::string("-");
    });
    sheet.text("  of images", [](const ComparedRun& run) { return grouped(run.result.functional_images); });
    sheet.text("  conversions clipped on them",
               [](const ComparedRun& run) { return grouped(functional_clipped(run)); });
}

void add_converters(Sheet& sheet) {
    sheet.section("ADC bits by slice, msb..lsb, widest layer");
    sheet.text("  in this run", [](const ComparedRun& run) { return slices_text(adc_bits(run)); });
    sheet.text("  needed in the worst case",
               [](const ComparedRun& run) { return slices_text(worst_case_bits(run)); });
    sheet.text("  needed for the images seen",
               [](const ComparedRun& run) { return slices_text(seen_bits(run)); });
    sheet.value("mean bits of a conversion", mean_bits,
                [](double bits) { return fmt::format("{:.2f}", bits); });
    sheet.value(
        "conversions of an image",
        [](const ComparedRun& run) {
            return static_cast<double>(cost::sum(run.priced.actions.conversions_used)) / images_of(run);
        },
        whole);
}

void add_energy(Sheet& sheet, const std::vector<ComparedRun>& runs) {
    sheet.section("Energy of one image");
    double all = 0;
    for (const ComparedRun& run : runs) all += run.priced.total_j.total();
    std::vector<cost::Component> others;
    for (const cost::Component component : cost::kComponents) {
        double sum = 0;
        for (const ComparedRun& run : runs) sum += run.priced.total_j[component];
        if (sum < all * kSmallShare) {
            others.push_back(component);
            continue;
        }
        sheet.value(
            fmt::format("  {}", cost::component_name(component)),
            [component](const ComparedRun& run) { return run.priced.total_j[component] / images_of(run); },
            joules);
    }
    sheet.value(
        "  all others",
        [others](const ComparedRun& run) {
            double sum = 0;
            for (const cost::Component component : others) sum += run.priced.total_j[component];
            return sum / images_of(run);
        },
        joules);
    sheet.value(
        "  total", [](const ComparedRun& run) { return run.priced.total_j.total() / images_of(run); },
        joules);
    sheet.value_or_none(
        "  static, beside it", [](const ComparedRun& run) { return run.priced.static_image_j(); }, joules);
}

void add_time_and_area(Sheet& sheet) {
    sheet.section("Time and size");
    sheet.value(
        "  latency of an image",
        [](const ComparedRun& run) { return seconds(run.result.record.latency_fs()); }, time_text);
    sheet.value_or_none(
        "  interval between images", [](const ComparedRun& run) { return run.priced.interval_s; }, time_text);
    sheet.value(
        "  arrays in use",
        [](const ComparedRun& run) { return static_cast<double>(run.result.record.crossbars); }, whole);
    sheet.value(
        "  tiles in use", [](const ComparedRun& run) { return static_cast<double>(run.result.record.tiles); },
        whole);
    sheet.value(
        "  area of the ADCs",
        [](const ComparedRun& run) { return run.priced.area_mm2[cost::Component::adc]; },
        [](double mm2) { return fmt::format("{:.2f} mm2", mm2); });
    sheet.value(
        "  area of the chip", [](const ComparedRun& run) { return run.priced.area_mm2.total(); },
        [](double mm2) { return fmt::format("{:.2f} mm2", mm2); });
}

}  // namespace

std::string comparison_text(const std::vector<ComparedRun>& runs) {
    const RunResult& first = runs.front().result;
    std::string text =
        fmt::format("Comparison on chip {}: ADC policy {}, ADC law {}, accounting {}, {} nm\n",
                    first.chip.name, config::word_of(first.chip.adc.policy), first.chip.adc.law,
                    config::word_of(first.chip.cost.accounting), exact(first.chip.cost.technology_nm));
    text += fmt::format("images: {}\n\n", first.identity.images);
    Sheet sheet(runs);
    add_accuracy(sheet);
    add_converters(sheet);
    add_energy(sheet, runs);
    add_time_and_area(sheet);
    return text + sheet.finish();
}

std::string comparison_json(const std::vector<ComparedRun>& runs) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const ComparedRun& run : runs) {
        const double images = images_of(run);
        Json energy = Json::object();
        for (const cost::Component component : cost::kComponents)
            energy[std::string(cost::component_name(component))] = run.priced.total_j[component] / images;
        Json json = {{"name", run.name},
                     {"network", run.result.identity.network},
                     {"config_hash", config_hash(run.result)},
                     {"top1", run.result.accuracy ? Json(run.result.accuracy->top1()) : Json()},
                     {"functional_images", run.result.functional_images},
                     {"functional_clipped", functional_clipped(run)},
                     {"adc_bits", adc_bits(run)},
                     {"adc_bits_worst_case", worst_case_bits(run)},
                     {"adc_bits_seen", seen_bits(run)},
                     {"adc_bits_mean", mean_bits(run)},
                     {"conversions_per_image",
                      static_cast<double>(cost::sum(run.priced.actions.conversions_used)) / images},
                     {"energy_per_image_j", run.priced.total_j.total() / images},
                     {"energy_per_image_by_component_j", std::move(energy)},
                     {"static_energy_per_image_j", json_or_null<Json>(run.priced.static_image_j())},
                     {"latency_s", seconds(run.result.record.latency_fs())},
                     {"interval_s", json_or_null<Json>(run.priced.interval_s)},
                     {"crossbars", run.result.record.crossbars},
                     {"tiles", run.result.record.tiles},
                     {"area_mm2", run.priced.area_mm2.total()}};
        list.push_back(std::move(json));
    }
    return Json{{"runs", std::move(list)}}.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sliver::results
