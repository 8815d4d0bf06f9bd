// An HTML table: a caption, titled columns, rows. The first cell of a row is its heading.
//
// Titles and the caption are text and get escaped here; cells are HTML (report/html.h, report/number.h).
#pragma once

#include <string>
#include <vector>

namespace sliver::report {

struct Cell {
    Cell(const char* cell_html) : html(cell_html) {}
    Cell(std::string cell_html) : html(std::move(cell_html)) {}
    Cell(std::string cell_html, std::string cell_style)
        : html(std::move(cell_html)), style(std::move(cell_style)) {}
    std::string html;
    std::string style;  ///< CSS of this cell alone; empty: none
};

class HtmlTable {
  public:
    explicit HtmlTable(std::string caption) : caption_(std::move(caption)) {}
    void add_text_column(std::string title) { columns_.push_back({std::move(title), false}); }
    void add_number_column(std::string title) { columns_.push_back({std::move(title), true}); }
    void add_row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] std::string html() const;

  private:
    struct Column {
        std::string title;
        bool numeric;
    };
    std::string caption_;
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace sliver::report
