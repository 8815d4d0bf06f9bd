#include "results/result_folder.h"

#include "config/chip_config_loader.h"
#include "results/layers_csv.h"
#include "results/stats_json.h"
#include "results/stats_text.h"

namespace sliver::results {

std::vector<ResultFile> result_files(const RunResult& result, const PricedRun& priced) {
    std::vector<ResultFile> files = {{"stats.json", stats_json(result, priced)},
                                     {"stats.txt", stats_text(result, priced)},
                                     {"layers.csv", layers_csv(result, priced)},
                                     {"config.yaml", result.chip_yaml}};
    if (result.chip.adc.policy != config::AdcPolicy::fixed)
        files.push_back({"chip-fixed.yaml", config::to_yaml(fixed_chip(result))});
    return files;
}

void write_results(const OutputFolder& folder, const RunResult& result, const PricedRun& priced,
                   const std::vector<ResultFile>& further) {
    // Everything is computed before anything is written: a defect found on the way leaves no file.
    const std::vector<ResultFile> files = result_files(result, priced);
    for (const ResultFile& file : files) folder.write(file.name, file.content);
    for (const ResultFile& file : further) folder.write(file.name, file.content);
}

}  // namespace sliver::results
