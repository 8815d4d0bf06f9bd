sliver_test(base_sha256 SOURCES numerics/base_sha256.cpp USES base)
