sliver_test(device_wires SOURCES numerics/device_wires.cpp USES device)
