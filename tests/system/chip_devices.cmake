sliver_simulation_test(chip_devices
  SOURCES system/chip_devices.cpp
  CASES resistive_cells_without_errors_are_ideal_ones chip_and_functional_engine_agree_on_real_devices
  USES bitline study)
target_include_directories(test_chip_devices PRIVATE "${PROJECT_SOURCE_DIR}/tests/numerics")
