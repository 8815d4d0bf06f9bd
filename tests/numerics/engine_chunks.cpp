// Columns as chunks and the kernel that looks them up, against loops over rows, planes and windows.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <vector>

#include "base/aligned_vector.h"
#include "base/size.h"
#include "bitline_reference.h"
#include "engine/column_chunks.h"
#include "engine/engine_kernels.h"
#include "mapping/adc_widths.h"

BOOST_AUTO_TEST_SUITE(engine_chunks)

using namespace sliver;
using bitline_reference::Dice;

namespace {

/// One array and the codes of a tile's windows.
struct Trial {
    int rows = 0, columns = 0, cell_bits = 0, windows = 0, input_bits = 0;
    bool is_signed = false, coarse = false;
    std::vector<int> levels;          ///< [row][column]
    std::vector<std::uint8_t> codes;  ///< [window][row], as many low bits as planes
    mapping::Converter converter;
    int slice_shift = 0;
    std::vector<std::int32_t> lane_signs;  ///< empty: all the same

    [[nodiscard]] int plane_weight(int plane) const {
        return is_signed && plane == input_bits - 1 ? -(1 << plane) : 1 << plane;
    }
    [[nodiscard]] std::uint32_t sum(int window, int plane, int column) const {
        std::uint32_t total = 0;
        for (int row = 0; row < rows; ++row)
            if ((codes[size(window * rows + row)] >> plane & 1) != 0)
                total += static_cast<std::uint32_t>(levels[size(row * columns + column)]);
        return total;
    }
};

Trial random_trial(Dice& dice) {
    Trial trial;
    trial.rows = dice.one_of<int>({1, 5, 6, 7, 16, 17, 27, 64, 100, 128, 128, 128, 256, 512});
    trial.columns = dice.one_of<int>({1, 7, 16});
    trial.cell_bits = dice.between(1, 2);
    trial.windows = dice.one_of<int>({1, 4, 15, 16, 17, 32});
    trial.input_bits = dice.one_of<int>({1, 3, 4, 5, 8, 8, 8});
    trial.is_signed = dice.chance(30);
    const int filled = dice.one_of<int>({0, 2, 30, 100}), driven = dice.one_of<int>({0, 10, 50, 100});
    const bool highest = dice.chance(30);  // of cells and codes: the largest sums there are
    const int top = (1 << trial.cell_bits) - 1;
    for (int i = 0; i < trial.rows * trial.columns; ++i)
        trial.levels.push_back(!dice.chance(filled) ? 0 : highest ? top : dice.between(0, top));
    const int last = (1 << trial.input_bits) - 1;
    for (int i = 0; i < trial.windows * trial.rows; ++i)
        trial.codes.push_back(static_cast<std::uint8_t>(!dice.chance(driven) ? 0
                                                        : highest            ? last
                                                                             : dice.between(0, last)));
    trial.converter.bits = dice.between(1, 9);
    trial.converter.drop = dice.one_of<int>({0, 0, 0, 1, 2, 5, 7, 8, 9, 12});
    trial.slice_shift = dice.between(0, 6);
    if (dice.chance(30))
        for (int column = 0; column < trial.columns; ++column)
            trial.lane_signs.push_back(dice.chance(50) ? 0 : -1);
    return trial;
}

}  // namespace

BOOST_AUTO_TEST_CASE(bits_of_eight_rows_are_transposed) {
    Dice dice(1);
    for (int round = 0; round < 100; ++round) {
        std::uint64_t rows = 0, want = 0;
        for (unsigned row = 0; row < 8; ++row)
            for (unsigned bit = 0; bit < 8; ++bit)
                if (dice.chance(50)) {
                    rows |= std::uint64_t{1} << (8 * row + bit);
                    want |= std::uint64_t{1} << (8 * bit + row);
                }
        BOOST_TEST(engine::transpose_bits(rows) == want);
    }
}

