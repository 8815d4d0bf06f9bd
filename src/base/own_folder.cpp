#include "base/own_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/input_file.h"
#include "base/output_file.h"
#include "base/sha256.h"
#include "base/staging.h"

namespace sliver {
namespace fs = std::filesystem;

namespace {

constexpr const char* kHead = "# sliver ";
constexpr const char* kResults = "results: ";

/// Paths in a marked folder, relative to it, and their digests.
using Listed = std::map<std::string, std::string>;

struct Mark {
    std::string title;
    Listed files;
};

/// A mark may come from anywhere: what it names must lie in its folder.
bool stays_inside(const std::string& name) {
    const fs::path path = name;
    return !path.empty() && path.is_relative() && path == path.lexically_normal() &&
           std::none_of(path.begin(), path.end(),
                        [](const fs::path& part) { return part == ".." || part == "."; });
}

bool is_plain_file(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::regular;
}

std::optional<Mark> read_mark(const fs::path& folder) {
    constexpr InputKind kMark{"a mark of sliver", std::uint64_t{64} << 20};
    if (!is_plain_file(folder / kFolderMark)) return std::nullopt;
    std::istringstream text(read_file(folder / kFolderMark, kMark));
    Mark mark;
    std::string line;
    if (!std::getline(text, line) || line.rfind(kHead, 0) != 0) return std::nullopt;
    mark.title = line.substr(std::string(kHead).size());
    while (std::getline(text, line)) {
        const std::optional<Sha256Line> file = parse_sha256_line(line);
        if (!file || !stays_inside(file->name)) return std::nullopt;
        mark.files[file->name] = file->digest;
    }
    return mark;
}

std::string mark_text(const Mark& mark) {
    std::string text = kHead + mark.title + "\n";
    for (const auto& [name, digest] : mark.files) text += to_text({digest, name});
    return text;
}

/// Entries of a folder, by name; ends with an error where it cannot be read.
std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        entries.push_back(entry->path());
    if (error) cannot("read", folder.string(), error.value());
    std::sort(entries.begin(), entries.end());
    return entries;
}

bool is_plain_folder(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::directory;
}

void list_files(const fs::path& folder, const std::string& prefix, Listed& files) {
    for (const fs::path& entry : entries_of(folder)) {
        const std::string name = entry.filename().string();
        if (prefix.empty() && (name == kFolderMark || name == kStagingMark)) continue;
        if (!is_plain_folder(entry))
            files[prefix + name] = file_digest(entry);
        else if (!read_mark(entry))
            list_files(entry, prefix + name + "/", files);
    }
}

std::optional<std::string> why_not_listed(const fs::path& folder, const std::string& prefix,
                                          const Listed& files) {
    for (const fs::path& entry : entries_of(folder)) {
        const std::string name = prefix + entry.filename().string();
        if (name == kFolderMark) continue;
        if (is_plain_folder(entry)) {
            const bool known = files.lower_bound(name + "/") != files.end() &&
                               files.lower_bound(name + "/")->first.rfind(name + "/", 0) == 0;
            std::optional<std::string> why;
            if (read_mark(entry))
                why = why_not_ours(entry);
            else if (known)
                why = why_not_listed(entry, name + "/", files);
            else
                why = fmt::format("holds {}, which sliver did not write", name);
            if (why) return why;
            continue;
        }
        const auto found = files.find(name);
        if (found == files.end()) return fmt::format("holds {}, which sliver did not write", name);
        if (!is_plain_file(entry) || file_digest(entry) != found->second)
            return fmt::format("holds {}, which was changed since sliver wrote it", name);
    }
    return std::nullopt;
}

}  // namespace

std::string file_digest(const fs::path& path) {
    Sha256 hash;
    read_in_pieces(path, [&](std::string_view piece) { hash.update(piece); });
    return hash.finish();
}

std::string results_mark(const fs::path& folder, const std::string& what) {
    Mark mark;
    mark.title = fmt::format("{}{}--force replaces this folder while it holds these files and no others",
                             kResults, what.empty() ? "" : what + "; ");
    list_files(folder, "", mark.files);
    return mark_text(mark);
}

bool belongs_to(const fs::path& folder, const std::string& what) {
    const std::optional<Mark> mark = read_mark(folder);
    return mark && mark->title.rfind(kResults + what + ";", 0) == 0;
}

