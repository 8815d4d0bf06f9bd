// Text broken into lines, for terminals and for the texts of studies and sweeps.
//
// Files have the same text on every machine; a terminal has a width. Whoever prints for one keeps a LineWidth
// while the text is made. Widths are counted in characters, not in bytes: names may be UTF-8. Words are never
// broken: one that is wider than the line sticks out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sliver::results {

/// As wide as it comes: files.
constexpr std::size_t kAnyWidth = 0;

/// Tables and sentences that this thread makes while the object lives are at most so wide.
class LineWidth {
  public:
    explicit LineWidth(std::size_t width);
    ~LineWidth();
    LineWidth(const LineWidth&) = delete;
    LineWidth& operator=(const LineWidth&) = delete;
    /// kAnyWidth where no object lives.
    [[nodiscard]] static std::size_t now();

  private:
    std::size_t before_;
};

/// Characters of `text`.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// Where a line may end: after blanks, or after hyphens, too.
enum class Breaks { blanks, hyphens };

/// `text` in lines of at most `width` characters, at least one. Blanks before the text stay, and begin the
/// other lines, too.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text, std::size_t width,
                                                Breaks breaks = Breaks::blanks);
/// The width below which lines_of() lets a word stick out.
[[nodiscard]] std::size_t least_width(std::string_view text, Breaks breaks = Breaks::blanks);

/// `text` broken between words, at 110 columns unless a LineWidth says otherwise; `first` starts the first
/// line, blanks as wide the others. Ends with a line feed.
[[nodiscard]] std::string wrapped(const std::string& first, const std::string& text);

/// A text of many lines, those that are wider than the LineWidth broken and indented by two more.
[[nodiscard]] std::string fitted(std::string_view text);

}  // namespace sliver::results
