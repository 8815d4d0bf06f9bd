#include "results/wrapped_text.h"

#include <algorithm>

namespace sliver::results {
namespace {

constexpr std::size_t kHanging = 2;
constexpr std::size_t kSentences = 110;  ///< in files

thread_local std::size_t width_now = kAnyWidth;

/// What may not be broken, and whether a blank stands before it.
struct Piece {
    std::string_view text;
    bool apart;
};

std::vector<Piece> pieces_of(std::string_view text, Breaks breaks) {
    std::vector<Piece> pieces;
    bool apart = false;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ') {
            apart = true;
            ++at;
            continue;
        }
        std::size_t end = std::min(text.find(' ', at), text.size());
        // A hyphen that begins a word is a sign or an option, not a joint.
        if (breaks == Breaks::hyphens)
            if (const std::size_t hyphen = text.find('-', at + 1); hyphen != std::string_view::npos)
                end = std::min(end, hyphen + 1);
        pieces.push_back({text.substr(at, end - at), apart});
        apart = false;
        at = end;
    }
    return pieces;
}

std::size_t indent_of(std::string_view text) {
    return std::min(text.find_first_not_of(' '), text.size());
}

}  // namespace

LineWidth::LineWidth(std::size_t width) : before_(width_now) {
    width_now = width;
}

LineWidth::~LineWidth() {
    width_now = before_;
}

std::size_t LineWidth::now() {
    return width_now;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::vector<std::string> lines_of(std::string_view text, std::size_t width, Breaks breaks) {
    if (width_of(text) <= width) return {std::string(text)};
    const std::string indent(indent_of(text), ' ');
    std::vector<std::string> lines;
    std::string line = indent;
    bool empty = true;
    for (const Piece& piece : pieces_of(text.substr(indent.size()), breaks)) {
        const std::size_t gap = piece.apart && !empty ? 1 : 0;
        if (!empty && width_of(line) + gap + width_of(piece.text) > width) {
            lines.push_back(std::move(line));
            line = indent;
            empty = true;
        }
        if (!empty) line.append(gap, ' ');
        line += piece.text;
        empty = false;
    }
    lines.push_back(std::move(line));
    return lines;
}

std::size_t least_width(std::string_view text, Breaks breaks) {
    const std::size_t indent = indent_of(text);
    std::size_t widest = 0;
    for (const Piece& piece : pieces_of(text.substr(indent), breaks))
        widest = std::max(widest, width_of(piece.text));
    return indent + widest;
}

std::string wrapped(const std::string& first, const std::string& text) {
    const std::string blanks(width_of(first), ' ');
    std::string result;
    for (const std::string& line : lines_of(blanks + text, width_now == kAnyWidth ? kSentences : width_now))
        result += (result.empty() ? first : blanks) + line.substr(blanks.size()) + "\n";
    return result;
}

std::string fitted(std::string_view text) {
    const std::size_t width = width_now;
    if (width == kAnyWidth) return std::string(text);
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        // The indentation of the lines that follow; the first one goes without it, and is shorter for it.
        const std::string hanging(kHanging, ' ');
        if (width_of(line) <= width) {
            result += line;
        } else {
            std::string parts;
            for (const std::string& part : lines_of(hanging + std::string(line), width))
                parts += (parts.empty() ? part.substr(kHanging) : "\n" + part);
            result += parts;
        }
        if (end < text.size()) result += "\n";
        begin = end + 1;
    }
    return result;
}

}  // namespace sliver::results
