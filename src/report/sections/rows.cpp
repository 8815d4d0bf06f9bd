#include "report/sections/rows.h"

#include <fmt/format.h>

#include <map>

namespace sliver::report::sections {

void tell_apart(std::vector<NamedPlace>& places) {
    std::map<std::string, int> uses;
    for (const NamedPlace& place : places) ++uses[place.name];
    for (std::size_t i = 0; i < places.size(); ++i)
        if (uses.at(places[i].name) > 1) places[i].name += fmt::format(" [{}]", i);
}

std::vector<NamedPlace> layer_places(const Source& stats) {
    const Pointer layers("/layers");
    std::vector<NamedPlace> places;
    for (std::size_t i = 0; i < stats.size(layers); ++i)
        places.push_back({stats.text(layers / i / "name"), layers / i});
    tell_apart(places);
    return places;
}

std::vector<NamedPlace> slice_places(const Source& stats, const Pointer& list) {
    std::vector<NamedPlace> places;
    for (std::size_t slice = stats.size(list); slice-- > 0;)
        places.push_back({fmt::format("slice {}", slice), list / slice});
    return places;
}

int rows_height(std::size_t rows) {
    constexpr int kRow = 22;
    return kRow * static_cast<int>(rows);
}

Json row_axis(const std::string& field) {
    return {{"field", field}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}};
}

Json joule_axis() {
    return {{"labelExpr", "format(datum.value, '~s') + 'J'"},
            {"title", "dynamic energy of the run"},
            {"tickCount", 8}};
}

Json kept_if(const std::string& expression) {
    return {{"filter", expression}};
}

Json choice(const std::string& name, const std::vector<Option>& options, const Json& chosen) {
    Json parameter = {{"name", name}, {"value", chosen}};
    if (options.size() < 2) return parameter;
    Json values = Json::array(), labels = Json::array();
    for (const Option& option : options) {
        values.push_back(option.value);
        labels.push_back(option.label);
    }
    parameter["bind"] = {{"input", "select"}, {"name", name}, {"options", values}, {"labels", labels}};
    return parameter;
}

Json tooltip(const std::vector<std::pair<std::string, std::string>>& entries) {
    Json list = Json::array();
    for (const auto& [field, title] : entries) list.push_back({{"field", field}, {"title", title}});
    return list;
}

}  // namespace sliver::report::sections
