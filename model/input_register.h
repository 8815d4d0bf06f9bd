// InputRegister: the input register of one processing element.
//
// Models: the bytes of a window, row block after row block (arrays with the same rows share one), and the
// digits of the input planes that it drives the arrays' rows with: all rows of an array, or those of one part
// (mapping/row_parts.h). Rows of packed arrays find their place by a table. With a zero detector it tells of
// planes (and parts) that would drive no row, as soon as the window's bytes are there. Counts an access for
// every read it feeds, how often each row was driven, look-ups and what the detector saw. Takes no time of
// its own: its stage is the window's load. Called by ProcessingElement; the half that is filled while the
// other one is driven is the tile's business (Tile::start).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bitline/column_kernels.h"
#include "cost/actions.h"
#include "mapping/layer_mapping.h"
#include "model/bitline_protocol.h"
#include "model/row_counts.h"

namespace sliver::model {

class InputRegister {
  public:
    static constexpr std::size_t kMostPlanes = 8;  ///< a code has eight bits

    /// Rows of the layer's matrix: a run, or as listed.
    struct RowRange {
        int first = 0, count = 0;
        mapping::LineList list;
    };

    /// How often the rows of a block were driven, over all planes and windows.
    struct RowDrives {
        RowCounts times;
        std::optional<RowCounts> squares;  ///< sums of squared digits; none: the same (1-bit digits)
        [[nodiscard]] const RowCounts& squared() const { return squares ? *squares : times; }
    };

    /// `planes`: those of a window. `detects_zeros`: there is a zero detector. `keeps_planes`: until its next
    /// window; else only until another register's window is written, and all share the storage, which stays
    /// in the processor's cache.
    InputRegister(const std::vector<mapping::InputPlane>& planes, bitline::PackDigits pack_digits,
                  bool detects_zeros, bool keeps_planes);
    InputRegister(const InputRegister&) = delete;
    InputRegister& operator=(const InputRegister&) = delete;

    /// Before the simulation: the row block of an array that reads `rows`; arrays with the same rows share
    /// one.
    std::size_t add_rows(const RowRange& rows);
    /// By row block, in the order of their bytes.
    [[nodiscard]] const std::vector<RowRange>& rows() const { return rows_; }
    /// Of a window.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    /// A window's bytes() bytes.
    void write(const std::int8_t* bytes);
    [[nodiscard]] bool detects_zeros() const { return detects_zeros_; }
    /// Whether a plane of the window drives a row of the block; without a detector nobody knows: true.
    [[nodiscard]] bool drives(std::size_t block, int plane) const {
        return !detects_zeros_ || plane_of(block, plane).driven_rows != 0;
    }
    /// Parts of `parts` that a plane of the window drives; without a detector: all.
    [[nodiscard]] int driven_parts(std::size_t block, int plane, int parts) const;
    /// Puts the digits of a row block, of the plane that `read` names, on the rows of an array.
    void drive(std::size_t block, BitlineRead& read) {
        ++accesses_;
        read.rows = static_cast<std::uint32_t>(blocks_[block].rows);
        read.planes = &plane_of(block, read.plane);
        read.driven_rows = read.planes->driven_rows;
        read.plane_count = read.driven_rows == 0 ? 0 : 1;
    }
    /// Those of part `part` of `parts`; the other rows are not driven. False: the detector saw that none
    /// would be, and nothing happens.
    bool drive_part(std::size_t block, int part, int parts, BitlineRead& read);
    /// Lists all planes of the window that drive a row, whose reads have been: drives and counts nothing.
    /// `list`: where, if not all of them do; it stays with the caller.
    using PlaneList = std::array<bitline::DigitPlane, kMostPlanes>;
    void show_planes(std::size_t block, PlaneList& list, BitlineRead& read) const;
    /// Appends the addresses a window touches, for ProcessingElement::fetch_ahead().
    void list_hot(std::vector<const void*>& addresses) const;

    [[nodiscard]] const RowDrives& row_drives(std::size_t block) const { return drives_[block]; }
    /// Its counts begin anew. Its bytes stay: a window writes them before they are driven.
    void reset();
    void count(cost::Actions& actions) const {
        actions.input_register_accesses += accesses_;
        actions.index_lookups += lookups_;
        actions.zero_checks += checks_;
    }

  private:
    struct Block {
        int rows = 0, words = 0;
        std::size_t offset = 0;  ///< of its bytes
        std::size_t digits = 0;  ///< the first in Driven::digits
    };
    [[nodiscard]] const bitline::DigitPlane& plane_of(std::size_t block, int plane) const {
        return driven_.planes[block * planes_.size() + static_cast<std::size_t>(plane)];
    }
    /// What a window drives.
    struct Driven {
        std::vector<bitline::DigitPlane> planes;  ///< of all row blocks, plane after plane
        std::vector<std::uint64_t> digits;        ///< likewise
    };
    static Driven& shared();
    void count_drives(std::size_t block);

    bool detects_zeros_;
    std::vector<bitline::DigitPlane> planes_;  ///< of a window, nothing driven
    Driven own_;
    Driven& driven_;              ///< or shared()
    std::size_t digit_bits_ = 1;  ///< of the widest plane
    bitline::PackDigits pack_digits_;
    std::vector<RowRange> rows_;
    std::vector<Block> blocks_;
    std::vector<RowDrives> drives_;                        ///< by block
    std::size_t bytes_ = 0, listed_rows_ = 0, words_ = 0;  ///< the last: of digits
    std::vector<std::uint64_t> part_digits_;               ///< of the part that is driven
    bitline::DigitPlane part_;
    std::uint64_t accesses_ = 0, lookups_ = 0, checks_ = 0;
};

}  // namespace sliver::model
