// Integer action counts: what the hardware did, before anything is said about what it costs.
//
// The blocks of model/ count (one Actions a layer, one for the chip's shared parts); results/ prints them and
// reads them back; energy.h prices them. Counts are exact, for a whole run, and add up: Actions of a network
// = sum over its layers. Nothing here knows joules, so that a recorded run can be priced again under other
// laws without simulating.
//
// The same crossbar reads are counted under three accountings (accounting.h): suffix _whole/_all, _used,
// _driven. Offset encoding's unit column: its conversions are in `conversions_unit`, charged under every
// accounting; its cells, its sample and its shift-add are in cells_*, samples_* and shift_adds_*.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cost/accounting.h"

namespace sliver::cost {

constexpr int kMaxAdcBits = 12;

/// A count by ADC width; index = bits. Index 0 stays zero: a column that is not converted is no conversion.
using WidthCounts = std::array<std::uint64_t, kMaxAdcBits + 1>;

constexpr std::size_t kMaxLevels = 16;  ///< of a cell of 4 bits

/// A count by cell level; index = level.
using LevelCounts = std::array<std::uint64_t, kMaxLevels>;

std::uint64_t sum(const WidthCounts& counts);
std::uint64_t sum(const LevelCounts& counts);

/// Actions of one layer, or of the chip's shared parts, over a whole run. kActions describes every member.
struct Actions {
    std::uint64_t crossbar_reads = 0;
    std::uint64_t planes_skipped = 0;
    std::uint64_t windows = 0;

    WidthCounts conversions_all{};   ///< whole: every column of the array
    WidthCounts conversions_used{};  ///< used and driven: columns that hold weights, less the skipped ones
    /// By width, so that layers with different unit columns still add up (a unit column is as wide as its
    /// rows ask for).
    WidthCounts conversions_unit{};
    std::uint64_t conversions_skipped = 0;
    std::uint64_t clipped = 0;

    std::uint64_t cells_whole = 0, cells_used = 0, cells_driven = 0;
    std::uint64_t conducting_cells = 0;
    /// Squares of the digits that drive cells: a row's voltage follows its digit. Of 1-bit digits the cells
    /// driven.
    LevelCounts cells_by_level{};
    /// The same over wires, by what the solver says that a row's cells draw: nanosiemens times squared
    /// digits.
    std::uint64_t conductance_driven = 0;
    std::uint64_t row_drives_whole = 0, row_drives_used = 0, row_drives_driven = 0;
    std::uint64_t samples_whole = 0, samples_used = 0;
    std::uint64_t shift_adds_whole = 0, shift_adds_used = 0;
    std::uint64_t input_register_accesses = 0, output_register_accesses = 0;

    std::uint64_t buffer_bytes_read = 0, buffer_bytes_written = 0;
    std::uint64_t bus_bytes = 0;
    std::uint64_t flit_hops = 0;
    std::uint64_t host_bytes = 0;

    std::uint64_t activation_ops = 0, pool_ops = 0, add_ops = 0;
    std::uint64_t output_register_bytes = 0;
    std::uint64_t index_lookups = 0;
    std::uint64_t mask_reads = 0, zero_checks = 0;
    std::uint64_t table_lookups = 0, rescale_ops = 0;

