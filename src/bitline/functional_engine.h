// The functional engine: the chip's arithmetic without a simulation kernel, on all cores.
//
// Computes for whole image sets what the crossbars, ADCs and shift-add units compute: the logits, and for
// every layer and slice how many conversions were cut and how large the column sums were. No time, no energy.
// The same arithmetic as model/: a test proves equal logits and equal clip counts.
// An integer matrix product gives what ideal converters would give; where a bound on the largest cells cannot
// exclude that a column passes its converter's range, AND + popcount over packed planes find what it cuts
// off. Exact, see docs/bitline.md. Called by the program, the studies and the tests.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bitline/column_kernels.h"
#include "mapping/layer_mapping.h"
#include "network/quantised_network.h"

namespace sliver::bitline {

struct EngineOptions {
    InstructionSet instruction_set = InstructionSet::portable;  ///< see best_instruction_set()
    int threads = 1;
    /// Fill SliceStatistics::largest_sum exactly; costs what narrow converters cost.
    bool record_sums = false;
};

/// Of one layer and slice over all images of a call.
struct SliceStatistics {
    std::uint64_t clipped = 0;      ///< conversions cut at 2^bits - 1
    std::uint32_t largest_sum = 0;  ///< only with record_sums
};

struct BatchResult {
    std::vector<std::int32_t> logits;                      ///< image-major
    std::vector<std::vector<SliceStatistics>> statistics;  ///< [layer][slice]
};

class FunctionalEngine {
  public:
    /// Keeps a reference to `network`; packs the cells once. InputError when a weight does not fit the cells.
    FunctionalEngine(const network::QuantisedNetwork& network, const mapping::NetworkMapping& mapping,
                     int dac_bits, EngineOptions options);
    ~FunctionalEngine();
    FunctionalEngine(const FunctionalEngine&) = delete;
    FunctionalEngine& operator=(const FunctionalEngine&) = delete;

    /// Runs `count` images (codes of the network's input, one image after the other). The result does not
    /// depend on the number of threads nor on the instruction set.
    BatchResult run(const std::int32_t* images, std::size_t count, const mapping::AdcWidths& widths) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sliver::bitline
