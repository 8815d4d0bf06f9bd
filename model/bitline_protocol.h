// The bitline protocol: one transaction is one read of one crossbar, or the values of a window's reads.
//
// A read takes time, is counted and has values: column sums, codes, what is added. How long it takes and what
// it counts never depend on its values. So the reads of a window may come first, plane by plane, as
// `Carries::time`: each drives the rows, occupies its converter and is counted where it passes. The values of
// them all follow in one transaction an array, `Carries::values`, which takes no time: cells, limits and
// accumulators are then fetched once a window, not once a plane. Where reads differ by more than their planes
// (parts of the rows, read noise), each is one transaction that carries everything.
//
// Column reads are not memory-mapped, so they have a payload and protocol traits of their own and cannot be
// bound to a memory-mapped socket. Path: ProcessingElement -> Crossbar -> SharedAdc -> ShiftAdd, each
// forwarding the same payload.
//
// Loosely timed (style.h) there is one phase, BEGIN_REQ; every target answers TLM_COMPLETED on the forward
// path and never waits. The annotated delay of a read says, relative to now, when the rows are driven (at the
// crossbar), when the samples are held (at the ADC) and when the last code is there (at the shift-add unit
// and on return).
//
// Approximately timed nothing is annotated, every read carries everything, and there are four phases:
//   BEGIN_REQ   to the crossbar: the rows are driven; to the ADC: the samples are held; to the shift-add
//   unit:
//               the last code is there
//   END_REQ     from the shift-add unit: at once; from the ADC and the crossbar: a read that is driven now
//   finds
//               its sample-and-hold free when its samples are to be held, an array cycle later
//   BEGIN_RESP  the codes have been added
//   END_RESP    at once, by completing BEGIN_RESP
// A link has one request at a time: the next BEGIN_REQ follows END_REQ. Several reads may wait for responses;
// they come in the order of the reads of a link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <systemc>
#include <tlm>

#include "bitline/column_kernels.h"

namespace sliver::model {

struct BitlineRead {
    enum class Carries {
        everything,  ///< one read: its time, its counts, its values
        time,        ///< one read without its values: they come later
        values       ///< those of all reads of a window that came as `time`; no time, nothing counted twice
    };

    // Set by the processing element.
    Carries carries = Carries::everything;
    std::uint32_t rows = 0;         ///< of the read that hold weights: all of the array's, or those of a part
    std::uint32_t driven_rows = 0;  ///< of these, rows whose digit is not zero
    std::uint64_t image = 0;        ///< of the run, and its window: they name the read, for read noise
    std::uint64_t window = 0;
    int plane = 0, part = 0;  ///< of the window, of the plane: they name the read in a timeline
    std::size_t array = 0;    ///< that is read: its place among those of the processing element
    std::size_t half = 0;     ///< of the output register, where its window's sums are
    /// What its values are of: the plane of the read, or all of the window. Planes that drive no row are left
    /// out: every sum is zero.
    const bitline::DigitPlane* planes = nullptr;
    int plane_count = 0;
    // Filled on the way; values plane after plane.
    std::uint32_t* sums = nullptr;  ///< analog column sums, written by the crossbar
    /// The same of a crossbar with non-ideal devices, of one plane, in units of one cell level; `sums` stays
    /// unwritten then.
    float* real_sums = nullptr;
    std::size_t stride = 0;         ///< values of a plane; set by the crossbar
    std::uint32_t largest_sum = 0;  ///< no sum can be larger; set by the crossbar
    /// ADC codes, written by the shared ADC, or set to `sums` where no column can saturate.
    const std::uint32_t* codes = nullptr;
    std::uint32_t* code_buffer = nullptr;

    [[nodiscard]] bool is_read() const { return carries != Carries::values; }
    [[nodiscard]] bool has_values() const { return carries != Carries::time && plane_count != 0; }
    [[nodiscard]] bitline::PlaneRows plane_rows() const { return {planes, plane_count, stride}; }
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
using bitline_fw_nonblocking_if = tlm::tlm_fw_nonblocking_transport_if<BitlineRead, tlm::tlm_phase>;

/// The forward path of a bound socket, found once. A socket finds it anew for every call, by four loads that
/// wait for each other, and a read passes three sockets.
class BitlineForward {
  public:
    /// At the end of elaboration, when the socket is bound.
    void find(bitline_initiator_socket& socket) { target_ = socket.operator->(); }
    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) const {
        return target_->nb_transport_fw(read, phase, delay);
    }

  private:
    bitline_fw_nonblocking_if* target_ = nullptr;
};

/// The calls of the forward interface that the bitline protocol does not use, answered once for all targets.
class BitlineTarget : public bitline_fw_if {
  public:
    void b_transport(BitlineRead&, sc_core::sc_time&) final;
    bool get_direct_mem_ptr(BitlineRead&, tlm::tlm_dmi&) final { return false; }
    unsigned transport_dbg(BitlineRead&) final { return 0; }
};

/// Loosely timed the backward path carries nothing: every read completes on the forward path. Who is
/// approximately timed, too, overrides it.
class BitlineInitiator : public bitline_bw_if {
  public:
    tlm::tlm_sync_enum nb_transport_bw(BitlineRead&, tlm::tlm_phase&, sc_core::sc_time&) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) final {}
};

}  // namespace sliver::model
