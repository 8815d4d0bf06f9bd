sliver_simulation_test(timing_vgg11
  SOURCES timing/vgg11_oracle.cpp
  CASES pipelined sequential replicated grouped offset
  USES cost
  TIMEOUT 400)
