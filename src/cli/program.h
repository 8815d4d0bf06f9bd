// The program without main(): reads the command line, runs one command, turns errors into exit codes.
//
// 0 done; 2 the user's input is wrong (one line on stderr, "sliver: ..."); 1 the machine's fault (disk full,
// permission, memory, threads) or a defect of Sliver; 130 and 143 after SIGINT and SIGTERM.
#pragma once

namespace sliver::cli {

int run_program(int argc, const char* const* argv);

}  // namespace sliver::cli
