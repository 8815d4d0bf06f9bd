#include "model/shift_add.h"

#include <deque>
#include <string>
#include <utility>

#include "bitline/column_adder.h"

namespace sliver::model {

class ShiftAdd::Port : public BitlineTarget, public UnitEvents::Owner {
  public:
    Port(ShiftAdd& unit, const std::string& name, const mapping::LayerMapping& layer, SummedArray array)
        : socket(name.c_str()),
          columns_(static_cast<std::uint64_t>(array.added_columns)),
          array_columns_(static_cast<std::uint64_t>(array.array_columns)),
          unit_column_(layer.format.encoding == config::Encoding::offset ? 1 : 0),
          lookups_a_window_(array.slot.places == nullptr ? 0
                                                         : static_cast<std::uint64_t>(array.slot.outputs)),
          add_time_(unit.add_time_),
          adder_(layer, array.slot, {0, array.slot.places}, std::move(array.flipped), unit.shift_add_),
          block_(array.accumulator),
          output_(unit.output_),
          events_(unit.events_) {
        socket.bind(*this);
    }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase, sc_core::sc_time&) override {
        if (read.is_read()) {
            ++reads_;
            output_.access();
        }
        if (events_ != nullptr) return begin(read, phase);
        if (read.has_values()) add(read);
        return tlm::TLM_COMPLETED;
    }

    /// The oldest read is in the accumulators.
    void on_step(UnitEvents::Step, std::size_t) override {
        BitlineRead& read = *adding_.front();
        adding_.pop_front();
        if (read.has_values()) add(read);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time none;
        socket->nb_transport_bw(read, phase, none);
    }

    void count(std::uint64_t windows, cost::Actions& actions) const {
        actions.shift_adds_used += reads_ * (columns_ + unit_column_);
        actions.shift_adds_whole += reads_ * (array_columns_ + unit_column_);
        actions.index_lookups += windows * lookups_a_window_;
    }

    void reset() {
        reads_ = 0;
        adding_.clear();
    }

    void list_hot(std::vector<const void*>& addresses) const {
        addresses.insert(addresses.end(), {static_cast<const void*>(&adder_), adder_.hot(), &reads_,
                                           static_cast<const bitline_fw_nonblocking_if*>(this)});
    }

    bitline_target_socket socket;

  private:
    [[gnu::noinline]] void add(const BitlineRead& read) {
        adder_.add(read.codes, read.plane_rows(), output_.accumulators(read.half, block_));
    }

    [[gnu::noinline]] tlm::tlm_sync_enum begin(BitlineRead& read, tlm::tlm_phase& phase) {
        adding_.push_back(&read);
        events_->at(later(sc_core::sc_time_stamp(), add_time_), UnitEvents::Step::added, read.array, *this);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    std::uint64_t columns_, array_columns_, unit_column_, lookups_a_window_;
    sc_core::sc_time add_time_;
    std::deque<BitlineRead*> adding_;
    // What values need, then what every read needs: beside the table of virtual functions through which it
    // comes, which lies behind the members.
    bitline::ColumnAdder adder_;
    std::size_t block_;
    OutputRegister& output_;
    UnitEvents* events_;
    std::uint64_t reads_ = 0;
};

ShiftAdd::ShiftAdd(const sc_core::sc_module_name& name, const mapping::LayerMapping& layer,
                   std::vector<SummedArray> arrays, OutputRegister& output, const bitline::Kernels& kernels,
                   UnitEvents* events, const sc_core::sc_time& add_time)
    : sc_module(name), shift_add_(kernels.shift_add), output_(output), events_(events), add_time_(add_time) {
    for (std::size_t i = 0; i < arrays.size(); ++i)
        ports_.push_back(
            std::make_unique<Port>(*this, "adc_tsock_" + std::to_string(i), layer, std::move(arrays[i])));
}

ShiftAdd::~ShiftAdd() = default;

bitline_target_socket& ShiftAdd::adc_tsock(std::size_t position) {
    return ports_.at(position)->socket;
}

void ShiftAdd::list_hot(std::size_t position, std::vector<const void*>& addresses) const {
    ports_.at(position)->list_hot(addresses);
}

void ShiftAdd::begin_window(std::size_t half) {
    ++windows_;
    output_.clear(half);
}

void ShiftAdd::reset() {
    for (const auto& port : ports_) port->reset();
    windows_ = 0;
}

void ShiftAdd::count(cost::Actions& actions) const {
    for (const auto& port : ports_) port->count(windows_, actions);
}

}  // namespace sliver::model
