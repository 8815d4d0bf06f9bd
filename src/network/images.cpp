#include "network/images.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace sliver::network {

namespace {

std::string describe(const Shape& shape) {
    return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

std::vector<float> per_channel(const char* what, const std::vector<double>& values, int channels,
                               float otherwise, double lowest) {
    const auto count = static_cast<std::size_t>(channels);
    if (values.empty()) return std::vector<float>(count, otherwise);
    if (values.size() != 1 && values.size() != count)
        refuse("{}: {} values for images of {} channel(s); one, or one a channel, is wanted", what,
               values.size(), channels);
    std::vector<float> result;
    for (std::size_t c = 0; c < count; ++c) {
        const double value = values[values.size() == 1 ? 0 : c];
        const auto narrow = static_cast<float>(value);
        if (!std::isfinite(narrow) || !(narrow > lowest))
            refuse("{}: {} is not a {}number", what, value, lowest < 0 ? "finite " : "positive finite ");
        result.push_back(narrow);
    }
    return result;
}

}  // namespace

ImageSet::ImageSet(const std::filesystem::path& source, const Shape& wanted, std::size_t classes,
                   const ImageOptions& options)
    : ImageSet(read_images(source, options.split, classes), wanted, classes, options) {}

ImageSet::ImageSet(RawImages raw, const Shape& wanted, std::size_t classes, const ImageOptions& options)
    : raw_(std::move(raw)) {
    if (options.labels) raw_.labels = read_labels(*options.labels);
    if (options.pad < 0 || options.pad > kMostPadding)
        refuse("pad: {}; 0 to {} is supported", options.pad, kMostPadding);
    if (raw_.reals.empty()) {
        pad_ = options.pad;
        mean_ = per_channel("mean", options.mean, raw_.shape.channels, 0.0F, -HUGE_VAL);
        std_ = per_channel("std", options.std, raw_.shape.channels, 1.0F, 0);
    }
    shape_ = {raw_.shape.channels, raw_.shape.height + 2 * pad_, raw_.shape.width + 2 * pad_};
    // A fully connected network takes the image as a list; channel-major order is the list's order.
    const bool as_list = wanted.height == 1 && wanted.width == 1 && wanted.size() == shape_.size();
    if (!(shape_ == wanted) && !as_list)
        refuse("{}: images are {}{}, but the network's input is {}", raw_.source, describe(raw_.shape),
               pad_ == 0 ? "" : fmt::format(", padded by {} to {}", pad_, describe(shape_)),
               describe(wanted));
    shape_ = wanted;
    if (!raw_.labels) return;
    if (raw_.labels->size() != raw_.count)
        refuse("{}: {} images, but {} labels", raw_.source, raw_.count, raw_.labels->size());
    const auto wrong = std::find_if(raw_.labels->begin(), raw_.labels->end(),
                                    [&](int label) { return static_cast<std::size_t>(label) >= classes; });
    if (classes != 0 && wrong != raw_.labels->end())
        refuse("{}: image {} has label {}, but the network has {} outputs", raw_.source,
               wrong - raw_.labels->begin(), *wrong, classes);
}

std::vector<float> ImageSet::image(std::size_t i) const {
    const std::size_t pixels = raw_.shape.size();
    if (!raw_.reals.empty()) {
        const auto first = raw_.reals.begin() + static_cast<std::ptrdiff_t>(i * pixels);
        return {first, first + static_cast<std::ptrdiff_t>(pixels)};
    }
    const std::uint8_t* bytes = raw_.bytes.data() + i * pixels;
    std::vector<float> values;
    values.reserve(shape_.size());
    for (int channel = 0; channel < raw_.shape.channels; ++channel) {
        const float mean = mean_[static_cast<std::size_t>(channel)],
                    deviation = std_[static_cast<std::size_t>(channel)];
        for (int y = -pad_; y < raw_.shape.height + pad_; ++y)
            for (int x = -pad_; x < raw_.shape.width + pad_; ++x) {
                const bool outside = y < 0 || x < 0 || y >= raw_.shape.height || x >= raw_.shape.width;
                const std::ptrdiff_t at =
                    (std::ptrdiff_t{channel} * raw_.shape.height + y) * raw_.shape.width + x;
                const auto byte = static_cast<float>(outside ? 0 : bytes[at]);
                values.push_back((byte / 255.0F - mean) / deviation);
            }
    }
    return values;
}

}  // namespace sliver::network
