// Charts as Vega-Lite specifications: numbers of the source with their places, one look, one frame on the
// page.
//
// A specification stands in the page as JSON; page/report.js draws it, and scripts/figures makes an SVG file
// of it. Text takes the page's colour (currentColor), so that light, dark and paper need one drawing.
#pragma once

#include <string>
#include <vector>

#include "report/source.h"

namespace sliver::report {

/// One row of a chart's data: words, and numbers of the source under names of the chart's own.
class DataRow {
  public:
    explicit DataRow(const Source& source) : source_(source) {}
    DataRow& word(const std::string& field, const std::string& text);
    /// Adds the number and, in the row's object `keys`, the place it stands at.
    DataRow& number(const std::string& field, const Pointer& place);
    /// The same for a whole list of numbers, which the drawing takes apart (`flatten`).
    DataRow& numbers(const std::string& field, const Pointer& place);
    [[nodiscard]] const Json& json() const { return row_; }

  private:
    const Source& source_;
    Json row_ = Json::object();
};

struct Chart {
    std::string id;     ///< of letters, digits and '-', unique in the page; also the name of the SVG file
    std::string title;  ///< text
    std::string note;   ///< text: what a pointer can do there
    Json spec;          ///< what is special about it; `chart()` gives the rest
};

/// A Vega-Lite specification with the project's look, `rows` as its data, as wide as its place.
Json chart_spec(const std::vector<DataRow>& rows);

/// The frame: caption, place of the drawing, specification.
std::string figure_html(const Chart& chart);

/// A transform: the new field `as` holds the value of `expression`, which is in Vega's language.
Json calculated(const std::string& as, const std::string& expression);
/// A transform: the new field `as` holds the number of `field` with SI prefix and unit, for tooltips. `scale`
/// is appended to the number as in " * 1e-15".
Json si_text(const std::string& as, const std::string& field, const std::string& unit,
             const std::string& scale = "");

/// Bars and points; what is brought out among them.
constexpr const char *kPlain = "#4c78a8", *kMarked = "#f58518";

/// Colour of a converter of `bits` bits, 0 to 12, and of the text on it, as "#rrggbb". kWidthColours are the
/// ends between which a chart interpolates in RGB to get the same.
struct CellColours {
    std::string fill, ink;
};
CellColours width_colours(int bits);
constexpr int kWidestConverter = 12;
constexpr int kFirstDarkWidth = 8;  ///< from here on the text is light
/// Encodings of a heat map's cells, and of the widths written in them, by the field `bits`.
Json width_fill();
Json width_ink();

}  // namespace sliver::report
