sliver_simulation_test(chip_energy SOURCES system/chip_energy.cpp CASES vgg11 all_ones conservation USES cost)
