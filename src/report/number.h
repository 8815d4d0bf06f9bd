// A value of the source as the page shows it. A number: <data value="0.00104"
// data-key="/totals/energy_j">1.040 mJ</data>.
//
// The element keeps the exact value and the place it was read from; the text is rounded to four significant
// digits. No number gets onto a page in another way.
#pragma once

#include <string>

#include "report/source.h"
#include "results/table.h"

namespace sliver::report {

/// What a value of the source is, and with it how it is written.
enum class Measure {
    word,          ///< text
    code,          ///< text that is no word: hashes
    list,          ///< numbers by slice, most significant first, every digit
    none,          ///< counts: 80,748,544; other numbers with four significant digits
    exact,         ///< every digit: seeds, widths
    bits,          ///< the same; the cell takes the colour of the width
    cycles,        ///< whole, or with two decimals
    seconds,       ///< SI prefix
    femtoseconds,  ///< shown as seconds with SI prefix
    joule,
    watt,
    square_mm,
    nanometre,
    bytes,
    ampere,
    ohm,
    share,      ///< from 0 to 1, shown as percent
    any_share,  ///< of any size, shown as percent with four significant digits
    of_row      ///< of a table's column: another one for each row (report/table.h)
};

/// What is read from left to right: words, and codes.
[[nodiscard]] constexpr bool is_text(Measure measure) {
    return measure == Measure::word || measure == Measure::code;
}

/// How people see a number of that measure.
results::Format format_of(Measure measure);

/// A dash where the source has null. InputError for a missing value or one of another type. `format`: how a
/// column shows its numbers.
std::string value_html(const Source& source, const Pointer& place, Measure measure);
std::string value_html(const Source& source, const Pointer& place, Measure measure,
                       const results::Format& format);

/// Colour of a converter of `bits` bits, 0 to 12, and of the text on it, as "#rrggbb": what the charts give
/// it by "width fill" and "width ink" of charts/parts.json.
struct CellColours {
    std::string fill, ink;
};
CellColours width_colours(int bits);

}  // namespace sliver::report
