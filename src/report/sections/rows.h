// What several sections need: places in lists, and parts of charts.
#pragma once

#include <string>
#include <vector>

#include "report/chart.h"
#include "report/source.h"

namespace sliver::report::sections {

/// What makes seconds of a field in femtoseconds, in an expression of a chart.
inline constexpr const char* kPerFemtosecond = " * 1e-15";

struct NamedPlace {
    std::string name;  ///< unique within its list
    Pointer place;
};

/// Appends its number to every name that another place has, too.
void tell_apart(std::vector<NamedPlace>& places);

/// The matrix layers. Layers of the same name are told apart by their number.
std::vector<NamedPlace> layer_places(const Source& stats);

/// Slices of a list by slice, most significant first: "slice 3", ..., "slice 0".
std::vector<NamedPlace> slice_places(const Source& stats, const Pointer& list);

/// Height of a chart of `rows` rows, in pixels.
int rows_height(std::size_t rows);

/// An encoding of `field`, one row each, in the order of the data.
Json row_axis(const std::string& field);

/// An axis of dynamic energies.
Json joule_axis();

/// A transform: only rows for which `expression` holds.
Json kept_if(const std::string& expression);

/// A value that a chart's reader chooses, as a Vega-Lite parameter: `name` in expressions. One option needs
/// no choice.
struct Option {
    Json value;
    std::string label;
};
Json choice(const std::string& name, const std::vector<Option>& options, const Json& chosen);
/// A tooltip's list of {field, title}.
Json tooltip(const std::vector<std::pair<std::string, std::string>>& entries);

}  // namespace sliver::report::sections
