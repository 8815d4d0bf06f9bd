#include "study/column_bits.h"

#include <algorithm>

#include "mapping/adc_widths.h"
#include "mapping/placement.h"

namespace sliver::study {

std::vector<LayerColumns> worst_case_columns(const network::QuantisedNetwork& network,
                                             const config::ChipConfig& chip) {
    const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
    std::vector<std::vector<std::uint32_t>> sums =
        mapping::worst_case_sums(network, mapped, chip.inputs.dac_bits);
    std::vector<LayerColumns> layers;
    for (const mapping::LayerMapping& layer : mapped.layers) {
        LayerColumns& columns = layers.emplace_back();
        columns.largest_sums = std::move(sums[layers.size() - 1]);
        for (const std::uint32_t sum : columns.largest_sums)
            columns.bits.push_back(mapping::lossless_bits(sum));
        columns.conversions = layer.columns() / layer.shifts.size() * layer.planes.size() *
                              mapping::windows_per_image(network.nodes[layer.node]);
    }
    return layers;
}

double mean_bits(const std::vector<LayerColumns>& layers) {
    std::uint64_t bits = 0, conversions = 0;
    for (const LayerColumns& layer : layers) {
        for (const int width : layer.bits) bits += static_cast<std::uint64_t>(width) * layer.conversions;
        conversions += layer.bits.size() * layer.conversions;
    }
    return conversions == 0 ? 0 : static_cast<double>(bits) / static_cast<double>(conversions);
}

std::vector<int> widest_bits(const std::vector<LayerColumns>& layers) {
    std::vector<int> widest;
    for (const LayerColumns& layer : layers) {
        widest.resize(std::max(widest.size(), layer.bits.size()), 0);
        for (std::size_t slice = 0; slice < layer.bits.size(); ++slice)
            widest[slice] = std::max(widest[slice], layer.bits[slice]);
    }
    return widest;
}

}  // namespace sliver::study
