// Which images a command works on, and which others it may calibrate on.
//
// Tested images: the first ones of `--images`, or of the set that the network's card names. Calibration never
// sees them where that can be helped: `--calibrate`, else the training split of the same folder, else the
// images behind the tested ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/loaded_network.h"
#include "network/images.h"

namespace sliver::app {

/// Images as one asks for them.
struct ImageRequest {
    std::string images;  ///< shipped set or path; empty: what the network's card names
    std::string labels;
    std::vector<double> mean, std;
    int pad = -1;  ///< -1: as the network's card says
    std::string calibrate;
    std::size_t calibrate_count = 64;
    std::shared_ptr<network::ImageSet> calibration = {};  ///< in memory, in place of `calibrate`
};

struct TestImages {
    std::filesystem::path source;       ///< file or folder
    network::ImageOptions preparation;  ///< as card and options say
    std::shared_ptr<network::ImageSet> set;
};

/// Opens the tested images and makes sure that there are `count`; `asked_by` names the option that wants so
/// many.
TestImages open_images(const LoadedNetwork& loaded, const ImageRequest& options, std::size_t count,
                       const char* asked_by);

struct CalibrationImages {
    std::shared_ptr<network::ImageSet> set;
    std::size_t first = 0, count = 0;
    [[nodiscard]] std::vector<float> image(std::size_t i) const { return set->image(first + i); }
};

enum class Purpose {
    ranges,       ///< activation ranges: the tested images will do where there are no others (design.md, 10)
    column_sums,  ///< ADC widths: what is tested later must not have chosen them
};

/// `tested`: images [0, tested) of `test` are under test. InputError where `purpose` finds no image.
CalibrationImages calibration_images(const LoadedNetwork& loaded, const ImageRequest& options,
                                     const TestImages& test, std::size_t tested, Purpose purpose);

/// The last `count` images (or all there are) of the calibration set, with labels: training images that
/// `scripts/train` holds out by default. InputError where the set has no labels or nothing beside the tested
/// images.
CalibrationImages held_out_images(const LoadedNetwork& loaded, const ImageRequest& options,
                                  const TestImages& test, std::size_t tested, std::size_t count);

/// Input codes of images [first, first + count), one after the other.
std::vector<std::int32_t> image_codes(const network::QuantisedNetwork& network, const network::ImageSet& set,
                                      std::size_t first, std::size_t count);

/// SHA-256 of codes as 32-bit little-endian numbers.
std::string digest_of(const std::vector<std::int32_t>& codes);

/// The sets that `--images` knows by name: name and folder.
std::vector<std::pair<std::string, std::string>> known_image_sets();

}  // namespace sliver::app
