// The bitline protocol: one transaction is one read of one crossbar.
//
// Column reads are not memory-mapped, so they have a payload and protocol traits of their own and cannot be
// bound to a memory-mapped socket. Path: ProcessingElement -> Crossbar -> SharedAdc -> ShiftAdd, each
// forwarding the same payload. One phase: BEGIN_REQ; every target answers TLM_COMPLETED on the forward path
// and never waits. The annotated delay says, relative to now, when the rows are driven (at the crossbar),
// when the samples are held (at the ADC) and when the last code is there (at the shift-add unit and on
// return).
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>

namespace sliver::model {

struct BitlineRead {
    // Set by the processing element.
    const std::uint64_t* digits =
        nullptr;             ///< packed digit plane: digit_bits rows of the array's 64-row words
    int digit_bits = 1;      ///< of the DAC
    std::uint32_t rows = 0;  ///< of the read that hold weights: all of the array's, or those of a part
    /// Of these, rows whose digit is not zero; none: every sum is zero and stays unwritten.
    std::uint32_t driven_rows = 0;
    std::uint32_t unit_sum = 0;  ///< sum of the digits: what offset encoding's unit column reads
    int shift = 0;               ///< binary weight of the digit
    bool negative = false;       ///< the sign plane of a signed input
    std::uint64_t image = 0;     ///< of the run, and its window: they name the read, for read noise
    std::uint64_t window = 0;
    int plane = 0, part = 0;  ///< of the window, of the plane: they name the read in a timeline
    // Filled on the way.
    std::uint32_t* sums = nullptr;  ///< analog column sums, written by the crossbar
    /// The same of a crossbar with non-ideal devices, in units of one cell level; `sums` stays unwritten
    /// then.
    float* real_sums = nullptr;
    std::uint32_t largest_sum = 0;  ///< no sum of this read can be larger; set by the crossbar
    /// ADC codes, written by the shared ADC, or set to `sums` where no column of the read can saturate.
    const std::uint32_t* codes = nullptr;
    std::uint32_t* code_buffer = nullptr;
};

struct bitline_protocol {
    using tlm_payload_type = BitlineRead;
    using tlm_phase_type = tlm::tlm_phase;
};

constexpr unsigned kBitlineBusWidth = 128;

using bitline_initiator_socket = tlm::tlm_initiator_socket<kBitlineBusWidth, bitline_protocol>;
using bitline_target_socket = tlm::tlm_target_socket<kBitlineBusWidth, bitline_protocol>;
using bitline_fw_if = tlm::tlm_fw_transport_if<bitline_protocol>;
using bitline_bw_if = tlm::tlm_bw_transport_if<bitline_protocol>;

/// The calls of the forward interface that the bitline protocol does not use, answered once for all targets.
class BitlineTarget : public bitline_fw_if {
  public:
    void b_transport(BitlineRead&, sc_core::sc_time&) final;
    bool get_direct_mem_ptr(BitlineRead&, tlm::tlm_dmi&) final { return false; }
    unsigned transport_dbg(BitlineRead&) final { return 0; }
};

/// The backward path carries nothing: every read completes on the forward path.
class BitlineInitiator : public bitline_bw_if {
  public:
    tlm::tlm_sync_enum nb_transport_bw(BitlineRead&, tlm::tlm_phase&, sc_core::sc_time&) final;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) final {}
};

}  // namespace sliver::model
