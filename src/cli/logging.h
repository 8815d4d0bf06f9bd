// `--log`: what the blocks of the chip tell (model/log.h), through spdlog to the terminal.
//
// One line a message on stderr: simulated time, block, level, text. No date and no clock of this machine: the
// same run tells the same.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace sliver::cli {

void add_log_option(CLI::App& command, std::vector<std::string>& settings);

/// Before the simulation. None: nothing is told, and nothing is set. InputError for what is no setting.
void start_logging(const std::vector<std::string>& settings);

}  // namespace sliver::cli
