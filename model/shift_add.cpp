#include "model/shift_add.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bitline/column_adder.h"

namespace sliver::model {

class ShiftAdd::Port : public BitlineTarget {
  public:
    Port(ShiftAdd& unit, const std::string& name, SummedArray array)
        : socket(name.c_str()),
          accumulators_(unit.registers_[array.accumulator].data()),
          adder_(unit.format_, array.slot, {0, array.slot.places}, std::move(array.flipped),
                 unit.shift_add_) {
        socket.bind(*this);
    }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase&, sc_core::sc_time&) override {
        if (read.driven_rows != 0)
            adder_.add({read.codes, read.unit_sum, read.shift, read.negative}, accumulators_);
        return tlm::TLM_COMPLETED;
    }

    void list_hot(std::vector<const void*>& addresses) const {
        addresses.insert(addresses.end(), {static_cast<const void*>(static_cast<const bitline_fw_if*>(this)),
                                           &adder_, adder_.hot(), accumulators_});
    }

    bitline_target_socket socket;

  private:
    std::int32_t* accumulators_;
    bitline::ColumnAdder adder_;
};

ShiftAdd::ShiftAdd(const sc_core::sc_module_name& name, const mapping::CellFormat& format,
                   std::vector<SummedArray> arrays, const std::vector<int>& registers,
                   const bitline::Kernels& kernels)
    : sc_module(name), format_(format), shift_add_(kernels.shift_add) {
    for (const int outputs : registers) registers_.emplace_back(static_cast<std::size_t>(outputs), 0);
    for (std::size_t i = 0; i < arrays.size(); ++i)
        ports_.push_back(
            std::make_unique<Port>(*this, "adc_tsock_" + std::to_string(i), std::move(arrays[i])));
}

ShiftAdd::~ShiftAdd() = default;

bitline_target_socket& ShiftAdd::adc_tsock(std::size_t position) {
    return ports_.at(position)->socket;
}

void ShiftAdd::list_hot(std::size_t position, std::vector<const void*>& addresses) const {
    ports_.at(position)->list_hot(addresses);
}

void ShiftAdd::clear() {
    for (auto& accumulators : registers_) std::fill(accumulators.begin(), accumulators.end(), 0);
}

}  // namespace sliver::model
