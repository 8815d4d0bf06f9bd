// How many weights of a network have something in each of their bit slices: counted from the codes.
//
// Weights only, no biases; the sign stands apart, so a slice belongs to |code|. A layer's codes are kept as a
// histogram of magnitudes: every slice width follows from it. Called by the slice study and its tests.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::study {

constexpr int kCodeBits = 8;

/// The weights of one matrix layer, or of several together, by magnitude.
struct CodeCounts {
    std::string name;
    std::array<std::uint64_t, 1 << kCodeBits> weights_of{};  ///< index: |code|
    [[nodiscard]] std::uint64_t weights() const;
    [[nodiscard]] std::uint64_t zeros() const { return weights_of.front(); }
    [[nodiscard]] int largest() const;  ///< largest |code|
};

/// One entry a matrix layer, in the network's order.
std::vector<CodeCounts> count_codes(const network::QuantisedNetwork& network);
/// All layers as one.
CodeCounts together(const std::vector<CodeCounts>& layers);

/// Share of weights whose slice is not zero, in percent of all weights.
struct SliceShares {
    std::vector<double> percent;  ///< by slice, 0 least significant
    double mean = 0;              ///< over the slices
    double std = 0;               ///< over the slices, population
};

/// `percent` with its mean and population standard deviation.
SliceShares shares_of(std::vector<double> percent);
/// `slice_bits` 1, 2 or 4: 8, 4 or 2 slices. All zero where there are no weights.
SliceShares nonzero_shares(const CodeCounts& counts, int slice_bits);

}  // namespace sliver::study
