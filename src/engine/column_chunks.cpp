#include "engine/column_chunks.h"

namespace sliver::engine {
namespace {

/// Each of `rows` cells from bit 0 of the index up, the patterns' bits from `first_row` up.
constexpr void fill(std::uint8_t (&tables)[kChunkTables][kChunkTableBytes], int cell_bits, int rows,
                    int first_row) {
    for (std::size_t cells = 0; cells < kChunkTables; ++cells) {
        for (std::size_t pattern = 0; pattern < kChunkTableBytes; ++pattern) {
            std::size_t sum = 0;
            for (int row = 0; row < rows; ++row)
                if ((pattern >> static_cast<unsigned>(first_row + row) & 1U) != 0)
                    sum += cells >> static_cast<unsigned>(row * cell_bits) & ((1U << cell_bits) - 1U);
            tables[cells][pattern] = static_cast<std::uint8_t>(sum);
        }
    }
}

ChunkTables make_tables(int cell_bits) {
    ChunkTables tables{};
    const int rows = kChunkRows / cell_bits;
    fill(tables.low, cell_bits, rows, 0);
    fill(tables.high, cell_bits, kChunkRows - rows, rows);
    return tables;
}

}  // namespace

ColumnChunk make_chunk(int number, const std::array<std::uint8_t, kChunkRows>& levels, int cell_bits) {
    std::uint32_t cells = 0;
    for (std::size_t row = levels.size(); row-- > 0;)
        cells = cells << static_cast<unsigned>(cell_bits) | levels[row];
    if (cells == 0) return 0;
    return static_cast<std::uint32_t>(number) << 24U | cells >> 6U << 18U | (cells & 63U) << 6U;
}

const ChunkTables& chunk_tables(int cell_bits) {
    static const ChunkTables one = make_tables(1), two = make_tables(2);
    return cell_bits == 1 ? one : two;
}

}  // namespace sliver::engine
