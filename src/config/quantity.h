// Numbers and quantities as configuration files write them: "8", "0.25", "100 ns", "1.28 GS/s", "64 KiB".
//
// A number is decimal digits with an optional point and exponent, without leading zeros (YAML 1.1 would read
// 010 as 8), signs other than '-', hexadecimal, infinities. A quantity is a number, blanks if one likes, and
// a unit of its dimension, letter case included; a bare number is no quantity. The decimal point moves in the
// text before the text becomes binary, so "100 ns" is the very double 100e-9, and format_quantity() gives
// back a text that reads as the same double.
//
// Called by the chip loader and writer; open to any other configuration reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sliver::config {

enum class Dimension {
    time,         ///< in seconds
    frequency,    ///< in hertz
    sample_rate,  ///< in samples a second
    bandwidth,    ///< in bytes a second; decimal prefixes
    energy,       ///< in joule
    node,         ///< technology node, in nanometres
    resistance,   ///< in ohm
    voltage,      ///< in volt
};

/// Words for messages and documentation: "a time", "ps, ns, us, ms or s".
std::string dimension_name(Dimension dimension);
std::string accepted_units(Dimension dimension);

/// Whole numbers; nothing when `text` is anything else or beyond 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);
/// Plain finite numbers; nothing when `text` is anything else.
std::optional<double> parse_number(std::string_view text);
/// The quantity in the unit that Dimension names; nothing when number or unit are not of the form above.
std::optional<double> parse_quantity(std::string_view text, Dimension dimension);
/// Bytes with the unit B, KiB, MiB or GiB (never KB: it means two things); nothing when not whole or above
/// 2^53.
std::optional<std::int64_t> parse_bytes(std::string_view text);
std::string accepted_byte_units();

/// The shortest text, in the largest unit that is not above the value, that parses to exactly `value`
/// (finite, >= 0).
std::string format_quantity(double value, Dimension dimension);
std::string format_bytes(std::int64_t bytes);
/// The shortest text that parse_number() reads as exactly `value`.
std::string format_number(double value);

}  // namespace sliver::config
