// JSON text that others may have edited, parsed; what is wrong with it is one line of ours.
//
// Beside what no JSON is, text is refused that nests deeper than anything Sliver writes (walking through such
// a value would exhaust the stack) and that holds numbers beyond those of a double. Called by the readers of
// stats.json, of the caches and by the reports.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sliver::results {

/// InputError "SOURCE:LINE: is no JSON (what is wrong)".
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& source);
/// The same, keeping the order of the keys.
[[nodiscard]] nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& source);

}  // namespace sliver::results
