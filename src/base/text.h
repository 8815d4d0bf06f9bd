// Text from foreign files and command lines, made fit for a message, a table, a name.
//
// Names and values that Sliver did not write may hold anything: bytes that are no UTF-8, escape sequences
// that repaint a terminal, marks that turn a line's direction round. What is shown or kept as a name goes
// through cleaned() once; what stands in a message is cut by shown_text(). Called by every reader, by the
// last guard of the program (cli/program.h) and by the tables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sliver {

struct BadByte {
    int line, column;  ///< counted from 1; columns in characters, as editors show them
    unsigned int byte;
};

/// The first byte of `text` that has no place in a text file: it is part of no well-formed UTF-8 character,
/// or of one that is_unprintable() tells, tab, line feed and carriage return apart. Nothing when there is
/// none.
std::optional<BadByte> first_unprintable(std::string_view text);

/// Bytes of the well-formed UTF-8 character that starts `text`, 0 when there is none (Unicode, table 3-7: no
/// overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t character_length(std::string_view text);

/// Whether a character steers a terminal instead of showing: C0 controls, DEL, C1 controls (U+0080 to
/// U+009F), marks of direction (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), line and
/// paragraph separators (U+2028, U+2029). `character` is one well-formed UTF-8 character.
bool is_unprintable(std::string_view character);

/// `text` as valid UTF-8 in which every unprintable character, and every byte of no character, is a '?'.
/// Equal texts stay equal; a text without such bytes stays as it is.
std::string cleaned(std::string_view text);
/// The same for several lines: line feeds and tabs stay.
std::string cleaned_lines(std::string_view text);

/// cleaned(), and cut between two characters to at most `longest` bytes and "...".
std::string shown_text(std::string_view text, std::size_t longest = 60);

/// A name from a file, for good: shown_text() of at most 120 bytes.
std::string printable(std::string_view name);

/// A text as a field of a CSV file (RFC 4180): quoted where it must be, and with an apostrophe in front where
/// a spreadsheet would take it for a formula (it begins with = + - @ tab or carriage return, and is no
/// number).
std::string csv_text(std::string_view text);

}  // namespace sliver
