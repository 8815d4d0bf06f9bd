#include "results/run_result.h"

#include <algorithm>
#include <cmath>

#include "base/sha256.h"
#include "config/fixed_widths.h"

namespace sliver::results {

std::string config_hash(const RunResult& result) {
    Sha256 hash;
    hash.update(result.chip_yaml);
    hash.update(result.identity.network_sha256);
    return hash.finish();
}

std::uint64_t cycle_fs(const config::ChipConfig& chip) {
    return static_cast<std::uint64_t>(std::llround(chip.array.cycle_s * kFemtosecondsPerSecond));
}

cost::Actions total_actions(const ChipRecord& record) {
    cost::Actions total = record.shared;
    for (const LayerRecord& layer : record.layers) total += layer.actions;
    return total;
}

std::vector<int> widest_by_slice(const std::vector<std::vector<int>>& layers) {
    std::vector<int> widest;
    for (const std::vector<int>& layer : layers) {
        if (layer.empty()) return {};
        widest.resize(std::max(widest.size(), layer.size()), 0);
        for (std::size_t slice = 0; slice < layer.size(); ++slice)
            widest[slice] = std::max(widest[slice], layer[slice]);
    }
    return widest;
}

config::ChipConfig fixed_chip(const RunResult& result) {
    std::vector<config::FixedLayerWidths> layers;
    for (const LayerRecord& layer : result.record.layers)
        layers.push_back({layer.name, layer.adc_bits, layer.negative_adc_bits, layer.adc_drops});
    return config::with_fixed_widths(result.chip, layers);
}

std::optional<TightestColumn> tightest_column(const RunResult& result) {
    const auto room = [](const FullestColumn& column) {
        return static_cast<std::int64_t>(column.range) - static_cast<std::int64_t>(column.sum);
    };
    std::optional<TightestColumn> tightest;
    for (std::size_t layer = 0; layer < result.columns.size(); ++layer)
        for (const FullestColumn& column : result.columns[layer].fullest)
            if (!tightest || room(column) < room(tightest->column)) tightest = TightestColumn{layer, column};
    return tightest;
}

}  // namespace sliver::results
