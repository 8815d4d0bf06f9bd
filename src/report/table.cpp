#include "report/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"

namespace sliver::report {
namespace {

struct Cell {
    std::string html, style;
};

struct Head {
    std::string title;
    bool numeric;
};

std::string table_html(const std::string& caption, const std::vector<Head>& heads,
                       const std::vector<std::vector<Cell>>& rows) {
    std::string html = "<div class=\"scroll\"><table>\n";
    if (!caption.empty()) html += fmt::format("<caption>{}</caption>\n", escaped(caption));
    html += "<thead><tr>";
    for (const Head& head : heads)
        html += fmt::format("<th scope=\"col\"{}>{}</th>", head.numeric ? " class=\"number\"" : "",
                            escaped(head.title));
    html += "</tr></thead>\n<tbody>\n";
    for (const std::vector<Cell>& row : rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const char* element = i == 0 ? "th" : "td";
            html += fmt::format("<{}{}{}{}>{}</{}>", element, i == 0 ? " scope=\"row\"" : "",
                                heads.at(i).numeric ? " class=\"number\"" : "",
                                row[i].style.empty() ? "" : fmt::format(" style=\"{}\"", row[i].style),
                                row[i].html, element);
        }
        html += "</tr>\n";
    }
    return html + "</tbody>\n</table></div>\n";
}

Pointer below(const Pointer& place, std::string key) {
    if (!key.empty() && key.front() == '/') return Pointer(key);
    Pointer found = place;
    for (const std::string up = "../"; key.rfind(up, 0) == 0; key.erase(0, up.size())) found.pop_back();
    return key.empty() ? found : found / Pointer("/" + key);
}

Cell cell_of(const Source& source, const Column& column, const Row& row) {
    if (column.name) return {escaped(row.names.at(*column.name)), ""};
    const std::optional<Pointer> place = column.locate(row);
    if (!place || (column.may_lack && !source.there(*place))) return {};
    Cell cell = {value_html(source, *place, column.measure,
                            column.measure == Measure::of_row ? format_of(row.measure) : column.format),
                 ""};
    if (column.measure == Measure::bits) {
        const auto bits = static_cast<int>(std::clamp(source.number(*place).get<double>(), 0.0, 99.0));
        const CellColours colours = width_colours(bits);
        cell.style = fmt::format("background:{};color:{}", colours.fill, colours.ink);
    }
    if (!column.second) return cell;
    if (const auto second = column.second(row))
        cell.html += column.joint + value_html(source, *second, Measure::exact);
    return cell;
}

void add_field(Json& data, const Source& source, const Column& column, const Row& row) {
    if (column.name) {
        data[column.key] = row.names.at(*column.name);
        return;
    }
    const std::optional<Pointer> place = column.locate(row);
    if (!place || (column.may_lack && !source.there(*place)) || source.at(*place).is_null()) return;
    if (is_text(column.measure)) {
        data[column.key] = source.text(*place);
        return;
    }
    if (column.measure == Measure::list)
        for (std::size_t i = 0; i < source.size(*place); ++i) static_cast<void>(source.number(*place / i));
    else
        static_cast<void>(source.number(*place));
    data[column.key] = source.at(*place);
    data["keys"][column.key] = place->to_string();
}

}  // namespace

std::vector<Row> rows_of(const Source& source, const Pointer& list, const std::string& key) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < source.size(list); ++i)
        rows.push_back({{source.text(below(list / i, key))}, list / i});
    return rows;
}

void tell_apart(std::vector<Row>& rows) {
    std::map<std::string, int> uses;
    for (const Row& row : rows) ++uses[row.names.back()];
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (uses.at(rows[i].names.back()) > 1) rows[i].names.back() += fmt::format(" [{}]", i);
}

Locate by_place(std::map<std::string, Pointer> places) {
    return [places = std::move(places)](const Row& row) -> std::optional<Pointer> {
        const auto found = places.find(row.place.to_string());
        if (found == places.end()) return std::nullopt;
        return found->second;
    };
}

Column::Column(const std::string& column_title, const std::string& path, Measure column_measure)
    : Column(
          column_title, [path](const Row& row) { return below(row.place, path); }, column_measure) {
    key = path.substr(path.find_last_of('/') + 1);
}

Column::Column(const std::string& column_title, Locate column_locate, Measure column_measure)
    : results::Column{column_title, column_title,
                      is_text(column_measure) ? results::Align::left : results::Align::right,
                      format_of(column_measure), true},
      measure(column_measure),
      locate(std::move(column_locate)) {}

Column& Column::as(std::string name_of_charts) {
    key = std::move(name_of_charts);
    return *this;
}

Column& Column::optional() {
    may_lack = true;
    return *this;
}

Column& Column::hidden() {
    for_people = false;
    return *this;
}

Column& Column::then(std::string between, Locate where) {
    joint = std::move(between);
    second = std::move(where);
    return *this;
}

Column name_column(const std::string& title, std::size_t name) {
    Column column(title, "", Measure::word);
    column.name = name;
    column.key = title;
    return column;
}

std::string Table::html(const std::string& caption) const {
    std::vector<Head> heads;
    for (const Column& column : columns_)
        if (column.for_people) heads.push_back({column.title, column.align == results::Align::right});
    std::vector<std::vector<Cell>> cells;
    for (const Row& row : rows_) {
        cells.emplace_back();
        for (const Column& column : columns_)
            if (column.for_people) cells.back().push_back(cell_of(source_, column, row));
    }
    return table_html(caption, heads, cells);
}

DataRows Table::data() const {
    DataRows rows = Json::array();
    for (const Row& row : rows_) {
        Json data = Json::object();
        for (const Column& column : columns_) add_field(data, source_, column, row);
        rows.push_back(std::move(data));
    }
    return rows;
}

std::string entries_html(const Source& source, const std::string& caption,
                         const std::vector<Entry>& entries) {
    const bool numeric = std::none_of(entries.begin(), entries.end(),
                                      [](const Entry& entry) { return is_text(entry.measure); });
    std::vector<std::vector<Cell>> cells;
    for (const Entry& entry : entries)
        cells.push_back(
            {{escaped(entry.label), ""}, {value_html(source, Pointer(entry.place), entry.measure), ""}});
    return table_html(caption, {{"", false}, {"", numeric}}, cells);
}

std::string list_html(const Source& source, const Pointer& list, const std::string& begin) {
    std::string html = begin + "\n";
    for (std::size_t i = 0; i < source.size(list); ++i)
        html += fmt::format("<li>{}</li>\n", escaped(source.text(list / i)));
    return html + "</ul>\n";
}

}  // namespace sliver::report
