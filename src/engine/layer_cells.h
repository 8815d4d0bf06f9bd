// One matrix layer, prepared for the functional engine: weights for the integer product, packed cells for the
// column sums, and the numbers from which a bound on every column group follows. Private to bitline; made
// once, read by all threads.
//
// The bound. A column's sum over n driven rows is at most the sum of its n largest cells, sum over levels v
// >= 1 of min(n, cells with level >= v), times the largest digit. With the counts maximised over the columns
// of a group the bound holds for all of them. From it follow, for given converters, the most rows that may be
// driven without any column of the group clipping: LayerCells::safe_rows().
#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned_vector.h"
#include "engine/engine_kernels.h"
#include "mapping/layer_mapping.h"
#include "network/quantised_network.h"

namespace sliver::engine {

/// Cells of one group of columns on one array: one row block, slice and sign.
struct CellGroup {
    std::uint32_t bound = 0;   ///< with every row driven at the highest digit; 0: all cells are zero
    std::uint32_t cells = 0;   ///< place in LayerCells::cells(), in cache lines; meaningless where bound is 0
    std::uint32_t counts = 0;  ///< place in the level counts
    std::uint32_t columns = 0;  ///< place in the chunked columns; meaningless without them
};

class LayerCells {
  public:
    /// InputError when a weight does not fit the cells. Not `packed`: shapes alone, all cells zero, for
    /// layers that are computed on arrays of their own; else `node` has no groups (mapping::block_layers()).
    LayerCells(const network::Node& node, const mapping::LayerMapping& layer, const EngineKernels& kernels,
               bool packed);

    [[nodiscard]] int rows() const { return rows_; }
    [[nodiscard]] int outputs() const { return outputs_; }
    [[nodiscard]] int row_blocks() const { return row_blocks_; }
    [[nodiscard]] int first_row(int block) const { return block * rows_per_block_; }
    [[nodiscard]] int block_rows(int block) const;
    [[nodiscard]] int slices() const { return static_cast<int>(shifts_.size()); }
    [[nodiscard]] int shift(int slice) const { return shifts_[static_cast<std::size_t>(slice)]; }
    [[nodiscard]] int signs() const { return signs_; }
    [[nodiscard]] int cell_bits() const { return cell_bits_; }
    [[nodiscard]] int digit_bits() const { return digit_bits_; }  ///< of the widest plane
    [[nodiscard]] const std::vector<mapping::InputPlane>& planes() const { return planes_; }

    /// Groups of kLaneOutputs outputs, and of EngineKernels::group_columns columns.
    [[nodiscard]] int output_groups() const { return output_groups_; }
    [[nodiscard]] int column_groups() const { return column_groups_; }

    [[nodiscard]] int pairs() const { return pairs_; }  ///< of rows; a missing last row has weight 0
    /// weights()[(group * pairs + pair) * 2 * kLaneOutputs + lane * 2 + row of the pair]
    [[nodiscard]] const std::int16_t* weights() const { return weights_.data(); }

    /// Column groups are numbered block-major, then column group, slice, sign.
    [[nodiscard]] std::size_t index(int block, int column_group, int slice, int sign) const;
    [[nodiscard]] const CellGroup& group(std::size_t index) const { return groups_[index]; }
    [[nodiscard]] const void* cells(const CellGroup& group) const {
        return cells_.data() + std::size_t{group.cells} * kCacheLine;
    }
    /// Columns of a group as chunks, for EngineKernels::look_up; false where the kernels have none or the
    /// cells, the digits or the rows do not suit it.
    [[nodiscard]] bool chunked() const { return chunked_; }
    [[nodiscard]] const ChunkedColumn* columns(const CellGroup& group) const {
        return &columns_[group.columns];
    }
    [[nodiscard]] const ColumnChunk* chunks() const { return chunks_.data(); }

    /// -1 for every column of the group that subtracts its excess on a positive plane, 0 for flipped ones;
    /// null where no column of the group is flipped.
    [[nodiscard]] const std::int32_t* lane_signs(int block, int column_group, int slice) const;

    /// Most rows that can be driven without any sum of the group passing `limit`.
    [[nodiscard]] int safe_rows(const CellGroup& group, std::uint32_t limit) const;

    [[nodiscard]] std::size_t bytes() const;  ///< memory held

  private:
    void pack_weights(const network::MatrixWeights& weights);
    void pack_cells(const network::MatrixWeights& weights, const mapping::LayerMapping& layer,
                    const EngineKernels& kernels);
    CellGroup count_levels(const std::uint8_t* levels, int rows, int columns);
    void chunk_columns(const std::uint8_t* levels, int rows);

    int rows_, outputs_, rows_per_block_, row_blocks_, signs_, cell_bits_, digit_bits_;
    int output_groups_, column_groups_, group_columns_, pairs_;
    std::vector<int> shifts_;  ///< by slice
    std::vector<mapping::InputPlane> planes_;
    AlignedVector<std::int16_t> weights_;
    AlignedVector<std::uint8_t> cells_;
    bool chunked_ = false;
    std::vector<ChunkedColumn> columns_;
    std::vector<ColumnChunk> chunks_;
    std::vector<CellGroup> groups_;
    std::vector<std::uint16_t>
        counts_;  ///< per group: cells with level >= v, v = 1..highest, largest over the columns
    std::vector<std::int32_t> lane_signs_;
    std::vector<std::int32_t> sign_places_;  ///< [block][column group][slice]: place in lane_signs_, or -1
};

}  // namespace sliver::engine
