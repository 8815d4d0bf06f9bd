#include "model/crossbar.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/error.h"
#include "bitline/read_noise.h"

namespace sliver::model {
namespace {

constexpr std::size_t kGroupColumns = 8;
/// Adds the product. A count that does not fit 64 bits would be a wrong one.
void add_exactly(std::uint64_t& sum, std::uint64_t count, std::uint64_t each) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(count, each, &product) || __builtin_add_overflow(sum, product, &sum))
        refuse("conductance_driven: more than 2^64 nanosiemens in one layer: simulate fewer images");
}

}  // namespace

Crossbar::Crossbar(const sc_core::sc_module_name& name, const Geometry& geometry, mapping::CellArray cells,
                   const sc_core::sc_time& cycle, const bitline::Kernels& kernels,
                   const bitline::AnalogArray* devices, UnitEvents* events)
    : sc_module(name),
      pe_tsock("pe_tsock"),
      adc_isock("adc_isock"),
      real_sums_(bitline::analog_sums(kernels.set)),
      geometry_(geometry),
      cells_(std::move(cells)),
      column_sums_(kernels.column_sums),
      devices_(devices),
      events_(events),
      cycle_(cycle) {
    pe_tsock.bind(*this);
    adc_isock.bind(*this);
    for (int column = 0; geometry.masked && column < cells_.columns; ++column)
        left_out_.push_back(cells_.is_empty(column));
    measure_columns();
}

void Crossbar::end_of_elaboration() {
    forward_.find(adc_isock);
}

void Crossbar::program(int row, int column, int level) {
    if (devices_ != nullptr) throw std::logic_error("Crossbar: cells that are not ideal stay as they are");
    // The converters' mask is that of the weights: nobody would see this cell.
    if (geometry_.masked && left_out_[static_cast<std::size_t>(column)]) return;
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
    if (read.is_read()) {
        ++reads_;
        rows_ += read.rows;
        driven_rows_ += read.driven_rows;
    }
    if (events_ != nullptr) return hold(read);
    if (read.is_read()) delay += cycle_;
    return read.has_values() ? pass_values(read, phase, delay) : forward_.nb_transport_fw(read, phase, delay);
}

tlm::tlm_sync_enum Crossbar::pass_values(BitlineRead& read, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    sum_columns(read);
    return forward_.nb_transport_fw(read, phase, delay);
}

/// The samples are held a cycle from now.
tlm::tlm_sync_enum Crossbar::hold(BitlineRead& read) {
    if (read.has_values()) sum_columns(read);
    driven_ = &read;
    events_->at(later(sc_core::sc_time_stamp(), cycle_), UnitEvents::Step::held, read.array, *this);
    return tlm::TLM_ACCEPTED;
}

void Crossbar::on_step(UnitEvents::Step, std::size_t) {
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time none;
    forward_.nb_transport_fw(*driven_, phase, none);
}

/// END_REQ and BEGIN_RESP of the converters are those of the read.
tlm::tlm_sync_enum Crossbar::nb_transport_bw(BitlineRead& read, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) {
    return pe_tsock->nb_transport_bw(read, phase, delay);
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
void Crossbar::count(const InputRegister::RowDrives& drives, cost::Actions& actions) const {
    const std::uint64_t unit = geometry_.unit_column ? 1 : 0;
    const std::uint64_t used = static_cast<std::uint64_t>(cells_.columns) + unit,
                        all = static_cast<std::uint64_t>(geometry_.columns) + unit,
                        converted = static_cast<std::uint64_t>(geometry_.converted) + unit,
                        all_rows = reads_ * static_cast<std::uint64_t>(geometry_.rows);
    actions.crossbar_reads += reads_;
    actions.row_drives_whole += all_rows;
    actions.row_drives_used += rows_;
    actions.row_drives_driven += driven_rows_;
    actions.cells_whole += all_rows * all;
    actions.cells_used += rows_ * used;
    actions.cells_driven += driven_rows_ * used;
    actions.samples_whole += reads_ * (geometry_.masked ? converted : all);
    actions.samples_used += reads_ * converted;
    count_levels(drives, actions);
}

/// Cells that driven rows let conduct, by level. First the cells of a level are counted row by row, whatever
/// was driven; then the rows are driven.
void Crossbar::count_levels(const InputRegister::RowDrives& drives, cost::Actions& actions) const {
    constexpr std::size_t kGroupDigits = 4, kColumnDigits = 20;  // of up to 8, of up to 2^20 - 1 columns
    constexpr std::size_t kMostCellBits = 4;
    const auto words = static_cast<std::size_t>(cells_.words),
               groups = static_cast<std::size_t>(cells_.groups),
               level_bits = static_cast<std::size_t>(cells_.cell_bits);
    if (devices_ != nullptr)
        for (std::size_t row = 0; row < devices_->row_nanosiemens.size(); ++row)
            add_exactly(actions.conductance_driven, drives.squared().of(row), devices_->row_nanosiemens[row]);
    const std::size_t levels = std::size_t{1} << level_bits;
    std::uint64_t conducting = 0, above_zero = 0;
    std::array<std::uint64_t, kMostCellBits> inverted{};  // ones where the level has a zero
    for (std::size_t level = 1; level < levels; ++level) {
        for (std::size_t bit = 0; bit < level_bits; ++bit)
            inverted[bit] = (level >> bit & 1U) != 0 ? 0 : ~std::uint64_t{0};
        for (std::size_t word = 0; word < words; ++word) {
            RowNumbers<kColumnDigits> cells{};
            for (std::size_t group = 0; group < groups; ++group) {
                const std::uint64_t* const bits =
                    cells_.bits.data() + (group * words + word) * level_bits * kGroupColumns;
                RowNumbers<kGroupDigits> of_group{};
                for (std::size_t column = 0; column < kGroupColumns; ++column) {
                    std::uint64_t rows = bits[column] ^ inverted[0];
                    for (std::size_t bit = 1; bit < level_bits; ++bit)
                        rows &= bits[bit * kGroupColumns + column] ^ inverted[bit];
                    add_rows(of_group, rows);
                }
                add_numbers(cells, of_group);
            }
            const std::uint64_t sum = drives.times.sum(word, cells);
            const std::uint64_t squares = drives.squares ? drives.squares->sum(word, cells) : sum;
            conducting += sum;
            actions.cells_by_level[level] += squares;
            above_zero += squares;
        }
    }
    actions.conducting_cells += conducting;
    const std::uint64_t all_squares = drives.squared().total();
    actions.cells_by_level[0] += all_squares * static_cast<std::uint64_t>(cells_.columns) - above_zero;
    if (!geometry_.unit_column) return;
    actions.conducting_cells += drives.times.total();
    actions.cells_by_level[1] += all_squares;
}

}  // namespace sliver::model
