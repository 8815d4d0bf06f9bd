#include "config/value_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sliver::config {

std::string value_text(const std::string& text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') quoted += '\\';
        quoted += letter;
    }
    return quoted + "\"";
}

std::string value_text(int number) {
    return fmt::format("{}", number);
}
std::string value_text(double number) {
    return format_number(number);
}
std::string value_text(bool flag) {
    return flag ? "true" : "false";
}
std::string value_text(const std::vector<int>& numbers) {
    return fmt::format("[{}]", fmt::join(numbers, ", "));
}
std::string value_text(const std::optional<std::int64_t>& bytes) {
    return bytes ? format_bytes(*bytes) : "unlimited";
}
std::string quantity_text(double value, Dimension dimension, Unlimited unlimited) {
    return unlimited == Unlimited::yes && value == 0 ? "unlimited" : format_quantity(value, dimension);
}

}  // namespace sliver::config
