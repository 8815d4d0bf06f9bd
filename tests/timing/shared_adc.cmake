sliver_simulation_test(timing_shared_adc SOURCES timing/shared_adc.cpp CASES table)
