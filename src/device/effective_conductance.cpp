#include "device/effective_conductance.h"

#include <algorithm>

#include "base/aligned_vector.h"
#include "base/size.h"
#include "base/target.h"
#include "device/block_kernels.h"
#include "device/nodal_solver.h"

namespace sliver::device {
namespace {

constexpr int kBlock = kBlockColumns;

int padded(int value) {
    return (value + kBlock - 1) / kBlock * kBlock;
}

/// Symmetric positive definite matrices, the lower triangle in full rows, and how they are inverted: block by
/// block by the symmetric sweep, A_ij -= A_ik P A_kj with P = inverse of A_kk, then A_ik = A_ik P and A_kk =
/// -P; after all blocks the matrix is minus its inverse.
class SymmetricSweep {
  public:
    SymmetricSweep(int order, MultiplyAddKernel multiply_add)
        : order_(order),
          multiply_add_(multiply_add),
          panel_(size(order) * kBlock),
          minus_scaled_(size(order) * kBlock) {}

    /// `matrix`: order x order, order a multiple of kBlock; what lies above the diagonal blocks is scratch.
    void run(double* matrix) {
        for (int block = 0; block < order_; block += kBlock) sweep(matrix, block);
    }

  private:
    /// -inverse of the diagonal block, pivot by pivot; both triangles.
    void invert_pivots(const double* matrix, int block) {
        for (int row = 0; row < kBlock; ++row)
            for (int column = 0; column <= row; ++column)
                pivots_[row][column] = pivots_[column][row] =
                    matrix[size(block + row) * size(order_) + size(block + column)];
        for (int pivot = 0; pivot < kBlock; ++pivot) {
            const double inverse = 1 / pivots_[pivot][pivot];
            double column[kBlock];
            for (int i = 0; i < kBlock; ++i) column[i] = pivots_[i][pivot];
            for (int i = 0; i < kBlock; ++i) subtract(column[i] * inverse, column, pivots_[i], width_);
            for (int i = 0; i < kBlock; ++i) pivots_[i][pivot] = pivots_[pivot][i] = column[i] * inverse;
            pivots_[pivot][pivot] = -inverse;
        }
    }

    /// `count` is kBlock; where compilers know that, they vectorise across rows, which is slower.
    static void subtract(double factor, const double* from, double* to, int count) {
        for (int i = 0; i < count; ++i) to[i] -= factor * from[i];
    }

    void sweep(double* matrix, int block) {
        invert_pivots(matrix, block);
        // The block's rows of the symmetric matrix; what lies right of the diagonal stands below it.
        for (int i = 0; i < kBlock; ++i) {
            double* row = &panel_[size(i) * size(order_)];
            std::copy_n(matrix + size(block + i) * size(order_), block, row);
            std::fill_n(row + block, kBlock, 0.0);
        }
        for (int other = block + kBlock; other < order_; ++other)
            for (int i = 0; i < kBlock; ++i)
                panel_[size(i) * size(order_) + size(other)] =
                    matrix[size(other) * size(order_) + size(block + i)];
        std::fill(minus_scaled_.begin(), minus_scaled_.end(), 0.0);
        multiply_add_({&pivots_[0][0], kBlock, 1, panel_.data(), size(order_), minus_scaled_.data(),
                       size(order_), kBlock, kBlock, order_});
        for (int row = 0; row < order_; row += kBlock)
            multiply_add_({&minus_scaled_[size(row)], 1, size(order_), panel_.data(), size(order_),
                           matrix + size(row) * size(order_), size(order_), kBlock, kBlock, row + kBlock});
        for (int i = 0; i < kBlock; ++i) {
            double* row = matrix + size(block + i) * size(order_);
            for (int other = 0; other < block; ++other)
                row[other] = -minus_scaled_[size(i) * size(order_) + size(other)];
            std::copy_n(pivots_[i], kBlock, row + block);
        }
        for (int other = block + kBlock; other < order_; ++other)
            for (int i = 0; i < kBlock; ++i)
                matrix[size(other) * size(order_) + size(block + i)] =
                    -minus_scaled_[size(i) * size(order_) + size(other)];
    }

    int order_;
    int width_ = kBlock;
    MultiplyAddKernel multiply_add_;
    double pivots_[kBlock][kBlock] = {};
    AlignedVector<double> panel_, minus_scaled_;  ///< kBlock rows
};

/// One bitline as its cells see it: the inverse of its tridiagonal matrix, element by element from ratios
/// below 1, so that nothing over- or underflows.
class Bitline {
  public:
    explicit Bitline(int rows)
        : from_top_(size(rows)), from_bottom_(size(rows)), ratio_(size(rows)), diagonal_(size(rows)) {}

