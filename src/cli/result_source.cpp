#include "cli/result_source.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/input_file.h"
#include "base/own_folder.h"
#include "results/pricing.h"
#include "results/stats_json.h"
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
    const std::string text = read_unpacked(file, kResultFile);
    results::RunResult result = results::read_stats(text, file.string());
    if (mark_title(folder) && !is_as_listed(folder, "stats.json"))
        refuse("{}: was changed since sliver wrote it; run again", file.string());
    return result;
}

void require_priced_as_shown(const fs::path& folder, const results::RunResult& result) {
    const fs::path file = folder / "stats.json";
    // However it is written down: the same keys with the same values.
    using nlohmann::json;
    if (json::parse(results::stats_json(result, results::price(result))) !=
        json::parse(read_unpacked(file, kResultFile), nullptr, false))
        refuse(
            "{}: its energies, times or areas are not what its counts give: it was edited, or made by "
            "another "
            "version; sliver cost {} --out NEW prices the counts again",
            file.string(), folder.string());
}

std::vector<results::ResultFile> load_outcomes(const fs::path& folder) {
    std::vector<results::ResultFile> files;
    for (const char* name : {"logits.npy", "predictions.csv"})
        files.push_back({name, read_unpacked(folder / name, kDataFile)});
    std::error_code error;
    if (fs::exists(folder / kSearchFile, error))
        files.push_back({kSearchFile, read_unpacked(folder / kSearchFile, kResultFile)});
    return files;
}

}  // namespace sliver::cli
