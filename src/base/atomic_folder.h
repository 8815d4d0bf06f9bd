// A results folder, or a file, that is either complete or not there.
//
// Files are written into a sibling folder `.NAME.partial-HOST-PID` and the folder is renamed into place by
// commit(); files likewise. A run that is killed leaves the destination as it was. Called by the results
// writers.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace sliver {

class AtomicFolder {
  public:
    /// Prepares `destination`. InputError when it exists and is not empty and `force` is false, when it
    /// exists and is not a folder, or when its parent cannot be written. Nothing at `destination` is touched
    /// before commit().
    AtomicFolder(std::filesystem::path destination, bool force);
    ~AtomicFolder();
    AtomicFolder(const AtomicFolder&) = delete;
    AtomicFolder& operator=(const AtomicFolder&) = delete;

    /// Where to write before commit().
    [[nodiscard]] const std::filesystem::path& staging() const { return staging_; }
    /// Writes `content` to staging()/name; InputError when the disk refuses.
    void write(const std::string& name, std::string_view content) const;
    /// Renames the staging folder into place (replacing the old one under `force`).
    void commit();

  private:
    std::filesystem::path destination_;
    std::filesystem::path staging_;
    bool force_;
    bool committed_ = false;
};

/// A file that takes long to come by: whether it can be written shows before the work, and it is written
/// piece by piece.
class AtomicFile {
  public:
    /// InputError when something is at `destination` and it is no file, or `force` is false (`option`: where
    /// another may be named), when its folder cannot be written or the disk is full. Nothing at `destination`
    /// is touched before commit().
    AtomicFile(std::filesystem::path destination, const std::string& option, bool force);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// InputError when the disk refuses.
    void append(std::string_view content);
    /// Renames the file into place.
    void commit();
    [[nodiscard]] const std::filesystem::path& destination() const { return destination_; }

  private:
    std::filesystem::path destination_, staging_;
    std::ofstream out_;
};

/// Where what becomes `path` is written first: in the same folder, under a name of this process alone.
std::filesystem::path aside_of(const std::filesystem::path& path);
/// Whether `path` was left aside by a process of this machine that works no more.
bool is_leftover(const std::filesystem::path& path);

/// Writes `content` to `path` aside and renames it into place. InputError when that fails.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace sliver
