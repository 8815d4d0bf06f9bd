// One matrix layer on crossbars with non-ideal devices behind converters that neither round nor cut: the
// error of the crossbars alone. Private to bitline.
//
// Without rounding every step from input digit to accumulator is linear, so the planes, slices and signs of a
// layer collapse into one real-valued matrix,
//     W'(row, output) = sum over slices and signs of +/- 2^(cell bits x slice) x gain x effective level,
// which is how the published studies of crossbar errors work (G -> G' -> W'; arXiv 2201.05229). The sum of a
// window is rounded once, to the accumulator's unit. Single precision in blocks of at most 512 rows, blocks
// added in double precision: equal on every instruction set.
#pragma once

#include <cstdint>
#include <vector>

#include "bitline/analog_kernels.h"
#include "bitline/column_kernels.h"
#include "mapping/layer_mapping.h"

namespace sliver::engine {

/// Buffers of one thread.
struct LinearScratch {
    std::vector<std::uint64_t> digits;
    AlignedVector<float> sums;
    std::vector<double> totals;  ///< [window][output]
};

class LinearLayer {
  public:
    /// `arrays`: one a crossbar of `layer`. InputError where a converter has an offset or an array read
    /// noise: both count once a read, which is not there any more.
    LinearLayer(const network::Node& node, const network::Format& input, const mapping::LayerMapping& layer,
                const std::vector<bitline::AnalogArray>& arrays, InstructionSet set);

    /// Fills `accumulators` [window][output] for `windows` windows of `codes`, `row_stride` apart.
    void run(const std::int8_t* codes, std::size_t row_stride, int windows, LinearScratch& scratch,
             std::vector<std::int32_t>& accumulators) const;

  private:
    /// Part of W': rows from first_row, outputs from first_output.
    struct Block {
        int first_row = 0, first_output = 0;
        bitline::AnalogArray weights;
    };

    const bitline::Kernels& kernels_;
    bitline::AnalogSums sums_;
    int outputs_;
    int magnitude_bits_;  ///< digits of a code that are added; the sign plane is subtracted
    bool signed_;
    std::vector<Block> blocks_;  ///< those of the same rows together
};

}  // namespace sliver::engine
