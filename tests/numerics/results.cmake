sliver_test(results_text SOURCES numerics/results_text.cpp USES results)
sliver_test(results_stats SOURCES numerics/results_stats.cpp USES results LINKS nlohmann_json::nlohmann_json)
sliver_test(results_reader SOURCES numerics/results_reader.cpp USES results LINKS nlohmann_json::nlohmann_json)
sliver_test(results_files SOURCES numerics/results_files.cpp USES results LINKS nlohmann_json::nlohmann_json)
