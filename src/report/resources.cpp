#include "report/resources.h"

#include <cstddef>

// The assembler copies a file as it is into the read-only data; its two labels say where it begins and ends.
// No array literal: half a megabyte of those takes a compiler a minute.
#define SLIVER_FILE(NAME, PATH)                                                     \
    __asm__(".pushsection .rodata\n" #NAME "_begin:\n.incbin \"" PATH "\"\n" #NAME  \
            "_end:\n.byte 0\n.popsection\n");                                       \
    extern "C" const char NAME##_begin[], NAME##_end[];                             \
    namespace {                                                                     \
    std::string_view NAME() {                                                       \
        return {NAME##_begin, static_cast<std::size_t>(NAME##_end - NAME##_begin)}; \
    }                                                                               \
    }

SLIVER_FILE(sliver_report_css, SLIVER_PAGE_FOLDER "/report.css")
SLIVER_FILE(sliver_report_js, SLIVER_PAGE_FOLDER "/report.js")
SLIVER_FILE(sliver_report_charts, SLIVER_CHARTS_FILE)
#ifdef SLIVER_VEGA_FOLDER
SLIVER_FILE(sliver_vega_js, SLIVER_VEGA_FOLDER "/vega.min.js")
SLIVER_FILE(sliver_vega_lite_js, SLIVER_VEGA_FOLDER "/vega-lite.min.js")
SLIVER_FILE(sliver_vega_embed_js, SLIVER_VEGA_FOLDER "/vega-embed.min.js")
SLIVER_FILE(sliver_vega_licences, SLIVER_VEGA_FOLDER "/licences.txt")
#endif

namespace sliver::report {

Vega vega_bundles() {
#ifdef SLIVER_VEGA_FOLDER
    return {{{"vega", sliver_vega_js()},
             {"vega-lite", sliver_vega_lite_js()},
             {"vega-embed", sliver_vega_embed_js()}},
            sliver_vega_licences()};
#else
    return {};
#endif
}

std::string_view page_style() {
    return sliver_report_css();
}

std::string_view page_script() {
    return sliver_report_js();
}

std::string_view chart_files() {
    return sliver_report_charts();
}

}  // namespace sliver::report
