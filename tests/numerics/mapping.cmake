foreach(subject adc_widths row_parts packing)
  sliver_test(mapping_${subject} SOURCES "${CMAKE_CURRENT_LIST_DIR}/mapping_${subject}_test.cpp" USES mapping)
endforeach()
sliver_test(adc_certificates SOURCES "${CMAKE_CURRENT_LIST_DIR}/adc_certificates_test.cpp" USES bitline)
