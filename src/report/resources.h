// Files that the build put into the program: the page's style and script, the charts' specifications, and the
// bundles that draw them.
//
// The bundles (Vega, Vega-Lite, vega-embed) are not part of the project's sources: scripts/lib/fetch_vega
// brings pinned versions into .cache/vega before the build. A program built without them makes pages without
// charts.
#pragma once

#include <string_view>
#include <vector>

namespace sliver::report {

struct VegaBundle {
    std::string_view name;    ///< of the package
    std::string_view script;  ///< JavaScript without "</script"
};

struct Vega {
    std::vector<VegaBundle> bundles;  ///< in the order they have to run in
    std::string_view licences;        ///< which have to go with them
    [[nodiscard]] bool there() const { return !bundles.empty(); }
};

/// Empty where the program was built without them.
Vega vega_bundles();

std::string_view page_style();
std::string_view page_script();
/// A JSON object: what each file of charts/ holds, by its name without ".json".
std::string_view chart_files();

}  // namespace sliver::report
