# Sanitizers reserve more address space than any limit leaves.
if(NOT SLIVER_SANITIZE)
  sliver_test(cli_limits SOURCES system/cli_limits.cpp USES network)
  target_compile_definitions(test_cli_limits PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
  add_dependencies(test_cli_limits sliver)
endif()
