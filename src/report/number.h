// A number of the source as the page shows it: <data value="0.00104" data-key="/totals/energy_j">1.040
// mJ</data>.
//
// The element keeps the exact value and the place it was read from; the text is rounded to four significant
// digits. No number gets onto a page in another way.
#pragma once

#include <string>

#include "report/source.h"

namespace sliver::report {

/// What a number of the source is measured in, and with it how it is written.
enum class Measure {
    none,          ///< counts: 80,748,544; other numbers with four significant digits
    exact,         ///< every digit: seeds, widths
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
    share,     ///< from 0 to 1, shown as percent
    any_share  ///< of any size, shown as percent with four significant digits
};

/// A dash where the source has null. InputError for a missing value or one that is no number.
std::string number_html(const Source& source, const Pointer& place, Measure unit);

}  // namespace sliver::report
