// The numbers of the bit-slice paper that ours stand beside, once, as printed.
//
// Zhang et al., arXiv 1909.08496 (EMC2 workshop at NeurIPS 2019), tables 1 and 2: top-1 and share of non-zero
// 2-bit slice elements over the whole model, both in percent. Data only.
#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace sliver::study {

inline constexpr std::string_view kPaperCitation = "arXiv 1909.08496, tables 1 and 2";
inline constexpr int kPaperSliceBits = 2;

struct PaperRow {
    std::string_view model, data, method;  ///< keys of names.h
    double top1_percent;
    std::array<double, 4> percent;  ///< by slice, 0 least significant (the paper prints B3 first)
    double mean, std;               ///< as printed; the deviation is that of the population
};

const std::vector<PaperRow>& paper_rows();

/// How the paper's network of that model is built, as far as that may differ from ours; empty: none in the
/// paper.
std::string_view paper_network(std::string_view model);

}  // namespace sliver::study
