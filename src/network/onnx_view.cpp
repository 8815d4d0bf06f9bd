#include "network/onnx_view.h"

#include <algorithm>
#include <utility>

namespace sliver::network {

namespace {

/// Without factors of 1, and with neighbours that lie one behind the other as one.
View::Dimension normal(const View::Dimension& factors) {
    View::Dimension result;
    for (const View::Factor& factor : factors) {
        if (factor.extent == 1) continue;
        if (!result.empty() && result.back().stride == factor.stride * factor.extent && factor.stride != 0)
            result.back() = {result.back().extent * factor.extent, factor.stride};
        else
            result.push_back(factor);
    }
    return result;
}

}  // namespace

View::View(std::vector<Dimension> dimensions) : dimensions_(std::move(dimensions)) {
    for (Dimension& dimension : dimensions_) dimension = normal(dimension);
}

View View::in_order(const Extents& extents) {
    std::vector<Dimension> dimensions(extents.size());
    std::int64_t stride = 1;
    for (std::size_t i = extents.size(); i-- > 0;) {
        dimensions[i] = {{extents[i], stride}};
        stride *= extents[i];
    }
    return View(std::move(dimensions));
}

View View::of_map(const Shape& shape) {
    return in_order({shape.channels, shape.height, shape.width});
}

std::int64_t View::extent(std::size_t dimension) const {
    std::int64_t extent = 1;
    for (const Factor& factor : dimensions_[dimension]) extent *= factor.extent;
    return extent;
}

View::Extents View::extents() const {
    Extents result;
    for (std::size_t i = 0; i < rank(); ++i) result.push_back(extent(i));
    return result;
}

std::size_t View::size() const {
    std::size_t size = 1;
    for (std::size_t i = 0; i < rank(); ++i) size *= static_cast<std::size_t>(extent(i));
    return size;
}

View View::permuted(const std::vector<std::size_t>& order) const {
    std::vector<Dimension> dimensions;
    for (const std::size_t index : order) dimensions.push_back(dimensions_[index]);
    return View(std::move(dimensions));
}

View View::joined(const std::vector<std::vector<std::size_t>>& groups) const {
    std::vector<Dimension> dimensions;
    for (const std::vector<std::size_t>& group : groups) {
        Dimension& joined = dimensions.emplace_back();
        for (const std::size_t index : group)
            joined.insert(joined.end(), dimensions_[index].begin(), dimensions_[index].end());
    }
    return View(std::move(dimensions));
}

std::optional<View> View::reshaped(const Extents& extents) const {
    Dimension rest;
    for (const Dimension& dimension : dimensions_)
        rest.insert(rest.end(), dimension.begin(), dimension.end());
    rest = normal(rest);
    std::size_t next = 0;
    std::vector<Dimension> dimensions;
    for (std::int64_t wanted : extents) {
        Dimension& made = dimensions.emplace_back();
        while (wanted > 1) {
            if (next == rest.size()) return std::nullopt;
            Factor& factor = rest[next];
            if (wanted % factor.extent == 0) {
                made.push_back(factor);
                wanted /= factor.extent;
                ++next;
            } else if (factor.extent % wanted == 0) {
                factor.extent /= wanted;
                made.push_back({wanted, factor.stride * factor.extent});
                wanted = 1;
            } else {
                return std::nullopt;
            }
        }
    }
    if (next != rest.size()) return std::nullopt;
    return View(std::move(dimensions));
}

View View::widened(const Extents& extents) const {
    std::vector<Dimension> dimensions = dimensions_;
    for (std::size_t i = 0; i < dimensions.size(); ++i)
        if (extent(i) == 1 && extents[i] > 1) dimensions[i] = {{extents[i], 0}};
    return View(std::move(dimensions));
}

bool View::in_stored_order() const {
    Dimension all;
    for (const Dimension& dimension : dimensions_) all.insert(all.end(), dimension.begin(), dimension.end());
    all = normal(all);
    return all.empty() || (all.size() == 1 && all.front().stride == 1);
}

std::vector<std::int32_t> View::places() const {
    std::vector<std::int32_t> places{0};
    for (const Dimension& dimension : dimensions_)
        for (const Factor& factor : dimension) {
            std::vector<std::int32_t> finer;
            finer.reserve(places.size() * static_cast<std::size_t>(factor.extent));
            for (const std::int32_t place : places)
                for (std::int64_t i = 0; i < factor.extent; ++i)
                    finer.push_back(static_cast<std::int32_t>(place + i * factor.stride));
            places = std::move(finer);
        }
    return places;
}

std::optional<std::vector<int>> View::axes(const Shape& shape) const {
    const Factor stored[3] = {{shape.channels, static_cast<std::int64_t>(shape.pixels())},
                              {shape.height, shape.width},
                              {shape.width, 1}};
    std::vector<int> result;
    std::size_t covered = 1;
    for (const Dimension& dimension : dimensions_) {
        int axis = -1;
        if (dimension.size() > 1) return std::nullopt;
        if (!dimension.empty()) {
            for (int i = 0; i < 3; ++i)
                if (stored[i].extent > 1 && stored[i] == dimension.front()) axis = i;
            if (axis < 0) return std::nullopt;
            covered *= static_cast<std::size_t>(dimension.front().extent);
        }
        result.push_back(axis);
    }
    if (covered != shape.size()) return std::nullopt;
    // Dimensions of extent 1 take the axes that are left.
    for (int& axis : result)
        for (int i = 0; i < 3 && axis < 0; ++i)
            if (std::find(result.begin(), result.end(), i) == result.end()) axis = i;
    return result;
}

}  // namespace sliver::network
