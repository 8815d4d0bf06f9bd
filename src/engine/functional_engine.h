// The functional engine: the chip's arithmetic without a simulation kernel, on all cores.
//
// Computes for whole image sets what the crossbars, ADCs and shift-add units compute: the logits, and for
// every layer, slice and sign how many conversions were cut and how large the column sums were. No time, no
// energy. The same arithmetic as model/: a test proves equal logits and equal clip counts.
// An integer matrix product gives what ideal converters would give; where a bound on the largest cells cannot
// exclude that a converter changes a column sum, AND + popcount over packed planes find by how much. Exact,
// see docs/bitline.md. Converters as in mapping/adc_widths.h; where rows are split no conversion is cut, so
// the values are those of ideal converters (`largest_sum` stays that of whole columns).
// For searches over converters the maps of a set of images can be kept (remember()): run_changed() then
// computes only what other converters change. Called by the program, the studies and the tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bitline/analog_kernels.h"
#include "bitline/column_kernels.h"
#include "mapping/adc_widths.h"
#include "network/quantised_network.h"

namespace sliver::engine {

struct EngineOptions {
    InstructionSet instruction_set = InstructionSet::portable;  ///< see best_instruction_set()
    int threads = 1;
    /// Fill SliceStatistics::largest_sum exactly; costs what narrow converters cost.
    bool record_sums = false;
    /// Crossbars with arrays only: converters that neither round nor cut, whatever the widths. What is left
    /// is the crossbars' own error (linear_layer.h); no statistics. InputError for converters with an offset.
    bool linear_converters = false;
};

/// Of one layer and slice over all images of a call.
struct SliceStatistics {
    std::uint64_t clipped = 0;  ///< conversions of a sum beyond Converter::range(), both signs
    std::array<std::uint64_t, 2> clipped_by_sign{};  ///< positive, negative arrays
    std::uint32_t largest_sum = 0;                   ///< of both signs; only with record_sums
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
    /// The same on non-ideal crossbars, which are read one by one as the chip reads them: some fifty times
    /// slower. Null: ideal ones after all. std::invalid_argument unless there is one array for every
    /// crossbar. InputError from runs whose widths split rows.
    FunctionalEngine(const network::QuantisedNetwork& network, const mapping::NetworkMapping& mapping,
                     int dac_bits, EngineOptions options,
                     std::shared_ptr<const bitline::AnalogNetwork> arrays);
    ~FunctionalEngine();
    FunctionalEngine(const FunctionalEngine&) = delete;
    FunctionalEngine& operator=(const FunctionalEngine&) = delete;

    /// Runs `count` images (codes of the network's input, one image after the other). The result does not
    /// depend on the number of threads nor on the instruction set. InputError for codes outside the input's
    /// range and for widths or drops that do not fit the network or that no converter has.
    /// `first_image`: number of the first one in a longer run; read noise is drawn by it.
    BatchResult run(const std::int32_t* images, std::size_t count, const mapping::AdcWidths& widths,
                    std::size_t first_image = 0) const;

    /// Every column sum of `count` images with ideal converters: all used columns, planes and windows, as the
    /// converters see them (flipped columns: the stored cells). `largest` of a slice whose sums are all zero
    /// is the first column. Offset encoding leaves sign 1 empty.
    mapping::ColumnProfile profile(const std::int32_t* images, std::size_t count) const;

    /// run(), and the maps of these images that run_changed() can start from are kept until the next call:
    /// the inputs of matrices and of sums and the logits, 4 bytes a value, about 0.25 MB an image for VGG-11
    /// at 32 x 32. If it throws, nothing is kept.
    BatchResult remember(const std::int32_t* images, std::size_t count,
                         const mapping::AdcWidths& widths) const;
    /// What run() gives for the remembered images with `widths`. Computes only layers whose converters differ
    /// from the remembered ones and what depends on their outputs. InputError if nothing is remembered.
    BatchResult run_changed(const mapping::AdcWidths& widths) const;
    /// run_changed(), and its maps take the place of the remembered ones.
    BatchResult remember_changed(const mapping::AdcWidths& widths) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sliver::engine
