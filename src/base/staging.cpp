#include "base/staging.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>  // renameat2, RENAME_NOREPLACE: glibc
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/own_folder.h"

namespace sliver {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMark = ".sliver-";
constexpr std::size_t kDigits = 32;
/// Names have at most 255 bytes; with the mark and the digits this much of a long one still fits.
constexpr std::size_t kMostOfName = 200;

std::string staging_prefix(const std::string& name) {
    return "." + name.substr(0, kMostOfName) + std::string(kMark);
}

// ---- What a signal handler may touch: no memory is allocated, nothing is locked.

constexpr std::size_t kSlots = 64, kLongestPath = 4096;

struct Slot {
    /// 0: free. A forked child sees its parent's entries, and leaves them alone.
    std::atomic<pid_t> owner{0};
    std::atomic<bool> ready{false};
    std::atomic<bool> if_empty{false};
    std::array<char, kLongestPath> path{};
};
std::array<Slot, kSlots> slots;

/// As the kernel writes it for getdents64 (man 2 getdents64).
struct DirectoryEntry {
    std::uint64_t inode;
    std::int64_t next;
    std::uint16_t length;
    std::uint8_t type;
    char name[1];
};

/// Removes the file or, with all it holds, the folder `name` of folder `parent`.
void remove_quietly(int parent, const char* name, int depth) {
    constexpr int kDeepest = 16;
    if (::unlinkat(parent, name, 0) == 0 || depth > kDeepest) return;
    const int folder = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return;
    // Coroutines of the simulation have small stacks: small pieces.
    alignas(DirectoryEntry) std::array<char, 1024> piece;
    for (long got; (got = ::syscall(SYS_getdents64, folder, piece.data(), piece.size())) > 0;) {
        for (long at = 0; at < got;) {
            const auto* entry = reinterpret_cast<const DirectoryEntry*>(piece.data() + at);
            const char* inner = static_cast<const char*>(entry->name);
            at += entry->length;
            if (std::strcmp(inner, ".") != 0 && std::strcmp(inner, "..") != 0)
                remove_quietly(folder, inner, depth + 1);
        }
    }
    ::close(folder);
    ::unlinkat(parent, name, AT_REMOVEDIR);
}

void say(const char* text) {
    const ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text));
    static_cast<void>(ignored);
}

/// SignalsWait: how many there are, and the signal that came meanwhile.
std::atomic<int> waits{0}, came{0};
std::atomic<bool> tells{true};

void remove_and_end(int signal) {
    if (waits.load() > 0) {
        came.store(signal);
        return;
    }
    const pid_t self = ::getpid();
    // Another thread may be writing there: once more for what it made meanwhile.
    for (int pass = 0; pass < 3; ++pass)
        for (Slot& slot : slots)
            if (slot.owner.load() == self && slot.ready.load() && !slot.if_empty.load())
                remove_quietly(AT_FDCWD, slot.path.data(), 0);
    // Folders made for them, some in others: until none goes any more.
    for (bool gone = true; gone;) {
        gone = false;
        for (Slot& slot : slots)
            if (slot.owner.load() == self && slot.ready.load() && slot.if_empty.load())
                gone = ::rmdir(slot.path.data()) == 0 || gone;
    }
    if (tells.load() && ::isatty(STDERR_FILENO) == 1) say("\r\x1b[K");  // a line of progress
    if (tells.load()) {
        say("sliver: stopped by ");
        say(signal_name(signal));
        say("\n");
    }
    constexpr int kSignalled = 128;
    ::_exit(kSignalled + signal);
}

int take_slot(const std::string& path, Removal removal) {
    if (path.size() >= kLongestPath) return -1;
    for (std::size_t i = 0; i < kSlots; ++i) {
        pid_t free = 0;
        Slot& slot = slots[i];
        if (!slot.owner.compare_exchange_strong(free, ::getpid())) continue;
        std::copy(path.begin(), path.end(), slot.path.begin());
        slot.path[path.size()] = '\0';
        slot.if_empty.store(removal == Removal::if_empty);
        slot.ready.store(true);
        return static_cast<int>(i);
    }
    return -1;
}

