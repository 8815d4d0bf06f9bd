// The one place that reads files which others wrote.
//
// Only regular files are read (a FIFO, a device or a folder is refused at once and never waited for), and no
// more of them than a file of their kind can sensibly hold: the size is asked before the first byte is read,
// and counted again on the way, since files grow. gzip, told by its magic bytes whatever the name, is
// unpacked, all members of it. What comes out of it is bounded too: by the limit of the kind, and at any time
// by 64 MiB plus 100 times what was read so far. (The networks that ship pack 12 times at most, one with 99 %
// of its weights zero some 70 times; deflate can pack zeros 1000 times. Whatever exceeds the bound is read
// unpacked.)
//
// A file that is missing, no file, too large or damaged is an InputError; one that the machine does not let
// us read (permission, I/O error) a MachineError; both name the file. Called by every reader of files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace sliver {

/// What a file is for, which bounds its bytes, packed and unpacked.
struct InputKind {
    const char* noun;  ///< for messages: "a chip file"
    std::uint64_t most_bytes;
};

/// Text that a person writes: cards, chip files, sweep files.
constexpr InputKind kTextFile{"a text file", std::uint64_t{1} << 20};
/// Text that a run or a study leaves: stats.json, the JSON and CSV of studies. A run of 100 layers and 1,000
/// images leaves some 2 MiB, a sweep of 10,000 points some 60 MiB.
constexpr InputKind kResultFile{"a file of results", std::uint64_t{256} << 20};
/// Networks, images and arrays. Protobuf's own limit on a message.
constexpr InputKind kDataFile{"a file of data", (std::uint64_t{1} << 31) - 1};

/// The file as it lies on the disk.
[[nodiscard]] std::string read_file(const std::filesystem::path& path, const InputKind& kind);
/// The same, and gzip comes back unpacked.
[[nodiscard]] std::string read_unpacked(const std::filesystem::path& path, const InputKind& kind);
/// A file of any size, from its beginning, in pieces of 64 KiB at most.
void read_in_pieces(const std::filesystem::path& path, const std::function<void(std::string_view)>& take);
/// `bytes` unpacked where they are gzip, else `bytes`; `source` names them in messages.
[[nodiscard]] std::string unpacked(std::string bytes, const std::string& source, const InputKind& kind);

}  // namespace sliver
