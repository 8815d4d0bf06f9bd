// A file that is either complete or not there.
//
// OutputFile: one that the user named. write_file(): one under a name of Sliver's own, in a folder of
// Sliver's own (own_folder.h), replaced without asking. Both are written aside, made durable and renamed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/output_place.h"
#include "base/sha256.h"
#include "base/staging.h"

namespace sliver {

/// Made before the work, so that what cannot be written shows then; written piece by piece.
class OutputFile {
  public:
    /// Errors as OutputPlace has them; MachineError, too, when the disk is full already.
    OutputFile(const std::filesystem::path& destination, OutputRules rules);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// MachineError when the disk refuses.
    void append(std::string_view content);
    /// Puts the file in place, its seal filled in; what was appended must end with the blank one
    /// (std::logic_error).
    void commit();
    /// As the user gave it.
    [[nodiscard]] const std::string& shown() const { return place_.shown(); }

  private:
    void seal();

    OutputPlace place_;
    StagedFile staged_;
    Sha256 hash_;      ///< of what was appended
    std::string end_;  ///< its last bytes, as many as a seal has
    std::size_t bytes_ = 0;
};

/// `when_read_checked`: for what is told damaged by its digest when it is read, and made anew: thousands of
/// files of a cache need not wait for the disk.
enum class Durability { after_power_cut, when_read_checked };

/// Writes `content` to `path` aside and renames it into place; makes its folder. MachineError when that
/// fails.
void write_file(const std::filesystem::path& path, std::string_view content,
                Durability durability = Durability::after_power_cut);

}  // namespace sliver
