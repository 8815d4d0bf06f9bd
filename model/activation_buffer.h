// ActivationBuffer: the part of a tile's eDRAM that holds the input map of its crossbars.
//
// Models: which pixels are there, complete in all their channels; room for `capacity` pixels; a pixel is
// freed when the last window of this tile that reads it has started. Admission is in raster order over all
// images: pixel p is let in when p < base + capacity, base being the oldest pixel not yet freed, so that the
// pixel everyone waits for always has room and a full buffer cannot lock up. Counts bytes written and the
// high-water mark. Plain C++, no time: the tile decides when. Values are stored as bytes (bit patterns of
// 8-bit codes), channel-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "model/chip_plan.h"

namespace sliver::model {

class ActivationBuffer {
  public:
    /// `channels`: of the map, those kept here. `capacity_pixels`: none = unlimited. `uses[p]`: how many
    /// windows of an image release pixel p.
    ActivationBuffer(network::Shape shape, ChannelRange channels, std::optional<std::size_t> capacity_pixels,
                     std::vector<std::uint16_t> uses);

    /// Whether pixels up to and including `last_pixel` of `image` may be written now.
    [[nodiscard]] bool admits(std::uint64_t image, std::size_t last_pixel) const;
    /// Writes `pixels` pixels from `first_pixel` on, each with `channels` channels laid out one after the
    /// other; channels that are not kept here are dropped.
    void write(std::uint64_t image, std::size_t first_pixel, std::size_t pixels, ChannelRange channels,
               const unsigned char* bytes);
    [[nodiscard]] bool complete(std::uint64_t image, std::size_t pixel) const;
    /// One of the windows that need the pixel has started.
    void release(std::uint64_t image, std::size_t pixel);
    /// All values of `image`: index (channel - channels().first) * pixels + pixel. Null where none of it is
    /// here.
    [[nodiscard]] const std::int8_t* values(std::uint64_t image) const;

    [[nodiscard]] const ChannelRange& channels() const { return channels_; }
    [[nodiscard]] const network::Shape& shape() const { return shape_; }
    [[nodiscard]] std::uint64_t oldest_image() const { return base_image_; }
    [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }
    [[nodiscard]] std::size_t peak_pixels() const { return peak_pixels_; }
    /// Room in use, as if every pixel in it had all its channels.
    [[nodiscard]] std::uint64_t resident_bytes() const {
        return std::uint64_t{resident_} * static_cast<std::uint64_t>(channels_.count);
    }

  private:
    struct ImageSlot {
        std::vector<std::int8_t> values;
        std::vector<std::uint16_t> arrived;    ///< channels there, by pixel
        std::vector<std::uint16_t> remaining;  ///< releases to come, by pixel
        std::size_t freed = 0;
    };
    ImageSlot& slot(std::uint64_t image);
    void free_pixel(ImageSlot& slot);
    void advance_base();

    network::Shape shape_;
    std::size_t pixels_;
    ChannelRange channels_;
    std::optional<std::size_t> capacity_;
    std::vector<std::uint16_t> uses_;
    std::deque<ImageSlot> images_;
    std::vector<ImageSlot> spare_;
    std::uint64_t base_image_ = 0;
    std::size_t base_pixel_ = 0;
    std::size_t resident_ = 0;
    std::size_t peak_pixels_ = 0;
    std::uint64_t bytes_written_ = 0;
};

}  // namespace sliver::model
