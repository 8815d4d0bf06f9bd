// PacketStation: both sides of a port of an interconnect, for benches of blocks that stand alone.
//
// As a sender it offers parcels at given times, one request at a time, and notes when each was taken
// (END_REQ). As a receiver it notes when each parcel came (BEGIN_REQ). A slow receiver ends a request only
// after a while. Who made the parcels reads the times from them. Times: femtoseconds.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <systemc>
#include <tlm>
#include <utility>

#include "kernel_steps.h"
#include "model/address_map.h"
#include "model/agenda.h"
#include "model/packet_pool.h"

namespace packet_station {

using kernel_steps::Fs;
using kernel_steps::fs;
using kernel_steps::now;
using sliver::model::Agenda;
using sliver::model::PacketPool;
using sliver::model::PacketRef;

struct Parcel {
    std::size_t from = 0, to = 0;  ///< ports
    std::size_t bytes = 0;
    Fs sent = 0;                       ///< wanted; later where the one before it has not been taken
    std::optional<Fs> taken, arrived;  ///< what happened
};

class PacketStation : public sc_core::sc_module,
                      public tlm::tlm_fw_transport_if<>,
                      public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(PacketStation);

    tlm::tlm_initiator_socket<> isock;
    tlm::tlm_target_socket<> tsock;

    /// `addresses`: of parcels in flight, shared by all stations of a bench.
    PacketStation(const sc_core::sc_module_name& name, PacketPool& pool,
                  std::map<const tlm::tlm_generic_payload*, Parcel*>& in_flight, Fs ends_after = 0)
        : sc_module(name),
          isock("isock"),
          tsock("tsock"),
          pool_(pool),
          in_flight_(in_flight),
          ends_after_(ends_after) {
        isock.bind(*this);
        tsock.bind(*this);
        SC_METHOD(step);
        sensitive << agenda_.event();
        dont_initialize();
    }

    /// Before the simulation. `port`: the number that the interconnect knows the receiver by.
    void plan(Parcel& parcel, std::size_t port) {
        agenda_.at(fs(parcel.sent), [this, &parcel, port] {
            waiting_.emplace_back(&parcel, port);
            send();
        });
    }
    /// Requests that were offered before the one before them had ended, and annotated delays.
    [[nodiscard]] int faults() const { return faults_; }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
        if (&packet == requesting_) take();
        if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
        in_flight_.erase(&packet);
        held_.erase(&packet);
        return tlm::TLM_COMPLETED;
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
        if (ending_ || delay != sc_core::SC_ZERO_TIME) ++faults_;
        in_flight_.at(&packet)->arrived = now();
        packet.set_response_status(tlm::TLM_OK_RESPONSE);
        if (ends_after_ == 0) return tlm::TLM_COMPLETED;
        ending_ = true;
        agenda_.at(fs(now() + ends_after_), [this, &packet] {
            ending_ = false;
            tlm::tlm_phase response = tlm::BEGIN_RESP;  // implies END_REQ
            sc_core::sc_time none;
            tsock->nb_transport_bw(packet, response, none);
        });
        return tlm::TLM_ACCEPTED;
    }
    void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override { ++faults_; }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void step() { agenda_.run_due(); }
    void take() {
        sending_->taken = now();
        requesting_ = nullptr;
        agenda_.at(sc_core::sc_time_stamp(), [this] { send(); });
    }
    void send() {
        if (requesting_ != nullptr || waiting_.empty()) return;
        const auto [parcel, port] = waiting_.front();
        waiting_.pop_front();
        const PacketRef packet = pool_.make_packet(
            sliver::model::encode({port, sliver::model::Region::matrix_input, 0, 0, 0}), parcel->bytes);
        sliver::model::header_of(*packet).source = parcel->from;
        in_flight_[&*packet] = parcel;
        held_.emplace(&*packet, packet);
        sending_ = parcel;
        requesting_ = &*packet;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        const tlm::tlm_sync_enum answer = isock->nb_transport_fw(*packet, phase, delay);
        if (answer == tlm::TLM_ACCEPTED) return;
        take();
        if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) return;
        in_flight_.erase(&*packet);
        held_.erase(&*packet);
    }

    PacketPool& pool_;
    std::map<const tlm::tlm_generic_payload*, Parcel*>& in_flight_;
    Fs ends_after_;
    Agenda agenda_;
    std::deque<std::pair<Parcel*, std::size_t>> waiting_;
    std::map<const tlm::tlm_generic_payload*, PacketRef> held_;
    Parcel* sending_ = nullptr;
    const tlm::tlm_generic_payload* requesting_ = nullptr;
    bool ending_ = false;
    int faults_ = 0;
};

}  // namespace packet_station
