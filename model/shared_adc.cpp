#include "model/shared_adc.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sliver::model {
namespace {

constexpr int kLanes = 8;

}  // namespace

/// The converter's side of one crossbar: its limits by column, its counters.
class SharedAdc::Port : public BitlineTarget, public BitlineInitiator {
  public:
    Port(SharedAdc& adc, const std::string& name, ServedArray array)
        : in(("crossbar_tsock_" + name).c_str()),
          out(("shift_add_isock_" + name).c_str()),
          array_(std::move(array)),
          adc_(adc) {
        in.bind(*this);
        out.bind(*this);
        counters.clipped.assign(array_.slice_bits.size(), 0);
        for (const int bits : array_.slice_bits)
            limits_.insert(limits_.end(), static_cast<std::size_t>(array_.outputs), (1U << bits) - 1U);
        limits_.resize((limits_.size() + kLanes - 1) / kLanes * kLanes, ~0U);  // padding columns never clip
        runs_aligned_ = array_.slice_bits.size() == 1 || array_.outputs % kLanes == 0;
    }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        ++counters.bursts;
        if (read.driven_rows != 0) convert(read);
        const sc_core::sc_time now = sc_core::sc_time_stamp();
        adc_.free_at_ = std::max(now + delay, adc_.free_at_) + array_.burst;
        adc_.busy_ += array_.burst;
        delay = adc_.free_at_ - now;
        return out->nb_transport_fw(read, phase, delay);
    }

    bitline_target_socket in;
    bitline_initiator_socket out;
    Counters counters;

  private:
    void convert(BitlineRead& read) {
        if (runs_aligned_) {
            const int run = array_.slice_bits.size() == 1 ? static_cast<int>(limits_.size()) : array_.outputs;
            for (std::size_t slice = 0; slice < array_.slice_bits.size(); ++slice) {
                const std::size_t first = slice * static_cast<std::size_t>(array_.outputs);
                counters.clipped[slice] +=
                    adc_.convert_(read.sums + first, limits_.data() + first, run, read.codes + first);
            }
            return;
        }
        if (adc_.convert_(read.sums, limits_.data(), static_cast<int>(limits_.size()), read.codes) == 0)
            return;
        for (std::size_t slice = 0; slice < array_.slice_bits.size(); ++slice) {
            const std::size_t first = slice * static_cast<std::size_t>(array_.outputs);
            for (std::size_t column = first; column < first + static_cast<std::size_t>(array_.outputs);
                 ++column)
                counters.clipped[slice] += read.sums[column] > limits_[column] ? 1 : 0;
        }
    }

    ServedArray array_;
    SharedAdc& adc_;
    std::vector<std::uint32_t> limits_;
    bool runs_aligned_ = true;
};

SharedAdc::SharedAdc(const sc_core::sc_module_name& name, std::vector<ServedArray> arrays,
                     const bitline::Kernels& kernels)
    : sc_module(name), convert_(kernels.convert) {
    for (std::size_t i = 0; i < arrays.size(); ++i)
        ports_.push_back(std::make_unique<Port>(*this, std::to_string(i), std::move(arrays[i])));
}

SharedAdc::~SharedAdc() = default;

bitline_target_socket& SharedAdc::crossbar_tsock(std::size_t position) {
    return ports_.at(position)->in;
}

bitline_initiator_socket& SharedAdc::shift_add_isock(std::size_t position) {
    return ports_.at(position)->out;
}

const SharedAdc::Counters& SharedAdc::counters(std::size_t position) const {
    return ports_.at(position)->counters;
}

}  // namespace sliver::model
