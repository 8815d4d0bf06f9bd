// One HTML file: sections, a table of contents, style, and what draws the charts. It asks the network for
// nothing.
//
// A section is what one function of a report makes of a source that has its data; nothing where it has not,
// so that files of other versions get the sections they can fill. Same sections, same bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_seal.h"
#include "report/resources.h"
#include "report/source.h"

namespace sliver::report {

struct Section {
    std::string id;     ///< of letters, digits and '-', unique in the page
    std::string title;  ///< text
    std::string html;
};

struct Page {
    std::string title;     ///< text
    std::string subtitle;  ///< text
    std::vector<Section> sections;
};

using SectionBuilder = std::optional<Section> (*)(const Source& source);

/// The page of the sections that `source` has data for, in this order.
Page page_of(const Source& source, std::string title, std::string subtitle,
             const std::vector<SectionBuilder>& builders);

/// The resolved chip, every key: /config of a run's and of an ADC study's file.
std::optional<Section> configuration(const Source& source);

/// What to do where charts are left out, for the page and for stderr; one line.
extern const char* const kChartsMissing;

/// How the file ends: a comment.
constexpr FileSeal kPageSeal{"<!-- sliver report, sha256 ", " -->\n"};

/// The file, with the blank seal. Without bundles (`vega.there()` is false) the charts are left out and the
/// page says so.
std::string render(const Page& page, const Vega& vega);

}  // namespace sliver::report
