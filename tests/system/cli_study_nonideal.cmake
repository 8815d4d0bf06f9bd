sliver_test(cli_study_nonideal SOURCES system/cli_study_nonideal.cpp USES network LINKS nlohmann_json::nlohmann_json)
target_compile_definitions(test_cli_study_nonideal PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
add_dependencies(test_cli_study_nonideal sliver)
