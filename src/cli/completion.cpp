#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

#include "cli/option_names.h"

namespace sliver::cli {
namespace {

/// `of` every command, with its whole name: "sliver", "sliver list", "sliver list chips".
void each_command(const CLI::App& command, const std::string& name,
                  const std::function<void(const CLI::App&, const std::string&)>& of) {
    of(command, name);
    for (const CLI::App* below : command.get_subcommands({}))
        each_command(*below, name + " " + below->get_name(), of);
}

std::vector<std::string> words_after(const CLI::App& command) {
    std::vector<std::string> words;
    for (const CLI::App* below : command.get_subcommands({})) words.push_back(below->get_name());
    for (const CLI::Option* option : command.get_options({}))
        for (std::string& name : names_of(*option)) words.push_back(std::move(name));
    return words;
}

/// Shell: the names of `PROGRAM list $1`, the first member of each object, one a line in its JSON.
std::string list_names(const std::string& program) {
    return program + R"sh( list "$1" --json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",\{0,1\}$/\1/p')sh";
}

std::string bash_value(const CLI::Option& option) {
    if (const std::vector<std::string> words = words_of(option); !words.empty())
        return fmt::format("words='{}'", fmt::join(words, " "));
    if (const std::string kind = listed_kind(option); !kind.empty())
        return fmt::format("words=$(_sliver_names {})", kind);
    return "words=";
}

/// Between quotes of zsh, inside a specification of _arguments.
std::string zsh_text(const std::string& text) {
    std::string shown;
    for (const char letter : text) {
        if (letter == '\'')
            shown += "'\\''";
        else if (letter == '[' || letter == ']' || letter == ':' || letter == '\\')
            shown += std::string("\\") + letter;
        else
            shown += letter == '\n' ? ' ' : letter;
    }
    return shown;
}

std::string zsh_function(const std::string& name) {
    std::string text = "_" + name;
    for (char& letter : text)
        if (letter == ' ' || letter == '-') letter = '_';
    return text;
}

std::string zsh_action(const CLI::Option& option) {
    if (const std::vector<std::string> words = words_of(option); !words.empty())
        return fmt::format("({})", fmt::join(words, " "));
    if (const std::string kind = listed_kind(option); !kind.empty())
        return fmt::format("_sliver_names {}", kind);
    return "_files";
}

std::string zsh_specification(const CLI::Option& option) {
    if (option.get_positional()) return fmt::format("    '*:{}:_files'", zsh_text(option.get_name(true)));
    std::string specification;
    for (const std::string& name : names_of(option)) {
        specification += fmt::format("{}    '*{}[{}]", specification.empty() ? "" : " \\\n", name,
                                     zsh_text(option.get_description()));
        if (!is_flag(option))
            specification += fmt::format(":{}:{}", zsh_text(value_name(option)), zsh_action(option));
        specification += "'";
    }
    return specification;
}

std::string zsh_command(const CLI::App& command, const std::string& name) {
    const std::vector<const CLI::App*> below = command.get_subcommands({});
    std::string text = zsh_function(name) + "() {\n";
    std::string specifications;
    for (const CLI::Option* option : command.get_options({}))
        specifications += " \\\n" + zsh_specification(*option);
    if (below.empty()) return text + fmt::format("    _arguments -s{}\n}}\n\n", specifications);
    text += "    local state line\n    local -a commands\n";
    text += fmt::format("    _arguments -C{} \\\n    '1:command:->command' '*::argument:->argument'\n",
                        specifications);
    text += "    case $state in\n    command)\n        commands=(\n";
    for (const CLI::App* one : below)
        text += fmt::format("            '{}:{}'\n", one->get_name(), zsh_text(one->get_description()));
    text += "        )\n        _describe command commands ;;\n    argument)\n        case $line[1] in\n";
    for (const CLI::App* one : below)
        text +=
            fmt::format("        {}) {} ;;\n", one->get_name(), zsh_function(name + " " + one->get_name()));
    return text + "        esac ;;\n    esac\n}\n\n";
}

}  // namespace

std::string bash_completion(const CLI::App& program) {
    std::string commands, values, words;
    each_command(program, program.get_name(), [&](const CLI::App& command, const std::string& name) {
        if (&command != &program) commands += fmt::format("{}'{}'", commands.empty() ? "" : " | ", name);
        for (const CLI::Option* option : command.get_options({})) {
            if (is_flag(*option) || option->get_positional()) continue;
            std::string typed;
            for (const std::string& one : names_of(*option))
                typed += fmt::format("{}'{} {}'", typed.empty() ? "" : " | ", name, one);
            values += fmt::format("    {}) {} ;;\n", typed, bash_value(*option));
        }
        words += fmt::format("        '{}') words='{}' ;;\n", name, fmt::join(words_after(command), " "));
    });
    std::string text = "# Completion of `sliver` for bash, made by `sliver completion bash`.\n";
    text += "_sliver_names() {\n    " + list_names("\"${COMP_WORDS[0]}\"") + "\n}\n\n";
    text +=
        "_sliver() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "    local command=sliver words='' word\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n"
        "        case \"$command $word\" in\n";
    text += fmt::format("        {}) command+=\" $word\" ;;\n", commands);
    text +=
        "        esac\n"
        "    done\n"
        "    case \"$command $before\" in\n" +
        values +
        "    *)\n"
        "        case \"$command\" in\n" +
        words +
        "        esac ;;\n"
        "    esac\n"
        "    # What begins otherwise is a file: complete -o default.\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "}\n\n"
        "complete -o default -F _sliver sliver\n";
    return text;
}

std::string zsh_completion(const CLI::App& program) {
    std::string text = "#compdef sliver\n# Made by `sliver completion zsh`.\n\n";
    text += "_sliver_names() {\n    local -a names\n    names=(${(f)\"$(" + list_names("sliver") + ")\"})\n";
    text += "    compadd -a names\n    _files\n}\n\n";
    each_command(program, program.get_name(), [&](const CLI::App& command, const std::string& name) {
        text += zsh_command(command, name);
    });
    return text + "_sliver \"$@\"\n";
}

}  // namespace sliver::cli
