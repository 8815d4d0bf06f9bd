#include "base/output_place.h"

#include <fcntl.h>
#include <stdio.h>  // renameat2, RENAME_EXCHANGE: glibc
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/own_folder.h"

namespace sliver {
namespace fs = std::filesystem;

namespace {

bool rename_with(const fs::path& from, const fs::path& to, unsigned flag) {
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flag) == 0;
}

fs::path canonical_or_same(const fs::path& path) {
    std::error_code error;
    fs::path found = fs::weakly_canonical(fs::absolute(path, error), error);
    if (error) found = fs::absolute(path, error).lexically_normal();
    return found.has_filename() ? found : found.parent_path();
}

/// A folder on which another file system, or a bind mount, lies.
bool is_mount_point(const fs::path& folder) {
    struct stat own {
    }, above{};
    if (::stat(folder.c_str(), &own) == 0 && ::stat(folder.parent_path().c_str(), &above) == 0 &&
        own.st_dev != above.st_dev)
        return true;
    // Fifth word of a line: where it is mounted; blanks as \040.
    std::ifstream mounts("/proc/self/mountinfo");
    std::string wanted;
    for (const char letter : folder.string())
        wanted += letter == ' ' ? std::string("\\040") : std::string(1, letter);
    for (std::string line; std::getline(mounts, line);) {
        std::size_t begin = 0;
        for (int word = 0; word < 4 && begin != std::string::npos; ++word) {
            begin = line.find(' ', begin);
            if (begin != std::string::npos) ++begin;
        }
        if (begin != std::string::npos && line.compare(begin, line.find(' ', begin) - begin, wanted) == 0)
            return true;
    }
    return false;
}

}  // namespace

fs::path followed(const fs::path& path, const std::string& shown) {
    constexpr int kMostLinks = 40;
    std::error_code error;
    fs::path at = fs::absolute(path, error);
    for (int links = 0; links <= kMostLinks; ++links) {
        // "x/", "x/." and "x/.." are their folders.
        while (!at.has_filename() || at.filename() == "." || at.filename() == "..") {
            if (at == at.root_path()) return at;
            at = at.filename() == ".." ? canonical_or_same(at) : at.parent_path();
        }
        if (!fs::is_symlink(at, error)) return canonical_or_same(at.parent_path()) / at.filename();
        const fs::path leads_to = fs::read_symlink(at, error);
        if (error) cannot("read", shown, error.value());
        at = at.parent_path() / leads_to;
    }
    refuse("{}: is a circle of symbolic links", shown);
}

bool lies_in(const fs::path& file, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

void MadeFolders::make(const fs::path& path, const std::string& shown) {
    std::vector<fs::path> missing;
    std::error_code error;
    for (fs::path folder = path; !fs::exists(folder, error) && folder.has_relative_path();
         folder = folder.parent_path())
        missing.push_back(folder);
    for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
        const SignalsWait no_signal_between;
        if (::mkdir(folder->c_str(), 0777) == 0)
            folders_.emplace_front(*folder, Removal::if_empty);
        else if (errno != EEXIST)
            cannot("created", shown, errno);
    }
}

OutputPlace::OutputPlace(const fs::path& given, OutputKind kind, OutputRules rules)
    : kind_(kind), rules_(std::move(rules)), shown_(given.string()) {
    if (given.empty())
        refuse("{}: is empty; name a {}", rules_.option, kind == OutputKind::file ? "file" : "folder");
    if (kind == OutputKind::file && !given.has_filename())
        refuse("{}: is a folder; a file is wanted", shown_);
    if (!rules_.shown.empty()) shown_ = rules_.shown;
    std::error_code error;
    // Through links of /proc, too, which lead to no name: a pipe behind /dev/stdout.
    const fs::file_status status = fs::status(given, error);
    if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status))
        refuse("{}: exists and is not a {}", shown_, kind == OutputKind::file ? "file" : "folder");
    target_ = followed(given, shown_);
    check();
    made_.make(target_.parent_path(), shown_);
    lock();
    // Between the first look and the lock another process may have put something there.
    check();
    if (lock_.is_open()) remove_leftovers(target_.parent_path(), target_.filename().string());
}

