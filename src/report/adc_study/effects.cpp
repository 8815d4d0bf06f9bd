#include <fmt/format.h>

#include <algorithm>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

constexpr const char *kWhole = "nothing left out", *kLeft = "what is left";

/// Networks that have the ablation.
std::vector<NamedPlace> ablated(const Source& study) {
    std::vector<NamedPlace> places;
    for (const NamedPlace& network : networks(study))
        if (study.has(network.place / "ablation")) places.push_back(network);
    return places;
}

std::string effects_table(const Source& study, const NamedPlace& network) {
    const Pointer ablation = network.place / "ablation";
    const std::string& key = study.text(ablation / "allocation");
    const auto widths = allocation(study, network.place, key);
    HtmlTable table(fmt::format("{}: arrays and what hangs on their columns, one image; widths: {}",
                                network.name, widths ? widths->name : key));
    table.add_text_column("");
    for (const char* title : {"energy", "saved behind those above", "saved alone", "skip logic",
                              "area of skip logic", "latency", "interval", "interval, shared converters"})
        table.add_number_column(title);
    const auto row = [&](const std::string& title, const Pointer& state, bool step) {
        const auto number = [&](const char* what, Measure unit) {
            return number_html(study, state / what, unit);
        };
        table.add_row({title, number("energy_j", Measure::joule), step ? number("saved_j", Measure::joule) : "",
                       step ? number("alone_j", Measure::joule) : "", number("skip_logic_j", Measure::joule),
                       number("skip_area_mm2", Measure::square_mm), number("latency_s", Measure::seconds),
                       number("interval_s", Measure::seconds), number("shared_interval_s", Measure::seconds)});
    };
    row(kWhole, ablation / "baseline", false);
    for (std::size_t i = 0; i < study.size(ablation / "effects"); ++i) {
        const Pointer effect = ablation / "effects" / i;
        row(escaped(study.text(effect / "effect")), effect, true);
    }
    HtmlTable planes("Reads, with all effects");
    planes.add_number_column("made");
    planes.add_number_column("left out: no row driven");
    planes.add_row({number_html(study, ablation / "reads", Measure::none),
                    number_html(study, ablation / "planes_skipped", Measure::none)});
    return "<div class=\"columns\">\n" + table.html() + planes.html() + "</div>\n";
}

/// From the whole down to what is left, every effect from where the one above ended.
Json waterfall(const Source& study) {
    std::vector<DataRow> rows;
    std::size_t most_steps = 0;
    for (const NamedPlace& network : ablated(study)) {
        const Pointer ablation = network.place / "ablation";
        const auto row = [&](const std::string& step, const char* kind) {
            return DataRow(study).word("network", network.name).word("step", step).word("kind", kind);
        };
        rows.push_back(row(kWhole, "energy").number("joule", ablation / "baseline" / "energy_j"));
        for (std::size_t i = 0; i < study.size(ablation / "effects"); ++i) {
            const Pointer effect = ablation / "effects" / i;
            rows.push_back(row(study.text(effect / "effect"), "saved")
                               .number("joule", effect / "saved_j")
                               .number("alone_j", effect / "alone_j"));
        }
        const std::size_t steps = study.size(ablation / "effects");
        if (steps != 0)
            rows.push_back(
                row(kLeft, "energy").number("joule", ablation / "effects" / (steps - 1) / "energy_j"));
        most_steps = std::max(most_steps, steps + 2);
    }
    Json spec = chart_spec(rows);
    spec["params"] = Json::array({network_choice(ablated(study))});
    spec["transform"] = Json::array(
        {kept_if("datum.network === network"),
         calculated("signed", fmt::format("datum.kind === 'saved' ? -datum.joule : datum.step === '{}' ? "
                                          "datum.joule : 0",
                                          kWhole)),
         {{"window", Json::array({{{"op", "sum"}, {"field", "signed"}, {"as", "level"}}})},
          {"frame", {nullptr, 0}},
          {"ignorePeers", true}},
         calculated("from", "datum.kind === 'saved' ? datum.level : 0"),
         calculated("to", "datum.kind === 'saved' ? datum.level + datum.joule : datum.joule"),
         si_text("joule_text", "joule", "J"),
         calculated("label", "(datum.kind === 'saved' && datum.joule > 0 ? '−' : '') + datum.joule_text"),
         calculated("alone", "isValid(datum.alone_j) ? format(datum.alone_j, '.4~s') + 'J' : '–'")});
    spec["height"] = sections::rows_height(most_steps);
    spec["encoding"] = {
        {"y", sections::row_axis("step")},
        {"tooltip",
         sections::tooltip({{"step", "step"}, {"label", "energy"}, {"alone", "saved without the others"}})}};
    const Json bars = {{"mark", {{"type", "bar"}}},
                       {"encoding",
                        {{"x", {{"field", "from"}, {"type", "quantitative"}, {"axis", image_joule_axis()}}},
                         {"x2", {{"field", "to"}}},
                         {"color",
                          {{"field", "kind"},
                           {"type", "nominal"},
                           {"title", nullptr},
                           {"scale", {{"domain", {"energy", "saved"}}, {"range", {kPlain, kMarked}}}},
                           {"legend", {{"orient", "bottom"}}}}}}}};
    const Json labels = {
        {"mark", {{"type", "text"}, {"align", "left"}, {"dx", 4}}},
        {"encoding", {{"x", {{"field", "to"}, {"type", "quantitative"}}}, {"text", {{"field", "label"}}}}}};
    spec["layer"] = Json::array({bars, labels});
    return spec;
}

}  // namespace

std::optional<Section> effects(const Source& study) {
    if (ablated(study).empty()) return std::nullopt;
    std::string tables;
    for (const NamedPlace& network : ablated(study)) tables += effects_table(study, network);
    return Section{"effects", "Effects of sparsity",
                   figure_html({"effects", "The effects of sparsity, one after the other",
                                "Point at a bar for what it saves without the others.", waterfall(study)}) +
                       tables};
}

}  // namespace sliver::report::adc_study