BOOST_AUTO_TEST_CASE(a_chunks_two_tables_say_what_its_driven_rows_add) {
    Dice dice(2);
    for (int round = 0; round < 300; ++round) {
        const int cell_bits = dice.between(1, 2), number = dice.between(0, 255);
        std::array<std::uint8_t, engine::kChunkRows> levels{};
        for (std::uint8_t& level : levels)
            level = static_cast<std::uint8_t>(dice.between(0, (1 << cell_bits) - 1));
        levels.back() |= 1U;  // a chunk of zeros has no entry
        const engine::ColumnChunk chunk = engine::make_chunk(number, levels, cell_bits);
        BOOST_TEST(engine::chunk_number(chunk) == size(number));
        const engine::ChunkTables& tables = engine::chunk_tables(cell_bits);
        for (std::size_t pattern = 0; pattern < 64; ++pattern) {
            int want = 0;
            for (std::size_t row = 0; row < levels.size(); ++row)
                if ((pattern >> row & 1U) != 0) want += levels[row];
            const int got = tables.low[engine::low_table(chunk) / engine::kChunkTableBytes][pattern] +
                            tables.high[engine::high_table(chunk) / engine::kChunkTableBytes][pattern];
            BOOST_TEST(got == want);
        }
    }
    BOOST_TEST(engine::make_chunk(7, {}, 2) == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_looked_up_equals_loops_over_rows) {
    Dice dice(3);
    bool any = false;
    for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
        const engine::EngineKernels& kernels = engine::engine_kernels(set);
        if (kernels.look_up == nullptr) continue;
        any = true;
        for (int round = 0; round < 400; ++round) {
            const Trial trial = random_trial(dice);
            const bool record = trial.converter.drop > 0 || dice.chance(50), adds = dice.chance(50);
            const std::uint32_t limit = trial.converter.range();

            std::vector<engine::ChunkedColumn> columns;
            std::vector<engine::ColumnChunk> chunks;
            for (int column = 0; column < trial.columns; ++column) {
                engine::ChunkedColumn chunked;
                chunked.first = static_cast<std::uint32_t>(chunks.size());
                int bound = 0;
                for (int first = 0; first < trial.rows; first += engine::kChunkRows) {
                    std::array<std::uint8_t, engine::kChunkRows> own{};
                    for (int row = first; row < std::min(first + engine::kChunkRows, trial.rows); ++row) {
                        const int level = trial.levels[size(row * trial.columns + column)];
                        own[size(row - first)] = static_cast<std::uint8_t>(level);
                        bound += level;
                    }
                    if (const auto chunk =
                            engine::make_chunk(first / engine::kChunkRows, own, trial.cell_bits))
                        chunks.push_back(chunk);
                }
                chunked.chunks = static_cast<std::uint16_t>(chunks.size() - chunked.first);
                chunked.bound = static_cast<std::uint16_t>(bound);
                columns.push_back(chunked);
            }
            std::vector<engine::PlaneQuad> quads(size((trial.input_bits + 3) / 4));
            for (int plane = 0; plane < trial.input_bits; ++plane)
                quads[size(plane / 4)][size(plane % 4)] =
                    static_cast<std::int8_t>(trial.plane_weight(plane) / (1 << (plane / 4 * 4)));
            const std::size_t blocks = size((trial.windows + 15) / 16), registers = blocks * quads.size();
            const std::size_t row_chunks = size((trial.rows + 5) / 6);
            AlignedVector<std::uint8_t> digits(row_chunks * registers * 64, 0);
            for (int window = 0; window < trial.windows; ++window)
                for (int row = 0; row < trial.rows; ++row)
                    for (int plane = 0; plane < trial.input_bits; ++plane) {
                        const std::size_t at =
                            (size(row / 6) * registers + size(window / 16) * quads.size() + size(plane / 4)) *
                                64 +
                            size(window % 16 * 4 + plane % 4);
                        const int bit = trial.codes[size(window * trial.rows + row)] >> plane & 1;
                        digits[at] = static_cast<std::uint8_t>(digits[at] | bit << (row % 6));
                    }

            engine::LookUpCall call;
            call.columns = columns.data();
            call.column_count = trial.columns;
            call.chunks = chunks.data();
            call.cell_bits = trial.cell_bits;
            call.digits = digits.data();
            call.window_blocks = static_cast<int>(blocks);
            call.quads = quads.data();
            call.quad_count = static_cast<int>(quads.size());
            call.limit = limit;
            call.drop = trial.converter.drop;
            call.harmless = call.drop > 0 ? 0 : record ? 0 : limit;
            call.slice_shift = trial.slice_shift;
            call.sign = !trial.lane_signs.empty() ? engine::ExcessSign::by_lane
                        : adds                    ? engine::ExcessSign::add
                                                  : engine::ExcessSign::subtract;
            call.lane_signs = trial.lane_signs.empty() ? nullptr : trial.lane_signs.data();
            AlignedVector<std::int32_t> excess(size(trial.columns) * blocks * 16, 1000);
            call.excess = excess.data();
            call.excess_stride = blocks * 16;
            std::uint32_t cut = 5, largest = 2;
            call.cut = &cut;
            call.largest = record ? &largest : nullptr;
            kernels.look_up(call);

            std::uint32_t want_cut = 5, want_largest = 2;
            bool equal = true;
            for (int column = 0; column < trial.columns; ++column) {
                const bool added = trial.lane_signs.empty() ? adds : trial.lane_signs[size(column)] == 0;
                for (int window = 0; window < trial.windows; ++window) {
                    std::int64_t want = 0;
                    for (int plane = 0; plane < trial.input_bits; ++plane) {
                        const std::uint32_t sum = trial.sum(window, plane, column);
                        want_largest = std::max(want_largest, sum);
                        bool clipped = false;
                        const std::int64_t value = bitline_reference::convert(sum, trial.converter.bits,
                                                                              trial.converter.drop, clipped);
                        want_cut += clipped ? 1 : 0;
                        want += (std::int64_t{sum} - value) * trial.plane_weight(plane);
                    }
                    want = (added ? want : -want) * (std::int64_t{1} << trial.slice_shift);
                    const auto got = excess[size(column) * blocks * 16 + size(window)];
                    equal = equal && got == static_cast<std::int32_t>(1000 + want);
                }
            }
            BOOST_TEST_CONTEXT(bitline::name_of(set)
                               << " round " << round << " rows " << trial.rows << " bits "
                               << trial.converter.bits << " drop " << trial.converter.drop) {
                BOOST_TEST(equal);
                BOOST_TEST(cut == want_cut);
                if (record) BOOST_TEST(largest == want_largest);
            }
        }
    }
    if (!any) BOOST_TEST_MESSAGE("skipped: no instruction set of this processor looks columns up");
}

BOOST_AUTO_TEST_SUITE_END()
