// What may be written where: the one place that decides it, for every command that writes.
//
// A result never takes the place of something that Sliver did not write, of an input, of the working folder,
// of a mount point, a device or a FIFO. Symbolic links are followed: results go where they point. What cannot
// be put in place is refused before the work, and looked at again when it is put there. Two processes do not
// work for one place: the second is refused. Called by OutputFolder and OutputFile.
#pragma once

#include <filesystem>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "base/file_seal.h"
#include "base/staging.h"

namespace sliver {

struct OutputRules {
    std::string maker = {};        ///< "sliver run --trace": whose files those are that --force replaces
    std::string option = "--out";  ///< where the user may name another place
    bool force = false;            ///< replace what Sliver wrote there before
    /// What is read: never replaced, nor a folder that holds it.
    std::vector<std::filesystem::path> inputs = {};
    std::optional<FileSeal> seal = {};  ///< files only; none: no file is ever replaced
    bool wait = false;                  ///< for another process at the same place, in place of refusing
    std::string shown = {};             ///< the path that the user knows, where it is another
    std::string belongs_to = {};        ///< folders only: what they are results of, for the mark
};

enum class OutputKind { folder, file };

/// Folders that were made on the way to a place, and go again where they stayed empty, the deepest first.
class MadeFolders {
  public:
    MadeFolders() = default;
    ~MadeFolders() {
        while (!folders_.empty()) folders_.pop_front();
    }
    MadeFolders(const MadeFolders&) = delete;
    MadeFolders& operator=(const MadeFolders&) = delete;
    /// Makes `folder` and those above it that are not there. MachineError, about `shown`, where it cannot.
    void make(const std::filesystem::path& folder, const std::string& shown);

  private:
    std::list<Unfinished> folders_;  ///< deepest first
};

/// A place that is ready to take a folder or a file. Nothing at it is touched before it is replaced.
class OutputPlace {
  public:
    /// InputError for what may not be replaced or is in use, MachineError for what the system refuses. Makes
    /// the folders above it; those that stayed empty are removed again by the destructor, or by a signal.
    OutputPlace(const std::filesystem::path& given, OutputKind kind, OutputRules rules);
    OutputPlace(const OutputPlace&) = delete;
    OutputPlace& operator=(const OutputPlace&) = delete;

    /// Where links lead to; absolute.
    [[nodiscard]] const std::filesystem::path& target() const { return target_; }
    /// As the user gave it.
    [[nodiscard]] const std::string& shown() const { return shown_; }
    [[nodiscard]] const OutputRules& rules() const { return rules_; }

    /// Puts the complete `staged` there: a rename, so that there is no moment without the old or the new.
    /// What came to exist meanwhile and may not be replaced stays; the new result then lies beside it, under
    /// a name that the InputError gives.
    void put(const std::filesystem::path& staged) const;

  private:
    void check() const;
    void lock();
    void take_over_mode(const std::filesystem::path& staged) const;
    [[nodiscard]] std::string why_not_replaced(const std::filesystem::path& existing) const;
    [[nodiscard]] std::filesystem::path set_beside(const std::filesystem::path& staged,
                                                   const char* word) const;
    [[noreturn]] void keep_beside(const std::filesystem::path& staged, const std::string& why) const;

    OutputKind kind_;
    OutputRules rules_;
    std::string shown_;
    std::filesystem::path target_;
    MadeFolders made_;  ///< above it
    Descriptor lock_;
    std::optional<Unfinished> lock_file_;
};

/// `path` with all links followed, also one that leads to nothing; absolute. InputError for a circle.
std::filesystem::path followed(const std::filesystem::path& path, const std::string& shown);
/// Whether `file` is `folder` or lies in it; both absolute, links followed.
bool lies_in(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace sliver
