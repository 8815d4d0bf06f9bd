// The chip's memory map: where a packet's bytes go. Everything that a receiver needs to know of a packet
// follows from its address and its length; addresses are of bytes, and bytes do not overlap.
//
//   bits 63..48  port: tile number, kHostPort for the host
//   bits 47..45  region: the input buffer of the tile's crossbars, the first and the second operand of its
//                digital nodes, the reduction registers (partial sums of a column block), the host's logits
//   bits 44..35  number of the node that reads it (partial sums: whose sums they are; logits: the output)
//   bits 34..28  image, modulo 128
//   bits 27..0   byte in the image's map
//
// Layout of a map (MapLayout). A place that keeps the channels [a, b) of a map of P pixels has the bytes from
// a P to b P: pixel after pixel in raster order, of each pixel channel a to b - 1. So what leaves together is
// one run of bytes (channels of a pixel, or whole pixels), two places that keep other channels have other
// bytes, and a memory that knows nothing but bytes can hold what is written (model/buffer_memory.h does so
// with less room: as a ring). A value is as many bytes as its map's format says (Format::bytes()): codes one,
// sums that nothing has rounded four, little-endian. What a concat works on is numbered by its own channels,
// so that its operands share a region. Partial sums are 32-bit integers; those of a window lie one column
// block behind the other (LayerPlan::block_places), and what is written to a reduction register is added to
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/chip_plan.h"

namespace sliver::model {

enum class Region : std::uint8_t { matrix_input, first_operand, second_operand, reduction, logits };
constexpr std::size_t kRegions = 5;

constexpr std::size_t kHostPort = 0xFFFF;
constexpr std::uint64_t kImagesApart = 128;  ///< images in flight must be fewer than half of them

struct Address {
    std::size_t port = 0;
    Region region = Region::matrix_input;
    network::NodeId node = 0;
    std::uint64_t image = 0;  ///< encode: any; decode: modulo kImagesApart
    std::size_t offset = 0;   ///< in bytes
};

std::uint64_t encode(const Address& address);
/// Of any 64 bits; a region beyond the last one is in no map.
Address decode(std::uint64_t address);

/// Where the values lie that one place keeps of a map.
struct MapLayout {
    ChannelRange kept;
    std::size_t pixels = 0;  ///< of the map
    std::size_t value_bytes = 1;

    [[nodiscard]] std::size_t offset_of(std::size_t pixel, int channel) const;
    /// Values that lie one behind the other: channels of one pixel, or all that are kept of several.
    struct Run {
        std::size_t pixel = 0, pixels = 0;
        ChannelRange channels;
    };
    /// Which values `bytes` bytes from `offset` on are. None: they are no run, or lie beside the map.
    [[nodiscard]] std::optional<Run> run_at(std::size_t offset, std::size_t bytes) const;
};

/// Of the values of `channel` and those behind it, from pixel `pixel` of the map of `source` on, where
/// `consumer` keeps them.
std::uint64_t address_for(const Consumer& consumer, const network::Node& source, std::uint64_t image,
                          std::size_t pixel, int channel);

/// A value of a map as packets and memories hold it: source.format.bytes() bytes from `bytes` on.
void put_value(const network::Format& format, std::int32_t value, unsigned char* bytes);
[[nodiscard]] std::int32_t take_value(const network::Format& format, const unsigned char* bytes);

/// The image number nearest to `expected` that is congruent to `modular` modulo kImagesApart.
std::uint64_t full_image_number(std::uint64_t modular, std::uint64_t expected);

/// Whose layer pays for a packet's way: the node whose values it carries.
class Payers {
  public:
    /// Node 0 pays for all.
    Payers() = default;
    explicit Payers(const ChipPlan& plan);
    [[nodiscard]] network::NodeId of(std::uint64_t address) const;

  private:
    std::vector<network::NodeId> payer_;  ///< node * kRegions + region
};

/// InputError when the network's maps or node count do not fit the address fields.
void check_addressable(const ChipPlan& plan);

}  // namespace sliver::model
