#include "report/column_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace sliver::report {
namespace {

/// Choices `layer` and `slice`, the highest slice first, that open on the widest histogram.
Json histogram_choices(const DataRows& rows, const Json& held) {
    std::vector<Option> layers, slices;
    std::set<std::string> named;
    std::set<std::uint64_t, std::greater<>> numbers;
    for (const Json& row : rows) {
        const auto layer = row.at("histogram").get<std::string>();
        if (named.insert(layer).second) layers.push_back({layer, layer});
        numbers.insert(row.at("slice").get<std::uint64_t>());
    }
    for (const std::uint64_t slice : numbers) slices.push_back({slice, fmt::format("{}", slice)});
    const auto widest = std::max_element(rows.begin(), rows.end(), [](const Json& one, const Json& other) {
        return one.at("counts").size() < other.at("counts").size();
    });
    return {choice("layer", layers, widest->at("histogram")), choice("slice", slices, widest->at("slice")),
            held};
}

}  // namespace

ColumnGroup column_group(const Source& source, const Pointer& place, std::size_t layer) {
    const Json& slice = source.number(place / "slice");
    if (!slice.is_number_unsigned()) source.fail(place / "slice", "must be 0 or more");
    return {layer, slice.get<std::uint64_t>(), source.text(place / "sign") == "negative", place};
}

std::string sums_html(const Source& source, const std::string& caption, const std::vector<Row>& layers,
                      const std::vector<ColumnGroup>& groups, const std::string& joint,
                      const std::string& limit) {
    if (groups.empty()) return "";
    std::map<std::tuple<std::uint64_t, bool, std::string>, Pointer> places;  // slice, positive, layer
    for (const ColumnGroup& group : groups)
        places.emplace(std::tuple(group.slice, !group.negative, layers.at(group.layer).place.to_string()),
                       group.place);
    std::vector<Column> columns = {name_column("layer")};
    std::set<std::pair<std::uint64_t, bool>, std::greater<>> kinds;  // of columns of the table
    for (const auto& [key, place] : places) kinds.emplace(std::get<0>(key), std::get<1>(key));
    for (const auto& [slice, positive] : kinds) {
        const auto entry = [&places, slice = slice, positive = positive](const char* key) {
            return [&places, slice, positive, key](const Row& layer) -> std::optional<Pointer> {
                const auto found = places.find(std::tuple(slice, positive, layer.place.to_string()));
                if (found == places.end()) return std::nullopt;
                return found->second / key;
            };
        };
        columns.push_back(Column(fmt::format("slice {} {}", slice, positive ? "+" : "−"),
                                 entry("largest_seen"), Measure::exact)
                              .then(joint, entry(limit.c_str())));
    }
    return Table(source, columns, layers).html(caption);
}

std::string histograms_html(const Source& source, const std::vector<Row>& rows, std::vector<Column> columns,
                            const Json& held, const Bindings& words) {
    for (Column& column : std::vector<Column>{name_column("histogram"),
                                              {"", "sign", Measure::word},
                                              {"", "slice", Measure::exact},
                                              {"", "largest_seen", Measure::exact},
                                              {"", "counts", Measure::list}})
        columns.push_back(std::move(column));
    const DataRows data = Table(source, std::move(columns), rows).data();
    Bindings bound = words;
    bound["choices"] = histogram_choices(data, held);
    return figure_html("column-sums", data, bound);
}

}  // namespace sliver::report
