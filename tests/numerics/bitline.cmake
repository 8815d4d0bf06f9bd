sliver_test(bitline_kernels SOURCES numerics/bitline_kernels.cpp USES bitline)
sliver_test(bitline_chunks SOURCES numerics/bitline_chunks.cpp USES bitline)
sliver_test(bitline_engine SOURCES numerics/bitline_engine.cpp USES bitline)
sliver_test(bitline_analog SOURCES numerics/bitline_analog.cpp USES bitline)
