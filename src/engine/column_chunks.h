// Columns as chunks of six rows, for kernels that look up what six cells add to a column sum. Private to
// bitline.
//
// Six driven or idle rows are one of 64 patterns, so the cells of six rows of one column are a table of 64
// partial sums. A register holds a whole table, and one permutation looks up 64 patterns in it: 64 planes of
// one column. Tables need not be stored: that of six cells is the sum of two ready ones of three cells each.
// Chunks without cells are left out of a column's list, so that a sparse column costs next to nothing.
//
// For cells of one or two bits and digits of one; at most kMostChunkRows rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sliver::engine {

constexpr int kChunkRows = 6;
constexpr int kMostChunkRows = 256 * kChunkRows;  ///< a chunk's number has eight bits
constexpr int kMostChunkCellBits = 2;
constexpr std::size_t kChunkTableBytes = 64;
constexpr std::size_t kChunkTables = 64;  ///< for all cells of a half

/// Bits 6..11: place in ChunkTables::low in bytes; bits 18..23: likewise in `high`, 12 bits further up; bits
/// 24..31: the chunk.
using ColumnChunk = std::uint32_t;
constexpr std::uint32_t kTablePlaces = 0xfc0;
constexpr std::size_t low_table(ColumnChunk chunk) {
    return chunk & kTablePlaces;
}
constexpr std::size_t high_table(ColumnChunk chunk) {
    return chunk >> 12U & kTablePlaces;
}
constexpr std::size_t chunk_number(ColumnChunk chunk) {
    return chunk >> 24U;
}
/// `levels`: of kChunkRows rows, 0 behind the last. 0 where all are zero: such a chunk is left out.
ColumnChunk make_chunk(int number, const std::array<std::uint8_t, kChunkRows>& levels, int cell_bits);

/// One column of one array.
struct ChunkedColumn {
    std::uint32_t first = 0;   ///< place of its first chunk
    std::uint16_t chunks = 0;  ///< with a cell that is not zero
    std::uint16_t bound = 0;   ///< its sum with all rows driven
};

/// table[cells][pattern] = what the driven rows of the pattern add. 2-bit cells: `low` for rows 0 to 2 of a
/// chunk, `high` for rows 3 to 5; 1-bit cells: all in `low`.
struct alignas(64) ChunkTables {
    std::uint8_t low[kChunkTables][kChunkTableBytes];
    std::uint8_t high[kChunkTables][kChunkTableBytes];
};
const ChunkTables& chunk_tables(int cell_bits);

/// Input planes of the bits 4q to 4q + 3 of a code: what they weigh, +-2^i, 0 where there is no such plane.
constexpr int kQuadPlanes = 4;
using PlaneQuad = std::array<std::int8_t, kQuadPlanes>;

/// Eight rows' codes in, bit p of all of them out in byte p.
constexpr std::uint64_t transpose_bits(std::uint64_t rows) {
    std::uint64_t swapped = (rows ^ rows >> 7U) & 0x00aa00aa00aa00aaU;
    rows ^= swapped ^ swapped << 7U;
    swapped = (rows ^ rows >> 14U) & 0x0000cccc0000ccccU;
    rows ^= swapped ^ swapped << 14U;
    swapped = (rows ^ rows >> 28U) & 0x00000000f0f0f0f0U;
    return rows ^ swapped ^ swapped << 28U;
}

}  // namespace sliver::engine
