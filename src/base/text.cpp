#include "base/text.h"

#include <charconv>
#include <system_error>

namespace sliver {
namespace {

constexpr char kStandIn = '?';

unsigned int byte_at(std::string_view text, std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

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
    if (text.empty()) return 0;
    const auto continues = [&](std::size_t i) { return (byte_at(text, i) & 0xC0U) == 0x80U; };
    const unsigned int lead = byte_at(text, 0), second = byte_at(text, 1);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool overlong = lead == 0xE0 && second < 0xA0;
        const bool surrogate = lead == 0xED && second > 0x9F;
        return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool overlong = lead == 0xF0 && second < 0x90;
        const bool beyond = lead == 0xF4 && second > 0x8F;
        return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

bool is_unprintable(std::string_view character) {
    const unsigned int lead = byte_at(character, 0), second = byte_at(character, 1),
                       third = byte_at(character, 2);
    if (lead < 0x80) return lead < 0x20 || lead == 0x7F;
    if (lead == 0xC2) return second < 0xA0;   // U+0080 to U+009F
    if (lead == 0xD8) return second == 0x9C;  // U+061C
    if (lead != 0xE2) return false;
    if (second == 0x80)  // U+2000 to U+203F
        return third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE);
    return second == 0x81 && third >= 0xA6 && third <= 0xA9;  // U+2066 to U+2069
}

std::optional<BadByte> first_unprintable(std::string_view text) {
    int line = 1;
    int column = 1;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = character_length(text.substr(i));
        if (length == 0 || (is_unprintable(text.substr(i, length)) && !is_layout(text[i])))
            return BadByte{line, column, byte_at(text, i)};
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
    constexpr std::size_t kLongestCharacter = 4;
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
