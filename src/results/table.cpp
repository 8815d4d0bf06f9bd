#include "results/table.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "base/text.h"

namespace sliver::results {
namespace {

constexpr std::size_t kGap = 2;

// Names may be UTF-8: what counts is the number of characters.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void append_line(std::string& text, std::size_t indent, std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (!line.empty()) text.append(indent, ' ');
    text += line + "\n";
}

}  // namespace

void Table::add_column(const std::string& title, Align align) {
    titles_.push_back(cleaned(title));
    aligns_.push_back(align);
}

void Table::add_row(std::vector<std::string> cells) {
    if (cells.size() > titles_.size()) throw std::logic_error("a table row with more cells than columns");
    for (std::string& cell : cells) cell = cleaned(cell);
    rows_.push_back({RowKind::cells, std::move(cells)});
}

void Table::add_rule() {
    rows_.push_back({RowKind::rule, {}});
}

void Table::add_heading(const std::string& text) {
    rows_.push_back({RowKind::heading, {cleaned(text)}});
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (const std::string& title : titles_) widths.push_back(width_of(title));
    for (const Row& row : rows_)
        if (row.kind == RowKind::cells)
            for (std::size_t i = 0; i < row.cells.size(); ++i)
                widths[i] = std::max(widths[i], width_of(row.cells[i]));
    return widths;
}

std::string Table::text(std::size_t indent) const {
    const std::vector<std::size_t> column = widths();
    const std::size_t whole = std::accumulate(column.begin(), column.end(), std::size_t{0}) +
                              (column.empty() ? 0 : kGap * (column.size() - 1));
    std::string text;
    const auto cells_line = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string padding(column[i] - width_of(cells[i]), ' ');
            if (i != 0) line.append(kGap, ' ');
            line += aligns_[i] == Align::left ? cells[i] + padding : padding + cells[i];
        }
        append_line(text, indent, std::move(line));
    };
    const bool titled =
        std::any_of(titles_.begin(), titles_.end(), [](const std::string& t) { return !t.empty(); });
    if (titled) {
        cells_line(titles_);
        append_line(text, indent, std::string(whole, '-'));
    }
    for (const Row& row : rows_) {
        if (row.kind == RowKind::cells) cells_line(row.cells);
        if (row.kind == RowKind::rule) append_line(text, indent, std::string(whole, '-'));
        if (row.kind == RowKind::heading) append_line(text, indent, row.cells.front());
    }
    return text;
}

}  // namespace sliver::results
