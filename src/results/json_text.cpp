#include "results/json_text.h"

#include <algorithm>
#include <cstddef>

#include "base/error.h"
#include "base/text.h"

namespace sliver::results {
namespace {

constexpr int kDeepest = 64;

[[noreturn]] void refuse_at(std::string_view text, std::size_t place, const std::string& source,
                            const std::string& what) {
    const std::string_view before = text.substr(0, std::min(place, text.size()));
    refuse("{}:{}: is no JSON ({})", source, 1 + std::count(before.begin(), before.end(), '\n'), what);
}

void check_depth(std::string_view text, const std::string& source) {
    bool quoted = false;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char letter = text[i];
        if (quoted && letter == '\\')
            ++i;
        else if (letter == '"')
            quoted = !quoted;
        else if (!quoted && (letter == '[' || letter == '{') && ++depth > kDeepest)
            refuse_at(text, i, source, fmt::format("nested deeper than {} levels", kDeepest));
        else if (!quoted && (letter == ']' || letter == '}'))
            --depth;
    }
}

/// The number that the library could not read stands between quotes in its message.
std::string_view token_in(std::string_view message) {
    const std::size_t first = message.find('\'');
    const std::size_t last = message.rfind('\'');
    return first == std::string_view::npos || last <= first ? std::string_view()
                                                            : message.substr(first + 1, last - first - 1);
}

template <typename Json>
Json parse(std::string_view text, const std::string& source) {
    check_depth(text, source);
    try {
        return Json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        const std::size_t place = error.byte == 0 ? 0 : error.byte - 1;
        if (place >= text.size()) refuse_at(text, place, source, "it ends too early");
        const bool no_text = std::string_view(error.what()).find("UTF-8") != std::string_view::npos;
        if (const auto bad = first_unprintable(text); bad && no_text)
            refuse("{}:{}: is no JSON (byte 0x{:02x} is not UTF-8)", source, bad->line, bad->byte);
        refuse_at(text, place, source, fmt::format("at '{}'", shown_text(text.substr(place), 20)));
    } catch (const nlohmann::json::out_of_range& error) {
        const std::string_view number = token_in(error.what());
        const std::size_t place = number.empty() ? 0 : text.find(number);
        refuse_at(text, place, source,
                  fmt::format("the number {} is beyond those of a double", shown_text(number, 20)));
    }
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& source) {
    return parse<nlohmann::json>(text, source);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& source) {
    return parse<nlohmann::ordered_json>(text, source);
}

}  // namespace sliver::results
