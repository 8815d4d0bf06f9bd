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

using results::Format;
using results::Value;

constexpr double kSecondsPerFemtosecond = 1e-15;

Value value_of(const Json& number) {
    if (number.is_number_unsigned()) return number.get<std::uint64_t>();
    if (number.is_number_integer()) return number.get<std::int64_t>();
    return number.get<double>();
}

double real(const Value& value) {
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*number);
    if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
    return std::get<double>(value);
}

/// Counts whole, other numbers as `other` has them.
Format counted_or(const Format& other) {
    return [other](const Value& value) {
        const auto* count = std::get_if<std::uint64_t>(&value);
        return count != nullptr ? results::grouped(*count) : other(value);
    };
}

std::string four_digits(const Value& value) {
    return fmt::format("{:.4g}", real(value));
}

std::string hundredths(const Value& value) {
    const auto whole = static_cast<std::uint64_t>(std::llround(100 * real(value)));
    return fmt::format("{}.{:02}", results::grouped(whole / 100), whole % 100);
}

/// The text of `format`, and the unit.
Format with_unit(const Format& format, const char* unit) {
    return [format, unit](const Value& value) { return format(value) + unit; };
}

/// "#e6eef8" as three numbers from 0 to 255.
std::array<int, 3> rgb(const std::string& colour) {
    const auto part = [&](std::size_t i) { return std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16); };
    return {part(0), part(1), part(2)};
}

std::string number_html(const Source& source, const Pointer& place, const Format& format) {
    const Json& value = source.number(place);
    std::string text = format(value_of(value));
    // What terminals and text files have without.
    const std::size_t micro = text.find(" u");
    if (micro != std::string::npos) text.replace(micro, 2, " µ");
    return fmt::format("<data value=\"{}\" data-key=\"{}\">{}</data>", value.dump(),
                       escaped(place.to_string()), text);
}

}  // namespace

Format format_of(Measure measure) {
    switch (measure) {
        case Measure::word:
        case Measure::code:
        case Measure::list:
        case Measure::exact:
        case Measure::bits:
            return results::as_it_is();
        case Measure::none:
        case Measure::of_row:
            return counted_or(four_digits);
        case Measure::cycles:
            return counted_or(hundredths);
        case Measure::seconds:
            return results::as_si("s");
        case Measure::femtoseconds:
            return
                [](const Value& value) { return results::as_si("s")(real(value) * kSecondsPerFemtosecond); };
        case Measure::joule:
            return results::as_si("J");
        case Measure::watt:
            return results::as_si("W");
        case Measure::square_mm:
            return with_unit(four_digits, " mm²");
        case Measure::nanometre:
            return with_unit(four_digits, " nm");
        case Measure::bytes:
            return with_unit(counted_or(four_digits), " B");
        case Measure::ampere:
            return results::as_si("A");
        case Measure::ohm:
            return results::as_si("Ω");
        case Measure::share:
            return results::as_percent();
        case Measure::any_share:
            return [](const Value& value) { return fmt::format("{:#.4g} %", 100 * real(value)); };
    }
    return results::as_it_is();
}

std::string value_html(const Source& source, const Pointer& place, Measure measure) {
    return value_html(source, place, measure, format_of(measure));
}

std::string value_html(const Source& source, const Pointer& place, Measure measure, const Format& format) {
    if (source.at(place).is_null()) return "–";
    if (measure == Measure::word) return escaped(source.text(place));
    if (measure == Measure::code) return fmt::format("<code>{}</code>", escaped(source.text(place)));
    if (measure != Measure::list) return number_html(source, place, format);
    std::string html;
    for (std::size_t slice = source.size(place); slice-- > 0;)
        html += number_html(source, place / slice, format) + (slice == 0 ? "" : " ");
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
