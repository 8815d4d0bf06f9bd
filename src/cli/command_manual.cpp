// sliver man, sliver completion: the program about itself, for man(1) and for shells.
#include <fmt/format.h>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/manual.h"

namespace sliver::cli {

void add_manual_commands(CLI::App& program, Action& chosen) {
    program.add_subcommand("man", "Print the manual page")
        ->footer("Example:\n  sliver man | man -l -")
        ->callback([&program, &chosen] {
            chosen = [&program] { fmt::print("{}", manual_page(program, std::string(version()))); };
        });
    CLI::App& completion =
        *program.add_subcommand("completion", "Print what a shell needs to complete commands");
    completion.require_subcommand(1);
    completion.footer("Example:\n  source <(sliver completion bash)");
    completion
        .add_subcommand("bash",
                        "for bash: source it, or put it into share/bash-completion/completions/sliver")
        ->callback(
            [&program, &chosen] { chosen = [&program] { fmt::print("{}", bash_completion(program)); }; });
    completion.add_subcommand("zsh", "for zsh: save it as _sliver in a folder of $fpath")
        ->callback(
            [&program, &chosen] { chosen = [&program] { fmt::print("{}", zsh_completion(program)); }; });
}

}  // namespace sliver::cli
