sliver_simulation_test(tlm_links
  SOURCES tlm/links.cpp
  CASES clean_link stale_status second_request no_memory_manager changed_in_flight unfinished blocking_calls random_stalls)
