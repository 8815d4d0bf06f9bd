sliver_test(cli_report SOURCES system/cli_report.cpp LINKS nlohmann_json::nlohmann_json)
target_compile_definitions(test_cli_report PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
add_dependencies(test_cli_report sliver)

# With what a reader has: a browser, and node for figures. Skipped, visibly, where they are not installed.
foreach(reader browser figures)
  add_test(NAME report_${reader} COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/system/report_${reader}.sh" $<TARGET_FILE:sliver>)
  set_tests_properties(report_${reader} PROPERTIES TIMEOUT 300 LABELS "${SLIVER_SUITE}" SKIP_RETURN_CODE 77)
endforeach()
