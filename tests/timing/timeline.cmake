sliver_simulation_test(timing_timeline
  SOURCES timing/timeline.cpp
  CASES by_hand totals_are_those_of_the_record lanes_hold_together files_hold_what_was_recorded layers_and_times_filter
        a_limit_cuts_and_says_where unknown_layers_are_refused)
target_include_directories(test_timing_timeline PRIVATE "${PROJECT_SOURCE_DIR}/tests/numerics")