std::optional<std::string> why_not_ours(const fs::path& folder) {
    const std::optional<Mark> mark = read_mark(folder);
    if (!mark) return fmt::format("has no mark of sliver ({})", kFolderMark);
    remove_leftovers(folder);
    if (mark->title.rfind(kResults, 0) != 0)
        return fmt::format("is sliver's {}, which nothing replaces",
                           mark->title.substr(0, mark->title.find(':')));
    return why_not_listed(folder, "", mark->files);
}

bool remove_own(const fs::path& folder) {
    const std::optional<Mark> mark = read_mark(folder);
    std::error_code error;
    if (mark) {
        std::set<fs::path> inner;
        for (const auto& [name, digest] : mark->files) {
            const fs::path path = folder / name;
            // Never through a link: what it names would lie elsewhere.
            bool inside = true;
            std::vector<fs::path> between;
            for (fs::path above = path.parent_path(); above != folder; above = above.parent_path()) {
                inside = inside && is_plain_folder(above);
                between.push_back(above);
            }
            if (!inside) continue;
            fs::remove(path, error);
            inner.insert(between.begin(), between.end());
        }
        for (const fs::path& entry : entries_of(folder))
            if (is_plain_folder(entry) && read_mark(entry)) remove_own(entry);
        // Deeper ones sort behind those that hold them.
        for (auto path = inner.rbegin(); path != inner.rend(); ++path) ::rmdir(path->c_str());
        const std::vector<fs::path> left = entries_of(folder);
        if (left.size() == 1 && left.front().filename() == kFolderMark) fs::remove(left.front(), error);
    }
    return ::rmdir(folder.c_str()) == 0 || errno == ENOENT;
}

void list_in_mark(const fs::path& file) {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    std::optional<Mark> mark = read_mark(folder);
    if (!mark || mark->title.rfind(kResults, 0) != 0) return;
    mark->files[file.filename().string()] = file_digest(file);
    write_file(folder / kFolderMark, mark_text(*mark));
}

bool is_listed(const fs::path& file) {
    return listed_digest(file.parent_path(), file.filename().string()).has_value();
}

std::optional<std::string> listed_digest(const fs::path& folder, const std::string& name) {
    const std::optional<Mark> mark = read_mark(folder);
    if (!mark) return std::nullopt;
    const auto found = mark->files.find(name);
    return found == mark->files.end() ? std::nullopt : std::optional(found->second);
}

bool is_as_listed(const fs::path& folder, const std::string& name) {
    const std::optional<std::string> digest = listed_digest(folder, name);
    return digest && is_plain_file(folder / name) && file_digest(folder / name) == *digest;
}

bool is_as_listed(const fs::path& folder, const std::string& name, std::string_view bytes) {
    const std::optional<std::string> digest = listed_digest(folder, name);
    return digest && is_plain_file(folder / name) && sha256(bytes) == *digest;
}

std::optional<std::string> mark_title(const fs::path& folder) {
    const std::optional<Mark> mark = read_mark(folder);
    if (!mark) return std::nullopt;
    return mark->title;
}

bool is_claimable(const fs::path& folder, const std::string& kind,
                  const std::vector<std::string>& tolerated) {
    std::error_code error;
    if (!fs::exists(folder, error)) return true;
    if (!fs::is_directory(folder, error)) return false;
    // Another process may be making the same folder just now: what there is is listed before the mark is
    // read.
    const std::vector<fs::path> entries = entries_of(folder);
    if (const std::optional<std::string> title = mark_title(folder)) return title->rfind(kind + ":", 0) == 0;
    return std::all_of(entries.begin(), entries.end(), [&](const fs::path& entry) {
        const std::string name = entry.filename().string();
        return is_staging_name(name, kFolderMark) ||
               std::find(tolerated.begin(), tolerated.end(), name) != tolerated.end();
    });
}

void claim_folder(const fs::path& folder, const std::string& kind, const std::string& shown,
                  const std::vector<std::string>& tolerated) {
    if (!is_claimable(folder, kind, tolerated)) {
        std::error_code error;
        if (!fs::is_directory(folder, error)) refuse("{}: exists and is not a folder", shown);
        refuse("{}: is in use by something that is no {} of sliver; choose another folder", shown, kind);
    }
    if (mark_title(folder)) return;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) cannot("created", shown, error.value());
    StagedFile staged(folder / kFolderMark, shown);
    staged.file().append(
        fmt::format("{}{}: made and filled by sliver; may be deleted as a whole\n", kHead, kind));
    staged.file().finish();
    // Never over the mark of a process that was faster: it may hold a lock on it.
    if (rename_to_free(staged.path(), folder / kFolderMark))
        static_cast<void>(staged.complete());
    else if (errno != EEXIST)
        cannot("written", shown, errno);
}

}  // namespace sliver
