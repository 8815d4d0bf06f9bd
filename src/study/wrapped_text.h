// Sentences broken into lines, for the texts of the studies.
#pragma once

#include <string>

namespace sliver::study {

/// `text` broken between words at 110 columns; `first` starts the first line, blanks as wide the others. Ends
/// with a line feed.
std::string wrapped(const std::string& first, const std::string& text);

}  // namespace sliver::study
