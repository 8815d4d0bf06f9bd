// What limits the pace of a stream of images: the busiest resources.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {
namespace {

std::vector<NamedPlace> resource_places(const Source& stats) {
    const Pointer list("/steady/resources");
    std::vector<NamedPlace> places;
    for (std::size_t i = 0; i < stats.size(list); ++i) {
        const Pointer place = list / i;
        places.push_back({stats.text(place / "kind") + ": " + stats.text(place / "name"), place});
    }
    tell_apart(places);
    return places;
}

std::string needs_table(const Source& stats) {
    HtmlTable table("What an image takes of the busiest resources");
    table.add_text_column("resource");
    table.add_number_column("an image");
    table.add_number_column("of the interval");
    for (const NamedPlace& resource : resource_places(stats)) {
        const Pointer share = resource.place / "utilisation";
        table.add_row({escaped(resource.name),
                       number_html(stats, resource.place / "need_fs", Measure::femtoseconds),
                       number_html(stats, share, Measure::share)});
    }
    return table.html();
}

Json needs_chart(const Source& stats) {
    std::vector<DataRow> rows;
    for (const NamedPlace& resource : resource_places(stats)) {
        DataRow row(stats);
        row.word("resource", resource.name);
        row.number("need_fs", resource.place / "need_fs");
        rows.push_back(row);
    }
    Json spec = chart_spec(rows);
    spec["transform"] =
        Json::array({{{"calculate", fmt::format("datum.need_fs{}", kPerFemtosecond)}, {"as", "need_s"}},
                     si_text("need", "need_fs", "s", kPerFemtosecond)});
    spec["height"] = rows_height(rows.size());
    spec["mark"] = {{"type", "bar"}, {"color", kPlain}};
    spec["encoding"] = {{"y", row_axis("resource")},
                        {"x",
                         {{"field", "need_s"},
                          {"type", "quantitative"},
                          {"title", "time that an image takes of it, s"},
                          {"axis", {{"format", "~s"}}}}},
                        {"tooltip", tooltip({{"resource", "resource"}, {"need", "an image"}})}};
    return spec;
}

}  // namespace

std::optional<Section> limits(const Source& stats) {
    if (!stats.has(Pointer("/steady/resources")) || stats.size(Pointer("/steady/resources")) == 0)
        return std::nullopt;
    return Section{"limits", "What limits",
                   figure_html({"limits", "The busiest resources",
                                "Images of a stream cannot follow each other faster than the longest bar; "
                                "of what belongs to tiles the busiest of each layer is shown.",
                                needs_chart(stats)}) +
                       needs_table(stats)};
}

}  // namespace sliver::report::sections
