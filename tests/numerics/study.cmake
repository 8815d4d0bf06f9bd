foreach(subject adc_ablation adc_search adc_study nonideal slice_counts card trade_off slices)
  sliver_test(study_${subject} SOURCES "${CMAKE_CURRENT_LIST_DIR}/study_${subject}_test.cpp" USES study
              LINKS nlohmann_json::nlohmann_json)
endforeach()
sliver_test(study_device_arrays SOURCES numerics/study_device_arrays.cpp USES study)
