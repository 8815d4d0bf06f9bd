foreach(part page numbers)
  sliver_test(report_${part} SOURCES numerics/report_${part}.cpp USES report LINKS nlohmann_json::nlohmann_json)
endforeach()
sliver_test(report_adc_study SOURCES numerics/report_adc_study.cpp USES report study LINKS nlohmann_json::nlohmann_json)