    /// `cell`: conductance of the cells from the first row on.
    void set(const double* cell, const WireResistances& wires) {
        const int rows = static_cast<int>(diagonal_.size());
        const double wire = 1 / wires.column_ohm, sense = 1 / wires.sense_ohm;
        // Pivots less their wire: what a node sees towards the top and towards the bottom, free of
        // cancellation.
        for (int row = 0; row < rows; ++row) {
            const double above = row == 0 ? 0.0 : series(from_top_[size(row - 1)], wire);
            from_top_[size(row)] = above + cell[row];
        }
        for (int row = rows; row-- > 0;) {
            const double below = row == rows - 1 ? sense : series(from_bottom_[size(row + 1)], wire);
            from_bottom_[size(row)] = below + cell[row];
            ratio_[size(row)] = wire / (wire + from_bottom_[size(row)]);
            const double above = row == 0 ? 0.0 : series(from_top_[size(row - 1)], wire);
            diagonal_[size(row)] = 1 / (above + from_bottom_[size(row)]);
        }
    }
    /// Element (row, row) of the inverse.
    [[nodiscard]] double diagonal(int row) const { return diagonal_[size(row)]; }
    /// Element (row, other) is element (row - 1, other) times this, for other < row.
    [[nodiscard]] double ratio(int row) const { return ratio_[size(row)]; }

  private:
    static double series(double a, double b) { return a * b / (a + b); }
    std::vector<double> from_top_, from_bottom_, ratio_, diagonal_;
};

/// The same network seen from the other side: bitlines become wordlines. By reciprocity its Geff is the
/// transposed one. Both ends change places, and so do first and last.
CellConductances turned(const CellConductances& cells) {
    CellConductances other(cells.columns, cells.rows);
    for (int row = 0; row < cells.rows; ++row)
        for (int column = 0; column < cells.columns; ++column)
            other.at(cells.columns - 1 - column, cells.rows - 1 - row) = cells.at(row, column);
    return other;
}
WireResistances turned(const WireResistances& wires) {
    return {wires.sense_ohm, wires.column_ohm, wires.row_ohm, wires.driver_ohm};
}

/// Geff by elimination of wordlines; meant for at most as many rows as columns.
///
/// With the bitline nodes eliminated, the wordline nodes r_j of column j (one a row) obey
///     Z_j^-1 r_j = g_j r_(j-1),   Z_j^-1 = g_j I + Y_j,   Y_j = S_j + g I - g^2 Z_(j+1)
/// with g = 1/R_row, g_0 = 1/R_driver, g_j = g else, r_(-1) the sources, S_j = G_j - G_j B_j^-1 G_j the
/// admittance of bitline j at its cells, and Y of the last column S alone. Bitline j carries q_j r_j into its
/// virtual ground. From right to left: Z_j, and all rows q_k (k >= j) expressed in r_(j-1).
class Elimination {
  public:
    Elimination(const CellConductances& cells, const WireResistances& wires, InstructionSet set)
        : cells_(cells),
          wires_(wires),
          order_(padded(cells.rows)),
          multiply_add_(multiply_add_kernel(set)),
          sweep_(order_, multiply_add_),
          bitline_(cells.rows),
          column_(size(order_), 0.0),
          inverse_row_(size(order_), 0.0),
          matrix_(size(order_) * size(order_), 0.0),
          outputs_(size(cells.columns) * size(order_), 0.0),
          next_outputs_(outputs_.size(), 0.0) {}

    /// The steps beside the products are plain loops: compiled three times, for what the processor has.
    CellConductances run(InstructionSet set) {
#if SLIVER_X86
        if (set == InstructionSet::avx512) return run_avx512();
        if (set == InstructionSet::avx2) return run_avx2();
#endif
        return run_steps();
    }

  private:
#if SLIVER_X86
    SLIVER_AVX512 __attribute__((flatten)) CellConductances run_avx512() {
        return run_steps();
    }
    SLIVER_AVX2 __attribute__((flatten)) CellConductances run_avx2() {
        return run_steps();
    }
#endif

    CellConductances run_steps() {
        const double wire = 1 / wires_.row_ohm, driver = 1 / wires_.driver_ohm;
        for (int column = cells_.columns; column-- > 0;) {
            const double towards = column == 0 ? driver : wire;
            const double away = column == cells_.columns - 1 ? 0.0 : wire;
            set_matrix(column, towards + away, away * away);
            sweep_.run(matrix_.data());
            mirror();
            advance(column, towards);
        }
        CellConductances effective(cells_.rows, cells_.columns);
        for (int row = 0; row < cells_.rows; ++row)
            for (int column = 0; column < cells_.columns; ++column)
                effective.at(row, column) = outputs_[size(column) * size(order_) + size(row)];
        return effective;
    }

