sliver_test(cli_prescreen SOURCES system/cli_prescreen.cpp USES network sweep LINKS nlohmann_json::nlohmann_json)
target_compile_definitions(test_cli_prescreen PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
target_include_directories(test_cli_prescreen PRIVATE "${CMAKE_CURRENT_LIST_DIR}/..")
add_dependencies(test_cli_prescreen sliver)
