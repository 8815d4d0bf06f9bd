#include <fmt/format.h>

#include "report/adc_study/rows.h"
#include "report/adc_study/sections.h"
#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"

namespace sliver::report::adc_study {
namespace {

constexpr const char *kAllocations = "allocations", *kOneWidth = "the same width everywhere";

std::string uniform_table(const Source& study) {
    HtmlTable table("Accuracy with the same width everywhere");
    table.add_text_column("network");
    for (const char* title : {"bits", "top-1", "right", "of images"}) table.add_number_column(title);
    bool any = false;
    for (const NamedPlace& network : networks(study)) {
        const Pointer points = network.place / "uniform_widths";
        for (std::size_t i = 0; i < study.size(points); ++i) {
            any = true;
            table.add_row({escaped(network.name), number_html(study, points / i / "bits", Measure::exact),
                           number_html(study, points / i / "top1", Measure::share),
                           number_html(study, points / i / "correct", Measure::none),
                           number_html(study, points / i / "images", Measure::none)});
        }
    }
    return any ? table.html() : "";
}

Json network_colour() {
    return {{"field", "network"},
            {"type", "nominal"},
            {"title", nullptr},
            {"scale", {{"scheme", "tableau10"}}},
            {"legend", {{"orient", "bottom"}, {"columns", 3}}}};
}

Json accuracy_encoding() {
    return {
        {"field", "top1"}, {"type", "quantitative"}, {"scale", {{"zero", false}}}, {"axis", accuracy_axis()}};
}

Json shape(const std::string& field) {
    return {{"field", field},
            {"type", "nominal"},
            {"title", nullptr},
            {"legend", {{"orient", "bottom"}, {"symbolFillColor", "currentColor"}}}};
}

Json over_bits(const Source& study) {
    std::vector<DataRow> rows;
    for (const NamedPlace& network : networks(study)) {
        for (const NamedPlace& allocation : allocations_of(study, network.place))
            rows.push_back(DataRow(study)
                               .word("network", network.name)
                               .word("what", kAllocations)
                               .word("allocation", allocation.name)
                               .number("bits", allocation.place / "mean_bits")
                               .number("top1", allocation.place / "top1")
                               .number("images", allocation.place / "images"));
        const Pointer points = network.place / "uniform_widths";
        for (std::size_t i = 0; i < study.size(points); ++i)
            rows.push_back(DataRow(study)
                               .word("network", network.name)
                               .word("what", kOneWidth)
                               .word("allocation", kOneWidth)
                               .number("bits", points / i / "bits")
                               .number("top1", points / i / "top1")
                               .number("images", points / i / "images"));
    }
    Json spec = chart_spec(rows);
    spec["transform"] = Json::array({calculated("bits_text", "format(datum.bits, '.3~r')"),
                                     calculated("top1_text", "format(datum.top1, '.2%')"),
                                     calculated("images_text", "format(datum.images, ',')")});
    spec["height"] = 300;
    spec["encoding"] = {{"x",
                         {{"field", "bits"},
                          {"type", "quantitative"},
                          {"axis", {{"tickCount", 10}}},
                          {"title", "mean ADC bits over the conversions of an image"}}},
                        {"y", accuracy_encoding()},
                        {"color", network_colour()}};
    const Json line = {{"transform", Json::array({kept_if(fmt::format("datum.what === '{}'", kOneWidth))})},
                       {"mark", {{"type", "line"}, {"opacity", 0.8}}}};
    const Json points = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 0.9}}},
                         {"encoding",
                          {{"shape", shape("what")},
                           {"tooltip", sections::tooltip({{"network", "network"},
                                                          {"allocation", "allocation"},
                                                          {"bits_text", "mean bits"},
                                                          {"top1_text", "top-1"},
                                                          {"images_text", "images"}})}}}};
    spec["layer"] = Json::array({line, points});
    return spec;
}

Json over_energy(const Source& study) {
    std::vector<DataRow> rows;
    for (const NamedPlace& network : networks(study))
        for (const NamedPlace& allocation : allocations_of(study, network.place))
            for (const auto& [what, key] : {std::pair{"ADCs", "adc_j"}, {"chip", "total_j"}})
                // A logarithmic axis has no place for zero.
                if (study.number(allocation.place / "cost" / key) > 0)
                    rows.push_back(DataRow(study)
                                       .word("network", network.name)
                                       .word("method", study.text(network.place / "method"))
                                       .word("allocation", allocation.name)
                                       .word("what", what)
                                       .number("joule", allocation.place / "cost" / key)
                                       .number("top1", allocation.place / "top1"));
    Json spec = chart_spec(rows);
    spec["transform"] = Json::array(
        {si_text("joule_text", "joule", "J"), calculated("top1_text", "format(datum.top1, '.2%')")});
    spec["height"] = 320;
    spec["encoding"] = {{"x",
                         {{"field", "joule"},
                          {"type", "quantitative"},
                          {"scale", {{"type", "log"}}},
                          {"axis", log_joule_axis()}}},
                        {"y", accuracy_encoding()},
                        {"color", network_colour()}};
    const Json order = Json::array({{{"field", "joule"}}, {{"field", "top1"}, {"order", "descending"}}});
    const auto over_cheaper = [&](const char* op, const char* field, const char* as) -> Json {
        return {{"window", Json::array({{{"op", op}, {"field", field}, {"as", as}}})},
                {"sort", order},
                {"groupby", {"network", "what"}},
                {"frame", {nullptr, 0}},
                {"ignorePeers", true}};
    };
    const Json front = {
        {"transform", Json::array({over_cheaper("max", "top1", "best"), over_cheaper("lag", "best", "before"),
                                   kept_if("!isValid(datum.before) || datum.best > datum.before")})},
        {"mark", {{"type", "line"}, {"interpolate", "step-after"}, {"opacity", 0.8}}},
        {"encoding", {{"detail", Json::array({{{"field", "what"}, {"type", "nominal"}}})}}}};
    const Json points = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 0.9}}},
                         {"encoding",
                          {{"shape", shape("what")},
                           {"tooltip", sections::tooltip({{"network", "network"},
                                                          {"method", "method"},
                                                          {"allocation", "allocation"},
                                                          {"top1_text", "top-1"},
                                                          {"what", "energy of"},
                                                          {"joule_text", "energy"}})}}}};
    spec["layer"] = Json::array({front, points});
    return spec;
}

}  // namespace

std::optional<Section> trade_off(const Source& study) {
    return Section{
        "trade-off", "Accuracy against bits and energy",
        figure_html({"accuracy-over-bits", "Accuracy over the mean width of the converters",
                     "Point at a mark for its allocation. Accuracy with the same width everywhere may be "
                     "measured on fewer images.",
                     over_bits(study)}) +
            figure_html({"accuracy-over-energy", "Accuracy over the energy of one image",
                         "Of the converters and of the whole chip; the lines join what nothing cheaper "
                         "reaches.",
                         over_energy(study)}) +
            uniform_table(study)};
}

}  // namespace sliver::report::adc_study
