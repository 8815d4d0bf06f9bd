// The seal of a single file: a digest of its content in its last bytes, in a form that the file's format
// allows there, so that a file which somebody edited is told from the one that Sliver wrote.
//
// The writer of a format ends with blank(): the seal with zeros for digits. The file is complete and valid
// so, and its digest is that of exactly these bytes; OutputFile puts the digits in place of the zeros. Called
// by the writers of such files, OutputFile and OutputPlace.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/sha256.h"

namespace sliver {

struct FileSeal {
    std::string_view before, after;  ///< the digits; `before` names the command that writes such files

    /// The last bytes of a file that has no digest yet.
    [[nodiscard]] std::string blank() const;
    [[nodiscard]] std::size_t size() const { return before.size() + kSha256Digits + after.size(); }
};

enum class SealState {
    none,    ///< does not end with this seal
    whole,   ///< as it was written
    broken,  ///< has the seal, and another content
};

/// MachineError where the file cannot be read.
SealState seal_state(const std::filesystem::path& file, const FileSeal& seal);

}  // namespace sliver
