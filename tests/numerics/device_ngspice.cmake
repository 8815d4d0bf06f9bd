sliver_test(device_ngspice SOURCES numerics/device_ngspice.cpp USES device)
set_tests_properties(device_ngspice PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED: ")
