// One matrix layer on crossbars with non-ideal devices: the windows of a tile, read by read as the chip reads
// them. Private to bitline.
//
// No short cut is exact here: every driven plane is summed on every crossbar, converted and added. What a
// crossbar holds is AnalogArray's business, what becomes of a code ColumnAdder's; both are the chip's too.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bitline/analog_kernels.h"
#include "bitline/column_adder.h"
#include "bitline/read_noise.h"
#include "engine/functional_engine.h"
#include "mapping/column_profile.h"
#include "mapping/layer_mapping.h"

namespace sliver::engine {

/// [slice][sign]; empty: conversions as wide as it takes, which only round.
using ConverterTable = std::vector<std::array<mapping::Converter, 2>>;

/// Buffers and counts of one thread.
struct AnalogScratch {
    std::vector<std::uint64_t> digits;
    std::vector<std::int8_t> gathered;         ///< codes of an array whose rows are no run
    std::vector<std::uint32_t> driven, units;  ///< by window and plane: driven rows, sum of the digits
    AlignedVector<float> sums;
    std::vector<std::uint32_t> codes;
    std::vector<std::int32_t> accumulators;  ///< [window][output]
    /// Where all sums are counted: [slice][sign].
    std::vector<std::array<mapping::SumHistogram, 2>> counted;
};

class AnalogLayer {
  public:
    /// Keeps a reference to `arrays`: one a crossbar of `layer`, whose planes are those of the layer's input.
    AnalogLayer(const network::Node& node, const mapping::LayerMapping& layer,
                const std::vector<bitline::AnalogArray>& arrays, InstructionSet set);

    /// Fills scratch.accumulators for `windows` windows of `codes`, `row_stride` apart. Adds to `statistics`,
    /// one a slice. `count_all`: to scratch.counted as well. `names`: image and window of each.
    void run(const std::int8_t* codes, std::size_t row_stride, int windows,
             const std::vector<bitline::ReadName>& names, const ConverterTable& converters, bool count_all,
             AnalogScratch& scratch, std::vector<SliceStatistics>& statistics) const;

  private:
    struct Place {
        mapping::CrossbarSlot slot;
        bitline::ColumnAdder adder;
    };
    void pack(const std::int8_t* codes, std::size_t row_stride, int windows,
              const mapping::CrossbarSlot& slot, AnalogScratch& scratch) const;
    void count(const Place& place, const mapping::ColumnRun& run, const std::uint32_t* codes,
               AnalogScratch& scratch) const;

    const bitline::Kernels& kernels_;
    bitline::AnalogSums sums_;
    int outputs_, digit_bits_ = 1;
    std::vector<mapping::InputPlane> planes_;
    const std::vector<bitline::AnalogArray>& arrays_;
    std::vector<Place> places_;
    std::vector<std::size_t> order_;  ///< crossbars, those of a row block together
};

}  // namespace sliver::engine
