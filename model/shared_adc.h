// SharedAdc: what converts the columns of one to eight crossbars in turn: one converter, or one for each of
// their slices.
//
// Models: conversion with a converter for each column (mapping::converted: a step of 2^drop, saturating); the
// codes handed on carry their value, code << drop, so that the adders see one unit whatever the step. The
// time of a burst, the sum of the conversion times of all columns of an array that a converter sweeps, used
// or not; arbitration first come first served: a burst starts when its samples are held and its converter is
// free. A bank of several converters (adc.bank: per-slice) converts an array's slices side by side; the read
// is converted when the slowest is done. With a column mask (skip.empty_columns) columns without a cell above
// level 0, and those without weights, are not visited: their codes are zero, as they would be. Counts
// conversions, cuts by slice, columns left out, how long samples wait and,
// where it is given counters, every sum that it converts of a read that drives rows (those of the others are
// all zero). Real-valued sums of non-ideal devices go to the nearest code, with the gain and offset of the
// array's converters (bitline/analog_kernels.h). Does not model: noise of the converter. Speaks the bitline
// protocol: for each crossbar a target socket and an initiator socket to the shift-add unit.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "bitline/analog_kernels.h"
#include "bitline/column_kernels.h"
#include "cost/actions.h"
#include "mapping/adc_widths.h"
#include "model/bitline_protocol.h"
#include "model/column_counter.h"
#include "model/timeline.h"
#include "model/unit_events.h"

namespace sliver::model {

/// What the converters have to know of one of the crossbars they serve. The lists go by run of neighbouring
/// columns of one slice (mapping/layer_mapping.h), here "slice of the array".
struct ServedArray {
    struct Run {
        std::size_t first = 0;
        int columns = 0;
        [[nodiscard]] std::size_t end() const { return first + static_cast<std::size_t>(columns); }
    };
    std::vector<Run> runs;
    std::vector<mapping::Converter> converters;
    std::vector<sc_core::sc_time> sweeps;           ///< time to convert the columns charged to the slice once
    std::vector<std::size_t> units;                 ///< which converter of the bank converts the slice
    const bitline::AnalogArray* devices = nullptr;  ///< null: ideal
    std::vector<ColumnCounter*> counters;           ///< where the slice's sums are counted; empty: nowhere
    std::size_t sweeping = 0;  ///< the slice whose converter sweeps the columns without weights
    int unused = 0;            ///< these columns
    int unit_bits = 0;         ///< of the converter of offset encoding's unit column; 0: there is none
    CrossbarIndex crossbar;    ///< of the layer: its name in a timeline
    std::vector<int> visited;  ///< columns of the slice that are converted
    bool masked = false;       ///< a mask says which; without one all columns are converted
};

/// Largest code of every column, for converters that serve arrays of the same kind: one table instead of one
/// an array.
class ColumnLimits {
  public:
    /// 2^bits - 1 for the columns of each slice; columns that fill up the last group of 8 never clip.
    const std::vector<std::uint32_t>& of(const ServedArray& array);

  private:
    std::map<std::vector<std::pair<int, int>>, std::vector<std::uint32_t>> tables_;  ///< by columns and bits
};

class SharedAdc : public sc_core::sc_module {
  public:
    static constexpr std::size_t kMaxSlices = 9;  ///< 9 stored bits in cells of one bit
    struct Counters {
        std::uint64_t bursts = 0;
        std::array<std::uint64_t, kMaxSlices> conversions{};  ///< by slice of the array: columns with weights
        std::array<std::uint64_t, kMaxSlices> clipped{};      ///< by slice of the array
        std::array<std::uint32_t, kMaxSlices> largest{};  ///< likewise, of the sums; zeros where nobody asks
        std::uint64_t skipped = 0;                        ///< columns with weights that the mask leaves out
    };

    /// `lane_name`: of its converters in the timeline of `scope`, if that has one. `events`: null where it is
    /// loosely timed; else a read waits in the queue of each of its converters, and its array is told a
    /// `cycle` before they will be done with it.
    SharedAdc(const sc_core::sc_module_name& name, std::vector<ServedArray> arrays, ColumnLimits& limits,
              const bitline::Kernels& kernels, const TimelineScope& scope, const std::string& lane_name,
              UnitEvents* events, const sc_core::sc_time& cycle);
    ~SharedAdc() override;

    /// Sockets of the array served at `position`: its samples come in, its codes go out.
    [[nodiscard]] bitline_target_socket& crossbar_tsock(std::size_t position);
    [[nodiscard]] bitline_initiator_socket& shift_add_isock(std::size_t position);
    [[nodiscard]] Counters counters(std::size_t position) const;
    /// Adds the conversions and cuts of all arrays it serves.
    void count(cost::Actions& actions) const;
    /// Time spent on the columns of the slices of the array at `position`, by slice of the array.
    [[nodiscard]] std::vector<sc_core::sc_time> busy(std::size_t position) const;
    /// Of the converter of the bank that was busy for the longest.
    [[nodiscard]] sc_core::sc_time busiest() const;
    /// Its converters are free, its counts begin anew.
    void reset();
    /// Appends the addresses a burst of that array touches, for ProcessingElement::fetch_ahead().
    void list_hot(std::size_t position, std::vector<const void*>& addresses) const;
    /// Time from samples held to the start of their burst, summed over bursts.
    [[nodiscard]] const sc_core::sc_time& waited() const { return waited_; }

  private:
    class Port;
    /// What waits for a converter of the bank, in the order in which it was held; the first is converted.
    struct Waiting {
        Port* port;
        std::size_t burst;  ///< of the port
    };
    void end_of_elaboration() override;
    void begin_burst(std::size_t unit);
    std::vector<std::unique_ptr<Port>> ports_;
    std::array<std::deque<Waiting>, kMaxSlices> queues_;  ///< approximately timed
    sc_core::sc_time cycle_;
    std::vector<Timeline::Lane> lanes_;  ///< by converter of the bank, where there is a timeline
    // Side by side with the first converter's: every burst of a bank of one touches these four.
    UnitEvents* events_;
    Timeline* timeline_ = nullptr;
    sc_core::sc_time waited_;
    std::array<sc_core::sc_time, kMaxSlices> unit_free_at_;  ///< by converter of the bank
};

}  // namespace sliver::model
