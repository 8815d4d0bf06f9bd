#include "timing/map_reads.h"

#include "mapping/placement.h"

namespace sliver::timing {

using network::Node;
using network::NodeId;
using network::NodeKind;

MapReads::MapReads(const network::QuantisedNetwork& network, NodeId id, std::size_t input) {
    const Node& node = network.nodes[id];
    map_ = network.nodes[mapping::look_through_flatten(network, node.inputs.at(input))].shape;
    window_ = mapping::effective_window(network, id);
    width_ = node.shape.width;
    windows_ = node.shape.pixels();
    if (node.kind == NodeKind::multiply && map_.pixels() == 1) window_.stride_y = window_.stride_x = 0;
    gathers_ = node.kind == NodeKind::gather;
    if (gathers_) list_pixels(node);
}

void MapReads::list_pixels(const Node& gather) {
    std::vector<std::size_t> own;
    for (std::size_t window = 0; window < windows_; ++window) {
        begin_.push_back(static_cast<std::ptrdiff_t>(pixels_.size()));
        own.clear();
        for (std::size_t value = window; value < gather.table.size(); value += windows_)
            if (gather.table[value] >= 0)
                own.push_back(static_cast<std::size_t>(gather.table[value]) % map_.pixels());
        std::sort(own.begin(), own.end());
        own.erase(std::unique(own.begin(), own.end()), own.end());
        pixels_.insert(pixels_.end(), own.begin(), own.end());
    }
    begin_.push_back(static_cast<std::ptrdiff_t>(pixels_.size()));
}

}  // namespace sliver::timing
