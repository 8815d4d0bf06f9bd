#include "report/html.h"
#include "report/html_table.h"
#include "report/number.h"
#include "report/sections/rows.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {

std::optional<Section> layers(const Source& stats) {
    struct Column {
        const char* title;
        const char* key;
        Measure unit = Measure::none;
    };
    const std::vector<Column> columns = {{"rows", "rows"},
                                         {"outputs", "outputs"},
                                         {"windows of an image", "windows_per_image"},
                                         {"copies", "copies"},
                                         {"arrays", "crossbars"},
                                         {"tiles", "tiles"},
                                         {"array reads", "reads"},
                                         {"conversions of used columns", "conversions_used"},
                                         {"clipped", "clipped"},
                                         {"interval, cycles", "interval_cycles", Measure::cycles},
                                         {"dynamic energy", "energy_total_j", Measure::joule}};
    HtmlTable table("Matrix layers in the network's order");
    table.add_text_column("layer");
    table.add_text_column("kind");
    for (const Column& column : columns) table.add_number_column(column.title);
    for (const NamedPlace& layer : layer_places(stats)) {
        std::vector<Cell> cells = {escaped(layer.name), escaped(stats.text(layer.place / "kind"))};
        for (const Column& column : columns)
            cells.emplace_back(number_html(stats, layer.place / column.key, column.unit));
        table.add_row(std::move(cells));
    }
    return Section{"layers", "Layers", table.html()};
}

}  // namespace sliver::report::sections
