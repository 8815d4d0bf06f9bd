// The hot loops of the functional engine, one set for each instruction set. Private to bitline.
//
// product   integer matrix product of a tile of windows with a layer's weights: what ideal converters would
//           give
// excess    for those planes of a tile that a converter might change on one group of columns: column sums by
//           AND + count, and what the converter takes off them, shifted into place and taken from (or, for
//           negative arrays, negative planes and flipped columns, given back to) the accumulators
// look_up   the same for all planes of a tile on a few columns, by tables (column_chunks.h): the better way
//           where most planes count or the columns are sparse
// sums      the same column sums, handed out
// Ideal product minus excess is exactly what the crossbars compute: converted(s) = s - (s - converted(s)),
// and all other operations are linear. With unit steps the excess is max(s - limit, 0): planes, arrays and
// column groups that cannot clip cost nothing beyond the product. With coarser steps it is zero only by
// chance, and negative where a sum is rounded up: sums and accumulators are numbers modulo 2^32.
//
// Accumulators of a tile lie [group of 16 outputs][window of the tile][16]: everything one excess() call
// touches is contiguous.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/target.h"
#include "bitline/column_kernels.h"
#include "engine/column_chunks.h"

namespace sliver::engine {

constexpr int kLaneOutputs = 16;       ///< outputs in one accumulator group
constexpr int kMostGroupColumns = 32;  ///< columns of the widest group

/// acc[group][window][lane] += sum over pairs p and i in {0, 1} of inputs[window][2p + i] *
/// weights[group][p][lane][i]
struct ProductCall {
    const std::int16_t* inputs = nullptr;  ///< of the first pair
    std::size_t input_stride = 0;          ///< int16 from window to window
    int windows = 0;
    const std::int16_t* weights = nullptr;  ///< of the first pair of the first group; starts on a cache line
    std::size_t weight_stride = 0;          ///< int16 from group to group
    int pairs = 0;
    int groups = 0;
    std::int32_t* accumulators = nullptr;
    std::size_t accumulator_stride = 0;  ///< int32 from group to group
};

/// One input plane of one window on one row block; made once, used by all columns.
struct DrivenPlane {
    std::uint32_t digits = 0;       ///< place in ExcessCall::digits
    std::uint32_t accumulator = 0;  ///< window * kLaneOutputs
    std::uint32_t shift = 0;        ///< of the plane
    std::uint32_t driven = 0;       ///< rows with a digit other than zero
};

/// Planes of a tile on one group of columns.
struct PlanesCall {
    const void* cells = nullptr;  ///< of one group of columns, as EngineKernels::pack_cells() left them
    int rows = 0;                 ///< of the row block
    int cell_bits = 0;
    int digit_bits = 0;
    const std::uint32_t* digits = nullptr;
    const DrivenPlane* planes = nullptr;
    int plane_count = 0;
};

/// What becomes of the excess: differential arrays have one sign for all columns, flipped columns one each.
enum class ExcessSign { subtract, add, by_lane };

struct ExcessCall : PlanesCall {
    std::uint32_t limit = 0;  ///< largest sum that is not cut: mapping::Converter::range()
    int drop = 0;             ///< the converter's step is 2^drop
    int slice_shift = 0;
    ExcessSign sign = ExcessSign::subtract;
    const std::int32_t* lane_signs = nullptr;  ///< by_lane: 0 adds, -1 subtracts; one a column of the group
    std::int32_t* accumulators = nullptr;
    std::size_t accumulator_stride = 0;  ///< int32 from one group of 16 to the next
    /// One counter a column of the group, raised by each conversion that was cut. By column, since adding
    /// them up each time would cost as much as a plane.
    std::uint32_t* cut = nullptr;
    std::uint32_t* largest = nullptr;  ///< not null: raised to the largest column sum seen
};

/// All planes of up to 32 windows on the columns of one group and one array.
constexpr int kLookUpWindows = 16;  ///< of one register of patterns: 16 windows x 4 planes
constexpr int kMostWindowBlocks = 2;
struct LookUpCall {
    const ChunkedColumn* columns = nullptr;
    int column_count = 0;
    const ColumnChunk* chunks = nullptr;
    int cell_bits = 0;
    /// [chunk][register][window % 16][plane % 4], the rows of a chunk driven in a plane; register = window /
    /// 16
    /// * quad_count + plane / 4. Starts on a cache line; zero behind the last window.
    const std::uint8_t* digits = nullptr;
    int window_blocks = 0;  ///< 1 or 2
    const PlaneQuad* quads = nullptr;
    int quad_count = 0;          ///< 1 or 2
    std::uint32_t harmless = 0;  ///< columns whose bound is not larger are left out
    std::uint32_t limit = 0;     ///< these four as in ExcessCall
    int drop = 0;
    int slice_shift = 0;
    ExcessSign sign = ExcessSign::subtract;
    const std::int32_t* lane_signs = nullptr;  ///< not null where `sign` is by_lane
    /// [column][window]: what the sums' excess adds to the accumulators. Starts on a cache line.
    std::int32_t* excess = nullptr;
    std::size_t excess_stride = 0;     ///< int32 from column to column, a multiple of 16
    std::uint32_t* cut = nullptr;      ///< one counter, raised by each conversion that was cut
    std::uint32_t* largest = nullptr;  ///< not null: raised to the largest column sum seen
};

struct SumsCall : PlanesCall {
    std::uint32_t* sums = nullptr;     ///< [plane][column of the group]
    std::uint32_t* largest = nullptr;  ///< [column of the group], raised to the largest of the planes' sums
};

struct EngineKernels {
    int group_columns;  ///< columns one excess() or sums() call handles: 16 or 32
    void (*product)(const ProductCall& call);
    /// Bytes of the packed cells of one group, a multiple of 64.
    std::size_t (*cell_bytes)(int rows, int cell_bits);
    /// levels[row * group_columns + column]; `out` starts on a cache line and is zero.
    void (*pack_cells)(const std::uint8_t* levels, int rows, int cell_bits, void* out);
    /// Places one driven plane can take in ExcessCall::digits.
    std::size_t (*digit_places)(int rows, int cell_bits, int digit_bits);
    /// From PackDigits' words to the form excess() reads; returns the places taken.
    std::size_t (*pack_plane)(const std::uint64_t* digits, int rows, int cell_bits, int digit_bits,
                              std::uint32_t* out);
    void (*excess)(const ExcessCall& call);
    void (*sums)(const SumsCall& call);
    void (*look_up)(const LookUpCall& call);  ///< null where an instruction set has none
};

/// A coarse converter (drop > 0) as the kernels apply it: min(sum + half, top) & keep.
struct CoarseSteps {
    CoarseSteps(std::uint32_t limit, int drop)
        : half(1U << static_cast<unsigned>(drop - 1)),
          top(limit + half),
          keep(~((1U << static_cast<unsigned>(drop)) - 1U)) {}
    std::uint32_t half, top, keep;
};

/// InputError when this processor cannot run `set`.
const EngineKernels& engine_kernels(InstructionSet set);

extern const EngineKernels kPortableEngine;
#if SLIVER_X86
extern const EngineKernels kAvx2Engine;
extern const EngineKernels kAvx512Engine;
void look_up_avx512(const LookUpCall& call);
#endif

// Bit planes of 16 columns and 32 rows a word, shared by the portable and the AVX-512 kernels:
// word[((w * cell_bits) + bit) * 16 + lane], digits[digit_bit * words + w].
namespace planes {
int words(int rows);  ///< 32-row words of a block, padded to a size that the kernels unroll
std::size_t cell_bytes(int rows, int cell_bits);
void pack_cells(const std::uint8_t* levels, int rows, int cell_bits, void* out);
std::size_t digit_places(int rows, int cell_bits, int digit_bits);
std::size_t pack_plane(const std::uint64_t* digits, int rows, int cell_bits, int digit_bits,
                       std::uint32_t* out);
}  // namespace planes

}  // namespace sliver::engine
