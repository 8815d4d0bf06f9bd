// The program `sliver`. SystemC's library brings a main() that prints a banner and then calls sc_main(); this
// one takes its place, so that stderr holds nothing but what Sliver says.
#include "base/memory.h"
#include "cli/program.h"

int main(int argc, char** argv) {
    sliver::use_large_memory();
    return sliver::cli::run_program(argc, argv);
}
