// Room: which pixels of a map a buffer holds, and for which it has room.
//
// Models: a pixel is there when all its channels are; it is freed when it is there and the last window of
// this tile that reads it has read it. Pixels are numbered in raster order over all images: those below
// limit(), the oldest pixel not yet freed plus the capacity, have room. So the pixel everyone waits for
// always has, and a full buffer cannot lock up. Plain C++, no time, no values: ActivationBuffer and the
// digital stages of the post-processor keep those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace sliver::model {

class Room {
  public:
    /// `channels`: that a pixel has here. `capacity`: in pixels; none = unlimited. `uses[p]`: how many
    /// windows of an image release pixel p.
    Room(std::size_t channels, std::optional<std::size_t> capacity, std::vector<std::uint32_t> uses);

    /// `channels` more channels of the pixel are there.
    void arrive(std::uint64_t image, std::size_t pixel, std::size_t channels);
    [[nodiscard]] bool complete(std::uint64_t image, std::size_t pixel) const;
    /// One of the windows that need the pixel has read it.
    void release(std::uint64_t image, std::size_t pixel);

    /// Empty, before the first image.
    void reset();

    [[nodiscard]] std::uint64_t number(std::uint64_t image, std::size_t pixel) const {
        return image * uses_.size() + pixel;
    }
    /// Pixels below this number may come; without end where the capacity is.
    [[nodiscard]] std::uint64_t limit() const;
    /// Images before this one are over: every pixel was there and has been freed.
    [[nodiscard]] std::uint64_t oldest_image() const { return base_image_; }
    [[nodiscard]] std::size_t channels() const { return channels_; }
    [[nodiscard]] std::size_t peak_pixels() const { return peak_; }
    /// Room in use, as if every pixel in it had all its channels.
    [[nodiscard]] std::size_t resident_pixels() const { return resident_; }

  private:
    struct Image {
        std::vector<std::uint32_t> arrived;    ///< channels there, by pixel
        std::vector<std::uint32_t> remaining;  ///< releases to come, by pixel
    };
    Image& image_at(std::uint64_t image);
    void advance();

    std::size_t channels_;
    std::optional<std::size_t> capacity_;
    std::vector<std::uint32_t> uses_;
    std::deque<Image> images_;
    std::vector<Image> spare_;
    std::uint64_t base_image_ = 0;
    std::size_t base_pixel_ = 0;
    std::size_t resident_ = 0, peak_ = 0;
};

}  // namespace sliver::model
