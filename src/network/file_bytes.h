// A file's bytes in memory, gzip unpacked on the way, and text from foreign files made fit for a one-line
// message.
//
// Whatever is wrong (missing, a folder, damaged gzip, larger than 2 GiB once unpacked) is an InputError that
// names the file. Nothing is allocated from a size that a header only claims: buffers grow with bytes that
// were really read. Called by the readers of ONNX, IDX, CIFAR and .npy files.
#pragma once

#include <filesystem>
#include <string>

namespace sliver::network {

/// The bytes of a regular file; gzip (told by its magic bytes, whatever the name) comes back unpacked, all
/// members of it.
[[nodiscard]] std::string read_unpacked(const std::filesystem::path& path);

/// `name` without control characters and cut to a readable length: names in an ONNX file may hold anything.
[[nodiscard]] std::string printable(const std::string& name);

}  // namespace sliver::network