/// Locks what was just made. False: somebody who cleans up was faster, and takes it for left behind. Who
/// cannot lock at all (some network file systems) is never taken for dead either: nobody else can lock.
bool is_claimed(int number) {
    struct stat status {};
    if (::flock(number, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
    return ::fstat(number, &status) != 0 || status.st_nlink != 0;
}

}  // namespace

fs::path staging_path(const fs::path& path) {
    std::array<unsigned char, kDigits / 2> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
        fail("the system gives no random numbers ({})", std::strerror(errno));
    std::string digits;
    for (const unsigned char byte : random) digits += fmt::format("{:02x}", byte);
    return path.parent_path() / (staging_prefix(path.filename().string()) + digits);
}

fs::path lock_path(const fs::path& path) {
    return path.parent_path() / (staging_prefix(path.filename().string()) + "lock");
}

bool is_lock_name(const std::string& name, const std::string& of) {
    const std::string ending = std::string(kMark) + "lock";
    if (!of.empty()) return name == staging_prefix(of) + "lock";
    return name.size() > ending.size() + 1 && name.front() == '.' &&
           name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_staging_name(const std::string& name, const std::string& of) {
    if (name.size() <= kDigits + kMark.size() || name.front() != '.') return false;
    const std::size_t digits = name.size() - kDigits;
    if (name.find_first_not_of("0123456789abcdef", digits) != std::string::npos) return false;
    if (name.compare(digits - kMark.size(), kMark.size(), kMark) != 0) return false;
    return of.empty() || name.substr(0, digits) == staging_prefix(of);
}

const char* signal_name(int signal) {
    switch (signal) {
        case SIGINT:
            return "SIGINT";
        case SIGTERM:
            return "SIGTERM";
        case SIGHUP:
            return "SIGHUP";
        case SIGQUIT:
            return "SIGQUIT";
        default:
            return "a signal";
    }
}

void remove_unfinished_on_signals(bool tell) {
    tells.store(tell);
    ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing, which is told
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2}) {
        struct sigaction before {};
        if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
        struct sigaction action {};
        action.sa_handler = remove_and_end;
        sigfillset(&action.sa_mask);
        ::sigaction(signal, &action, nullptr);
    }
}

SignalsWait::SignalsWait() {
    ++waits;
}

SignalsWait::~SignalsWait() {
    if (--waits == 0 && came.load() != 0) remove_and_end(came.load());
}

Unfinished::Unfinished(fs::path path, Removal removal)
    : path_(std::move(path)), removal_(removal), slot_(take_slot(path_.string(), removal)) {}

Unfinished::~Unfinished() {
    if (path_.empty()) return;
    // What is empty goes without a descriptor: there may be none left.
    std::error_code ignored;
    if (removal_ == Removal::if_empty)
        ::rmdir(path_.c_str());
    else if (::unlink(path_.c_str()) != 0 && ::rmdir(path_.c_str()) != 0)
        fs::remove_all(path_, ignored);
    done();
}

void Unfinished::done() {
    path_.clear();
    if (slot_ < 0) return;
    Slot& slot = slots[static_cast<std::size_t>(slot_)];
    slot_ = -1;
    slot.ready.store(false);
    slot.owner.store(0);
}

bool Descriptor::close() {
    if (number_ < 0) return true;
    return ::close(std::exchange(number_, -1)) == 0;
}

void cannot(std::string_view what, const std::string& path, int error) {
    if (error == ENOTDIR || error == ENAMETOOLONG || error == ELOOP || error == EINVAL)
        refuse("{}: cannot be {} ({})", path, what, std::strerror(error));
    fail("{}: cannot be {} ({})", path, what, std::strerror(error));
}

