#include "report/adc_study_report.h"

#include <fmt/format.h>

#include "report/adc_study/sections.h"
#include "report/sections/sections.h"

namespace sliver::report {
namespace {}  // namespace

Page adc_study_page(const Source& study) {
    study.require_kind(Pointer("/study"), "adc", 2);
    Page page;
    page.title = fmt::format("ADC study on {}", study.text(Pointer("/chip")));
    page.subtitle = fmt::format(
        "A study of Sliver {}. Energies, times and areas are for one image, accuracies for the test images.",
        study.text(Pointer("/version")));
    for (const SectionBuilder build :
         {adc_study::summary, adc_study::allocations, adc_study::widths, adc_study::trade_off,
          adc_study::energy, adc_study::table3, adc_study::effects, adc_study::column_sums,
          adc_study::shared_converters, adc_study::search, sections::configuration})
        if (std::optional<Section> section = build(study)) page.sections.push_back(std::move(*section));
    return page;
}

}  // namespace sliver::report
