// What is written but not yet in place: names that nobody else uses, files made exclusively, and their
// removal on every way out.
//
// A staging name is `.NAME.sliver-` and 32 random hexadecimal digits, in the folder of NAME: on the same file
// system, so that a rename puts it in place, and never that of another process, whatever its number or host.
// A destructor removes what an exception leaves, a signal handler what SIGINT, SIGTERM, SIGHUP and SIGPIPE
// leave. What a killed process leaves is removed by the next one that finds it unlocked (flock: the kernel
// releases the lock of a process that died, also in another container). Called by the output files beside
// this one, and by the program for its scratch folders.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sliver {

/// A staging name beside `path`, not yet taken. MachineError where the system has no random numbers.
std::filesystem::path staging_path(const std::filesystem::path& path);
/// Whether `name` (no folders) is a staging name; of what is called `of`, where that is given.
bool is_staging_name(const std::string& name, const std::string& of = {});

/// The file whose lock says that a process works for `path`.
std::filesystem::path lock_path(const std::filesystem::path& path);
constexpr const char* kStagingMark = ".sliver-staging";

/// Whether `name` is such a file's; that of what is called `of`, where that is given.
bool is_lock_name(const std::string& name, const std::string& of = {});

/// The name of a signal that ends a process in order, for messages: "SIGINT", else "a signal".
[[nodiscard]] const char* signal_name(int signal);

/// Makes every signal that ends a process remove what is Unfinished first, then ends with 128 + signal. A
/// signal that was ignored when the process began (nohup) stays ignored. By main(), and by a child that its
/// parent gave other handlers; `tell`: whether a line says so (a child's parent speaks for it).
void remove_unfinished_on_signals(bool tell = true);

/// While this lives, a signal that ends the process waits: between a rename and the name that follows from
/// it.
class SignalsWait {
  public:
    SignalsWait();
    ~SignalsWait();
    SignalsWait(const SignalsWait&) = delete;
    SignalsWait& operator=(const SignalsWait&) = delete;
};

/// With all it holds; or a folder only while it is empty.
enum class Removal { whole, if_empty };

/// A file or folder that is removed when the process ends by a signal, or when this is destroyed before
/// done(). By a signal, those that go only if they are empty go last, and the deepest of them first.
class Unfinished {
  public:
    explicit Unfinished(std::filesystem::path path, Removal removal = Removal::whole);
    ~Unfinished();
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// It has its own name now, or is gone: nothing is removed any more.
    void done();

  private:
    std::filesystem::path path_;
    Removal removal_;
    int slot_;  ///< -1: none was free, or done
};

/// A descriptor that closes.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }
    /// False where the system reports an error: data may be lost.
    bool close();

  private:
    int number_ = -1;
};

/// A file that this process alone writes: made exclusively, never through a link. `shown`: the path that the
/// user gave, for messages. MachineError when the disk refuses.
class NewFile {
  public:
    NewFile(const std::filesystem::path& path, std::string shown);
    void append(std::string_view content);
    /// Writes over what is at `offset`; later append()s go on at the end.
    void replace(std::size_t offset, std::string_view content);
    /// Shows a full disk before there is anything to write: it takes the name of a file, but not its first
    /// block.
    void probe();
    /// On the disk when this returns. The file stays open, and locked, until the object ends.
    void finish();
    [[nodiscard]] int number() const { return file_.number(); }

  private:
    std::string shown_;
    Descriptor file_;
};

/// A file under a staging name beside `destination`, locked as long as this lives; removed unless done().
class StagedFile {
  public:
    StagedFile(const std::filesystem::path& destination, const std::string& shown);
    [[nodiscard]] const std::filesystem::path& path() const { return unfinished_->path(); }
    [[nodiscard]] NewFile& file() { return *file_; }
    /// The caller renames it: it is not removed any more. Returns where it is.
    [[nodiscard]] std::filesystem::path complete();

  private:
    std::optional<Unfinished> unfinished_;
    std::optional<NewFile> file_;
};

/// A folder likewise. Until it is complete it holds kStagingMark: what has a staging name, but not this mark,
/// may have been somebody's folder a moment ago, and is not removed as left behind.
class StagedFolder {
  public:
    StagedFolder(const std::filesystem::path& destination, const std::string& shown);
    [[nodiscard]] const std::filesystem::path& path() const { return unfinished_->path(); }
    [[nodiscard]] std::filesystem::path complete();

  private:
    std::optional<Unfinished> unfinished_;
    Descriptor folder_;
};

/// Whether an errno of renameat2() says that the file system does not know the flag.
[[nodiscard]] bool has_no_such_flag(int error);

/// Renames to a name that nothing has. False with errno: EEXIST where something has it.
bool rename_to_free(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes the entries of `folder` durable. Silent where the file system has no such thing.
void sync_folder(const std::filesystem::path& folder);

/// Ends with an error for what the system said about `path`: InputError where the path itself is wrong (a
/// component is a file, a name is too long, links go in circles), else MachineError. `error`: an errno.
[[noreturn]] void cannot(std::string_view what, const std::string& path, int error);

/// Removes what dead processes left in `folder` under staging names: with `of`, only for the file or folder
/// of that name. What is locked, or cannot be locked, stays.
void remove_leftovers(const std::filesystem::path& folder, const std::string& of = {});

}  // namespace sliver
