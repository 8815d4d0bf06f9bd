// A results folder that is either complete or not there.
//
// Files are written into a staging folder beside the destination (staging.h), which takes its place when it
// is complete (output_place.h) and carries the mark of what it holds (own_folder.h). A run that is killed
// leaves the destination as it was. Called by every command that leaves a folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/output_place.h"
#include "base/staging.h"

namespace sliver {

class OutputFolder {
  public:
    /// Prepares `destination`; errors as OutputPlace has them.
    OutputFolder(const std::filesystem::path& destination, OutputRules rules);
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    /// Where to write before commit().
    [[nodiscard]] const std::filesystem::path& staging() const { return staged_.path(); }
    /// Writes `content` to staging()/name; MachineError when the disk refuses.
    void write(const std::string& name, std::string_view content) const;
    /// Writes the mark and puts the folder in place.
    void commit();

  private:
    OutputPlace place_;
    StagedFolder staged_;
};

}  // namespace sliver
