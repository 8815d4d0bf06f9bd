// PacketStation: both sides of a port of an interconnect, for benches of blocks that stand alone.
//
// As a sender it offers parcels at given times, one request at a time, and notes when each was taken
// (END_REQ) and answered (BEGIN_RESP). As a receiver it notes when each parcel came (BEGIN_REQ). A slow
// receiver ends a request only after a while. Who made the parcels reads the times from them. Times:
// femtoseconds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

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

/// Where a parcel goes: a port, by the number that the interconnect knows it by, and one of several there.
struct Place {
    std::size_t port = 0;
    std::size_t number = 0;
};

struct Parcel {
    std::size_t from = 0;  ///< port
    std::vector<Place> to;
    std::size_t bytes = 0;
    Fs sent = 0;                        ///< wanted; later where the one before it has not been taken
    std::optional<Fs> taken, answered;  ///< what happened
    std::map<std::uint64_t, std::optional<Fs>> arrived;  ///< by address
};

/// Parcels in flight are told apart by their numbers.
inline std::uint64_t address_of(std::size_t parcel, const Place& place) {
    return sliver::model::encode({place.port, sliver::model::Region::matrix_input, place.number, 0, parcel});
}

class PacketStation : public sc_core::sc_module,
                      public tlm::tlm_fw_transport_if<>,
                      public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(PacketStation);

    tlm::tlm_initiator_socket<> isock;
    tlm::tlm_target_socket<> tsock;

    /// `parcels`: of all stations of a bench, by their numbers.
    PacketStation(const sc_core::sc_module_name& name, PacketPool& pool, std::deque<Parcel>& parcels,
                  Fs ends_after = 0)
        : sc_module(name),
          isock("isock"),
          tsock("tsock"),
          pool_(pool),
          parcels_(parcels),
          ends_after_(ends_after) {
        isock.bind(*this);
        tsock.bind(*this);
        SC_METHOD(step);
        sensitive << agenda_.event();
        dont_initialize();
    }

    /// Before the simulation.
    void plan(std::size_t parcel) {
        agenda_.at(fs(parcels_[parcel].sent), [this, parcel] {
            waiting_.push_back(parcel);
            send();
        });
    }
    /// Requests that were offered before the one before them had ended, annotated delays, and bytes that are
    /// not those that were sent.
    [[nodiscard]] int faults() const { return faults_; }
    /// Every parcel has been answered.
    [[nodiscard]] bool idle() const { return held_.empty() && waiting_.empty(); }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
        if (&packet == requesting_) take();
        if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
        answer(packet);
        return tlm::TLM_COMPLETED;
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& packet, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
        if (ending_ || delay != sc_core::SC_ZERO_TIME) ++faults_;
        const std::size_t number = sliver::model::decode(packet.get_address()).offset;
        Parcel& parcel = parcels_[number];
        const auto place = parcel.arrived.find(packet.get_address());
        const unsigned char* data = packet.get_data_ptr();
        if (place == parcel.arrived.end() || place->second || packet.get_data_length() != parcel.bytes ||
            std::any_of(data, data + parcel.bytes,
                        [&](unsigned char byte) { return byte != filling(number); }))
            ++faults_;
        else
            place->second = now();
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
    static unsigned char filling(std::size_t parcel) { return static_cast<unsigned char>(17 * parcel + 3); }
    void take() {
        parcels_[sending_].taken = now();
        requesting_ = nullptr;
        agenda_.at(sc_core::sc_time_stamp(), [this] { send(); });
    }
    void answer(const tlm::tlm_generic_payload& packet) {
        if (packet.is_response_error()) ++faults_;
        const std::size_t number = sliver::model::decode(packet.get_address()).offset;
        parcels_[number].answered = now();
        held_.erase(&packet);
    }
    void send() {
        if (requesting_ != nullptr || waiting_.empty()) return;
        sending_ = waiting_.front();
        waiting_.pop_front();
        const Parcel& parcel = parcels_[sending_];
        const PacketRef packet = pool_.make_packet(address_of(sending_, parcel.to.front()), parcel.bytes);
        std::fill_n(packet->get_data_ptr(), parcel.bytes, filling(sending_));
        for (const Place& place : parcel.to)
            if (parcel.to.size() > 1)
                sliver::model::receivers_of(*packet)->push_back(address_of(sending_, place));
        held_.emplace(&*packet, packet);
        requesting_ = &*packet;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        const tlm::tlm_sync_enum answered = isock->nb_transport_fw(*packet, phase, delay);
        if (answered == tlm::TLM_ACCEPTED) return;
        take();
        if (answered == tlm::TLM_UPDATED && phase == tlm::END_REQ) return;
        answer(*packet);
    }

    PacketPool& pool_;
    std::deque<Parcel>& parcels_;
    Fs ends_after_;
    Agenda agenda_;
    std::deque<std::size_t> waiting_;
    std::map<const tlm::tlm_generic_payload*, PacketRef> held_;
    std::size_t sending_ = 0;
    const tlm::tlm_generic_payload* requesting_ = nullptr;
    bool ending_ = false;
    int faults_ = 0;
};

}  // namespace packet_station
