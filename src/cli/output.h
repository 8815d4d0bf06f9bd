// What commands print on stdout for people: laid out for the terminal.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace sliver::cli {

/// Columns that a line may have: the variable COLUMNS where it is set to a number, else the terminal's,
/// else 80. At least 40, below which nothing can be read.
[[nodiscard]] std::size_t output_width();

/// Prints what `text` makes, in lines of at most output_width() columns (results/wrapped_text.h).
void show(const std::function<std::string()>& text);

}  // namespace sliver::cli
