// How an ONNX value looks at the map that a draft node makes: which stored value stands where.
//
// Maps lie channel-major in one fixed order; Transpose, Reshape, Flatten, Squeeze and their like only change
// the way a value looks at them. Each dimension (the batch left out) is a list of factors (extent, stride),
// outermost first; dimensions of extent 1 have none. Data move, by a gather node, only where an operator
// cannot work on what it sees. Pure arithmetic; internal to the importer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::network {

class View {
  public:
    struct Factor {
        std::int64_t extent = 1, stride = 1;
        friend bool operator==(const Factor& a, const Factor& b) {
            return a.extent == b.extent && a.stride == b.stride;
        }
    };
    using Dimension = std::vector<Factor>;
    using Extents = std::vector<std::int64_t>;

    View() = default;
    explicit View(std::vector<Dimension> dimensions);
    /// Dimensions of these extents that lie one behind the other, the last one innermost.
    [[nodiscard]] static View in_order(const Extents& extents);
    /// (channels, height, width) of a stored map, or (features).
    [[nodiscard]] static View of_map(const Shape& shape);

    [[nodiscard]] std::size_t rank() const { return dimensions_.size(); }
    [[nodiscard]] std::int64_t extent(std::size_t dimension) const;
    [[nodiscard]] Extents extents() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] const Dimension& dimension(std::size_t index) const { return dimensions_[index]; }

    /// Dimension i of the result is dimension order[i] of this.
    [[nodiscard]] View permuted(const std::vector<std::size_t>& order) const;
    /// Each of `groups` (dimensions of this, in order) becomes one dimension.
    [[nodiscard]] View joined(const std::vector<std::vector<std::size_t>>& groups) const;
    /// The same values in the same order under other extents; nothing where a dimension would have to be cut
    /// across what is no multiple. The sizes must agree.
    [[nodiscard]] std::optional<View> reshaped(const Extents& extents) const;
    /// Broadcast: a dimension of extent 1 repeats its value (stride 0). Others must agree.
    [[nodiscard]] View widened(const Extents& extents) const;

    /// Whether the values are seen in the order in which they are stored, each once.
    [[nodiscard]] bool in_stored_order() const;
    /// Stored place of every value, in the order in which they are seen.
    [[nodiscard]] std::vector<std::int32_t> places() const;
    /// For each dimension the stored axis (0 channel, 1 height, 2 width) that it is, -1 for one of extent 1
    /// to which none is left; nothing where some dimension is no whole axis of `shape`.
    [[nodiscard]] std::optional<std::vector<int>> axes(const Shape& shape) const;

    friend bool operator==(const View& a, const View& b) { return a.dimensions_ == b.dimensions_; }

  private:
    std::vector<Dimension> dimensions_;
};

}  // namespace sliver::network
