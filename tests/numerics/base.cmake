sliver_test(base_sha256 SOURCES numerics/base_sha256.cpp USES base)
sliver_test(base_text SOURCES numerics/base_text.cpp USES base)
sliver_test(base_input_file SOURCES numerics/base_input_file.cpp USES base)
sliver_test(base_worker_team SOURCES numerics/base_worker_team.cpp USES base)
