// Text made safe for a page: whatever a file holds, it stays text.
//
// Input is UTF-8. Pure functions, called by everything that builds HTML here.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sliver::report {

/// `text` for the content of an element and for an attribute in double quotes. Control characters, which no
/// page may hold, become U+FFFD.
std::string escaped(std::string_view text);

/// `value` for the inside of a <script> element: JSON that ends no element and opens no comment.
std::string script_json(const nlohmann::ordered_json& value);

}  // namespace sliver::report
