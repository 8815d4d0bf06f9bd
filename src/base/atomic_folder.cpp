#include "base/atomic_folder.h"

#include <fcntl.h>
#include <stdio.h>  // renameat2, RENAME_EXCHANGE: glibc
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <string>
#include <system_error>

#include "base/error.h"

namespace sliver {
namespace fs = std::filesystem;

namespace {

void write_plain(const fs::path& path, std::string_view content) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    if (!out) refuse("{}: cannot be written (disk full, or no permission?)", path.string());
}

constexpr std::string_view kMark = ".partial-";

/// This machine's name as it may stand in a file's.
std::string host() {
    utsname names{};
    std::string text = ::uname(&names) == 0 ? names.nodename : "host";
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return text;
}

/// A process that ended and was not collected yet works no more.
bool works(const std::string& process) {
    std::ifstream file("/proc/" + process + "/stat");
    std::string text;
    if (!std::getline(file, text)) return false;
    const std::size_t name_end = text.rfind(')');
    return name_end != std::string::npos && text.compare(name_end + 1, 2, " Z") != 0;
}

}  // namespace

fs::path aside_of(const fs::path& path) {
    const fs::path absolute = fs::absolute(path).lexically_normal();
    const fs::path named = absolute.has_filename() ? absolute : absolute.parent_path();
    return named.parent_path() /
           fmt::format(".{}{}{}-{}", named.filename().string(), kMark, host(), ::getpid());
}

bool is_leftover(const fs::path& path) {
    const std::string name = path.filename().string();
    const std::size_t mark = name.rfind(kMark), process = name.rfind('-');
    if (name.front() != '.' || mark == std::string::npos || process < mark + kMark.size()) return false;
    const std::size_t begin = mark + kMark.size();
    return name.compare(begin, process - begin, host()) == 0 && !works(name.substr(process + 1));
}

AtomicFolder::AtomicFolder(fs::path destination, bool force)
    : destination_(std::move(destination)), staging_(aside_of(destination_)), force_(force) {
    std::error_code error;
    if (fs::exists(destination_, error)) {
        if (!fs::is_directory(destination_, error))
            refuse("{}: exists and is not a folder", destination_.string());
        if (!fs::is_empty(destination_, error) && !force_)
            refuse("{}: the folder is in use; choose another with --out, or replace it with --force",
                   destination_.string());
    }
    fs::create_directories(staging_, error);
    if (error) refuse("{}: cannot be created ({})", destination_.string(), error.message());
}

AtomicFolder::~AtomicFolder() {
    std::error_code ignored;
    if (!committed_) fs::remove_all(staging_, ignored);
}

void AtomicFolder::write(const std::string& name, std::string_view content) const {
    write_plain(staging_ / name, content);
}

void AtomicFolder::commit() {
    std::error_code error;
    if (!fs::exists(destination_, error)) {
        fs::rename(staging_, destination_, error);
    } else if (::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, destination_.c_str(), RENAME_EXCHANGE) ==
               0) {
        fs::remove_all(staging_,
                       error);  // holds the old results now; there was no moment without one or the other
        error.clear();
    } else {
        // A file system that cannot exchange two folders: the old results stand aside for a moment.
        const fs::path retired = staging_.string() + ".old";
        fs::rename(destination_, retired, error);
        if (!error) fs::rename(staging_, destination_, error);
        std::error_code ignored;
        if (error && !fs::exists(destination_, ignored)) fs::rename(retired, destination_, ignored);
        if (!error) fs::remove_all(retired, ignored);
    }
    if (error) refuse("{}: cannot be put in place ({})", destination_.string(), error.message());
    committed_ = true;
}

AtomicFile::AtomicFile(fs::path destination, const std::string& option, bool force)
    : destination_(std::move(destination)), staging_(aside_of(destination_)) {
    std::error_code error;
    if (fs::exists(destination_, error)) {
        if (!fs::is_regular_file(destination_, error))
            refuse("{}: exists and is not a file", destination_.string());
        if (!force)
            refuse("{}: exists; choose another file with {}, or replace it with --force",
                   destination_.string(), option);
    }
    if (!destination_.has_filename()) refuse("{}: is a folder; a file is wanted", destination_.string());
    fs::create_directories(staging_.parent_path(), error);
    if (error) refuse("{}: cannot be created ({})", destination_.string(), error.message());
    // A full disk takes the name of a file, but not its first block.
    constexpr std::size_t kBlock = 4096;
    try {
        write_plain(staging_, std::string(kBlock, ' '));
    } catch (const InputError&) {
        fs::remove(staging_, error);
        refuse("{}: cannot be written (disk full, or no permission?)", destination_.string());
    }
    out_.open(staging_, std::ios::binary | std::ios::trunc);
}

AtomicFile::~AtomicFile() {
    std::error_code ignored;
    fs::remove(staging_, ignored);  // renamed where it was committed
}

void AtomicFile::append(std::string_view content) {
    out_.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out_) refuse("{}: cannot be written (disk full, or no permission?)", destination_.string());
}

void AtomicFile::commit() {
    out_.close();
    if (!out_) refuse("{}: cannot be written (disk full, or no permission?)", destination_.string());
    std::error_code error;
    fs::rename(staging_, destination_, error);
    if (error) refuse("{}: cannot be put in place ({})", destination_.string(), error.message());
}

void write_file_atomically(const fs::path& path, std::string_view content) {
    const fs::path aside = aside_of(path);
    std::error_code error;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
    write_plain(aside, content);
    fs::rename(aside, path, error);
    if (error) {
        std::error_code ignored;
        fs::remove(aside, ignored);
        refuse("{}: cannot be put in place ({})", path.string(), error.message());
    }
}

}  // namespace sliver
