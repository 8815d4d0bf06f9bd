#include "report/crossbar_report.h"

#include <fmt/format.h>

#include "report/crossbar/sections.h"
#include "report/sections/sections.h"

namespace sliver::report {
namespace {}  // namespace

Page crossbar_page(const Source& solve) {
    solve.require_kind(Pointer("/kind"), "crossbar", 1);
    Page page;
    page.title = fmt::format("Crossbar of {} x {} cells with its wires",
                             solve.number(Pointer("/rows")).dump(), solve.number(Pointer("/columns")).dump());
    page.subtitle = fmt::format(
        "Solved by Sliver {}. Rows are driven at their left end, columns end below in virtual grounds.",
        solve.text(Pointer("/version")));
    for (const SectionBuilder build : {crossbar::summary, crossbar::columns, crossbar::maps})
        if (std::optional<Section> section = build(solve)) page.sections.push_back(std::move(*section));
    return page;
}

}  // namespace sliver::report
