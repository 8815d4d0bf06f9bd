#include "app/image_source.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/sha256.h"
#include "network/golden.h"

namespace sliver::app {
namespace fs = std::filesystem;

namespace {

fs::path folder_of_set(const std::string& name, const std::string& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error))
        refuse("images {}: {} is not there; install Debian's package dataset-{} or give --images", name,
               folder, name);
    return folder;
}

fs::path source_of(const LoadedNetwork& loaded, const ImageRequest& options) {
    const std::string& given = options.images;
    const std::string named = given.empty() && loaded.card ? loaded.card->data_set : given;
    for (const auto& [name, folder] : known_image_sets())
        if (named == name) return folder_of_set(name, folder);
    if (given.empty() && named.empty())
        refuse("--images: is missing, and {} has no card that names its images", loaded.path.string());
    if (given.empty())
        refuse("--images: is missing; {} was made for {}, which Debian does not package: give its path",
               loaded.network.name, named);
    std::error_code error;
    if (!fs::exists(given, error)) refuse("--images: {}: no such file or folder", given);
    return given;
}

network::ImageOptions preparation_of(const LoadedNetwork& loaded, const ImageRequest& options) {
    network::ImageOptions preparation;
    if (loaded.card) preparation = loaded.card->image_options();
    preparation.layout = loaded.network.layout;
    if (!options.mean.empty()) preparation.mean = options.mean;
    if (!options.std.empty()) preparation.std = options.std;
    if (options.pad >= 0) preparation.pad = options.pad;
    return preparation;
}

/// Options that nothing would look at are refused.
void refuse_without_effect(const ImageRequest& options, const network::ImageSet& set) {
    if (!set.is_float()) return;
    const char* option = !options.mean.empty() ? "--mean" : !options.std.empty() ? "--std" : "--pad";
    if (options.mean.empty() && options.std.empty() && options.pad <= 0) return;
    refuse("{}: has no effect on float images: {} holds the network's input as it stands; leave it out",
           option, set.source());
}

void check_numbers(const ImageRequest& options) {
    for (const double mean : options.mean)
        if (!std::isfinite(mean)) refuse("--mean: value {}: must be a finite number", mean);
    for (const double deviation : options.std)
        if (!std::isfinite(deviation) || deviation <= 0)
            refuse("--std: value {}: must be a finite number above 0", deviation);
}

std::shared_ptr<network::ImageSet> open_set(const LoadedNetwork& loaded, const fs::path& source,
                                            const network::ImageOptions& preparation) {
    return std::make_shared<network::ImageSet>(source, loaded.network.input_shape(), loaded.network.classes(),
                                               preparation);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> known_image_sets() {
    return {{"fashion-mnist", "/usr/share/datasets/fashion-mnist"}};
}

TestImages open_images(const LoadedNetwork& loaded, const ImageRequest& options, std::size_t count,
                       const char* asked_by) {
    check_numbers(options);
    TestImages test;
    test.source = source_of(loaded, options);
    test.preparation = preparation_of(loaded, options);
    network::ImageOptions with_labels = test.preparation;
    if (!options.labels.empty()) with_labels.labels = options.labels;
    test.set = open_set(loaded, test.source, with_labels);
    // Images to calibrate on may be bytes beside float ones to test.
    if (options.calibrate.empty()) refuse_without_effect(options, *test.set);
    if (count > test.set->count())
        refuse("{}: value {}: {} holds {} images", asked_by, count, test.set->source(), test.set->count());
    return test;
}

CalibrationImages calibration_images(const LoadedNetwork& loaded, const ImageRequest& options,
                                     const TestImages& test, std::size_t tested, Purpose purpose) {
    CalibrationImages images;
    if (options.calibration != nullptr) {
        images.set = options.calibration;
        images.count = std::min(options.calibrate_count, images.set->count());
        return images;
    }
    network::ImageOptions preparation = test.preparation;
    preparation.split = network::Split::train;
    const bool own = !options.calibrate.empty();
    if (own || network::has_split(test.source, network::Split::train)) {
        ImageRequest named = options;
        named.images = options.calibrate;
        const fs::path source = own ? source_of(loaded, named) : test.source;
        if (!network::has_split(source, network::Split::train)) preparation.split = network::Split::test;
        images.set = open_set(loaded, source, preparation);
        if (test.set->is_float()) refuse_without_effect(options, *images.set);
    } else {
        images.set = test.set;
        if (purpose == Purpose::column_sums) images.first = tested;
        if (images.first >= images.set->count())
            refuse(
                "--adc: widths from column sums need images beside the {} tested ones of {}: give "
                "--calibrate or a "
                "smaller count",
                tested, test.set->source());
    }
    images.count = std::min(options.calibrate_count, images.set->count() - images.first);
    return images;
}

CalibrationImages held_out_images(const LoadedNetwork& loaded, const ImageRequest& options,
                                  const TestImages& test, std::size_t tested, std::size_t count) {
    CalibrationImages images = calibration_images(loaded, options, test, tested, Purpose::column_sums);
    if (!images.set->labels())
        refuse("--adc: accuracy needs labels, and {} has none: give --calibrate with labelled images",
               images.set->source());
    images.count = std::min(count, images.set->count() - images.first);
    images.first = images.set->count() - images.count;
    return images;
}

std::vector<std::int32_t> image_codes(const network::QuantisedNetwork& network, const network::ImageSet& set,
                                      std::size_t first, std::size_t count) {
    std::vector<std::int32_t> codes;
    codes.reserve(count * network.nodes.front().shape.size());
    for (std::size_t i = first; i < first + count; ++i) {
        const std::vector<float> pixels = set.image(i);
        const std::vector<std::int32_t> one = network::quantise_image(network.nodes.front(), pixels.data());
        codes.insert(codes.end(), one.begin(), one.end());
    }
    return codes;
}

std::string digest_of(const std::vector<std::int32_t>& codes) {
    std::string bytes;
    bytes.reserve(codes.size() * sizeof(std::int32_t));
    for (const std::int32_t code : codes)
        for (int shift = 0; shift < 32; shift += 8)
            bytes += static_cast<char>(static_cast<std::uint32_t>(code) >> shift & 0xff);
    return sha256(bytes);
}

}  // namespace sliver::app
