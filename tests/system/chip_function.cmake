sliver_simulation_test(chip_function
  SOURCES system/chip_function.cpp
  CASES lossless_is_golden clipping_is_the_plain_reference steps_and_signs_are_the_plain_reference split_is_golden
        one_cell images_in_a_row mesh_is_never_faster
        concentration_shortens_paths
        full_buffers_push_back instruction_sets_agree residual too_large_is_refused
  USES bitline)
target_include_directories(test_chip_function PRIVATE "${PROJECT_SOURCE_DIR}/tests/numerics")
