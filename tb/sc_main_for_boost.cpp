// Boost.Test owns main; SystemC owns main too. Here SystemC's wins, and runs Boost's from sc_main.
// One simulation a process: CTest starts every case of these executables on its own (tests/CMakeLists.txt).
#include <boost/test/unit_test.hpp>
#include <systemc>

#include "model/chip.h"

int sc_main(int argc, char** argv) {
    sliver::model::prepare_kernel();
    return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
}
