// Which Sliver this is.
#pragma once

#include <string_view>

namespace sliver {

/// As results name it: "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace sliver
