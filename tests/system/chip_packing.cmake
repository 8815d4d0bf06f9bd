sliver_simulation_test(chip_packing
  SOURCES system/chip_packing.cpp
  CASES lossless_is_golden narrow_converters_are_the_functional_engine real_devices_are_the_functional_engine
        copies_on_a_mesh parts_of_packed_arrays_are_golden tables_by_hand
  USES bitline study)
target_include_directories(test_chip_packing PRIVATE "${PROJECT_SOURCE_DIR}/tests/numerics")
