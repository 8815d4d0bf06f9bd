// Footprint: which pixels of a map a window reads, clipped to the map. Called by the chip's tiles, by its
// plan and by the closed forms.
#pragma once

#include <algorithm>
#include <cstddef>

#include "network/quantised_network.h"

namespace sliver::timing {

/// Rows [top, bottom), columns [left, right). Empty for a window that lies in the padding only.
struct Footprint {
    int top = 0, bottom = 0, left = 0, right = 0;

    [[nodiscard]] bool empty() const { return top >= bottom || left >= right; }
    /// First and last pixel in raster order; not of an empty one.
    [[nodiscard]] std::size_t first(const network::Shape& map) const { return pixel(map, top, left); }
    [[nodiscard]] std::size_t last(const network::Shape& map) const {
        return pixel(map, bottom - 1, right - 1);
    }
    template <typename Visitor>
    void for_pixels(const network::Shape& map, Visitor&& visit) const {
        for (int y = top; y < bottom; ++y)
            for (int x = left; x < right; ++x) visit(pixel(map, y, x));
    }

    /// Whether `holds` for all its pixels; the newest are asked first. True for an empty one.
    template <typename Predicate>
    [[nodiscard]] bool all_of(const network::Shape& map, Predicate&& holds) const {
        for (int y = bottom - 1; y >= top; --y)
            for (int x = right - 1; x >= left; --x)
                if (!holds(pixel(map, y, x))) return false;
        return true;
    }

  private:
    static std::size_t pixel(const network::Shape& map, int y, int x) {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(map.width) +
               static_cast<std::size_t>(x);
    }
};

/// Of window `number` in raster order, `output_width` windows a row.
[[nodiscard]] inline Footprint footprint(const network::Window& window, const network::Shape& map,
                                         int output_width, std::size_t number) {
    const int y =
        static_cast<int>(number / static_cast<std::size_t>(output_width)) * window.stride_y - window.pad_top;
    const int x =
        static_cast<int>(number % static_cast<std::size_t>(output_width)) * window.stride_x - window.pad_left;
    return {std::max(0, y), std::min(map.height, y + window.kernel_height), std::max(0, x),
            std::min(map.width, x + window.kernel_width)};
}

}  // namespace sliver::timing
