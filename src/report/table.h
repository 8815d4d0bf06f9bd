// Tables of a report, declared once: columns with a title, a key and a measure, over rows that are places in
// the source. The same table is shown on the page (`html`) and bound to a chart (`data`).
//
// All text is text of the source or of ours, escaped here. A cell shows a value of the source by its place,
// so that no number can be there that is not in the file. InputErrors name the place of what is missing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/chart.h"
#include "report/number.h"
#include "report/source.h"

namespace sliver::report {

/// A row: words of its own, where its values stand, and what those are that columns leave to it.
struct Row {
    std::vector<std::string> names;
    Pointer place;
    Measure measure = Measure::none;
};

/// One row for each entry of a list, named by its text at `key`.
std::vector<Row> rows_of(const Source& source, const Pointer& list, const std::string& key);

/// Appends its number to the last name of every row that another one has, too.
void tell_apart(std::vector<Row>& rows);

/// Where a row's value stands; none: the cell stays empty.
using Locate = std::function<std::optional<Pointer>(const Row&)>;
/// What `places` has for the row's place.
Locate by_place(std::map<std::string, Pointer> places);

/// A column as results/table.h declares it (key, title, alignment, unit and precision; people may not see
/// it), and where its values stand.
struct Column : results::Column {
    /// The value at `path`, a place below the row's: "mean_bits", "cost/adc_j", "../images" beside it,
    /// "/totals/energy_j" from the root, "" the row's place itself. Its key is the last part.
    Column(const std::string& column_title, const std::string& path, Measure column_measure = Measure::none);
    /// The value elsewhere; its key is the title.
    Column(const std::string& column_title, Locate column_locate, Measure column_measure);

    /// Another key: what charts call it.
    Column& as(std::string name_of_charts);
    /// Rows that have not got it leave the cell empty; a value that is null shows a dash in any case.
    Column& optional();
    /// For charts only.
    Column& hidden();
    /// In the same cell, where `where` has a place: `between` and the number there.
    Column& then(std::string between, Locate where);

    Measure measure = Measure::word;
    std::optional<std::size_t> name;  ///< of the row, in place of a value
    Locate locate;
    bool may_lack = false;
    std::string joint;
    Locate second;
};

/// The row's own word; the first of a row is its heading.
Column name_column(const std::string& title, std::size_t name = 0);

class Table {
  public:
    Table(const Source& source, std::vector<Column> columns, std::vector<Row> rows)
        : source_(source), columns_(std::move(columns)), rows_(std::move(rows)) {}
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// The first column's cells are the headings of their rows. No `caption`: none.
    [[nodiscard]] std::string html(const std::string& caption) const;
    /// A field a column; values that are null or not there are left out.
    [[nodiscard]] DataRows data() const;

  private:
    const Source& source_;
    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

/// A table of two columns without titles: what each value is, and the value.
struct Entry {
    std::string label, place;
    Measure measure = Measure::none;
};
std::string entries_html(const Source& source, const std::string& caption, const std::vector<Entry>& entries);

/// The texts of a list as items behind `begin`, "<ul>" with what it needs.
std::string list_html(const Source& source, const Pointer& list, const std::string& begin);

}  // namespace sliver::report
