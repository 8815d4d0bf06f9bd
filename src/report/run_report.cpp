#include "report/run_report.h"

#include <fmt/format.h>

#include "report/sections/sections.h"

namespace sliver::report {

Page run_page(const Source& stats) {
    const std::string network = stats.text(Pointer("/run/network")), chip = stats.text(Pointer("/run/chip"));
    Page page;
    page.title = fmt::format("{} on {}", network, chip);
    page.subtitle =
        fmt::format("A run of Sliver {}. Counts and energies are for all images of the run, times for one.",
                    stats.text(Pointer("/run/version")));
    for (const SectionBuilder build :
         {sections::summary, sections::energy, sections::layers, sections::adc_widths, sections::column_sums,
          sections::limits, sections::timeline, sections::adc_laws, sections::configuration})
        if (std::optional<Section> section = build(stats)) page.sections.push_back(std::move(*section));
    return page;
}

}  // namespace sliver::report
