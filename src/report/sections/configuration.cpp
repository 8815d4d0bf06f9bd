#include <fmt/format.h>

#include "report/html.h"
#include "report/sections/sections.h"

namespace sliver::report::sections {

std::optional<Section> configuration(const Source& stats) {
    const Pointer lines("/config");
    if (!stats.has(lines)) return std::nullopt;
    std::string text;
    for (std::size_t i = 0; i < stats.size(lines); ++i) text += stats.text(lines / i) + "\n";
    return Section{
        "configuration", "Configuration",
        fmt::format("<details><summary>The chip with every key, as <code>sliver run --chip</code> takes "
                    "it</summary>\n<pre>{}</pre></details>\n",
                    escaped(text))};
}

}  // namespace sliver::report::sections
