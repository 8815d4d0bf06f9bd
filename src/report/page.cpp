#include "report/page.h"

#include <fmt/format.h>

#include "report/html.h"

namespace sliver::report {

const char* const kChartsMissing =
    "no charts: this program was built without the Vega bundles; run scripts/lib/fetch_vega (needs the "
    "network once) and build again";

namespace {

constexpr std::string_view kGenerator = "<meta name=\"generator\" content=\"sliver report\">\n";

std::string contents(const Page& page) {
    std::string html = "<nav aria-label=\"Sections\">\n";
    for (const Section& section : page.sections)
        html += fmt::format("<a href=\"#{}\">{}</a>\n", section.id, escaped(section.title));
    return html + "</nav>\n";
}

std::string scripts(const Vega& vega) {
    std::string html;
    for (const VegaBundle& bundle : vega.bundles)
        html += fmt::format("<script class=\"vega-bundle\" data-bundle=\"{}\">\n{}</script>\n", bundle.name,
                            bundle.script);
    return html + fmt::format("<script>\n{}</script>\n", page_script());
}

}  // namespace

Page page_of(const Source& source, std::string title, std::string subtitle,
             const std::vector<SectionBuilder>& builders) {
    Page page = {std::move(title), std::move(subtitle), {}};
    for (const SectionBuilder build : builders)
        if (std::optional<Section> section = build(source)) page.sections.push_back(std::move(*section));
    return page;
}

std::optional<Section> configuration(const Source& source) {
    const Pointer lines("/config");
    if (!source.has(lines)) return std::nullopt;
    std::string text;
    for (std::size_t i = 0; i < source.size(lines); ++i) text += source.text(lines / i) + "\n";
    return Section{
        "configuration", "Configuration",
        fmt::format("<details><summary>The chip with every key, as <code>sliver run --chip</code> takes "
                    "it</summary>\n<pre>{}</pre></details>\n",
                    escaped(text))};
}

std::string render(const Page& page, const Vega& vega) {
    const bool charts = vega.there();
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "{5}<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n"
        "<title>{0}</title>\n<style>\n{1}</style>\n{2}</head>\n<body{3}>\n<header>\n<h1>{0}</h1>\n<p>{4}</"
        "p>\n",
        escaped(page.title), page_style(),
        charts ? "<noscript><style>figure.chart { display: none; }</style></noscript>\n" : "",
        charts ? "" : " class=\"no-charts\"", escaped(page.subtitle), kGenerator);
    if (!charts)
        html += fmt::format("<p class=\"notice\">{}</p>\n", escaped(kChartsMissing));
    else
        html +=
            "<noscript><p class=\"notice\">The charts need JavaScript; the tables do not.</p>"
            "</noscript>\n";
    html += contents(page) + "</header>\n<main>\n";
    for (const Section& section : page.sections)
        html += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", section.id,
                            escaped(section.title), section.html);
    html += "</main>\n";
    if (charts)
        html += fmt::format(
            "<footer><details><summary>Licences of the software that draws the charts</summary>\n"
            "<pre>{}</pre></details></footer>\n{}",
            escaped(vega.licences), scripts(vega));
    return html + "</body>\n</html>\n" + kPageSeal.blank();
}

}  // namespace sliver::report
