#include "model/crossbar.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bitline/read_noise.h"

namespace sliver::model {
namespace {

constexpr std::size_t kGroupColumns = 8;

}  // namespace

Crossbar::Crossbar(const sc_core::sc_module_name& name, const Geometry& geometry, mapping::CellArray cells,
                   const sc_core::sc_time& cycle, const bitline::Kernels& kernels,
                   const bitline::AnalogArray* devices)
    : sc_module(name),
      pe_tsock("pe_tsock"),
      adc_isock("adc_isock"),
      column_sums_(kernels.column_sums),
      real_sums_(bitline::analog_sums(kernels.set)),
      devices_(devices),
      geometry_(geometry),
      cycle_(cycle),
      cells_(std::move(cells)) {
    pe_tsock.bind(*this);
    adc_isock.bind(*this);
    measure_columns();
}

void Crossbar::program(int row, int column, int level) {
    if (devices_ != nullptr) throw std::logic_error("Crossbar: cells that are not ideal stay as they are");
    cells_.set_level(row, column, level);
    measure_columns();
}

/// The read with every row driven by a one has the largest sums: it bounds all others.
void Crossbar::measure_columns() {
    const std::vector<std::uint64_t> ones(static_cast<std::size_t>(cells_.words), ~std::uint64_t{0});
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(cells_.groups) * kGroupColumns);
    bitline::DigitPlane all;
    all.digits = ones.data();
    column_sums_(cells_, &all, 1, sums.data());
    largest_column_ = *std::max_element(sums.begin(), sums.end());
}

tlm::tlm_sync_enum Crossbar::nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) {
    if (read.has_values()) sum_columns(read);
    if (read.is_read()) {
        ++reads_;
        rows_ += read.rows;
        driven_rows_ += read.driven_rows;
        delay += cycle_;
    }
    return adc_->nb_transport_fw(read, phase, delay);
}

void Crossbar::sum_columns(BitlineRead& read) const {
    if (devices_ != nullptr) {
        const bitline::DigitPlane& plane = *read.planes;
        real_sums_(*devices_, plane.digits, plane.digit_bits, read.real_sums);
        bitline::add_read_noise(*devices_, plane.digits, plane.digit_bits,
                                {read.image, read.window, static_cast<std::uint64_t>(plane.shift)},
                                read.real_sums);
        return;
    }
    column_sums_(cells_, read.planes, read.plane_count, read.sums);
    read.stride = static_cast<std::size_t>(cells_.groups) * kGroupColumns;
    int digit_bits = 1;
    for (int plane = 0; plane < read.plane_count; ++plane)
        digit_bits = std::max(digit_bits, read.planes[plane].digit_bits);
    read.largest_sum = largest_column_ * ((1U << static_cast<unsigned>(digit_bits)) - 1U);
}

/// A read drives rows, lets every cell on them conduct and samples every column. Rows are those of the part
/// that is read, under `whole` all of the array.
void Crossbar::count(cost::Actions& actions) const {
    const std::uint64_t unit = geometry_.unit_column ? 1 : 0;
    const std::uint64_t used = static_cast<std::uint64_t>(cells_.columns) + unit,
                        all = static_cast<std::uint64_t>(geometry_.columns) + unit,
                        all_rows = reads_ * static_cast<std::uint64_t>(geometry_.rows);
    actions.crossbar_reads += reads_;
    actions.row_drives_whole += all_rows;
    actions.row_drives_used += rows_;
    actions.row_drives_driven += driven_rows_;
    actions.cells_whole += all_rows * all;
    actions.cells_used += rows_ * used;
    actions.cells_driven += driven_rows_ * used;
    actions.samples_whole += reads_ * all;
    actions.samples_used += reads_ * used;
}

}  // namespace sliver::model
