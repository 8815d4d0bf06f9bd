// Image sets as files hold them: IDX, CIFAR-10 and CIFAR-100 binary, .npy; each gzip, too. Bytes stay bytes;
// padding, normalisation and what the dimensions of a .npy mean to a network are the business of
// network/images.h, which calls this. Users read docs/images.md.
//
// What a file is, its own bytes say: .npy and IDX by their magic, CIFAR by the size of its records. Every
// size in a header is compared with the bytes that are there. InputError in one line for the rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::network {

enum class Split { train, test };

struct RawImages {
    std::string source;  ///< the file, for messages and records: printable
    std::size_t count = 0;
    Shape shape;                      ///< of one image, where all axes but the first are one image's
    std::vector<std::uint8_t> bytes;  ///< byte images, channel-major; empty where `reals` holds them
    std::vector<float> reals;         ///< float images: the network's input as it stands
    std::optional<std::vector<int>> labels;
    std::vector<std::size_t> dims = {};  ///< of a .npy as it is, of several one behind the other; else empty
    std::size_t files = 0;               ///< of a .npy set: the files, where all have the same dims; else 0
};

/// Reads a file, or in a folder the files of `split`: `t10k-` or `train-images-idx3-ubyte[.gz]`,
/// `test_batch.bin` or `data_batch_1.bin` to `_5.bin`, `test.bin` or `train.bin` (CIFAR-100), `test.npy` or
/// `train.npy` (or a folder `test` or `train` of .npy files); else all .npy files by name, which are test
/// images. Labels are found beside their images: `images-idx3` becomes `labels-idx1`, NAME.npy becomes
/// NAME.labels.npy, and a folder of .npy files may hold labels.npy. `classes` (0: unknown) tells CIFAR-100
/// from CIFAR-10 where both would fit.
[[nodiscard]] RawImages read_images(const std::filesystem::path& source, Split split, std::size_t classes);

/// The images in the bytes of one file, unpacked; `source` is its name.
[[nodiscard]] RawImages parse_images(const std::string& bytes, const std::string& source,
                                     std::size_t classes);

/// Labels from an IDX file or a .npy list of integers.
[[nodiscard]] std::vector<int> read_labels(const std::filesystem::path& path);
[[nodiscard]] std::vector<int> parse_labels(const std::string& bytes, const std::string& source);

/// Whether `folder` is a folder in which read_images() finds this split.
[[nodiscard]] bool has_split(const std::filesystem::path& folder, Split split);

/// All files that read_images() may read of `source`, of both splits, those of the labels last: what the
/// source is, is what they hold.
[[nodiscard]] std::vector<std::filesystem::path> image_files(const std::filesystem::path& source);

}  // namespace sliver::network
