// A folder for files that nobody keeps: made when it is asked for, gone afterwards.
#pragma once

#include <filesystem>
#include <string>

namespace sliver::cli {

class ScratchFolder {
  public:
    /// Below the system's temporary folder, named after `purpose` and this process. InputError where it
    /// cannot be made.
    explicit ScratchFolder(const std::string& purpose);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace sliver::cli
