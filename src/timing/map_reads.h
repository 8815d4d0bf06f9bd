// MapReads: which pixels of an input map each pixel of a node's own map is made of.
//
// A window (convolutions, pools; one pixel for ReLUs, sums, tables, ...), the only pixel of a factor by
// channel, or for a gather the pixels that its table names, whichever channels they are taken from. Plain
// data, made once for a node and an input. Called by the post-processor, by LeastRoom and by the closed
// forms.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "network/quantised_network.h"
#include "timing/footprint.h"

namespace sliver::timing {

class MapReads {
  public:
    /// Of input `input` of node `id`. Flatten nodes in front of it are looked through.
    MapReads(const network::QuantisedNetwork& network, network::NodeId id, std::size_t input);

    /// Pixels of the node's own map.
    [[nodiscard]] std::size_t windows() const { return windows_; }
    /// Whether `window` reads nothing: what a gather fills, or a window in the padding only.
    [[nodiscard]] bool empty(std::size_t window) const {
        return gathers_ ? begin_[window] == begin_[window + 1] : area(window).empty();
    }
    /// The first and the last in raster order; not of a window that reads nothing.
    [[nodiscard]] std::size_t first(std::size_t window) const {
        return gathers_ ? pixels_[static_cast<std::size_t>(begin_[window])] : area(window).first(map_);
    }
    [[nodiscard]] std::size_t last(std::size_t window) const {
        return gathers_ ? pixels_[static_cast<std::size_t>(begin_[window + 1] - 1)] : area(window).last(map_);
    }
    template <typename Visitor>
    void for_pixels(std::size_t window, Visitor&& visit) const {
        if (gathers_)
            std::for_each(pixels_.begin() + begin_[window], pixels_.begin() + begin_[window + 1], visit);
        else
            area(window).for_pixels(map_, visit);
    }
    /// Whether `holds` for all of them; the newest are asked first.
    template <typename Predicate>
    [[nodiscard]] bool all_of(std::size_t window, Predicate&& holds) const {
        if (!gathers_) return area(window).all_of(map_, holds);
        for (std::ptrdiff_t i = begin_[window + 1]; i-- > begin_[window];)
            if (!holds(pixels_[static_cast<std::size_t>(i)])) return false;
        return true;
    }

  private:
    [[nodiscard]] Footprint area(std::size_t window) const {
        return footprint(window_, map_, width_, window);
    }
    void list_pixels(const network::Node& gather);

    network::Shape map_;
    network::Window window_;
    int width_ = 1;  ///< of the node's own map
    std::size_t windows_ = 0;
    bool gathers_ = false;
    std::vector<std::ptrdiff_t> begin_;  ///< gather: of window w, in pixels_; one more at the end
    std::vector<std::size_t> pixels_;    ///< gather: of a window ascending, each once
};

}  // namespace sliver::timing
