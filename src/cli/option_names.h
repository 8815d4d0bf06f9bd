// What an option is called and what its value is, read from CLI11's tree: for the manual page and the
// completions.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace sliver::cli {

/// As they are typed: {"-j", "--jobs"}; nothing for a positional argument.
[[nodiscard]] std::vector<std::string> names_of(const CLI::Option& option);
/// In capitals, as a manual shows it: "JOBS"; its words where it has few: "lt|at"; empty for a flag.
[[nodiscard]] std::string value_name(const CLI::Option& option);
[[nodiscard]] bool is_flag(const CLI::Option& option);
/// What the shell can ask `sliver list` for: "chips" for --chip. Empty: files are offered.
[[nodiscard]] std::string listed_kind(const CLI::Option& option);
/// The words that the option takes, where there are few; else empty.
[[nodiscard]] std::vector<std::string> words_of(const CLI::Option& option);

}  // namespace sliver::cli
