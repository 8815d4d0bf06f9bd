// Which Sliver this is.
#pragma once

#include <string_view>

namespace sliver {

/// As results name it: "0.1.0".
[[nodiscard]] std::string_view version();
/// As git describes what was built: "8543ef0a1b2c", "-dirty" behind it for a changed checkout; empty where
/// neither git nor an archive of it knows. In the library sliver_commit (cmake/Commit.cmake). Never part of a
/// result.
[[nodiscard]] std::string_view commit();

}  // namespace sliver