void OutputPlace::check() const {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(target_, error);
    if (status.type() == fs::file_type::not_found) {
        if (error && error.value() != ENOENT) cannot("written", shown_, error.value());
        return;
    }
    if (status.type() == fs::file_type::none) cannot("written", shown_, error.value());
    if (kind_ == OutputKind::folder && status.type() == fs::file_type::directory) {
        if (lies_in(canonical_or_same(fs::current_path(error)), target_))
            refuse(
                "{}: is the working folder, or holds it, and cannot be replaced; name a new folder with {}",
                shown_, rules_.option);
        if (is_mount_point(target_))
            refuse("{}: is a mount point and cannot be replaced; name a new folder in it with {}", shown_,
                   rules_.option);
    }
    const std::string why = why_not_replaced(target_);
    if (!why.empty()) refuse("{}: {}", shown_, why);
    const bool is_folder = kind_ == OutputKind::folder;
    if (is_folder && fs::is_empty(target_, error)) return;
    for (const fs::path& input : rules_.inputs) {
        if (input.empty() || !fs::exists(input, error)) continue;
        const fs::path read = canonical_or_same(input);
        if (is_folder ? lies_in(read, target_) : read == target_)
            refuse("{}: {}{}, which this command reads; name another place with {}", shown_,
                   is_folder ? "holds " : "is ", input.string(), rules_.option);
    }
}

std::string OutputPlace::why_not_replaced(const fs::path& existing) const {
    std::error_code error;
    const fs::file_type type = fs::symlink_status(existing, error).type();
    if (kind_ == OutputKind::folder) {
        if (type != fs::file_type::directory) return "exists and is not a folder";
        const bool empty = fs::is_empty(existing, error);
        if (error) cannot("read", shown_, error.value());
        if (empty) return {};
        if (!rules_.force)
            return fmt::format("the folder is in use; choose another with {}, or replace it with --force",
                               rules_.option);
        if (const std::optional<std::string> why = why_not_ours(existing))
            return fmt::format("{}; --force replaces only what sliver wrote, choose another folder with {}",
                               *why, rules_.option);
        return {};
    }
    if (type == fs::file_type::directory) return "is a folder; a file is wanted";
    if (type != fs::file_type::regular) return "exists and is not a file";
    if (!rules_.force)
        return fmt::format("exists; choose another file with {}, or replace it with --force", rules_.option);
    if (existing == target_ && is_listed(target_) &&
        !is_as_listed(target_.parent_path(), target_.filename().string()))
        return fmt::format("was changed since sliver wrote it; choose another file with {}", rules_.option);
    if (fs::is_empty(existing, error)) return {};
    const SealState state = rules_.seal ? seal_state(existing, *rules_.seal) : SealState::none;
    if (state == SealState::whole) return {};
    if (state == SealState::broken)
        return fmt::format("was changed since sliver wrote it; choose another file with {}", rules_.option);
    return fmt::format("is no file that {} wrote; --force replaces only those, choose another file with {}",
                       rules_.maker, rules_.option);
}

void OutputPlace::lock() {
    const fs::path path = lock_path(target_);
    for (;;) {
        Descriptor file(::open(path.c_str(), O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666));
        if (!file.is_open()) cannot("written", shown_, errno);
        if (::flock(file.number(), LOCK_EX | (rules_.wait ? 0 : LOCK_NB)) != 0) {
            if (errno == EINTR) continue;
            if (errno == EWOULDBLOCK)
                refuse(
                    "{}: another sliver is writing there; wait until it is done, or choose another place "
                    "with {}",
                    shown_, rules_.option);
            ::unlink(path.c_str());
            return;  // a file system without locks: names are random, so nothing is mixed up
        }
        // Whoever had it before has removed the name; only what still has it is a lock.
        struct stat own {
        }, named{};
        if (::fstat(file.number(), &own) != 0 || ::stat(path.c_str(), &named) != 0 ||
            own.st_ino != named.st_ino || own.st_dev != named.st_dev)
            continue;
        if (own.st_size != 0)
            refuse(
                "{}: {} is no lock of sliver, it holds something; move it away, or choose another place with "
                "{}",
                shown_, path.filename().string(), rules_.option);
        lock_ = std::move(file);
        lock_file_.emplace(path);
        return;
    }
}

