#include "model/shared_adc.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sliver::model {
namespace {

constexpr int kLanes = 8;

}  // namespace

const std::vector<std::uint32_t>& ColumnLimits::of(const ServedArray& array) {
    std::vector<std::uint32_t>& limits = tables_[{array.outputs, array.slice_bits}];
    if (!limits.empty()) return limits;
    for (const int bits : array.slice_bits)
        limits.insert(limits.end(), static_cast<std::size_t>(array.outputs), (1U << bits) - 1U);
    limits.resize((limits.size() + kLanes - 1) / kLanes * kLanes, ~0U);
    return limits;
}

/// The converter's side of one crossbar: its limits by column, its counters.
class SharedAdc::Port : public BitlineTarget, public BitlineInitiator {
  public:
    Port(SharedAdc& adc, const std::string& name, const ServedArray& array, ColumnLimits& limits,
         bitline::Convert kernel)
        : in(("crossbar_tsock_" + name).c_str()),
          out(("shift_add_isock_" + name).c_str()),
          adc_(adc),
          convert_(kernel),
          limits_(limits.of(array).data()),
          columns_(static_cast<int>(limits.of(array).size())),
          outputs_(array.outputs),
          slices_(array.slice_bits.size()),
          runs_aligned_(slices_ == 1 || outputs_ % kLanes == 0),
          narrowest_((1U << *std::min_element(array.slice_bits.begin(), array.slice_bits.end())) - 1U),
          burst_(array.burst) {
        in.bind(*this);
        out.bind(*this);
    }

    /// The path of a read is short and taken 630,848 times an image: the bound interface is looked up once.
    void resolve() { shift_add_ = out.operator->(); }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        ++counters.bursts;
        if (read.driven_rows != 0) convert(read);
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        adc_.free_at_ = std::max(now + delay, adc_.free_at_) + burst_;
        delay = adc_.free_at_ - now;
        return shift_add_->nb_transport_fw(read, phase, delay);
    }

    void list_hot(std::vector<const void*>& addresses) const {
        addresses.insert(addresses.end(), {static_cast<const void*>(static_cast<const bitline_fw_if*>(this)),
                                           &counters, &adc_, &burst_});
    }

    [[nodiscard]] sc_core::sc_time busy() const {
        return sc_core::sc_time::from_value(burst_.value() * counters.bursts);
    }

    bitline_target_socket in;
    bitline_initiator_socket out;
    Counters counters;

  private:
    void convert(BitlineRead& read) {
        if (read.largest_sum <= narrowest_) {
            read.codes = read.sums;
            return;
        }
        read.codes = read.code_buffer;
        if (slices_ == 1) {
            counters.clipped[0] += convert_(read.sums, limits_, columns_, read.code_buffer);
            return;
        }
        if (runs_aligned_) {
            for (std::size_t slice = 0; slice < slices_; ++slice) {
                const std::size_t first = slice * static_cast<std::size_t>(outputs_);
                counters.clipped[slice] +=
                    convert_(read.sums + first, limits_ + first, outputs_, read.code_buffer + first);
            }
            return;
        }
        if (convert_(read.sums, limits_, columns_, read.code_buffer) == 0) return;
        for (std::size_t slice = 0; slice < slices_; ++slice) {
            const std::size_t first = slice * static_cast<std::size_t>(outputs_);
            for (std::size_t column = first; column < first + static_cast<std::size_t>(outputs_); ++column)
                counters.clipped[slice] += read.sums[column] > limits_[column] ? 1 : 0;
        }
    }

    SharedAdc& adc_;
    bitline_fw_if* shift_add_ = nullptr;
    bitline::Convert convert_;
    const std::uint32_t* limits_;
    int columns_;  ///< in use, filled up to whole groups of 8
    int outputs_;
    std::size_t slices_;
    bool runs_aligned_;        ///< every slice starts at a whole group
    std::uint32_t narrowest_;  ///< largest code of the narrowest column
    sc_core::sc_time burst_;
};

SharedAdc::SharedAdc(const sc_core::sc_module_name& name, std::vector<ServedArray> arrays,
                     ColumnLimits& limits, const bitline::Kernels& kernels)
    : sc_module(name) {
    for (std::size_t i = 0; i < arrays.size(); ++i)
        ports_.push_back(
            std::make_unique<Port>(*this, std::to_string(i), arrays[i], limits, kernels.convert));
}

SharedAdc::~SharedAdc() = default;

void SharedAdc::end_of_elaboration() {
    for (const auto& port : ports_) port->resolve();
}

bitline_target_socket& SharedAdc::crossbar_tsock(std::size_t position) {
    return ports_.at(position)->in;
}

bitline_initiator_socket& SharedAdc::shift_add_isock(std::size_t position) {
    return ports_.at(position)->out;
}

const SharedAdc::Counters& SharedAdc::counters(std::size_t position) const {
    return ports_.at(position)->counters;
}

void SharedAdc::list_hot(std::size_t position, std::vector<const void*>& addresses) const {
    ports_.at(position)->list_hot(addresses);
    addresses.push_back(&free_at_);
}

sc_core::sc_time SharedAdc::busy() const {
    sc_core::sc_time busy;
    for (const auto& port : ports_) busy += port->busy();
    return busy;
}

}  // namespace sliver::model