NewFile::NewFile(const fs::path& path, std::string shown) : shown_(std::move(shown)) {
    constexpr mode_t kAll = 0666;  // less what the user's umask takes
    file_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kAll));
    if (!file_.is_open()) cannot("written", shown_, errno);
}

void NewFile::append(std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file_.number(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) cannot("written", shown_, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

void NewFile::replace(std::size_t offset, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written =
            ::pwrite(file_.number(), content.data(), content.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) cannot("written", shown_, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::size_t>(written);
    }
}

void NewFile::probe() {
    const std::string block(4096, ' ');
    append(block);
    if (::ftruncate(file_.number(), 0) != 0 || ::lseek(file_.number(), 0, SEEK_SET) != 0)
        cannot("written", shown_, errno);
}

void NewFile::finish() {
    // A power cut after the rename must not leave a name without content.
    if (::fsync(file_.number()) != 0 && errno != EINVAL && errno != EROFS) cannot("written", shown_, errno);
}

StagedFile::StagedFile(const fs::path& destination, const std::string& shown) {
    do {
        file_.reset();
        unfinished_.emplace(staging_path(destination));
        file_.emplace(unfinished_->path(), shown);
    } while (!is_claimed(file_->number()));
}

StagedFolder::StagedFolder(const fs::path& destination, const std::string& shown) {
    constexpr mode_t kAll = 0777;
    do {
        unfinished_.emplace(staging_path(destination));
        if (::mkdir(unfinished_->path().c_str(), kAll) != 0) {
            const int error = errno;
            unfinished_->done();
            cannot("created", shown, error);
        }
        folder_ = Descriptor(::open(unfinished_->path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        // Only one reason to try again: somebody who cleans up took it for left behind, and was faster.
        if (!folder_.is_open() && errno != ENOENT) cannot("created", shown, errno);
    } while (!folder_.is_open() || !is_claimed(folder_.number()));
    // As large as a block: a full disk shows now, not after the work.
    NewFile mark(path() / kStagingMark, shown);
    mark.append(std::string(4096, '\n'));
}

fs::path StagedFolder::complete() {
    fs::path path = unfinished_->path();
    std::error_code ignored;
    fs::remove(path / kStagingMark, ignored);
    if (folder_.is_open()) ::fsync(folder_.number());
    unfinished_->done();
    return path;
}

fs::path StagedFile::complete() {
    fs::path path = unfinished_->path();
    unfinished_->done();
    return path;
}

bool has_no_such_flag(int error) {
    return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

bool rename_to_free(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (!has_no_such_flag(errno)) return false;
    std::error_code error;
    // A hard link is never made over something; folders have none, but are not renamed onto a full one.
    if (fs::is_directory(from, error)) {
        if (fs::symlink_status(to, error).type() != fs::file_type::not_found) {
            errno = EEXIST;
            return false;
        }
        return ::rename(from.c_str(), to.c_str()) == 0;
    }
    return ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

void sync_folder(const fs::path& folder) {
    const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (open.is_open()) ::fsync(open.number());
}

void remove_leftovers(const fs::path& folder, const std::string& of) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (const std::string name = entry->path().filename().string();
            is_staging_name(name, of) || is_lock_name(name, of))
            found.push_back(entry->path());
    for (const fs::path& path : found) {
        const Descriptor open(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        struct stat status {};
        if (!open.is_open() || ::fstat(open.number(), &status) != 0) continue;
        if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) continue;
        // What holds something is nobody's lock.
        if (is_lock_name(path.filename().string()) && (!S_ISREG(status.st_mode) || status.st_size != 0))
            continue;
        if (::flock(open.number(), LOCK_EX | LOCK_NB) != 0) continue;
        // Renamed into place since it was opened: nothing has this name any more, so nothing is removed.
        if (S_ISREG(status.st_mode) || fs::exists(path / kStagingMark, error))
            fs::remove_all(path, error);
        else if (!why_not_ours(path))
            remove_own(path);
        else
            ::rmdir(path.c_str());
    }
}

}  // namespace sliver
