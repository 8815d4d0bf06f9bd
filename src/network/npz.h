// NumPy .npz archives: .npy files in an uncompressed zip.
//
// The same arrays in the same order give the same bytes: entries carry the fixed date 1980-01-01. Written for
// `sliver export`; any tool that reads zip reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_seal.h"

namespace sliver::network {

/// How the file ends: the comment of a zip archive, which readers pass over.
constexpr FileSeal kArchiveSeal{"sliver export, sha256 ", ""};

class NpzWriter {
  public:
    /// Adds an array, given as npy_bytes(), under `name` (without ".npy"). Names must differ
    /// (std::invalid_argument); InputError where the archive would pass the 4 GiB or 65,535 entries of plain
    /// zip.
    void add(const std::string& name, std::string npy);
    /// The whole archive, with the blank seal; one array at least. The writer may be used further; a later
    /// call gives the longer archive.
    [[nodiscard]] std::string finish() const;

  private:
    std::vector<std::pair<std::string, std::string>> entries_;  ///< file, its content
    std::size_t bytes_ = 0;                                     ///< of all entries and their headers
    std::set<std::string> names_;
};

}  // namespace sliver::network
