sliver_simulation_test(tlm_platform
  SOURCES tlm/platform.cpp
  CASES ordinary_run two_chips random_stalls registers refusals non_blocking interrupt_is_a_level doorbell_while_busy
        jobs_back_to_back windows_of_padding rows_nobody_reads impossible_jobs platform_errors input_out_of_format high_words_are_kept accesses_are_synchronised
        times_by_hand refused_at_construction documentation)
