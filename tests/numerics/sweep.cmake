foreach(subject file space results screening)
  sliver_test(sweep_${subject} SOURCES "${CMAKE_CURRENT_LIST_DIR}/sweep_${subject}_test.cpp" USES sweep
              LINKS nlohmann_json::nlohmann_json)
endforeach()
