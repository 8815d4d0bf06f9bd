// Charts: Vega-Lite specifications kept as files (charts/*.json, put into the program by the build), with the
// rows of a table bound to the name of their data.
//
// A specification stands in the page as JSON; page/report.js draws it, and scripts/figures makes an SVG file
// of it. Text takes the page's colour (currentColor), so that light, dark and paper need one drawing.
//
// What the files have beyond Vega-Lite:
// - "usermeta": caption and hint (what a pointer can do there) of the figure.
// - "@name" in place of a value: what the caller binds to the name, else the part of that name in
//   charts/parts.json, whose "page" is what all charts start with.
// - "like": another specification that this one changes (a JSON merge patch; null takes away).
// - "height": {"each": [fields], "pixels": n}: n for each combination of their values that the rows have;
// with
//   "within": field, that the rows of one value of that field have at most.
// - "optional": true at an entry of a tooltip: left out where no row has the field.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "report/source.h"

namespace sliver::report {

using Bindings = std::map<std::string, Json>;

/// A row of a chart's data: words, and numbers under names of the chart's own. Its object `keys` has the
/// place that each number was read from.
using DataRows = Json;

/// The whole specification with `rows` as its data. std::logic_error for names that are bound and not there,
/// or there and not bound.
Json chart_spec(const std::string& name, const DataRows& rows, const Bindings& bound = {});

/// The figure: caption, place of the drawing, specification. `id` (letters, digits and '-') is unique in the
/// page and the name of the SVG file; the chart's name where it is empty.
std::string figure_html(const std::string& name, const DataRows& rows, const Bindings& bound = {},
                        const std::string& id = "");

/// A part of charts/parts.json.
const Json& chart_part(const std::string& name);

/// Names of all specifications.
std::vector<std::string> chart_names();

/// A value that a chart's reader chooses, as a Vega-Lite parameter: `name` in expressions. One option needs
/// no choice.
struct Option {
    Json value;
    std::string label;
};
Json choice(const std::string& name, const std::vector<Option>& options, const Json& chosen);

}  // namespace sliver::report