    Actions& operator+=(const Actions& other);
    /// `other` is part of it.
    Actions& operator-=(const Actions& other);
    friend Actions operator+(Actions a, const Actions& b) { return a += b; }
    friend bool operator==(const Actions& a, const Actions& b);
    friend bool operator!=(const Actions& a, const Actions& b) { return !(a == b); }
};

/// One row of the action list; exactly one of the member pointers is set.
struct ActionInfo {
    std::string_view name;  ///< the key in stats.json
    std::string_view unit;
    std::string_view description;
    std::uint64_t Actions::*count = nullptr;
    WidthCounts Actions::*by_width = nullptr;
    LevelCounts Actions::*by_level = nullptr;
    bool younger = false;  ///< than its stats.json's schema: a file may lack it, and then has none
};

// The only place that lists the actions: printing, writing, reading back and adding all walk it.
inline constexpr std::array kActions = {
    ActionInfo{"crossbar_reads", "read", "one input digit plane on one array, or on one part of its rows",
               &Actions::crossbar_reads},
    ActionInfo{"planes_skipped", "read",
               "left out because no row of the array, or of the part, would be driven",
               &Actions::planes_skipped},
    ActionInfo{"windows", "window", "output positions computed", &Actions::windows},
    ActionInfo{"conversions_all", "conversion", "by ADC width, every column of each array read", nullptr,
               &Actions::conversions_all},
    ActionInfo{"conversions_used", "conversion", "by ADC width, columns that hold weights and were converted",
               nullptr, &Actions::conversions_used},
    ActionInfo{"conversions_unit", "conversion", "by ADC width, the unit columns of offset encoding", nullptr,
               &Actions::conversions_unit},
    ActionInfo{"conversions_skipped", "conversion",
               "used columns left alone because none of their cells conducts", &Actions::conversions_skipped},
    ActionInfo{"clipped", "conversion", "conversions cut at the converter's largest code", &Actions::clipped},
    ActionInfo{"cells_whole", "cell-read", "every cell of each array read", &Actions::cells_whole},
    ActionInfo{"cells_used", "cell-read", "used rows times used columns", &Actions::cells_used},
    ActionInfo{"cells_driven", "cell-read", "rows with a non-zero input digit times used columns",
               &Actions::cells_driven},
    ActionInfo{"conducting_cells", "cell-read",
               "of cells_driven, those with a non-zero level (statistics, not charged)",
               &Actions::conducting_cells},
    ActionInfo{"cells_by_level", "cell-read",
               "cells_driven by level, each times the square of its digit (which is 1 with 1-bit DACs)",
               nullptr, nullptr, &Actions::cells_by_level},
    ActionInfo{"conductance_driven", "nS-read",
               "with wires: conductances of driven cells as solved, each times the square of its digit",
               &Actions::conductance_driven},
    ActionInfo{"row_drives_whole", "row drive", "one input digit on one row, every row of the array",
               &Actions::row_drives_whole},
    ActionInfo{"row_drives_used", "row drive", "rows that hold weights", &Actions::row_drives_used},
    ActionInfo{"row_drives_driven", "row drive", "rows with a non-zero input digit",
               &Actions::row_drives_driven},
    ActionInfo{"samples_whole", "sample", "sample-and-hold, every column", &Actions::samples_whole},
    ActionInfo{"samples_used", "sample", "sample-and-hold, columns that are converted",
               &Actions::samples_used},
    ActionInfo{"shift_adds_whole", "shift-add", "one a conversion, every column", &Actions::shift_adds_whole},
    ActionInfo{"shift_adds_used", "shift-add", "one a conversion made", &Actions::shift_adds_used},
    ActionInfo{"input_register_accesses", "access", "one a crossbar read: the digits of the rows it drives",
               &Actions::input_register_accesses},
    ActionInfo{"output_register_accesses", "access", "one a crossbar read: the partial sums of its columns",
               &Actions::output_register_accesses},
    ActionInfo{"buffer_bytes_read", "byte", "read from the tiles' eDRAM", &Actions::buffer_bytes_read},
    ActionInfo{"buffer_bytes_written", "byte", "written to the tiles' eDRAM", &Actions::buffer_bytes_written},
    ActionInfo{"bus_bytes", "byte",
               "a window's inputs from the eDRAM, and 4 an output of each processing element to the adders",
               &Actions::bus_bytes},
    ActionInfo{"flit_hops", "flit-hop", "one flit through one router and its link", &Actions::flit_hops},
    ActionInfo{"host_bytes", "byte", "images in, logits out", &Actions::host_bytes},
    ActionInfo{"activation_ops", "value", "values requantised and rectified", &Actions::activation_ops},
    ActionInfo{"pool_ops", "comparison", "comparisons (or additions) of pooling: 3 for a 2x2 window",
               &Actions::pool_ops},
    ActionInfo{"add_ops", "addition",
               "32-bit additions outside the processing elements: their partial sums, bias, residuals",
               &Actions::add_ops},
    ActionInfo{"output_register_bytes", "byte", "written to the tiles' output registers",
               &Actions::output_register_bytes},
    ActionInfo{"index_lookups", "look-up",
               "values that find their place by a table: rows of packed arrays, columns of packed or sorted "
               "ones",
               &Actions::index_lookups},
    ActionInfo{"mask_reads", "read", "column masks looked up, one a crossbar read (skip.empty_columns)",
               &Actions::mask_reads},
    ActionInfo{"zero_checks", "check",
               "digit planes of a row block, or of a part, seen by a zero detector (skip.zero_planes)",
               &Actions::zero_checks},
    ActionInfo{"table_lookups", "look-up", "values that a table of the post-processor gives",
               &Actions::table_lookups, nullptr, nullptr, true},
    ActionInfo{"rescale_ops", "multiplication",
               "by 31-bit factors of the post-processor (requantisation by a step that is no power of two), "
               "and products of two maps",
               &Actions::rescale_ops, nullptr, nullptr, true},
};

namespace detail {
constexpr std::size_t listed_bytes() {
    std::size_t bytes = 0;
    for (const ActionInfo& info : kActions)
        bytes += info.count != nullptr      ? sizeof(std::uint64_t)
                 : info.by_width != nullptr ? sizeof(WidthCounts)
                                            : sizeof(LevelCounts);
    return bytes;
}
}  // namespace detail
static_assert(detail::listed_bytes() == sizeof(Actions),
              "an action is missing from kActions, or listed twice");

/// Calls visit(info, member) for every action; `member` is a std::uint64_t&, a WidthCounts& or a LevelCounts&
/// (const where `actions` is).
template <typename ActionsType, typename Visitor>
void for_each_action(ActionsType& actions, Visitor&& visit) {
    for (const ActionInfo& info : kActions) {
        if (info.count != nullptr)
            visit(info, actions.*info.count);
        else if (info.by_width != nullptr)
            visit(info, actions.*info.by_width);
        else
            visit(info, actions.*info.by_level);
    }
}

/// Refuses counts that no run can give, with one line that starts with `where` (a file and layer): for counts
/// that were read back from a file, and as a test of what the model counts. Rules: driven <= used <= whole
/// for cells, rows, samples, shift-adds and conversions; conducting <= driven <= cells by level; clipped <=
/// conversions made; no conversion of 0 bits.
void check_actions(const Actions& actions, std::string_view where);

}  // namespace sliver::cost
