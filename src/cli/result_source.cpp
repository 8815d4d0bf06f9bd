#include "cli/result_source.h"

#include "base/error.h"
#include "network/file_bytes.h"
#include "results/stats_reader.h"

namespace sliver::cli {
namespace fs = std::filesystem;

results::RunResult load_result(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder, error)) refuse("{}: no such folder", folder.string());
    if (!fs::is_directory(folder, error)) refuse("{}: is not a results folder", folder.string());
    const fs::path file = folder / "stats.json";
    if (!fs::exists(file, error))
        refuse("{}: holds no stats.json: not the folder of a finished run", folder.string());
    return results::read_stats(network::read_unpacked(file), file.string());
}

std::vector<results::ResultFile> load_outcomes(const fs::path& folder) {
    std::vector<results::ResultFile> files;
    for (const char* name : {"logits.npy", "predictions.csv"})
        files.push_back({name, network::read_unpacked(folder / name)});
    std::error_code error;
    if (fs::exists(folder / kSearchFile, error))
        files.push_back({kSearchFile, network::read_unpacked(folder / kSearchFile)});
    return files;
}

}  // namespace sliver::cli
