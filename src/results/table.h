// A plain-text table: columns as wide as their content, two blanks between them. No colours, no
// state; what would steer a terminal is made harmless here, whatever file it comes from.
#pragma once

#include <string>
#include <vector>

namespace sliver::results {

enum class Align { left, right };

class Table {
  public:
    /// Titles may be empty.
    void add_column(const std::string& title, Align align);
    /// One cell a column; a shorter row ends early.
    void add_row(std::vector<std::string> cells);
    /// A line of dashes under the rows so far.
    void add_rule();
    /// A row of text that takes the whole width and widens no column.
    void add_heading(const std::string& text);
    /// Every line ends with a line feed and begins with `indent` blanks; no blanks at line ends.
    [[nodiscard]] std::string text(std::size_t indent = 0) const;

  private:
    enum class RowKind { cells, rule, heading };
    struct Row {
        RowKind kind;
        std::vector<std::string> cells;
    };
    [[nodiscard]] std::vector<std::size_t> widths() const;

    std::vector<std::string> titles_;
    std::vector<Align> aligns_;
    std::vector<Row> rows_;
};

}  // namespace sliver::results
