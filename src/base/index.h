// Index types that cannot be mixed up: a tile number is not a column number, and the compiler knows.
//
// Index<Tag> is a number with a name. It compares and increments; it converts to nothing. IndexedVector<I, T>
// is a vector that only an index of type I opens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sliver {

template <typename Tag>
class Index {
  public:
    constexpr Index() = default;
    /// std::out_of_range above 2^32 - 1: a number must not quietly become another.
    constexpr explicit Index(std::size_t value) : value_(static_cast<std::uint32_t>(value)) {
        if (value > std::numeric_limits<std::uint32_t>::max())
            throw std::out_of_range("an index above 2^32 - 1");
    }
    [[nodiscard]] constexpr std::size_t value() const { return value_; }
    constexpr Index& operator++() {
        ++value_;
        return *this;
    }
    friend constexpr bool operator==(Index a, Index b) { return a.value_ == b.value_; }
    friend constexpr bool operator!=(Index a, Index b) { return a.value_ != b.value_; }
    friend constexpr bool operator<(Index a, Index b) { return a.value_ < b.value_; }

  private:
    std::uint32_t value_ = 0;
};

using LayerIndex = Index<struct LayerTag>;        ///< matrix layer of the network, in order of execution
using TileIndex = Index<struct TileTag>;          ///< tile of the chip
using PeIndex = Index<struct PeTag>;              ///< processing element within its tile
using CrossbarIndex = Index<struct CrossbarTag>;  ///< crossbar (array) of a layer's mapping
using RowBlockIndex = Index<struct RowBlockTag>;  ///< group of at most `array rows` rows of a layer's matrix
using SliceIndex = Index<struct SliceTag>;        ///< bit slice of the weights, 0 = least significant
using PlaneIndex = Index<struct PlaneTag>;        ///< input digit, 0 = least significant
using CopyIndex = Index<struct CopyTag>;          ///< replica of a layer

template <typename I, typename T>
class IndexedVector {
  public:
    IndexedVector() = default;
    explicit IndexedVector(std::size_t size, const T& value = T()) : items_(size, value) {}
    [[nodiscard]] T& operator[](I index) { return items_[index.value()]; }
    [[nodiscard]] const T& operator[](I index) const { return items_[index.value()]; }
    [[nodiscard]] std::size_t size() const { return items_.size(); }
    [[nodiscard]] bool empty() const { return items_.empty(); }
    I push_back(T item) {
        items_.push_back(std::move(item));
        return I(items_.size() - 1);
    }
    [[nodiscard]] auto begin() { return items_.begin(); }
    [[nodiscard]] auto end() { return items_.end(); }
    [[nodiscard]] auto begin() const { return items_.begin(); }
    [[nodiscard]] auto end() const { return items_.end(); }

  private:
    std::vector<T> items_;
};

}  // namespace sliver
