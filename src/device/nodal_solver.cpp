#include "device/nodal_solver.h"

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/error.h"

namespace sliver::device {
namespace {

using SparseMatrix = Eigen::SparseMatrix<double>;
using Factors = Eigen::SimplicialLDLT<SparseMatrix, Eigen::Lower, Eigen::AMDOrdering<int>>;

/// Sums up the conductances between nodes; node -1 is a source or the ground.
class Stamps {
  public:
    explicit Stamps(int nodes) : diagonal_(static_cast<std::size_t>(nodes), 0.0) {}
    void to_fixed(int node, double siemens) { diagonal_[static_cast<std::size_t>(node)] += siemens; }
    void between(int a, int b, double siemens) {
        to_fixed(a, siemens);
        to_fixed(b, siemens);
        if (siemens != 0) off_diagonal_.emplace_back(std::max(a, b), std::min(a, b), -siemens);
    }
    /// Lower triangle. Nodes without any conductance are held at 0 V.
    [[nodiscard]] SparseMatrix matrix() const {
        auto entries = off_diagonal_;
        for (std::size_t node = 0; node < diagonal_.size(); ++node)
            entries.emplace_back(static_cast<int>(node), static_cast<int>(node),
                                 diagonal_[node] == 0 ? 1.0 : diagonal_[node]);
        const auto size = static_cast<Eigen::Index>(diagonal_.size());
        SparseMatrix matrix(size, size);
        matrix.setFromTriplets(entries.begin(), entries.end());
        return matrix;
    }

  private:
    std::vector<double> diagonal_;
    std::vector<Eigen::Triplet<double>> off_diagonal_;
};

}  // namespace

void check(const CellConductances& cells) {
    if (cells.rows < 1 || cells.columns < 1)
        refuse("conductances: {} x {} cells: an array has at least one row and one column", cells.rows,
               cells.columns);
    for (int row = 0; row < cells.rows; ++row)
        for (int column = 0; column < cells.columns; ++column)
            if (!(cells.at(row, column) >= 0) || std::isinf(cells.at(row, column)))
                refuse("conductances: row {}, column {}: value {} S: must be finite and not negative", row,
                       column, cells.at(row, column));
}

struct NodalSolver::Impl {
    CellConductances cells;
    WireResistances wires;
    std::vector<bool> connected;  ///< rows with a driver
    Factors factors;

    [[nodiscard]] int row_node(int row, int column) const { return 2 * (row * cells.columns + column); }
    [[nodiscard]] int column_node(int row, int column) const { return row_node(row, column) + 1; }
};

NodalSolver::NodalSolver(const CellConductances& cells, const WireResistances& wires, IdleRows idle,
                         const std::vector<bool>& driven)
    : impl_(std::make_unique<Impl>()) {
    check(cells);
    check(wires);
    const auto rows = static_cast<std::size_t>(cells.rows);
    if (!driven.empty() && driven.size() != rows) throw std::invalid_argument("NodalSolver: one flag a row");
    impl_->cells = cells;
    impl_->wires = wires;
    impl_->connected.assign(rows, true);
    for (std::size_t row = 0; row < driven.size(); ++row) {
        if (driven[row]) continue;
        if (idle == IdleRows::floating) impl_->connected[row] = false;
        if (idle == IdleRows::gated)
            for (int column = 0; column < cells.columns; ++column)
                impl_->cells.at(static_cast<int>(row), column) = 0;
    }
    Stamps stamps(2 * cells.rows * cells.columns);
    for (int row = 0; row < cells.rows; ++row) {
        if (impl_->connected[static_cast<std::size_t>(row)])
            stamps.to_fixed(impl_->row_node(row, 0), 1 / wires.driver_ohm);
        for (int column = 0; column < cells.columns; ++column) {
            if (column + 1 < cells.columns)
                stamps.between(impl_->row_node(row, column), impl_->row_node(row, column + 1),
                               1 / wires.row_ohm);
            if (row + 1 < cells.rows)
                stamps.between(impl_->column_node(row, column), impl_->column_node(row + 1, column),
                               1 / wires.column_ohm);
            stamps.between(impl_->row_node(row, column), impl_->column_node(row, column),
                           impl_->cells.at(row, column));
        }
    }
    for (int column = 0; column < cells.columns; ++column)
        stamps.to_fixed(impl_->column_node(cells.rows - 1, column), 1 / wires.sense_ohm);
    // A floating row all of whose cells are zero hangs on nothing: tie it to the ground, it carries no
    // current.
    for (int row = 0; row < cells.rows; ++row) {
        bool tied = impl_->connected[static_cast<std::size_t>(row)];
        for (int column = 0; column < cells.columns; ++column)
            tied = tied || impl_->cells.at(row, column) != 0;
        if (!tied) stamps.to_fixed(impl_->row_node(row, 0), 1 / wires.driver_ohm);
    }
    impl_->factors.compute(stamps.matrix());
    if (impl_->factors.info() != Eigen::Success)
        throw std::runtime_error("NodalSolver: the network's matrix cannot be factored");
}

NodalSolver::~NodalSolver() = default;
NodalSolver::NodalSolver(NodalSolver&&) noexcept = default;
NodalSolver& NodalSolver::operator=(NodalSolver&&) noexcept = default;

NodalSolution NodalSolver::solve(const std::vector<double>& volts) const {
    const Impl& impl = *impl_;
    const int rows = impl.cells.rows, columns = impl.cells.columns;
    if (volts.size() != static_cast<std::size_t>(rows))
        throw std::invalid_argument("NodalSolver: one voltage a row");
    Eigen::VectorXd sources = Eigen::VectorXd::Zero(2 * Eigen::Index{rows} * columns);
    for (int row = 0; row < rows; ++row)
        if (impl.connected[static_cast<std::size_t>(row)])
            sources[impl.row_node(row, 0)] = volts[static_cast<std::size_t>(row)] / impl.wires.driver_ohm;
    const Eigen::VectorXd nodes = impl.factors.solve(sources);
    NodalSolution solution;
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            solution.row_volts.push_back(nodes[impl.row_node(row, column)]);
            solution.column_volts.push_back(nodes[impl.column_node(row, column)]);
        }
        solution.driver_a.push_back(
            impl.connected[static_cast<std::size_t>(row)]
                ? (volts[static_cast<std::size_t>(row)] - nodes[impl.row_node(row, 0)]) /
                      impl.wires.driver_ohm
                : 0.0);
    }
    for (int column = 0; column < columns; ++column)
        solution.currents_a.push_back(nodes[impl.column_node(rows - 1, column)] / impl.wires.sense_ohm);
    return solution;
}

}  // namespace sliver::device
