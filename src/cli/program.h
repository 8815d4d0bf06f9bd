// The program without main(): reads the command line, runs one command, turns errors into exit codes.
//
// 0 done; 2 the user's input is wrong (one line on stderr, "sliver: ..."); 1 anything else: a defect of
// Sliver or of the machine.
#pragma once

namespace sliver::cli {

int run_program(int argc, const char* const* argv);

}  // namespace sliver::cli
