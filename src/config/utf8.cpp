#include "config/utf8.h"

#include <cstddef>

namespace sliver::config {
namespace {

// Bytes of the well-formed UTF-8 character that starts `text`, 0 when there is none (Unicode, table 3-7: no
// overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned int {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned int lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(1) > 0x9F;
        return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool overlong = lead == 0xF0 && byte(1) < 0x90;
        const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
        return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

bool is_control(unsigned int byte) {
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

}  // namespace

std::optional<BadByte> first_unprintable(std::string_view text) {
    int line = 1;
    int column = 1;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = character_length(text.substr(i));
        if (length == 0 || is_control(byte)) return BadByte{line, column, byte};
        ++column;
        if (byte == '\n') {
            ++line;
            column = 1;
        }
        i += length;
    }
    return std::nullopt;
}

}  // namespace sliver::config
