#include "model/crossbar.h"

#include <utility>

namespace sliver::model {

Crossbar::Crossbar(const sc_core::sc_module_name& name, mapping::CellArray cells, sc_core::sc_time cycle,
                   const bitline::Kernels& kernels)
    : sc_module(name),
      pe_tsock("pe_tsock"),
      adc_isock("adc_isock"),
      cells_(std::move(cells)),
      cycle_(std::move(cycle)),
      column_sums_(kernels.column_sums) {
    pe_tsock.bind(*this);
    adc_isock.bind(*this);
}

tlm::tlm_sync_enum Crossbar::nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) {
    ++counters_.reads;
    counters_.driven_rows += read.driven_rows;
    if (read.driven_rows != 0) column_sums_(cells_, read.digits, read.digit_bits, read.sums);
    delay += cycle_;
    return adc_isock->nb_transport_fw(read, phase, delay);
}

}  // namespace sliver::model
