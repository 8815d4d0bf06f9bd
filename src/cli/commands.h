// The sub-commands of `sliver`, one function each: adds its options to the program and leaves what to do in
// `chosen` when the user names it. Nothing runs while the command line is still being read. Actions throw
// InputError for the user's mistakes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace sliver::cli {

using Action = std::function<void()>;

void add_run_command(CLI::App& program, Action& chosen);
void add_eval_command(CLI::App& program, Action& chosen);
void add_compare_command(CLI::App& program, Action& chosen);
void add_cost_command(CLI::App& program, Action& chosen);
void add_list_command(CLI::App& program, Action& chosen);
void add_check_command(CLI::App& program, Action& chosen);
void add_export_command(CLI::App& program, Action& chosen);
void add_decompose_command(CLI::App& program, Action& chosen);
void add_study_command(CLI::App& program, Action& chosen);
void add_crossbar_command(CLI::App& program, Action& chosen);
void add_report_command(CLI::App& program, Action& chosen);
void add_sweep_command(CLI::App& program, Action& chosen);
void add_front_command(CLI::App& program, Action& chosen);
/// `man` and `completion`, which tell of all the others: `program` must outlive `chosen`.
void add_manual_commands(CLI::App& program, Action& chosen);

}  // namespace sliver::cli
