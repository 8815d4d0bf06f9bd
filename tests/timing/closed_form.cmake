sliver_simulation_test(timing_closed_form
  SOURCES timing/closed_form.cpp
  CASES oracle_is_exact vgg11_by_the_table copies_sharing_and_offset images_in_a_row counts_are_exact_on_a_mesh
        banks_and_parts packed_and_sorted times_are_near_on_a_mesh refusals_are_those_of_a_run
  USES estimate cost)
