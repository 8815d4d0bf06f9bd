// ActivationBuffer: the part of a tile's eDRAM that holds the input map of its crossbars.
//
// Models: room and arrival of pixels (room.h) and their values. Counts bytes written and read. Plain C++, no
// time: the tile decides when. Values are stored as bytes (bit patterns of 8-bit codes), channel-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "cost/actions.h"
#include "model/address_map.h"
#include "model/chip_plan.h"
#include "model/room.h"

namespace sliver::model {

class ActivationBuffer {
  public:
    /// `zero`: the code that padding drives. `channels`: of the map, those kept here. `capacity_pixels`: none
    /// = unlimited. `uses[p]`: how many windows of an image release pixel p.
    ActivationBuffer(network::Shape shape, std::int32_t zero, ChannelRange channels,
                     std::optional<std::size_t> capacity_pixels, std::vector<std::uint32_t> uses);

    /// Writes `pixels` pixels from `first_pixel` on, each with `channels` channels laid out one after the
    /// other; channels that are not kept here are dropped. The sender has asked room().limit(). Null: a blank
    /// image, without values.
    void write(std::uint64_t image, std::size_t first_pixel, std::size_t pixels, ChannelRange channels,
               const unsigned char* bytes);
    [[nodiscard]] bool complete(std::uint64_t image, std::size_t pixel) const {
        return room_.complete(image, pixel);
    }
    /// One of the windows that need the pixel has read it.
    void release(std::uint64_t image, std::size_t pixel);
    /// Reads what window `number` (in raster order, `output_width` a row) needs of `channels`, channel-major,
    /// row by row, the map's zero in the padding; all of it counts as read. The pixels are here.
    void read(std::uint64_t image, const network::Window& window, int output_width, std::size_t number,
              ChannelRange channels, std::vector<std::int8_t>& bytes);

    /// Whether all of these pixels are here, or have been and are of an image that is not over.
    [[nodiscard]] bool holds(std::uint64_t image, const MapLayout::Run& run) const;
    /// Copies the values of these pixels, one pixel after the other; counts nothing. False: they are blank.
    bool peek(std::uint64_t image, const MapLayout::Run& run, unsigned char* bytes) const;
    bool poke(std::uint64_t image, const MapLayout::Run& run, const unsigned char* bytes);

    [[nodiscard]] const Room& room() const { return room_; }
    [[nodiscard]] const ChannelRange& channels() const { return channels_; }
    [[nodiscard]] const network::Shape& shape() const { return shape_; }
    void reset();
    void count(cost::Actions& actions) const {
        actions.buffer_bytes_written += bytes_written_;
        actions.buffer_bytes_read += bytes_read_;
    }

  private:
    std::vector<std::int8_t>& values_of(std::uint64_t image);
    void drop_finished();

    network::Shape shape_;
    std::int8_t zero_;  ///< as a bit pattern
    ChannelRange channels_;
    Room room_;
    std::deque<std::vector<std::int8_t>> images_;  ///< from first_image_ on
    std::vector<std::vector<std::int8_t>> spare_;
    std::uint64_t first_image_ = 0;
    std::uint64_t bytes_written_ = 0, bytes_read_ = 0;
};

}  // namespace sliver::model
