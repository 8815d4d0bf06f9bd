// The manual page of the program, made of what its options say of themselves.
//
// Called by `sliver man`, whose output is installed as sliver.1. The same program, the same page: no date, no
// host.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace sliver::cli {

/// roff with the macros of man(7). `version`: as `sliver --version` has it.
[[nodiscard]] std::string manual_page(const CLI::App& program, const std::string& version);

}  // namespace sliver::cli
