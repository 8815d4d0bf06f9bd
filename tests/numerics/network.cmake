foreach(subject integer_ops onnx_fixtures onnx_import onnx_refusals quantise golden image_sets npy card shipped limits)
  sliver_test(network_${subject} SOURCES "${CMAKE_CURRENT_LIST_DIR}/network_${subject}_test.cpp" USES network)
endforeach()
