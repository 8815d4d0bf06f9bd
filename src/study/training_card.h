// What a network's card says about its training and its results. The rest of a card (data, normalisation,
// digest) is network/card.h; both read the same file. Called by the slice study.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "study/slice_counts.h"

namespace sliver::study {

struct TrainingCard {
    std::string source;   ///< the card's file
    std::string network;  ///< key `network`; older cards have none
    std::string method;   ///< key of names.h
    /// Shares from 0 to 1 over the test images: before rounding, in integers, in integers by Sliver.
    std::optional<double> top1_float, top1_fixed_point, top1_sliver;

    /// Key `sparsity`: percent with 4 decimals.
    struct Claim {
        std::string where;  ///< FILE:LINE:COLUMN
        std::string key;    ///< B3, B2, B1, B0, mean or std
        double value = 0;
    };
    std::vector<Claim> sparsity;

    /// Top-1 by Sliver, else in fixed point.
    [[nodiscard]] std::optional<double> top1() const { return top1_sliver ? top1_sliver : top1_fixed_point; }
};

/// The short name of the method is `hyper_parameters.method`, or that of the last stage below
/// `hyper_parameters`, or `method`. InputError `FILE:LINE:COLUMN: key: rule` for a wrong type or range.
TrainingCard read_training_card(const std::filesystem::path& path);

/// InputError naming card, key and both values where `sparsity` is not what was counted (2-bit slices).
void require_counted(const TrainingCard& card, const SliceShares& counted);

}  // namespace sliver::study
