// SharedAdc: one converter that serves the columns of one to eight crossbars in turn.
//
// Models: conversion with a width for each column (unit step, saturating); the time of a burst, the sum of
// the conversion times of all columns of an array, used or not, since the converter sweeps them; arbitration
// first come first served: a burst starts when its samples are held and the converter is free. Counts
// conversions and cuts by slice. Does not model: offset, gain or noise of the converter. Speaks the bitline
// protocol: for each crossbar a target socket and an initiator socket to the shift-add unit.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <systemc>
#include <utility>
#include <vector>

#include "bitline/column_kernels.h"
#include "model/bitline_protocol.h"

namespace sliver::model {

/// What the converter has to know of one of the crossbars it serves. Columns lie slice-major
/// (mapping/layer_mapping.h).
struct ServedArray {
    int outputs = 0;              ///< columns of one slice
    std::vector<int> slice_bits;  ///< width of each slice of the array
    sc_core::sc_time burst;       ///< time to convert every column once
};

/// Largest code of every column, for converters that serve arrays of the same kind: one table instead of one
/// an array.
class ColumnLimits {
  public:
    /// 2^bits - 1 for `outputs` columns of each slice; columns that fill up the last group of 8 never clip.
    const std::vector<std::uint32_t>& of(const ServedArray& array);

  private:
    std::map<std::pair<int, std::vector<int>>, std::vector<std::uint32_t>> tables_;
};

class SharedAdc : public sc_core::sc_module {
  public:
    static constexpr std::size_t kMaxSlices = 9;  ///< 9 stored bits in cells of one bit
    struct Counters {
        std::uint64_t bursts = 0;
        std::array<std::uint64_t, kMaxSlices> clipped{};  ///< by slice of the array
    };

    SharedAdc(const sc_core::sc_module_name& name, std::vector<ServedArray> arrays, ColumnLimits& limits,
              const bitline::Kernels& kernels);
    ~SharedAdc() override;

    /// Sockets of the array served at `position`: its samples come in, its codes go out.
    [[nodiscard]] bitline_target_socket& crossbar_tsock(std::size_t position);
    [[nodiscard]] bitline_initiator_socket& shift_add_isock(std::size_t position);
    [[nodiscard]] const Counters& counters(std::size_t position) const;
    /// Appends the addresses a burst of that array touches, for ProcessingElement::warm_up().
    void list_hot(std::size_t position, std::vector<const void*>& addresses) const;
    /// Earliest time at which another burst can start.
    [[nodiscard]] const sc_core::sc_time& free_at() const { return free_at_; }
    [[nodiscard]] sc_core::sc_time busy() const;

  private:
    class Port;
    void end_of_elaboration() override;
    std::vector<std::unique_ptr<Port>> ports_;
    sc_core::sc_time free_at_;
};

}  // namespace sliver::model
