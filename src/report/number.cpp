#include "report/number.h"

#include <fmt/format.h>

#include <cmath>

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

std::string text_of(const Json& value, Measure unit) {
    const auto real = value.get<double>();
    switch (unit) {
        case Measure::none:
            return plain_text(value);
        case Measure::exact:
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

}  // namespace

std::string number_html(const Source& source, const Pointer& place, Measure unit) {
    if (source.at(place).is_null()) return "–";
    const Json& value = source.number(place);
    return fmt::format("<data value=\"{}\" data-key=\"{}\">{}</data>", value.dump(),
                       escaped(place.to_string()), text_of(value, unit));
}

}  // namespace sliver::report
