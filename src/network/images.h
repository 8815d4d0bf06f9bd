// Image sets for a network: read (network/image_files.h), padded, normalised, checked against the network's
// input.
//
// Byte images become ((byte / 255) - mean) / std in single precision and in this order, as PyTorch computes
// it, after zeros were added on each side. Float images (.npy) are the network's input as they stand. The
// axes of a .npy are those of the network's file: (n, channels, height, width), (n, height, width, channels)
// where the file wants that, fewer where an extent is 1, and without n for one image; docs/images.md. Called
// by the program and the studies.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "network/float_network.h"
#include "network/image_files.h"

namespace sliver::network {

/// Zero pixels that may be added on each side.
constexpr int kMostPadding = 1024;

struct ImageOptions {
    std::vector<double> mean;                          ///< one for all channels or one a channel; empty: 0
    std::vector<double> std;                           ///< likewise; empty: 1
    int pad = 0;                                       ///< zero bytes added on each side before normalisation
    Split split = Split::test;                         ///< of a folder
    std::optional<std::filesystem::path> labels;       ///< in place of the labels found with the images
    ImageLayout layout = ImageLayout::channels_first;  ///< of the network: what a .npy is expected in
};

class ImageSet {
  public:
    /// Reads `source` for a network with input `wanted` and `classes` outputs. InputError for files that
    /// cannot be read, images of another size, labels that do not fit.
    ImageSet(const std::filesystem::path& source, const Shape& wanted, std::size_t classes,
             const ImageOptions& options);

    /// The same of images that are in memory; `raw.source` names them in messages and records.
    ImageSet(RawImages raw, const Shape& wanted, std::size_t classes, const ImageOptions& options);

    [[nodiscard]] const std::string& source() const { return raw_.source; }
    [[nodiscard]] const Shape& shape() const { return shape_; }
    /// The file holds the network's input as it stands: nothing was padded or normalised.
    [[nodiscard]] bool is_float() const { return !raw_.reals.empty(); }
    [[nodiscard]] std::size_t count() const { return raw_.count; }
    [[nodiscard]] const std::optional<std::vector<int>>& labels() const { return raw_.labels; }
    /// Image i (below count()) as the network takes it: shape().size() values, channel-major.
    [[nodiscard]] std::vector<float> image(std::size_t i) const;

  private:
    RawImages raw_;
    Shape shape_;
    int pad_ = 0;
    std::vector<float> mean_, std_;  ///< one a channel of the file's images
};

}  // namespace sliver::network
