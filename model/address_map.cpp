#include "model/address_map.h"

#include "base/error.h"

namespace sliver::model {
namespace {

constexpr int kOffsetBits = 24, kImageBits = 12, kNodeBits = 10, kRegionBits = 2;
constexpr int kImageShift = kOffsetBits;
constexpr int kNodeShift = kImageShift + kImageBits;
constexpr int kRegionShift = kNodeShift + kNodeBits;
constexpr int kPortShift = kRegionShift + kRegionBits;
static_assert(kImagesApart == std::uint64_t{1} << kImageBits);

constexpr std::uint64_t field(std::uint64_t word, int shift, int bits) {
    return word >> shift & ((std::uint64_t{1} << bits) - 1);
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

std::uint64_t address_for(const Consumer& consumer, std::uint64_t image, std::size_t pixel) {
    const auto region = [&] {
        switch (consumer.kind) {
            case ConsumerKind::host:
                return Region::logits;
            case ConsumerKind::digital:
                return Region::digital_operand;
            default:
                return Region::matrix_input;
        }
    };
    const std::size_t port = consumer.kind == ConsumerKind::host ? kHostPort : consumer.tile.value();
    return encode({port, region(), consumer.node, image, pixel});
}

std::uint64_t full_image_number(std::uint64_t modular, std::uint64_t expected) {
    const std::uint64_t ahead = (modular + kImagesApart - expected % kImagesApart) % kImagesApart;
    if (ahead < kImagesApart / 2 || expected < kImagesApart - ahead) return expected + ahead;
    return expected - (kImagesApart - ahead);
}

void check_addressable(const ChipPlan& plan) {
    if (plan.network->nodes.size() > (std::size_t{1} << kNodeBits))
        refuse("network {}: {} nodes; the chip's memory map numbers {}", plan.network->name,
               plan.network->nodes.size(), std::size_t{1} << kNodeBits);
    for (const LayerPlan& layer : plan.layers) {
        const std::size_t blocks = layer.contributors.front().size();
        if (layer.windows * blocks >= (std::size_t{1} << kOffsetBits))
            refuse("layer {}: {} windows in {} column blocks; the chip's memory map numbers {} in all",
                   plan.network->nodes[layer.node].name, layer.windows, blocks,
                   std::size_t{1} << kOffsetBits);
    }
    for (const network::Node& node : plan.network->nodes)
        if (static_cast<std::size_t>(node.shape.height) * static_cast<std::size_t>(node.shape.width) >=
            (std::size_t{1} << kOffsetBits))
            refuse("node {}: a map of {}x{} pixels; the chip's memory map numbers {}", node.name,
                   node.shape.height, node.shape.width, std::size_t{1} << kOffsetBits);
}

}  // namespace sliver::model
