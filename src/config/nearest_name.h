// "Did you mean ...": the known name that is closest to what was typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sliver::config {

/// The name with the smallest edit distance (insert, delete, replace, swap neighbours) to `typed`, the first
/// of equals; empty when none is close: more than a third of the letters and more than 2 would have to
/// change.
std::string nearest_name(std::string_view typed, const std::vector<std::string>& names);

}  // namespace sliver::config
