// SharedAdc: one converter that serves the columns of one to eight crossbars in turn.
//
// Models: conversion with a width for each column (unit step, saturating); the time of a burst, the sum of
// the conversion times of all columns of an array, used or not, since the converter sweeps them; arbitration
// first come first served: a burst starts when its samples are held and the converter is free. Counts
// conversions and cuts by slice. Does not model: offset, gain or noise of the converter. Speaks the bitline
// protocol: for each crossbar a target socket and an initiator socket to the shift-add unit.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "bitline/column_kernels.h"
#include "model/bitline_protocol.h"

namespace sliver::model {

/// What the converter has to know of one of the crossbars it serves. Columns lie slice-major
/// (mapping/layer_mapping.h).
struct ServedArray {
    int outputs = 0;  ///< columns of one slice
    int first_slice = 0;
    std::vector<int> slice_bits;  ///< width of each slice of the array
    sc_core::sc_time burst;       ///< time to convert every column once
};

class SharedAdc : public sc_core::sc_module {
  public:
    struct Counters {
        std::uint64_t bursts = 0;
        std::vector<std::uint64_t> clipped;  ///< by slice of the array
    };

    SharedAdc(const sc_core::sc_module_name& name, std::vector<ServedArray> arrays,
              const bitline::Kernels& kernels);
    ~SharedAdc() override;

    /// Sockets of the array served at `position`: its samples come in, its codes go out.
    [[nodiscard]] bitline_target_socket& crossbar_tsock(std::size_t position);
    [[nodiscard]] bitline_initiator_socket& shift_add_isock(std::size_t position);
    [[nodiscard]] const Counters& counters(std::size_t position) const;
    /// Earliest time at which another burst can start.
    [[nodiscard]] const sc_core::sc_time& free_at() const { return free_at_; }
    [[nodiscard]] const sc_core::sc_time& busy() const { return busy_; }

  private:
    class Port;
    std::vector<std::unique_ptr<Port>> ports_;
    bitline::Convert convert_;
    sc_core::sc_time free_at_;
    sc_core::sc_time busy_;
};

}  // namespace sliver::model
