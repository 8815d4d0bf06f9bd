#include "report/adc_study_report.h"

#include <fmt/format.h>

#include "report/adc_study/sections.h"
#include "report/sections/sections.h"

namespace sliver::report {
namespace {

constexpr const char* kStudy = "adc";
constexpr int kSchema = 1;

void require_known(const Source& study) {
    const Pointer name("/study"), schema("/schema");
    if (study.text(name) != kStudy)
        study.fail(name, fmt::format("there is a report of '{}' studies only, not of '{}'", kStudy,
                                     study.text(name)));
    if (study.number(schema) != kSchema)
        study.fail(schema, fmt::format("this version reads schema {}, the file has {}", kSchema,
                                       study.number(schema).dump()));
}

}  // namespace

Page adc_study_page(const Source& study) {
    require_known(study);
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
