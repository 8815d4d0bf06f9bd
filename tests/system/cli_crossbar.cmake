sliver_test(cli_crossbar SOURCES system/cli_crossbar.cpp USES network device LINKS nlohmann_json::nlohmann_json)
target_compile_definitions(test_cli_crossbar PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
add_dependencies(test_cli_crossbar sliver)
