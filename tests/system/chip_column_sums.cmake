sliver_simulation_test(chip_column_sums
  SOURCES system/chip_column_sums.cpp
  CASES by_hand lossless_is_the_profile clipping_is_the_plain_reference parts_by_hand parts_add_up_to_the_profile
        only_when_asked
  USES bitline)
target_include_directories(test_chip_column_sums PRIVATE "${PROJECT_SOURCE_DIR}/tests/numerics")
