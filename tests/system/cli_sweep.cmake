sliver_test(cli_sweep SOURCES system/cli_sweep.cpp USES sweep LINKS nlohmann_json::nlohmann_json)
target_compile_definitions(test_cli_sweep PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
target_include_directories(test_cli_sweep PRIVATE "${CMAKE_CURRENT_LIST_DIR}/..")
add_dependencies(test_cli_sweep sliver)
