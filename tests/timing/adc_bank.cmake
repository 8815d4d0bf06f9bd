sliver_simulation_test(timing_adc_bank
  SOURCES timing/adc_bank.cpp
  CASES interleaved unused_columns grouped split_reads split_counts balance)
