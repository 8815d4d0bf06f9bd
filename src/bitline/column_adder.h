// What the adders behind one crossbar do with the codes of its reads.
//
// acc[output] +/-= code << (plane + shift of the column); flipped columns and the bias of offset encoding
// come from the sum of the driven digits, which the unit column reads (hardware-parameters.md 1.5). Plain
// arithmetic, one definition for the chip's shift-add unit and the functional engine of non-ideal crossbars.
#pragma once

#include <cstdint>
#include <vector>

#include "bitline/column_kernels.h"
#include "mapping/layer_mapping.h"

namespace sliver::bitline {

/// The accumulators of the outputs that the columns of an array name: places[i] of the i-th of them, or where
/// that is null first + i.
struct AccumulatorPlaces {
    int first = 0;
    mapping::LineList places;
};

class ColumnAdder {
  public:
    /// `flipped`: a flag for each used column of `slot`.
    ColumnAdder(const mapping::LayerMapping& layer, const mapping::CrossbarSlot& slot,
                AccumulatorPlaces places, std::vector<bool> flipped, ShiftAddOp shift_add);

    /// Adds the planes of `rows`. `codes`: by used column of the crossbar, plane after plane.
    /// `accumulators`: what the places count in.
    void add(const std::uint32_t* codes, const PlaneRows& rows, std::int32_t* accumulators) const;
    /// What add() reads besides the accumulators, to be fetched ahead.
    [[nodiscard]] const void* hot() const { return &shift_add_; }

  private:
    struct Run {
        int first, columns, shift;
        int output;  ///< of its first column: number among those that the columns name
    };
    [[nodiscard]] std::int32_t& place(std::int32_t* accumulators, int column) const {
        const int output = column % outputs_;
        return accumulators[places_.places ? (*places_.places)[static_cast<std::size_t>(output)]
                                           : places_.first + output];
    }
    void add_mixed(const std::uint32_t* codes, const PlaneRows& rows, const Run& run,
                   std::int32_t* accumulators) const;

    // What every window needs comes first: it is one cache line.
    ShiftAddOp shift_add_;
    int sign_, outputs_;
    bool is_mixed_ = false;  ///< columns differ
    bool needs_unit_column_ = false;
    std::vector<Run> runs_;
    AccumulatorPlaces places_;
    std::vector<bool> flipped_;
    std::vector<std::int32_t> unit_weight_;  ///< by output: what one unit of the unit column adds at plane 0
};

}  // namespace sliver::bitline
