#include "model/address_map.h"

#include <algorithm>

#include "base/error.h"

namespace sliver::model {
namespace {

constexpr int kOffsetBits = 28, kImageBits = 7, kNodeBits = 10, kRegionBits = 3;
constexpr int kImageShift = kOffsetBits;
constexpr int kNodeShift = kImageShift + kImageBits;
constexpr int kRegionShift = kNodeShift + kNodeBits;
constexpr int kPortShift = kRegionShift + kRegionBits;
static_assert(kPortShift == 48);
static_assert(kImagesApart == std::uint64_t{1} << kImageBits);
constexpr std::size_t kMapBytes = std::size_t{1} << kOffsetBits;

constexpr std::uint64_t field(std::uint64_t word, int shift, int bits) {
    return word >> shift & ((std::uint64_t{1} << bits) - 1);
}

Region region_of(const Consumer& consumer) {
    switch (consumer.kind) {
        case ConsumerKind::host:
            return Region::logits;
        case ConsumerKind::digital:
            return consumer.operand == 0 ? Region::first_operand : Region::second_operand;
        default:
            return Region::matrix_input;
    }
}

}  // namespace

std::uint64_t encode(const Address& address) {
    return static_cast<std::uint64_t>(address.port) << kPortShift |
           static_cast<std::uint64_t>(address.region) << kRegionShift |
           static_cast<std::uint64_t>(address.node) << kNodeShift |
           (address.image % kImagesApart) << kImageShift | static_cast<std::uint64_t>(address.offset);
}

Address decode(std::uint64_t word) {
    Address address;
    address.port = word >> kPortShift;
    address.region = static_cast<Region>(field(word, kRegionShift, kRegionBits));
    address.node = field(word, kNodeShift, kNodeBits);
    address.image = field(word, kImageShift, kImageBits);
    address.offset = field(word, 0, kOffsetBits);
    return address;
}

std::size_t MapLayout::offset_of(std::size_t pixel, int channel) const {
    const auto count = static_cast<std::size_t>(kept.count), first = static_cast<std::size_t>(kept.first);
    return value_bytes * (first * pixels + pixel * count + static_cast<std::size_t>(channel - kept.first));
}

std::optional<MapLayout::Run> MapLayout::run_at(std::size_t offset, std::size_t bytes) const {
    const auto count = static_cast<std::size_t>(kept.count), first = static_cast<std::size_t>(kept.first);
    if (bytes == 0 || offset % value_bytes != 0 || bytes % value_bytes != 0) return std::nullopt;
    const std::size_t values = bytes / value_bytes, begin = first * pixels, at = offset / value_bytes;
    if (at < begin || at - begin + values > pixels * count) return std::nullopt;
    const std::size_t pixel = (at - begin) / count, skipped = (at - begin) % count;
    if (skipped + values <= count)
        return Run{pixel, 1, {kept.first + static_cast<int>(skipped), static_cast<int>(values)}};
    if (skipped != 0 || values % count != 0) return std::nullopt;
    return Run{pixel, values / count, kept};
}

std::uint64_t address_for(const Consumer& consumer, const network::Node& source, std::uint64_t image,
                          std::size_t pixel, int channel) {
    const ChannelRange kept{consumer.channels.first + consumer.offset, consumer.channels.count};
    const MapLayout layout{kept, source.shape.pixels(), static_cast<std::size_t>(source.format.bytes())};
    return encode({consumer.kind == ConsumerKind::host ? kHostPort : consumer.tile.value(),
                   region_of(consumer), consumer.node, image,
                   layout.offset_of(pixel, channel + consumer.offset)});
}

void put_value(const network::Format& format, std::int32_t value, unsigned char* bytes) {
    for (int byte = 0; byte < format.bytes(); ++byte)
        bytes[byte] = static_cast<unsigned char>(static_cast<std::uint32_t>(value) >> (8 * byte));
}

std::int32_t take_value(const network::Format& format, const unsigned char* bytes) {
    std::uint32_t value = 0;
    for (int byte = 0; byte < format.bytes(); ++byte) value |= std::uint32_t{bytes[byte]} << (8 * byte);
    const int unused = 32 - 8 * format.bytes();
    if (!format.is_signed || unused == 0) return static_cast<std::int32_t>(value);
    return static_cast<std::int32_t>(value << unused) >> unused;
}

std::uint64_t full_image_number(std::uint64_t modular, std::uint64_t expected) {
    const std::uint64_t ahead = (modular + kImagesApart - expected % kImagesApart) % kImagesApart;
    if (ahead < kImagesApart / 2 || expected < kImagesApart - ahead) return expected + ahead;
    return expected - (kImagesApart - ahead);
}

Payers::Payers(const ChipPlan& plan) : payer_(plan.consumers.size() * kRegions, 0) {
    // A concat has one region for all its operands. Only the image's channels come to it in packets: the
    // image has the last word.
    for (network::NodeId node = plan.consumers.size(); node-- > 0;) {
        payer_[node * kRegions + static_cast<std::size_t>(Region::reduction)] = node;
        for (const Consumer& consumer : plan.consumers[node])
            payer_[consumer.node * kRegions + static_cast<std::size_t>(region_of(consumer))] = node;
    }
}

network::NodeId Payers::of(std::uint64_t address) const {
    const std::uint64_t node = field(address, kNodeShift, kNodeBits);
    const std::uint64_t place = node * kRegions + field(address, kRegionShift, kRegionBits);
    return place < payer_.size() ? payer_[place] : 0;
}

void check_addressable(const ChipPlan& plan) {
    if (plan.network->nodes.size() > (std::size_t{1} << kNodeBits))
        refuse("network {}: {} nodes; the chip's memory map numbers {}", plan.network->name,
               plan.network->nodes.size(), std::size_t{1} << kNodeBits);
    for (const LayerPlan& layer : plan.layers) {
        const std::size_t bytes = layer.windows * layer.block_places.back() * sizeof(std::int32_t);
        if (bytes > kMapBytes)
            refuse(
                "layer {}: {} windows with {} partial sums: {} bytes; the chip's memory map has {} for a "
                "layer",
                plan.network->nodes[layer.node].name, layer.windows, layer.block_places.back(), bytes,
                kMapBytes);
    }
    for (network::NodeId id = 0; id < plan.network->nodes.size(); ++id) {
        const network::Node& node = plan.network->nodes[id];
        const std::size_t bytes = node.shape.size() * static_cast<std::size_t>(node.format.bytes());
        if (bytes > kMapBytes)
            refuse("node {}: a map of {}x{}x{}: {} bytes; the chip's memory map has {} for a map", node.name,
                   node.shape.channels, node.shape.height, node.shape.width, bytes, kMapBytes);
    }
}

}  // namespace sliver::model
