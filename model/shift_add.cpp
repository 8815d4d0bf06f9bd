#include "model/shift_add.h"

#include <string>
#include <utility>

#include "bitline/column_adder.h"

namespace sliver::model {

class ShiftAdd::Port : public BitlineTarget {
  public:
    Port(ShiftAdd& unit, const std::string& name, SummedArray array)
        : socket(name.c_str()),
          output_(unit.output_),
          block_(array.accumulator),
          columns_(static_cast<std::uint64_t>(array.added_columns)),
          array_columns_(static_cast<std::uint64_t>(array.array_columns)),
          unit_column_(unit.format_.encoding == config::Encoding::offset ? 1 : 0),
          lookups_a_window_(array.slot.places == nullptr ? 0
                                                         : static_cast<std::uint64_t>(array.slot.outputs)),
          adder_(unit.format_, array.slot, {0, array.slot.places}, std::move(array.flipped),
                 unit.shift_add_) {
        socket.bind(*this);
    }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase&, sc_core::sc_time&) override {
        if (read.is_read()) {
            ++reads_;
            output_.access();
        }
        if (read.has_values()) adder_.add(read.codes, read.plane_rows(), output_.accumulators(block_));
        return tlm::TLM_COMPLETED;
    }

    void count(std::uint64_t windows, cost::Actions& actions) const {
        actions.shift_adds_used += reads_ * (columns_ + unit_column_);
        actions.shift_adds_whole += reads_ * (array_columns_ + unit_column_);
        actions.index_lookups += windows * lookups_a_window_;
    }

    void list_hot(std::vector<const void*>& addresses) const {
        addresses.insert(addresses.end(), {static_cast<const void*>(static_cast<const bitline_fw_if*>(this)),
                                           &adder_, adder_.hot(), output_.read(block_).data()});
    }

    bitline_target_socket socket;

  private:
    OutputRegister& output_;
    std::size_t block_;
    std::uint64_t reads_ = 0, columns_, array_columns_, unit_column_, lookups_a_window_;
    bitline::ColumnAdder adder_;
};

ShiftAdd::ShiftAdd(const sc_core::sc_module_name& name, const mapping::CellFormat& format,
                   std::vector<SummedArray> arrays, OutputRegister& output, const bitline::Kernels& kernels)
    : sc_module(name), format_(format), shift_add_(kernels.shift_add), output_(output) {
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

void ShiftAdd::begin_window() {
    ++windows_;
    output_.clear();
}

void ShiftAdd::count(cost::Actions& actions) const {
    for (const auto& port : ports_) port->count(windows_, actions);
}

}  // namespace sliver::model
