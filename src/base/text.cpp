#include "base/text.h"

#include <utf8cpp/utf8.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <system_error>
#include <utility>

namespace sliver {
namespace {

constexpr char kStandIn = '?';
constexpr std::size_t kLongestCharacter = 4;

/// Code points, first and last of a range.
constexpr std::pair<std::uint32_t, std::uint32_t> kUnprintable[] = {
    {0x00, 0x1F}, {0x7F, 0x9F}, {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

bool is_layout(char letter) {
    return letter == '\t' || letter == '\n' || letter == '\r';
}

bool is_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

template <typename Keep>
std::string cleaned_but(std::string_view text, const Keep& keep) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        const std::string_view character = text.substr(0, length == 0 ? 1 : length);
        if (length == 0 || (is_unprintable(character) && !keep(character.front())))
            result += kStandIn;
        else
            result += character;
        text.remove_prefix(character.size());
    }
    return result;
}

}  // namespace

std::size_t character_length(std::string_view text) {
    // A part of a well-formed character is none.
    const char* const start = text.data();
    for (std::size_t length = 1; length <= std::min(text.size(), kLongestCharacter); ++length)
        if (utf8::is_valid(start, start + length)) return length;
    return 0;
}

bool is_unprintable(std::string_view character) {
    const char* start = character.data();
    const std::uint32_t code = utf8::unchecked::peek_next(start);
    return std::any_of(std::begin(kUnprintable), std::end(kUnprintable),
                       [&](const auto& range) { return range.first <= code && code <= range.second; });
}

std::optional<BadByte> first_unprintable(std::string_view text) {
    int line = 1;
    int column = 1;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = character_length(text.substr(i));
        if (length == 0 || (is_unprintable(text.substr(i, length)) && !is_layout(text[i])))
            return BadByte{line, column, static_cast<unsigned char>(text[i])};
        ++column;
        if (text[i] == '\n') {
            ++line;
            column = 1;
        }
        i += length;
    }
    return std::nullopt;
}

std::string cleaned(std::string_view text) {
    return cleaned_but(text, [](char) { return false; });
}

std::string cleaned_lines(std::string_view text) {
    return cleaned_but(text, [](char letter) { return letter == '\n' || letter == '\t'; });
}

std::string shown_text(std::string_view text, std::size_t longest) {
    // No more than that is cleaned: a text may be a hundred megabytes long.
    std::string line = cleaned(text.substr(0, longest + kLongestCharacter));
    if (text.size() <= longest && line.size() <= longest) return line;
    std::size_t end = 0;
    while (end < line.size()) {
        const std::size_t next = end + character_length(std::string_view(line).substr(end));
        if (next > longest) break;
        end = next;
    }
    return line.substr(0, end) + "...";
}

std::string printable(std::string_view name) {
    constexpr std::size_t kLongest = 120;
    return shown_text(name, kLongest);
}

std::string csv_text(std::string_view text) {
    const bool formula = !text.empty() &&
                         std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
                         !is_number(text);
    std::string field = (formula ? "'" : "") + std::string(text);
    if (field.find_first_of(",\"\n\r") == std::string::npos) return field;
    std::string quoted = "\"";
    for (const char letter : field) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return quoted + "\"";
}

}  // namespace sliver
