// Trained networks that are not shipped, one a row of a CSV file: the points of the curve of accuracy against
// sparsity.
//
// Header, exactly: network,data,method,alpha,prune,column_bits,epochs,seed,top1,B3,B2,B1,B0,mean,std,
// adc_bits_worst,note. Quotes as in RFC 4180 within a line; what each field may hold: docs/studies.md.
// Called by the slice study.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "study/slice_counts.h"

namespace sliver::study {

struct TradeOffPoint {
    std::string model, data, method;  ///< keys of names.h
    double alpha = 0;                 ///< weight of the regulariser
    double prune = 0;                 ///< share of the weights that were pruned
    std::string column_bits;          ///< widths of column budgets, B3 first; empty: none
    double epochs = 0;
    std::int64_t seed = 0;
    double top1 = 0;     ///< share from 0 to 1
    SliceShares shares;  ///< 2-bit slices; mean and std computed, the file's must agree
    double adc_bits = 0;
    std::string note;
};

/// InputError `FILE:LINE: column: value: rule` for anything that is not as above.
std::vector<TradeOffPoint> read_trade_off(const std::filesystem::path& file);

/// The points of all files `curves/*.csv` in `folder`, by file name; none where there is no such folder.
std::vector<TradeOffPoint> read_curves(const std::filesystem::path& folder);

/// Accuracy against mean non-zero share.
struct Balance {
    double top1 = 0, mean = 0;
};
/// True for a point that no other beats: at least as accurate and at most as dense, and better in one.
std::vector<bool> unbeaten(const std::vector<Balance>& points);

}  // namespace sliver::study
