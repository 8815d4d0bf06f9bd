sliver_test(cli_study SOURCES system/cli_study.cpp USES network study LINKS nlohmann_json::nlohmann_json)
target_compile_definitions(test_cli_study PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
add_dependencies(test_cli_study sliver)
