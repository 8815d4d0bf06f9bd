// Boost.Test owns main; SystemC owns main too. Here SystemC's wins, and runs Boost's from sc_main.
// One simulation a process: CTest starts every case of these executables on its own (tests/CMakeLists.txt).
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <systemc>

#include "model/chip.h"

// A case that starts this program again may want it as a platform would be: at another time resolution, with
// the kernel's own settings (tests/tlm/guest.cpp).
int sc_main(int argc, char** argv) {
    const char* const resolution_fs = std::getenv("SLIVER_TEST_RESOLUTION_FS");
    if (resolution_fs == nullptr)
        sliver::model::prepare_kernel();
    else
        sc_core::sc_set_time_resolution(std::atof(resolution_fs), sc_core::SC_FS);
    return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
}
