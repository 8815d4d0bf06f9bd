// Footprint: which pixels of a map a window reads, clipped to the map. Called by the chip's tiles, by its
// plan and by the closed forms.
#pragma once

#include <algorithm>
#include <cstddef>

#include "network/quantised_network.h"

namespace sliver::timing {

/// Rows top, top + step_y, ... below bottom, columns likewise; the last of them are bottom - 1 and right - 1.
/// Empty for a window that lies in the padding only.
struct Footprint {
    int top = 0, bottom = 0, left = 0, right = 0;
    int step_y = 1, step_x = 1;  ///< a window's dilation

    [[nodiscard]] bool empty() const { return top >= bottom || left >= right; }
    /// First and last pixel in raster order; not of an empty one.
    [[nodiscard]] std::size_t first(const network::Shape& map) const { return pixel(map, top, left); }
    [[nodiscard]] std::size_t last(const network::Shape& map) const {
        return pixel(map, bottom - 1, right - 1);
    }
    template <typename Visitor>
    void for_pixels(const network::Shape& map, Visitor&& visit) const {
        for (int y = top; y < bottom; y += step_y)
            for (int x = left; x < right; x += step_x) visit(pixel(map, y, x));
    }

    /// Whether `holds` for all its pixels; the newest are asked first. True for an empty one.
    template <typename Predicate>
    [[nodiscard]] bool all_of(const network::Shape& map, Predicate&& holds) const {
        for (int y = bottom - 1; y >= top; y -= step_y)
            for (int x = right - 1; x >= left; x -= step_x)
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
    // The first and the one behind the last of `taps` places from `start` on that lie on [0, length).
    const auto side = [](int start, int taps, int step, int length, int& first, int& end) {
        const int skipped = start < 0 ? (-start + step - 1) / step : 0;
        const int last = start >= length ? -1 : std::min(taps - 1, (length - 1 - start) / step);
        first = start + skipped * step;
        end = last < skipped ? first : start + last * step + 1;
    };
    const int y =
        static_cast<int>(number / static_cast<std::size_t>(output_width)) * window.stride_y - window.pad_top;
    const int x =
        static_cast<int>(number % static_cast<std::size_t>(output_width)) * window.stride_x - window.pad_left;
    Footprint area;
    area.step_y = window.dilation_y;
    area.step_x = window.dilation_x;
    side(y, window.kernel_height, window.dilation_y, map.height, area.top, area.bottom);
    side(x, window.kernel_width, window.dilation_x, map.width, area.left, area.right);
    return area;
}

}  // namespace sliver::timing
