#include "report/crossbar_report.h"

#include <fmt/format.h>

#include "report/crossbar/sections.h"
#include "report/sections/sections.h"

namespace sliver::report {
namespace {

constexpr const char* kKind = "crossbar";
constexpr int kSchema = 1;

void require_known(const Source& solve) {
    const Pointer kind("/kind"), schema("/schema");
    if (solve.text(kind) != kKind)
        solve.fail(kind, fmt::format("must be '{}', not '{}'", kKind, solve.text(kind)));
    if (solve.number(schema) != kSchema)
        solve.fail(schema, fmt::format("this version reads schema {}, the file has {}", kSchema,
                                       solve.number(schema).dump()));
}

}  // namespace

Page crossbar_page(const Source& solve) {
    require_known(solve);
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
