// The chip's memory map: where a packet's bytes go.
//
//   bits 63..48  port: tile number, kHostPort for the host
//   bits 47..46  region: the input buffer of the tile's crossbars, the operand buffers of its digital nodes,
//   the reduction
//                registers (partial sums of a column block), the host's logits
//   bits 45..36  number of the node that reads it (for partial sums: whose sums they are; for logits: the
//   output) bits 35..24  image, modulo 4096 bits 23..0   offset: for maps the first pixel in raster order;
//   for partial sums window * column blocks + block
// An activation packet carries whole pixels, one after the other, each with its channels [first channel, +
// channels) as the packet's PacketHeader says; partial sums and logits are 32-bit little-endian integers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/chip_plan.h"

namespace sliver::model {

enum class Region : std::uint8_t { matrix_input, digital_operand, reduction, logits };

constexpr std::size_t kHostPort = 0xFFFF;
constexpr std::uint64_t kImagesApart = 4096;  ///< images in flight must be fewer

struct Address {
    std::size_t port = 0;
    Region region = Region::matrix_input;
    network::NodeId node = 0;
    std::uint64_t image = 0;  ///< encode: any; decode: modulo kImagesApart
    std::size_t offset = 0;
};

std::uint64_t encode(const Address& address);
Address decode(std::uint64_t address);
/// Of pixels from `pixel` on, where `consumer` keeps them.
std::uint64_t address_for(const Consumer& consumer, std::uint64_t image, std::size_t pixel);

/// The image number nearest to `expected` that is congruent to `modular` modulo kImagesApart.
std::uint64_t full_image_number(std::uint64_t modular, std::uint64_t expected);

/// InputError when the network's maps or node count do not fit the address fields.
void check_addressable(const ChipPlan& plan);

}  // namespace sliver::model