/// Gives `staged` the first free name NAME.`word`-1, -2 ...: one that nobody takes for left behind. Returns
/// where it is then.
fs::path OutputPlace::set_beside(const fs::path& staged, const char* word) const {
    constexpr int kMostTries = 10'000;
    for (int number = 1; number < kMostTries; ++number) {
        fs::path beside =
            target_.parent_path() / fmt::format("{}.{}-{}", target_.filename().string(), word, number);
        if (rename_to_free(staged, beside)) return beside;
        if (errno != EEXIST) break;
    }
    return staged;
}

void OutputPlace::keep_beside(const fs::path& staged, const std::string& why) const {
    refuse("{}: came to exist meanwhile{} and was left alone; the new results are in {}", shown_,
           why.empty() ? "" : ", " + why + ",", set_beside(staged, "new").string());
}

/// What takes the place of something keeps its permissions and its group, as far as the system lets us.
void OutputPlace::take_over_mode(const fs::path& staged) const {
    struct stat old {};
    if (::lstat(target_.c_str(), &old) != 0 || S_ISLNK(old.st_mode)) return;
    constexpr mode_t kModes = 07777;
    if (::chown(staged.c_str(), static_cast<uid_t>(-1), old.st_gid) == 0 || errno == EPERM)
        static_cast<void>(::chmod(staged.c_str(), old.st_mode & kModes));
}

void OutputPlace::put(const fs::path& staged) const {
    take_over_mode(staged);
    const auto give_up = [&](int error) {
        std::error_code ignored;
        fs::remove_all(staged, ignored);
        cannot("put in place", shown_, error);
    };
    const auto settled = [&] { sync_folder(target_.parent_path()); };
    if (kind_ == OutputKind::folder && !rules_.force) {
        // The system renames a folder onto an empty one, and onto nothing else.
        if (::rename(staged.c_str(), target_.c_str()) == 0) return settled();
        if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR) give_up(errno);
        keep_beside(staged, "");
    }
    if (rename_to_free(staged, target_)) return settled();
    if (errno != EEXIST) give_up(errno);
    if (const std::string why = why_not_replaced(target_); !why.empty())
        keep_beside(staged, rules_.force ? why : "");
    fs::path old = staged;
    if (!rename_with(staged, target_, RENAME_EXCHANGE)) {
        if (!has_no_such_flag(errno)) give_up(errno);
        // A file system that cannot exchange two names: the old results stand aside for a moment.
        old = staging_path(target_);
        if (::rename(target_.c_str(), old.c_str()) != 0) give_up(errno);
        if (!rename_to_free(staged, target_)) {
            const int error = errno;
            if (!rename_to_free(old, target_))
                fail("{}: the old results are in {}", shown_, set_beside(old, "old").string());
            give_up(error);
        }
    }
    // Looked at again where nobody else reaches it.
    if (const std::string why = why_not_replaced(old); !why.empty()) {
        if (!rename_with(old, target_, RENAME_EXCHANGE))
            fail("{}: what was there is in {} now", shown_, set_beside(old, "old").string());
        keep_beside(old, why);
    }
    settled();
    std::error_code error;
    const bool gone = kind_ == OutputKind::file ? fs::remove(old, error) : remove_own(old);
    if (!gone)
        fail("{}: is replaced; what was there held something new and is in {}", shown_,
             set_beside(old, "old").string());
}

}  // namespace sliver
