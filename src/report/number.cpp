#include "report/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/chart.h"
#include "report/html.h"
#include "results/quantity_text.h"

namespace sliver::report {
namespace {

constexpr double kSecondsPerFemtosecond = 1e-15;

std::string si_html(double value, const char* unit) {
    std::string text = results::si(value, unit);
    const std::size_t prefix = text.find(" u");
    if (prefix != std::string::npos) text.replace(prefix, 2, " µ");
    return text;
}

std::string plain_text(const Json& value) {
    return value.is_number_unsigned() ? results::grouped(value.get<std::uint64_t>())
                                      : fmt::format("{:.4g}", value.get<double>());
}

std::string cycles_text(const Json& value) {
    if (value.is_number_unsigned()) return results::grouped(value.get<std::uint64_t>());
    const auto hundredths = static_cast<std::uint64_t>(std::llround(100 * value.get<double>()));
    return fmt::format("{}.{:02}", results::grouped(hundredths / 100), hundredths % 100);
}

std::string text_of(const Json& value, Measure measure) {
    const auto real = value.get<double>();
    switch (measure) {
        case Measure::none:
        case Measure::of_row:
            return plain_text(value);
        case Measure::word:
        case Measure::code:
        case Measure::list:
        case Measure::exact:
        case Measure::bits:
            return value.dump();
        case Measure::cycles:
            return cycles_text(value);
        case Measure::seconds:
            return si_html(real, "s");
        case Measure::femtoseconds:
            return si_html(real * kSecondsPerFemtosecond, "s");
        case Measure::joule:
            return si_html(real, "J");
        case Measure::watt:
            return si_html(real, "W");
        case Measure::square_mm:
            return fmt::format("{:.4g} mm²", real);
        case Measure::nanometre:
            return fmt::format("{:.4g} nm", real);
        case Measure::bytes:
            return plain_text(value) + " B";
        case Measure::ampere:
            return si_html(real, "A");
        case Measure::ohm:
            return si_html(real, "Ω");
        case Measure::share:
            return fmt::format("{:.2f} %", 100 * real);
        case Measure::any_share:
            return fmt::format("{:#.4g} %", 100 * real);
    }
    return "";
}

/// "#e6eef8" as three numbers from 0 to 255.
std::array<int, 3> rgb(const std::string& colour) {
    const auto part = [&](std::size_t i) { return std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16); };
    return {part(0), part(1), part(2)};
}

std::string number_html(const Source& source, const Pointer& place, Measure measure) {
    const Json& value = source.number(place);
    return fmt::format("<data value=\"{}\" data-key=\"{}\">{}</data>", value.dump(),
                       escaped(place.to_string()), text_of(value, measure));
}

}  // namespace

std::string value_html(const Source& source, const Pointer& place, Measure measure) {
    if (source.at(place).is_null()) return "–";
    if (measure == Measure::word) return escaped(source.text(place));
    if (measure == Measure::code) return fmt::format("<code>{}</code>", escaped(source.text(place)));
    if (measure != Measure::list) return number_html(source, place, measure);
    std::string html;
    for (std::size_t slice = source.size(place); slice-- > 0;)
        html += number_html(source, place / slice, measure) + (slice == 0 ? "" : " ");
    return html;
}

CellColours width_colours(int bits) {
    const Json& scale = chart_part("width fill").at("scale");
    const Json& range = scale.at("range");
    const int widest = scale.at("domain").at(1).get<int>();
    const std::array<int, 3> narrow = rgb(range.at(0)), wide = rgb(range.at(1));
    const double share = static_cast<double>(std::clamp(bits, 0, widest)) / widest;
    std::string fill = "#";
    for (std::size_t i = 0; i < narrow.size(); ++i)
        fill += fmt::format("{:02x}", std::lround(narrow.at(i) + share * (wide.at(i) - narrow.at(i))));
    constexpr int kFirstDark = 8;  // as in the test of "width ink"
    const Json& ink = chart_part("width ink");
    return {fill, (bits < kFirstDark ? ink.at("condition") : ink).at("value").get<std::string>()};
}

}  // namespace sliver::report
