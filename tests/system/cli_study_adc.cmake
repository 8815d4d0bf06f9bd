sliver_test(cli_study_adc SOURCES system/cli_study_adc.cpp USES network LINKS nlohmann_json::nlohmann_json)
target_compile_definitions(test_cli_study_adc PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
add_dependencies(test_cli_study_adc sliver)
