#include "sweep/sweep_tables.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/output_file.h"
#include "base/own_folder.h"
#include "base/sha256.h"

namespace sliver::sweep {
namespace fs = std::filesystem;

namespace {

constexpr const char* kCollected = "collected.sha256";
constexpr std::string_view kOfPoints = "points/";

/// Path in the folder and digest. A table may be there with two: the old one's and that of the one which
/// takes its place, while it does.
using Collected = std::set<std::pair<std::string, std::string>>;

/// Nothing where there is no list.
std::optional<Collected> read_list(const fs::path& folder) {
    const fs::path file = folder / kCollected;
    std::error_code error;
    if (!fs::exists(file, error)) return std::nullopt;
    const std::string text = read_file(file, kResultFile);
    Collected listed;
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
        end = std::min(text.find('\n', begin), text.size());
        std::optional<Sha256Line> line = parse_sha256_line(std::string_view(text).substr(begin, end - begin));
        if (!line)
            refuse(
                "{}: is no list that a sweep leaves; remove it and the tables, and run the sweep with "
                "--collect",
                file.string());
        listed.emplace(std::move(line->name), std::move(line->digest));
    }
    return listed;
}

void write_list(const fs::path& folder, const Collected& listed) {
    std::string text;
    for (const auto& [name, digest] : listed) text += to_text({digest, name});
    write_file(folder / kCollected, text);
}

void require_unchanged(const fs::path& folder, const Collected& known) {
    std::error_code error;
    for (const char* name : {kResultsCsv, kResultsSqlite, kSweepJson, kSweepText})
        if (const fs::path file = folder / name;
            fs::exists(fs::symlink_status(file, error)) && known.count({name, file_digest(file)}) == 0)
            refuse(
                "{}: was changed since sliver wrote it, or is of another version; move it away, and run the "
                "sweep with --collect, or go on with --resume",
                file.string());
}

}  // namespace

void require_tables_unchanged(const fs::path& folder) {
    require_unchanged(folder, read_list(folder).value_or(Collected{}));
}

void write_tables(const fs::path& folder, const std::vector<results::ResultFile>& tables,
                  const std::map<std::string, std::string>& points) {
    Collected after(points.begin(), points.end());
    for (const results::ResultFile& table : tables) after.emplace(table.name, sha256(table.content));
    Collected both = read_list(folder).value_or(Collected{});
    both.insert(after.begin(), after.end());
    require_unchanged(folder, both);
    write_list(folder, both);
    for (const results::ResultFile& table : tables) write_file(folder / table.name, table.content);
    write_list(folder, after);
}

void require_as_collected(const fs::path& folder, const std::string& table) {
    const fs::path file = folder / table;
    std::error_code error;
    if (!fs::exists(file, error)) return;  // whoever reads it says so
    const std::optional<Collected> listed = read_list(folder);
    if (!listed) {
        if (mark_title(folder))
            refuse(
                "{}: has no list {} of what it was collected from; move the tables away and run the sweep "
                "with --collect",
                file.string(), kCollected);
        return;
    }
    // A sweep may be replacing it just now: then the list is another one, too.
    const std::string digest_now = file_digest(file);
    if (listed->count({table, digest_now}) == 0 &&
        read_list(folder).value_or(Collected{}).count({table, digest_now}) == 0)
        refuse("{}: was changed since sliver wrote it; move it away and run the sweep with --collect",
               file.string());
    for (const auto& [name, digest] : *listed) {
        if (name.compare(0, kOfPoints.size(), kOfPoints) != 0) continue;
        if (!fs::exists(folder / name, error)) continue;
        if (file_digest(folder / name) != digest)
            refuse(
                "{}: is not what {} was collected from; run the sweep with --collect, which says what is "
                "wrong with it",
                (folder / name).string(), table);
    }
}

}  // namespace sliver::sweep
