#include "estimate/plane_use.h"

#include <algorithm>
#include <map>

#include "network/integer_ops.h"

namespace sliver::estimate {

PlaneUse::PlaneUse(const network::QuantisedNetwork& network, const mapping::LayerMapping& layer,
                   const IndexedVector<CrossbarIndex, int>* parts, const Activity& activity)
    : images_(activity.maps.size()), planes_(layer.planes.size()) {
    const network::Node& node = network.nodes[layer.node];
    const network::Node& input = network.nodes[node.inputs.front()];
    windows_ = static_cast<std::size_t>(node.shape.height) * static_cast<std::size_t>(node.shape.width);
    std::map<std::vector<int>, std::size_t> known;
    for (std::size_t i = 0; i < layer.crossbars.size(); ++i) {
        const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(i)];
        const int count = parts == nullptr ? 1 : (*parts)[CrossbarIndex(i)];
        const int a_part = (slot.rows + count - 1) / count;
        std::vector<std::size_t> groups;
        for (int part = 0; part < count; ++part) {
            std::vector<int> rows;
            for (int row = part * a_part; row < std::min(slot.rows, (part + 1) * a_part); ++row)
                rows.push_back(slot.matrix_row(row));
            const auto [place, fresh] = known.try_emplace(rows, groups_.size());
            if (fresh) groups_.push_back({std::move(rows), {}});
            groups.push_back(place->second);
        }
        parts_.push_back(std::move(groups));
    }
    std::vector<std::int32_t> window(static_cast<std::size_t>(layer.rows));
    for (const auto& maps : activity.maps)
        for (int y = 0; y < node.shape.height; ++y)
            for (int x = 0; x < node.shape.width; ++x) {
                network::gather_window(node, input, maps[node.inputs.front()].data(), y, x, window.data());
                for (Group& group : groups_) {
                    std::uint32_t any = 0;
                    for (const int row : group.rows)
                        any |= static_cast<std::uint32_t>(window[static_cast<std::size_t>(row)]);
                    std::uint8_t driven = 0;
                    for (std::size_t plane = 0; plane < planes_; ++plane) {
                        const mapping::InputPlane& digits = layer.planes[plane];
                        if ((any >> static_cast<unsigned>(digits.shift) &
                             ((1U << static_cast<unsigned>(digits.bits)) - 1U)) != 0)
                            driven = static_cast<std::uint8_t>(driven | 1U << plane);
                    }
                    group.planes.push_back(driven);
                }
            }
}

int PlaneUse::driven_parts(std::size_t crossbar, std::size_t image, std::size_t window,
                           std::size_t plane) const {
    int driven = 0;
    for (const std::size_t group : parts_[crossbar])
        driven += groups_[group].planes[image * windows_ + window] >> plane & 1;
    return driven;
}

PlaneUse::Reads PlaneUse::reads(std::size_t crossbar) const {
    const auto count = [](unsigned planes) { return static_cast<std::uint64_t>(__builtin_popcount(planes)); };
    Reads reads;
    const std::vector<std::size_t>& parts = parts_[crossbar];
    for (const std::size_t group : parts) {
        std::uint64_t made = 0;
        for (const std::uint8_t planes : groups_[group].planes) made += count(planes);
        reads.made += made;
        reads.rows += made * groups_[group].rows.size();
        reads.skipped += images_ * windows_ * planes_ - made;
    }
    if (parts.size() == 1) return reads;
    for (std::size_t window = 0; window < images_ * windows_; ++window) {
        unsigned any = 0;
        for (const std::size_t group : parts) any |= groups_[group].planes[window];
        reads.part_checks += count(any) * parts.size();
    }
    return reads;
}

}  // namespace sliver::estimate
