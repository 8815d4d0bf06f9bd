// InputRegister: the input register of one processing element.
//
// Models: the bytes of a window, row block after row block (arrays with the same rows share one), and the
// digits of one input plane that it drives the arrays' rows with: all rows of an array, or those of one part
// (mapping/row_parts.h). Rows of packed arrays find their place by a table. Counts an access for every read
// it feeds, and look-ups. Takes no time of its own: its stage is the window's load. Called by
// ProcessingElement; the half that is filled while the other one is driven is the tile's business
// (Tile::start).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bitline/column_kernels.h"
#include "cost/actions.h"
#include "mapping/layer_mapping.h"
#include "model/bitline_protocol.h"

namespace sliver::model {

class InputRegister {
  public:
    /// Rows of the layer's matrix: a run, or as listed.
    struct RowRange {
        int first = 0, count = 0;
        mapping::LineList list;
    };

    /// `digit_bits`: of the DACs.
    InputRegister(int digit_bits, bitline::PackDigits pack_digits)
        : digit_bits_(digit_bits), pack_digits_(pack_digits) {}

    /// Before the simulation: the row block of an array that reads `rows`; arrays with the same rows share
    /// one.
    std::size_t add_rows(const RowRange& rows);
    /// By row block, in the order of their bytes.
    [[nodiscard]] const std::vector<RowRange>& rows() const { return rows_; }
    /// Of a window.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    /// A window's bytes() bytes; they stay with the caller while it is worked on.
    void write(const std::int8_t* bytes);
    /// The plane that is driven next.
    void select(const mapping::InputPlane& plane);
    /// Puts the digits of a row block on the rows of an array.
    void drive(std::size_t block, BitlineRead& read);
    /// Those of part `part` of `parts`; the other rows are not driven.
    void drive_part(std::size_t block, int part, int parts, BitlineRead& read);

    void count(cost::Actions& actions) const {
        actions.input_register_accesses += accesses_;
        actions.index_lookups += lookups_;
    }

  private:
    struct Block {
        int rows = 0, words = 0;
        std::size_t offset = 0;  ///< of its bytes
        std::vector<std::uint64_t> digits;
        std::uint32_t driven_rows = 0, unit_sum = 0;
    };

    int digit_bits_;
    bitline::PackDigits pack_digits_;
    std::vector<RowRange> rows_;
    std::vector<Block> blocks_;
    std::size_t bytes_ = 0, listed_rows_ = 0;
    const std::int8_t* window_ = nullptr;
    std::vector<std::uint64_t> part_digits_;  ///< of the part that is driven
    std::uint64_t accesses_ = 0, lookups_ = 0;
};

}  // namespace sliver::model
