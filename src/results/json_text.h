// JSON text that others may have edited, parsed; what is wrong with it is one line of ours.
//
// Beside what no JSON is, text is refused that nests deeper than anything Sliver writes (walking through such
// a value would exhaust the stack) and that holds numbers beyond those of a double. Called by the readers of
// stats.json, of the caches and by the reports. For the writers: a value that may be unknown.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sliver::results {

/// InputError "SOURCE:LINE: is no JSON (what is wrong)".
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& source);
/// The same, keeping the order of the keys.
[[nodiscard]] nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& source);

/// A value, or null where it is not known; Json: of either order of keys.
template <typename Json>
[[nodiscard]] Json json_or_null(const std::optional<double>& value) {
    return value ? Json(*value) : Json();
}

}  // namespace sliver::results
