#include "cli/program.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/staging.h"
#include "base/text.h"
#include "base/version.h"
#include "base/worker_team.h"
#include "cli/commands.h"
#include "config/nearest_name.h"

namespace sliver::cli {
namespace {

constexpr int kDone = 0, kDefect = 1, kMachine = 1, kWrongInput = 2, kSignalled = 128;

constexpr const char* kDescription =
    "Sliver: a SystemC model of a ReRAM crossbar accelerator that executes bit-sliced networks.\n"
    "One run gives the logits and the time, energy and area of the hardware that produced them.";

constexpr const char* kFirstSteps =
    "First steps:\n"
    "  sliver list chips\n"
    "      what there is\n"
    "  sliver run --chip isaac --network vgg11-fashion-dense --out out/first\n"
    "      one image through the chip: latency, energy, area, logits\n"
    "  sliver compare --chip isaac --networks vgg11-fashion-dense,vgg11-fashion-bitslice --count 1000\n"
    "      what bit-slice sparsity does to converters, energy and accuracy\n"
    "\n"
    "`sliver COMMAND --help` explains a command. Exit codes: 0 done, 2 wrong input, 1 the machine's "
    "fault\n(disk, permission, memory) or a defect, 130 and 143 after SIGINT and SIGTERM.";

/// Whatever an error says, and whatever files and arguments put into it, the user gets one line that steers
/// no terminal and that can be read: of a long one, the beginning (what it is about) and the end (the cure).
std::string one_line(std::string text) {
    constexpr std::size_t kLongest = 1000, kEnd = 300;
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    if (text.size() <= kLongest) return cleaned(text);
    std::size_t end = text.size() - kEnd;
    while (end < text.size() && character_length(std::string_view(text).substr(end)) == 0) ++end;
    return shown_text(text, kLongest - kEnd) + cleaned(std::string_view(text).substr(end));
}

int complain(const char* text, int code) {
    const std::string line = one_line(text);
    std::fflush(stdout);
    std::fprintf(stderr, "sliver: %s\n", line.c_str());
    return code;
}

/// Results are the same with fewer threads, but they take longer: whoever waits may want to know why.
void tell_thread_shortage() {
    if (const std::optional<ThreadShortage> shortage = thread_shortage())
        fmt::print(
            stderr,
            "sliver: only {} of {} threads could be started (a limit on processes or memory?); results "
            "are the same\n",
            shortage->had, shortage->wanted);
}

std::string command_of(const CLI::App& program) {
    const std::vector<CLI::App*> named = program.get_subcommands();
    return named.empty() ? "sliver" : "sliver " + named.front()->get_name();
}

/// CLI11 calls an unknown command a missing one; the user wants to hear about the word that was typed.
void require_known_command(const CLI::App& app, int argc, const char* const* argv) {
    const std::vector<const CLI::App*> commands = app.get_subcommands({});
    if (commands.empty() || argc < 2 || argv[1][0] == '-') return;
    const std::string typed = argv[1];
    std::vector<std::string> names;
    for (const CLI::App* command : commands) {
        if (command->get_name() == typed) return require_known_command(*command, argc - 1, argv + 1);
        names.push_back(command->get_name());
    }
    const std::string nearest = config::nearest_name(typed, names);
    refuse("{}: no such command{}; there are: {}", typed,
           nearest.empty() ? "" : ": did you mean " + nearest + "?", fmt::join(names, ", "));
}

/// A full disk behind a redirection shows only at the end.
int printed(int code) {
    std::cout.flush();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout)
        return complain("standard output cannot be written (disk full?)", kMachine);
    return code;
}

/// An option that was given as nothing, by a variable that is not set, say, is not one that was left out.
void refuse_empty_places(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options())
        for (const std::string& value : option->results())
            if (value.empty() && option->get_name() == "--out")
                refuse("--out: is empty; name a place for the results");
    for (const CLI::App* command : app.get_subcommands()) refuse_empty_places(*command);
}

int parse_failure(const CLI::App& program, const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
        return printed(program.exit(error));
    const std::string text = std::string(error.what()) + " (see " + command_of(program) + " --help)";
    return complain(text.c_str(), kWrongInput);
}

}  // namespace

int run_program(int argc, const char* const* argv) {
    remove_unfinished_on_signals();
    CLI::App program(kDescription, "sliver");
    program.footer(kFirstSteps);
    program.set_version_flag("--version", fmt::format("sliver {}, {}", version(),
                                                      commit().empty() ? "commit unknown (built outside git)"
                                                                       : fmt::format("commit {}", commit())));
    program.require_subcommand(1);
    Action chosen;
    add_run_command(program, chosen);
    add_eval_command(program, chosen);
    add_compare_command(program, chosen);
    add_cost_command(program, chosen);
    add_list_command(program, chosen);
    add_check_command(program, chosen);
    add_export_command(program, chosen);
    add_decompose_command(program, chosen);
    add_study_command(program, chosen);
    add_crossbar_command(program, chosen);
    add_sweep_command(program, chosen);
    add_front_command(program, chosen);
    add_report_command(program, chosen);
    add_manual_commands(program, chosen);
    try {
        if (argc <= 1) {
            std::fputs(program.help().c_str(), stdout);
            return printed(kDone);
        }
        require_known_command(program, argc, argv);
        program.parse(argc, argv);
        refuse_empty_places(program);
        chosen();
        tell_thread_shortage();
        return printed(kDone);
    } catch (const CLI::ParseError& error) {
        return parse_failure(program, error);
    } catch (const InputError& error) {
        return complain(error.what(), kWrongInput);
    } catch (const Interrupted& error) {
        return complain(error.what(), kSignalled + error.signal());
    } catch (const MachineError& error) {
        return complain(error.what(), kMachine);
    } catch (const std::bad_alloc&) {
        return complain("out of memory", kMachine);
    } catch (const std::exception& error) {
        return complain(error.what(), kDefect);
    } catch (...) {
        return complain("unknown error", kDefect);
    }
}

}  // namespace sliver::cli
