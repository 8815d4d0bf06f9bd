// A table, declared once and rendered for people and for programs.
//
// A column says what it is called for programs (`key`, with its unit at the end, as stats.json has it) and
// for people
// (`title`), and how people see a value (`format`: unit, precision). A row holds values. text() is for
// terminals and text files; csv() and json() have the exact values of the columns with a key. Rules, headings
// and summary rows are for people only. No colours, no state; what would steer a terminal is made harmless
// here, whatever file it comes from. Called by the commands and by the writers of results; std::logic_error
// for a row with more cells than columns.
//
// A text that is wider than the terminal (wrapped_text.h) gives way in this order: titles are broken, then
// texts that stand to the left, and where that would leave columns too narrow to read, the table is told in
// several parts that all begin with the first column. Numbers and words are never cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sliver::results {

enum class Align { left, right };

/// What a cell is, for programs. std::monostate: there is none, or it is not known ("-", an empty field,
/// null). Lists by slice begin with slice 0, the least significant.
using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                           std::vector<std::int64_t>>;

/// A value as people see it; never called for std::monostate.
using Format = std::function<std::string(const Value&)>;

/// As it is: texts, whole numbers; lists as slices, most significant first.
[[nodiscard]] Format as_it_is();
/// "80,748,544".
[[nodiscard]] Format as_count();
/// "871.8 us" of 8.718e-4 with unit "s".
[[nodiscard]] Format as_si(std::string unit);
/// "84.17 mm2" of 84.1696 with 2 decimals and unit "mm2"; an empty unit: the number alone.
[[nodiscard]] Format as_fixed(int decimals, std::string unit = "");
/// "94.20 %" of 0.942.
[[nodiscard]] Format as_percent(int decimals = 2);

struct Column {
    std::string key;    ///< for programs; empty: only people see the column
    std::string title;  ///< for people; may be empty
    Align align = Align::left;
    Format format = as_it_is();
    bool for_people = true;  ///< else only programs see it
};

/// A column that only programs see.
[[nodiscard]] Column for_programs(std::string key);

class Cell {
  public:
    Cell() = default;
    Cell(std::string text) : value_(std::move(text)) {}
    Cell(std::string_view text) : value_(std::string(text)) {}
    Cell(const char* text) : value_(std::string(text)) {}
    Cell(bool flag) : value_(flag) {}
    Cell(double number) : value_(number) {}
    template <typename Integer,
              typename = std::enable_if_t<std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>>>
    Cell(Integer number) {
        if constexpr (std::is_signed_v<Integer>)
            value_ = static_cast<std::int64_t>(number);
        else
            value_ = static_cast<std::uint64_t>(number);
    }
    template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
    Cell(const std::vector<Integer>& list) : value_(std::vector<std::int64_t>(list.begin(), list.end())) {}
    template <typename Known>
    Cell(const std::optional<Known>& known) {
        if (known) *this = Cell(*known);
    }
    /// People see `shown` in place of what the column makes of the value.
    Cell(const Cell& cell, std::string shown) : value_(cell.value_), shown_(std::move(shown)) {}

    [[nodiscard]] const Value& value() const { return value_; }
    /// For people, in a column.
    [[nodiscard]] std::string shown(const Column& column) const;

  private:
    Value value_;
    std::optional<std::string> shown_;
};

class Table {
  public:
    enum class RowKind { values, summary, rule, heading };
    struct Row {
        RowKind kind;
        std::vector<Cell> cells;
    };

    void add_column(Column column);
    /// A column for people only.
    void add_column(const std::string& title, Align align);
    /// One cell a column; a shorter row ends early.
    void add_values(std::vector<Cell> cells);
    /// The same of texts.
    void add_row(const std::vector<std::string>& cells);
    /// A row about the rows before it, for people only.
    void add_summary(std::vector<Cell> cells);
    /// A line of dashes under the rows so far.
    void add_rule();
    /// A row of text that takes the whole width and widens no column.
    void add_heading(const std::string& text);

    [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

    /// Every line ends with a line feed and begins with `indent` blanks; no blanks at line ends. At most as
    /// wide as a LineWidth says.
    [[nodiscard]] std::string text(std::size_t indent = 0) const;
    /// A line of keys, then one a row (RFC 4180); lists with blanks between their numbers.
    [[nodiscard]] std::string csv() const;
    /// A list with an object a row.
    [[nodiscard]] nlohmann::ordered_json json() const;

  private:
    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

/// A value for programs, on its own.
[[nodiscard]] nlohmann::ordered_json json_of(const Value& value);
/// A document as it leaves the program: indented, ends with a line feed, valid UTF-8 whatever is in it.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& document);

}  // namespace sliver::results
