#include "results/stored_run.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/own_folder.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "results/stats_reader.h"

namespace sliver::results {
namespace fs = std::filesystem;

StoredRun load_run(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder, error)) refuse("{}: no such folder", folder.string());
    if (!fs::is_directory(folder, error)) refuse("{}: is not a results folder", folder.string());
    const fs::path file = folder / "stats.json";
    if (!fs::exists(file, error))
        refuse("{}: holds no stats.json: not the folder of a finished run", folder.string());
    std::string bytes = read_file(file, kResultFile);
    const bool changed = mark_title(folder) && !is_as_listed(folder, "stats.json", bytes);
    StoredRun run{{}, unpacked(std::move(bytes), file.string(), kResultFile)};
    // What is wrong in the text says more than that it was changed.
    run.result = read_stats(run.stats, file.string());
    if (changed) refuse("{}: was changed since sliver wrote it; run again", file.string());
    return run;
}

RunResult load_result(const fs::path& folder) {
    return load_run(folder).result;
}

void require_priced_as_shown(const fs::path& folder, const StoredRun& run) {
    // However it is written down: the same keys with the same values.
    using nlohmann::json;
    if (json::parse(stats_json(run.result, price(run.result))) == json::parse(run.stats, nullptr, false))
        return;
    // With a mark it is as some version of sliver wrote it, and pricing it again is right.
    const std::string cure =
        mark_title(folder) ? fmt::format("sliver cost {} --out NEW prices the counts again", folder.string())
                           : "run again";
    refuse(
        "{}: its energies, times or areas are not what its counts give: it was edited, or made by another "
        "version; {}",
        (folder / "stats.json").string(), cure);
}

std::vector<ResultFile> load_outcomes(const fs::path& folder) {
    std::vector<ResultFile> files;
    for (const char* name : {"logits.npy", "predictions.csv"})
        files.push_back({name, read_unpacked(folder / name, kDataFile)});
    std::error_code error;
    if (fs::exists(folder / kSearchFile, error))
        files.push_back({kSearchFile, read_unpacked(folder / kSearchFile, kResultFile)});
    return files;
}

}  // namespace sliver::results
