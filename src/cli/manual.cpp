#include "cli/manual.h"

#include <fmt/format.h>

#include "cli/option_names.h"

namespace sliver::cli {
namespace {

/// Text that roff shows as it is: no escapes, no requests, hyphens that can be copied.
std::string roff(const std::string& text) {
    std::string shown;
    bool line_start = true;
    for (const char letter : text) {
        if (line_start && (letter == '.' || letter == '\'')) shown += "\\&";
        if (letter == '\\')
            shown += "\\e";
        else if (letter == '-')
            shown += "\\-";
        else if (letter == '\'')
            shown += "\\(aq";
        else if (letter == '`')
            shown += "\\(ga";
        else if (letter == '^')
            shown += "\\(ha";
        else if (letter == '~')
            shown += "\\(ti";
        else
            shown += letter;
        line_start = letter == '\n';
    }
    return shown;
}

std::string bold(const std::string& text) {
    return "\\fB" + roff(text) + "\\fR";
}

std::string slanted(const std::string& text) {
    return "\\fI" + roff(text) + "\\fR";
}

/// Lines that stay as they are: examples.
std::string verbatim(const std::string& text) {
    return ".nf\n" + roff(text) + "\n.fi\n";
}

std::string option_entry(const CLI::Option& option) {
    std::string names;
    for (const std::string& name : names_of(option)) names += (names.empty() ? "" : ", ") + bold(name);
    if (option.get_positional()) names = slanted(option.get_name(true));
    if (const std::string value = value_name(option); !value.empty() && !option.get_positional())
        names += " " + slanted(value);
    std::string text = roff(option.get_description());
    if (option.get_required()) text += " (required)";
    if (!option.get_default_str().empty())
        text += fmt::format(" (default: {})", roff(option.get_default_str()));
    return fmt::format(".TP\n{}\n{}\n", names, text);
}

std::string options_of(const CLI::App& command) {
    std::string text;
    for (const CLI::Option* option : command.get_options({})) text += option_entry(*option);
    return text;
}

void add_command(std::string& page, const CLI::App& command, const std::string& before) {
    const std::string name = before + " " + command.get_name();
    page += fmt::format(".SS {}\n{}.\n", roff(name), roff(command.get_description()));
    page += options_of(command);
    if (!command.get_footer().empty()) page += ".PP\n" + verbatim(command.get_footer());
    for (const CLI::App* below : command.get_subcommands({})) add_command(page, *below, name);
}

}  // namespace

std::string manual_page(const CLI::App& program, const std::string& version) {
    const std::string& name = program.get_name();
    std::string page = ".\\\" Made by `sliver man`.\n";
    page += fmt::format(".TH SLIVER 1 \"\" \"{} {}\" \"User Commands\"\n", name, roff(version));
    page += ".SH NAME\n" + name +
            " \\- a SystemC model of a ReRAM crossbar accelerator that executes bit\\-sliced networks\n";
    page += fmt::format(".SH SYNOPSIS\n{} {} [{}]\n", bold(name), slanted("COMMAND"), slanted("OPTIONS"));
    page += ".SH DESCRIPTION\n" + roff(program.get_description()) + "\n";
    page += options_of(program);
    page += ".SH COMMANDS\n";
    for (const CLI::App* command : program.get_subcommands({})) add_command(page, *command, name);
    page += ".SH EXAMPLES AND EXIT STATUS\n" + verbatim(program.get_footer());
    page += ".SH ENVIRONMENT\n";
    for (const auto& [variable, meaning] :
         {std::pair{"COLUMNS", "Width that tables are laid out for; default: that of the terminal, or 80."},
          {"SLIVER_HOME", "Folder with configs and networks in place of those that were installed."},
          {"SLIVER_ISA",
           "Instruction set of the functional engine: portable, avx2 or avx512; results are the same."},
          {"SLIVER_PROGRESS", "none: no progress on stderr."},
          {"TMPDIR", "Where scratch folders lie."}})
        page += fmt::format(".TP\n{}\n{}\n", bold(variable), roff(meaning));
    return page;
}

}  // namespace sliver::cli
