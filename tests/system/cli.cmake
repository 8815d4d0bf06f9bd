# The real program, as a user calls it.
foreach(part run errors output cost export input)
  sliver_test(cli_${part} SOURCES system/cli_${part}.cpp USES network results LINKS nlohmann_json::nlohmann_json ZLIB::ZLIB)
  target_compile_definitions(test_cli_${part} PRIVATE SLIVER_PROGRAM="$<TARGET_FILE:sliver>")
  add_dependencies(test_cli_${part} sliver)
endforeach()
