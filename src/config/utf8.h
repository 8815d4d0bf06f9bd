// The first byte of a text that has no place in a text file.
#pragma once

#include <optional>
#include <string_view>

namespace sliver::config {

struct BadByte {
    int line, column;  ///< counted from 1; columns in characters, as editors show them
    unsigned int byte;
};

/// The first byte of `text` that is a control character (other than tab, line feed, carriage return) or not
/// part of a well-formed UTF-8 character; nothing when there is none.
std::optional<BadByte> first_unprintable(std::string_view text);

}  // namespace sliver::config
