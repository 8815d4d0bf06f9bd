sliver_test(results_timeline SOURCES numerics/results_timeline.cpp USES results LINKS nlohmann_json::nlohmann_json)
