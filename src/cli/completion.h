// What a shell completes after `sliver`, made of the program's own tree of commands and options.
//
// Called by `sliver completion bash` and `sliver completion zsh`, whose output is installed where the shells
// look. The scripts ask `sliver list KIND --json` for the names of chips, networks and the like, so that they
// know new ones.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace sliver::cli {

[[nodiscard]] std::string bash_completion(const CLI::App& program);
[[nodiscard]] std::string zsh_completion(const CLI::App& program);

}  // namespace sliver::cli
