#include "network/images.h"

#include <fmt/format.h>

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

using Extents = std::vector<std::size_t>;

/// How the axes of one image may lie in a .npy for a network that takes `shape`.
struct Axes {
    Extents dims;
    bool channels_last;
};

std::vector<Axes> ways_of(const Shape& shape, ImageLayout layout) {
    const auto c = static_cast<std::size_t>(shape.channels), h = static_cast<std::size_t>(shape.height),
               w = static_cast<std::size_t>(shape.width);
    std::vector<Axes> ways;
    if (layout == ImageLayout::channels_last) ways.push_back({{h, w, c}, true});
    ways.push_back({{c, h, w}, false});
    if (h == 1 || w == 1) {  // along time
        if (layout == ImageLayout::channels_last) ways.push_back({{h * w, c}, true});
        ways.push_back({{c, h * w}, false});
    }
    if (c == 1) ways.push_back({{h, w}, false});
    if (h == 1 && w == 1) ways.push_back({{c}, false});
    return ways;
}

template <typename T>
void channels_to_front(std::vector<T>& values, std::size_t images, const Shape& shape) {
    const std::vector<T> from = std::move(values);
    const std::size_t pixels = shape.pixels(), channels = static_cast<std::size_t>(shape.channels);
    values.clear();
    values.reserve(from.size());
    for (std::size_t image = 0; image < images && !from.empty(); ++image)
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t p = 0; p < pixels; ++p)
                values.push_back(from[(image * pixels + p) * channels + c]);
}

/// Reads the axes of a .npy as images of `shape`, if they can be: a batch of them; else every file is one.
void arrange(RawImages& raw, const Shape& shape, ImageLayout layout) {
    const auto take = [&](std::size_t count, const Axes& way) {
        raw.shape = shape;
        raw.count = count;
        if (!way.channels_last) return;
        channels_to_front(raw.bytes, count, shape);
        channels_to_front(raw.reals, count, shape);
    };
    for (const Axes& way : ways_of(shape, layout))
        if (raw.dims.size() == way.dims.size() + 1 &&
            std::equal(way.dims.begin(), way.dims.end(), raw.dims.begin() + 1))
            return take(raw.dims[0], way);
    if (raw.files == 0) return;
    Extents one = raw.dims;
    one[0] /= raw.files;
    for (const Axes& way : ways_of(shape, layout))
        if (one == way.dims) return take(raw.files, way);
}

/// What to do about a .npy whose axes do not fit.
std::string wanted_axes(const RawImages& raw, const Shape& shape, ImageLayout layout) {
    if (raw.dims.empty()) return "";
    const std::vector<Axes> ways = ways_of(shape, layout);
    std::string cure = fmt::format("; its shape is ({}), and ", fmt::join(raw.dims, ", "));
    for (std::size_t i = 0; i < ways.size(); ++i)
        cure += fmt::format("{}(n, {})", i == 0 ? "" : " or ", fmt::join(ways[i].dims, ", "));
    cure += " is wanted";
    const Extents turned{static_cast<std::size_t>(shape.height), static_cast<std::size_t>(shape.width),
                         static_cast<std::size_t>(shape.channels)};
    if (raw.dims.size() == 4 && std::equal(turned.begin(), turned.end(), raw.dims.begin() + 1))
        cure += " (numpy: x.transpose(0, 3, 1, 2))";
    return cure;
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
    if (raw_.reals.empty()) pad_ = options.pad;
    const Shape unpadded{wanted.channels, wanted.height - 2 * pad_, wanted.width - 2 * pad_};
    if (!raw_.dims.empty() && unpadded.height > 0 && unpadded.width > 0)
        arrange(raw_, unpadded, options.layout);
    if (raw_.reals.empty()) {
        mean_ = per_channel("mean", options.mean, raw_.shape.channels, 0.0F, -HUGE_VAL);
        std_ = per_channel("std", options.std, raw_.shape.channels, 1.0F, 0);
    }
    shape_ = {raw_.shape.channels, raw_.shape.height + 2 * pad_, raw_.shape.width + 2 * pad_};
    // A fully connected network takes the image as a list; channel-major order is the list's order.
    const bool as_list = wanted.height == 1 && wanted.width == 1 && wanted.size() == shape_.size();
    if (!(shape_ == wanted) && !as_list)
        refuse("{}: images are {}{}, but the network's input is {}{}", raw_.source, describe(raw_.shape),
               pad_ == 0 ? "" : fmt::format(", padded by {} to {}", pad_, describe(shape_)), describe(wanted),
               wanted_axes(raw_, unpadded, options.layout));
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
