#include "study/wrapped_text.h"

#include <algorithm>

namespace sliver::study {
namespace {

constexpr std::size_t kLineWidth = 110;

}  // namespace

std::string wrapped(const std::string& first, const std::string& text) {
    std::string result = first;
    std::size_t column = first.size();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (column > first.size()) {
            const bool fits = column + 1 + (end - at) <= kLineWidth;
            result += fits ? " " : "\n" + std::string(first.size(), ' ');
            column = fits ? column + 1 : first.size();
        }
        result += text.substr(at, end - at);
        column += end - at;
        at = end + 1;
    }
    return result + "\n";
}

}  // namespace sliver::study