    /// Z^-1 of a column into the lower triangle, q of the column into its row of the outputs. The matrix
    /// still holds minus the Z of the column to the right.
    void set_matrix(int column, double wires, double away_squared) {
        for (int row = 0; row < cells_.rows; ++row) column_[size(row)] = cells_.at(row, column);
        bitline_.set(column_.data(), wires_);
        for (int row = 0; row < order_; ++row) {
            double* line = &matrix_[size(row) * size(order_)];
            if (row >= cells_.rows) {  // padding: rows that hang on nothing
                std::fill(line, line + row, 0.0);
                line[row] = 1;
                continue;
            }
            const double cell = column_[size(row)], ratio = bitline_.ratio(row);
            for (int other = 0; other < row; ++other) inverse_row_[size(other)] *= ratio;
            inverse_row_[size(row)] = bitline_.diagonal(row);
            for (int other = 0; other <= row; ++other)
                line[other] =
                    away_squared * line[other] - cell * column_[size(other)] * inverse_row_[size(other)];
            line[row] += wires + cell;
        }
        double* output = &outputs_[size(column) * size(order_)];
        const double sense = 1 / wires_.sense_ohm;
        for (int row = 0; row < cells_.rows; ++row)
            output[row] = sense * inverse_row_[size(row)] * column_[size(row)];
    }

    /// The upper triangle from the lower one.
    void mirror() {
        for (int first = 0; first < order_; first += kBlock)
            for (int row = 0; row < std::min(first + kBlock, order_); ++row)
                for (int other = std::max(first, row + 1); other < first + kBlock; ++other)
                    matrix_[size(row) * size(order_) + size(other)] =
                        matrix_[size(other) * size(order_) + size(row)];
    }

    /// Outputs from `column` on, in the sources of the next column to the left: times Z and the wire.
    void advance(int column, double towards) {
        const std::size_t first = size(column) * size(order_);
        double* from = &outputs_[first];
        for (std::size_t i = 0; i < outputs_.size() - first; ++i) from[i] *= -towards;
        std::fill(next_outputs_.begin() + static_cast<std::ptrdiff_t>(first), next_outputs_.end(), 0.0);
        multiply_add_({from, size(order_), 1, matrix_.data(), size(order_), &next_outputs_[first],
                       size(order_), cells_.columns - column, order_, order_});
        outputs_.swap(next_outputs_);
    }

    const CellConductances& cells_;
    WireResistances wires_;
    int order_;
    MultiplyAddKernel multiply_add_;
    SymmetricSweep sweep_;
    Bitline bitline_;
    std::vector<double> column_, inverse_row_;
    AlignedVector<double> matrix_, outputs_, next_outputs_;
};

}  // namespace

CellConductances effective_conductances(const CellConductances& cells, const WireResistances& wires,
                                        InstructionSet set) {
    check(cells);
    check(wires);
    if (cells.rows > cells.columns) {
        const CellConductances other = turned(cells);
        return turned(Elimination(other, turned(wires), set).run(set));
    }
    return Elimination(cells, wires, set).run(set);
}

CellConductances separable_conductances(const CellConductances& cells, const WireResistances& wires) {
    check(cells);
    check(wires);
    const int rows = cells.rows, columns = cells.columns;
    std::vector<double> of_row(size(rows), 0.0), of_column(size(columns), 0.0);  // means
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            of_row[size(row)] += cells.at(row, column) / columns;
            of_column[size(column)] += cells.at(row, column) / rows;
        }
    const auto factors = [](const std::vector<double>& means, double end_ohm, double pitch_ohm) {
        // means[0] lies next to the end; the current of all farther ones passes it.
        double loaded = 1;
        for (std::size_t k = 0; k < means.size(); ++k)
            loaded += (end_ohm + static_cast<double>(k) * pitch_ohm) * means[k];
        std::vector<double> result;
        for (std::size_t j = 0; j < means.size(); ++j) {
            double farther = 1;
            for (std::size_t k = j; k < means.size(); ++k)
                farther += pitch_ohm * static_cast<double>(k - j) * means[k];
            result.push_back(farther / loaded);
        }
        return result;
    };
    const std::vector<double> b = factors(of_column, wires.driver_ohm, wires.row_ohm);
    std::reverse(of_row.begin(), of_row.end());
    std::vector<double> a = factors(of_row, wires.sense_ohm, wires.column_ohm);
    std::reverse(a.begin(), a.end());
    CellConductances effective(rows, columns);
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
            effective.at(row, column) = a[size(row)] * cells.at(row, column) * b[size(column)];
    return effective;
}

}  // namespace sliver::device
