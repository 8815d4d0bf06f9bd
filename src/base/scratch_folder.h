// A folder for files that nobody keeps: made when it is asked for, gone afterwards, also when a signal ends
// the program; what a killed one left is removed by the next.
#pragma once

#include <filesystem>
#include <string>

#include "base/staging.h"

namespace sliver {

class ScratchFolder {
  public:
    /// Below the system's temporary folder (TMPDIR, else /tmp), named after `purpose`. InputError where
    /// TMPDIR names no folder, MachineError where none can be made.
    explicit ScratchFolder(const std::string& purpose);
    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

  private:
    std::filesystem::path place_;
    StagedFolder folder_;
};

}  // namespace sliver
