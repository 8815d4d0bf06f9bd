#include "study/slice_counts.h"

#include <cmath>
#include <cstdlib>
#include <numeric>

namespace sliver::study {

std::uint64_t CodeCounts::weights() const {
    return std::accumulate(weights_of.begin(), weights_of.end(), std::uint64_t{0});
}

int CodeCounts::largest() const {
    int code = (1 << kCodeBits) - 1;
    while (code > 0 && weights_of[static_cast<std::size_t>(code)] == 0) --code;
    return code;
}

std::vector<CodeCounts> count_codes(const network::QuantisedNetwork& network) {
    std::vector<CodeCounts> layers;
    for (const network::NodeId id : network.matrix_nodes()) {
        const network::Node& node = network.nodes[id];
        CodeCounts& layer = layers.emplace_back();
        layer.name = node.name;
        for (const std::int16_t code : node.weights.codes)
            ++layer.weights_of.at(static_cast<std::size_t>(std::abs(static_cast<int>(code))));
    }
    return layers;
}

CodeCounts together(const std::vector<CodeCounts>& layers) {
    CodeCounts all;
    for (const CodeCounts& layer : layers)
        for (std::size_t code = 0; code < all.weights_of.size(); ++code)
            all.weights_of[code] += layer.weights_of[code];
    return all;
}

SliceShares shares_of(std::vector<double> percent) {
    SliceShares shares;
    const auto slices = static_cast<double>(percent.size());
    shares.mean = std::accumulate(percent.begin(), percent.end(), 0.0) / slices;
    double squares = 0;
    for (const double share : percent) squares += (share - shares.mean) * (share - shares.mean);
    shares.std = std::sqrt(squares / slices);
    shares.percent = std::move(percent);
    return shares;
}

SliceShares nonzero_shares(const CodeCounts& counts, int slice_bits) {
    const std::uint64_t weights = counts.weights();
    const std::size_t levels = std::size_t{1} << slice_bits;
    std::vector<double> percent;
    for (int shift = 0; shift < kCodeBits; shift += slice_bits) {
        std::uint64_t nonzero = 0;
        for (std::size_t code = 0; code < counts.weights_of.size(); ++code)
            if ((code >> shift) % levels != 0) nonzero += counts.weights_of[code];
        percent.push_back(weights == 0 ? 0
                                       : 100 * static_cast<double>(nonzero) / static_cast<double>(weights));
    }
    return shares_of(std::move(percent));
}

}  // namespace sliver::study
