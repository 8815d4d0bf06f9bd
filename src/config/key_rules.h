// What a key accepts, in words that continue "must be ...": error messages and the documentation say the same
// thing because both come from here. Private to this module.
#pragma once

#include <fmt/format.h>

#include <string>

#include "config/chip_keys.h"
#include "config/chip_words.h"

namespace sliver::config {

inline std::string range_text(Range<int> r) {
    return fmt::format("from {} to {}", r.lowest, r.highest);
}
inline std::string integer_rule(Range<int> r) {
    return "a whole number " + range_text(r);
}
inline std::string number_rule(Range<double> r) {
    return fmt::format("a number from {} to {}", format_number(r.lowest), format_number(r.highest));
}
inline std::string flag_rule() {
    return "true or false";
}
inline std::string name_rule() {
    return "a name: lower-case letters, digits, '.', '_' and '-', a letter first, at most 64";
}
inline std::string line_rule() {
    return "one line of text, at most 200 bytes";
}
inline std::string integers_rule(Range<int> r) {
    return "a list of whole numbers " + range_text(r);
}
inline std::string layer_integers_rule(Range<int> r) {
    return "a mapping from layer name to list of whole numbers " + range_text(r);
}

inline std::string quantity_rule(Dimension dimension, Range<double> r, Unlimited unlimited) {
    return fmt::format("{} with a unit ({}), from {} to {}{}", dimension_name(dimension),
                       accepted_units(dimension), format_quantity(r.lowest, dimension),
                       format_quantity(r.highest, dimension),
                       unlimited == Unlimited::yes ? ", or unlimited" : "");
}
inline std::string bytes_rule(Range<std::int64_t> r) {
    return fmt::format("a whole number of bytes with a unit ({}), from {} to {}, or unlimited",
                       accepted_byte_units(), format_bytes(r.lowest), format_bytes(r.highest));
}
inline std::string energies_rule(Range<double> r) {
    return "a mapping from the name of a unit cost to " + quantity_rule(Dimension::energy, r, Unlimited::no);
}

template <typename Choice>
std::string choice_rule(Choice any) {
    const auto& words = words_of(any);
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i].word;
    }
    return text;
}

}  // namespace sliver::config
