#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/html.h"

namespace sliver::report {
namespace {

constexpr std::array<int, 3> kNarrow = {0xE6, 0xEE, 0xF8}, kWide = {0x08, 0x3A, 0x78};
constexpr const char *kDarkInk = "#111111", *kLightInk = "#ffffff";

std::string colour(const std::array<int, 3>& rgb) {
    return fmt::format("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]);
}

Json look() {
    const Json ink = "currentColor";
    return {{"background", nullptr},
            {"font", "system-ui, sans-serif"},
            {"view", {{"stroke", nullptr}}},
            {"axis",
             {{"labelColor", ink},
              {"titleColor", ink},
              {"titleFontWeight", "normal"},
              {"domainColor", ink},
              {"tickColor", ink},
              {"gridColor", ink},
              {"gridOpacity", 0.15},
              {"labelLimit", 160}}},
            {"legend",
             {{"labelColor", ink}, {"titleColor", ink}, {"titleFontWeight", "normal"}, {"labelLimit", 220}}},
            {"text", {{"color", ink}}},
            {"rule", {{"color", ink}}}};
}

}  // namespace

DataRow& DataRow::word(const std::string& field, const std::string& text) {
    row_[field] = text;
    return *this;
}

DataRow& DataRow::number(const std::string& field, const Pointer& place) {
    row_[field] = source_.number(place);
    row_["keys"][field] = place.to_string();
    return *this;
}

DataRow& DataRow::numbers(const std::string& field, const Pointer& place) {
    for (std::size_t i = 0; i < source_.size(place); ++i) static_cast<void>(source_.number(place / i));
    row_[field] = source_.at(place);
    row_["keys"][field] = place.to_string();
    return *this;
}

Json chart_spec(const std::vector<DataRow>& rows) {
    Json values = Json::array();
    for (const DataRow& row : rows) values.push_back(row.json());
    return {{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
            {"config", look()},
            {"width", "container"},
            {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}},
            {"data", {{"values", std::move(values)}}}};
}

std::string figure_html(const Chart& chart) {
    return fmt::format(
        "<figure class=\"chart\" id=\"chart-{0}\">\n<figcaption>{1}{2}</figcaption>\n"
        "<div class=\"plot\" role=\"img\" aria-label=\"{1}\"></div>\n"
        "<script type=\"application/json\" class=\"chart\" data-chart=\"{0}\">{3}</script>\n</figure>\n",
        chart.id, escaped(chart.title),
        chart.note.empty() ? "" : fmt::format(" <span class=\"hint\">{}</span>", escaped(chart.note)),
        script_json(chart.spec));
}

Json calculated(const std::string& as, const std::string& expression) {
    return {{"calculate", expression}, {"as", as}};
}

Json si_text(const std::string& as, const std::string& field, const std::string& unit,
             const std::string& scale) {
    return calculated(as, fmt::format("format(datum.{}{}, '.4~s') + '{}'", field, scale, unit));
}

CellColours width_colours(int bits) {
    const double share = static_cast<double>(std::clamp(bits, 0, kWidestConverter)) / kWidestConverter;
    std::array<int, 3> fill = {};
    for (std::size_t i = 0; i < fill.size(); ++i)
        fill.at(i) = static_cast<int>(std::lround(kNarrow.at(i) + share * (kWide.at(i) - kNarrow.at(i))));
    return {colour(fill), bits < kFirstDarkWidth ? kDarkInk : kLightInk};
}

Json width_fill() {
    const Json scale = {{"domain", {0, kWidestConverter}},
                        {"range", {colour(kNarrow), colour(kWide)}},
                        {"interpolate", "rgb"}};
    return {{"field", "bits"},
            {"type", "quantitative"},
            {"title", "bits"},
            {"scale", scale},
            {"legend", {{"orient", "bottom"}}}};
}

Json width_ink() {
    return {{"condition",
             {{"test", fmt::format("datum.bits < {}", kFirstDarkWidth)}, {"value", width_colours(0).ink}}},
            {"value", width_colours(kWidestConverter).ink}};
}

}  // namespace sliver::report
