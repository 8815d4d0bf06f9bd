#include "report/html_table.h"

#include <fmt/format.h>

#include "report/html.h"

namespace sliver::report {

std::string HtmlTable::html() const {
    std::string html = "<div class=\"scroll\"><table>\n";
    if (!caption_.empty()) html += fmt::format("<caption>{}</caption>\n", escaped(caption_));
    html += "<thead><tr>";
    for (const Column& column : columns_)
        html += fmt::format("<th scope=\"col\"{}>{}</th>", column.numeric ? " class=\"number\"" : "",
                            escaped(column.title));
    html += "</tr></thead>\n<tbody>\n";
    for (const std::vector<Cell>& row : rows_) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool numeric = columns_.at(i).numeric;
            html += i == 0 ? "<th scope=\"row\"" : "<td";
            if (numeric) html += " class=\"number\"";
            if (!row[i].style.empty()) html += fmt::format(" style=\"{}\"", row[i].style);
            html += fmt::format(">{}</{}>", row[i].html, i == 0 ? "th" : "td");
        }
        html += "</tr>\n";
    }
    return html + "</tbody>\n</table></div>\n";
}

}  // namespace sliver::report
