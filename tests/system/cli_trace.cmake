sliver_test(cli_trace SOURCES system/cli_trace.cpp LINKS nlohmann_json::nlohmann_json)
target_include_directories(test_cli_trace PRIVATE "${PROJECT_SOURCE_DIR}/tests/numerics")
target_compile_definitions(test_cli_trace PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
add_dependencies(test_cli_trace sliver)
