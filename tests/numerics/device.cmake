sliver_test(device_wires SOURCES numerics/device_wires.cpp USES device)
sliver_test(device_cells SOURCES numerics/device_cells.cpp USES device)
sliver_test(device_arrays SOURCES numerics/device_arrays.cpp USES device)
