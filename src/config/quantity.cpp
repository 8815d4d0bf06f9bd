#include "config/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <vector>

namespace sliver::config {
namespace {

struct UnitName {
    const char* name;
    int exponent;  ///< of ten, relative to the dimension's base unit
};

// Smallest first: format_quantity() takes the last one that is not above the value.
const std::vector<UnitName>& units_of(Dimension dimension) {
    static const std::vector<UnitName> kTime = {{"ps", -12}, {"ns", -9}, {"us", -6}, {"ms", -3}, {"s", 0}};
    static const std::vector<UnitName> kFrequency = {{"Hz", 0}, {"kHz", 3}, {"MHz", 6}, {"GHz", 9}};
    static const std::vector<UnitName> kSampleRate = {{"S/s", 0}, {"kS/s", 3}, {"MS/s", 6}, {"GS/s", 9}};
    static const std::vector<UnitName> kBandwidth = {
        {"B/s", 0}, {"kB/s", 3}, {"MB/s", 6}, {"GB/s", 9}, {"TB/s", 12}};
    static const std::vector<UnitName> kEnergy = {{"aJ", -18}, {"fJ", -15}, {"pJ", -12}, {"nJ", -9},
                                                  {"uJ", -6},  {"mJ", -3},  {"J", 0}};
    static const std::vector<UnitName> kNode = {{"nm", 0}};
    static const std::vector<UnitName> kVoltage = {{"uV", -6}, {"mV", -3}, {"V", 0}};
    static const std::vector<UnitName> kResistance = {{"ohm", 0}, {"kohm", 3}, {"Mohm", 6}};
    switch (dimension) {
        case Dimension::time:
            return kTime;
        case Dimension::frequency:
            return kFrequency;
        case Dimension::sample_rate:
            return kSampleRate;
        case Dimension::bandwidth:
            return kBandwidth;
        case Dimension::energy:
            return kEnergy;
        case Dimension::resistance:
            return kResistance;
        case Dimension::voltage:
            return kVoltage;
        case Dimension::node:
            break;
    }
    return kNode;
}

struct ByteUnit {
    const char* name;
    int shift;
};
constexpr std::array<ByteUnit, 4> kByteUnits = {{{"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};

std::string either(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

// A decimal number, taken apart: the letters of sign, digits and point, and the exponent of ten.
struct Decimal {
    std::string_view mantissa;
    int exponent = 0;
};

// Takes the number at the start of `text` away from it; nothing when there is none of the accepted form.
std::optional<Decimal> take_decimal(std::string_view& text) {
    std::size_t i = 0;
    const auto digits = [&] {
        const std::size_t first = i;
        while (i < text.size() && is_digit(text[i])) ++i;
        return i - first;
    };
    if (i < text.size() && text[i] == '-') ++i;
    const std::size_t first = i;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return std::nullopt;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0) return std::nullopt;
    }
    Decimal number{text.substr(0, i), 0};
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        const bool negative = i < text.size() && text[i] == '-';
        if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
        const std::size_t start = i;
        if (digits() == 0) return std::nullopt;
        const auto [end, error] = std::from_chars(text.data() + start, text.data() + i, number.exponent);
        constexpr int kLargest = 400;  // beyond every double, and far from overflow when units are added
        if (error != std::errc() || end != text.data() + i || number.exponent > kLargest) return std::nullopt;
        if (negative) number.exponent = -number.exponent;
    }
    text.remove_prefix(i);
    return number;
}

std::optional<double> to_double(const Decimal& number, int unit_exponent) {
    const std::string text = fmt::format("{}e{}", number.mantissa, number.exponent + unit_exponent);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::string_view without_leading_blanks(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    return text;
}

// `value` = 0.DIGITS times ten to the power of `point`.
struct Digits {
    std::string digits;
    int point = 0;
};

Digits shortest_digits(double value) {
    std::array<char, 32> buffer{};
    const auto result =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
    std::string_view text(buffer.data(), static_cast<std::size_t>(result.ptr - buffer.data()));
    Digits out;
    const std::size_t mark = text.find('e');
    for (const char letter : text.substr(0, mark))
        if (is_digit(letter)) out.digits += letter;
    std::string_view exponent = text.substr(mark + 1);
    if (exponent.front() == '+') exponent.remove_prefix(1);
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), out.point);
    ++out.point;
    return out;
}

// Digits with the point in its place; with an exponent where that would be a long row of zeros.
std::string plain(const Digits& number) {
    constexpr int kZeros = 6;
    const int count = static_cast<int>(number.digits.size());
    if (number.point < -kZeros || number.point > count + kZeros) {
        std::string text = number.digits.substr(0, 1);
        if (count > 1) text += "." + number.digits.substr(1);
        return fmt::format("{}e{}", text, number.point - 1);
    }
    const auto zeros = [](int n) { return std::string(static_cast<std::size_t>(n), '0'); };
    if (number.point <= 0) return "0." + zeros(-number.point) + number.digits;
    if (number.point >= count) return number.digits + zeros(number.point - count);
    const auto point = static_cast<std::size_t>(number.point);
    return number.digits.substr(0, point) + "." + number.digits.substr(point);
}

}  // namespace

std::string dimension_name(Dimension dimension) {
    switch (dimension) {
        case Dimension::time:
            return "a time";
        case Dimension::frequency:
            return "a frequency";
        case Dimension::sample_rate:
            return "a sample rate";
        case Dimension::bandwidth:
            return "a bandwidth";
        case Dimension::energy:
            return "an energy";
        case Dimension::resistance:
            return "a resistance";
        case Dimension::voltage:
            return "a voltage";
        case Dimension::node:
            break;
    }
    return "a length";
}

std::string accepted_units(Dimension dimension) {
    std::vector<std::string> names;
    for (const UnitName& unit : units_of(dimension)) names.emplace_back(unit.name);
    return either(names);
}

std::string accepted_byte_units() {
    std::vector<std::string> names;
    for (const ByteUnit& unit : kByteUnits) names.emplace_back(unit.name);
    return either(names);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    const std::string_view digits = !text.empty() && text.front() == '-' ? text.substr(1) : text;
    if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> parse_number(std::string_view text) {
    const auto number = take_decimal(text);
    if (!number || !text.empty()) return std::nullopt;
    return to_double(*number, 0);
}

std::optional<double> parse_quantity(std::string_view text, Dimension dimension) {
    const auto number = take_decimal(text);
    if (!number) return std::nullopt;
    text = without_leading_blanks(text);
    for (const UnitName& unit : units_of(dimension))
        if (text == unit.name) return to_double(*number, unit.exponent);
    return std::nullopt;
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
    const auto number = take_decimal(text);
    if (!number) return std::nullopt;
    text = without_leading_blanks(text);
    for (const ByteUnit& unit : kByteUnits) {
        if (text != unit.name) continue;
        const auto count = to_double(*number, 0);
        if (!count) return std::nullopt;
        const double bytes = std::ldexp(*count, unit.shift);
        constexpr double kLargest = 9007199254740992.0;  // 2^53: every whole number up to it is a double
        if (!(std::abs(bytes) <= kLargest) || bytes != std::floor(bytes)) return std::nullopt;
        return static_cast<std::int64_t>(bytes);
    }
    return std::nullopt;
}

std::string format_quantity(double value, Dimension dimension) {
    const std::vector<UnitName>& units = units_of(dimension);
    Digits number = shortest_digits(value);
    const UnitName* chosen = &units.front();
    for (const UnitName& unit : units)
        if (unit.exponent < number.point) chosen = &unit;
    number.point -= chosen->exponent;
    return fmt::format("{} {}", plain(number), chosen->name);
}

std::string format_bytes(std::int64_t bytes) {
    const ByteUnit* chosen = &kByteUnits.front();
    for (const ByteUnit& unit : kByteUnits)
        if (bytes != 0 && bytes % (std::int64_t{1} << unit.shift) == 0) chosen = &unit;
    return fmt::format("{} {}", bytes / (std::int64_t{1} << chosen->shift), chosen->name);
}

std::string format_number(double value) {
    return plain(shortest_digits(value));
}

}  // namespace sliver::config
