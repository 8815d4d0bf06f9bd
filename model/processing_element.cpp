#include "model/processing_element.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/error.h"
#include "mapping/placement.h"
#include "model/kernel_time.h"

namespace sliver::model {
namespace {

constexpr int kLoadCycles = 1, kAdcCycles = 1, kTileCycles = 2;
constexpr int kRegisterShift = 16;
constexpr int kWordRows = 64, kLanes = 8;

/// Time to convert every column of an array once: the columns in use at their slice's width, the others at
/// the widest of the array's, since the converter sweeps them all.
sc_core::sc_time burst_time(const config::ChipConfig& chip, const ServedArray& array) {
    double seconds = 0;
    int unused = chip.array.columns;
    int widest = 1;
    for (const int bits : array.slice_bits) {
        seconds += array.outputs * mapping::conversion_time_s(chip.adc, bits);
        unused -= array.outputs;
        widest = std::max(widest, bits);
    }
    return from_seconds(seconds + unused * mapping::conversion_time_s(chip.adc, widest));
}

template <typename T, typename Equal>
std::size_t find_or_add(std::vector<T>& items, const T& item, Equal&& equal) {
    for (std::size_t i = 0; i < items.size(); ++i)
        if (equal(items[i])) return i;
    items.push_back(item);
    return items.size() - 1;
}

}  // namespace

void BitlineTarget::b_transport(BitlineRead&, sc_core::sc_time&) {
    SC_REPORT_ERROR("/sliver/bitline",
                    "the bitline protocol has no blocking transport: reads complete on nb_transport_fw");
}

tlm::tlm_sync_enum BitlineInitiator::nb_transport_bw(BitlineRead&, tlm::tlm_phase&, sc_core::sc_time&) {
    SC_REPORT_ERROR("/sliver/bitline",
                    "the bitline protocol has no backward path: reads complete on nb_transport_fw");
    return tlm::TLM_COMPLETED;
}

ChipTiming chip_timing(const config::ChipConfig& chip) {
    constexpr int kShortest = kLoadCycles + kAdcCycles + kTileCycles;
    if (chip.pipeline.overhead_cycles < kShortest)
        refuse("pipeline.overhead_cycles: {}; load, ADC, activation and eDRAM write alone take {}",
               chip.pipeline.overhead_cycles, kShortest);
    ChipTiming timing;
    timing.cycle = from_seconds(chip.array.cycle_s);
    timing.unit_overhead_cycles = chip.pipeline.overhead_cycles - kShortest;
    timing.tile_overhead_cycles = kTileCycles;
    return timing;
}

ProcessingElement::ProcessingElement(const sc_core::sc_module_name& name, const PePlan& plan,
                                     const mapping::LayerMapping& layer,
                                     const mapping::NetworkMapping& mapping,
                                     const network::MatrixWeights& weights, const std::vector<bool>& flipped,
                                     const std::vector<int>& slice_bits, const config::ChipConfig& chip,
                                     ColumnLimits& limits, const bitline::Kernels& kernels)
    : sc_module(name),
      bus_tsock("bus_tsock"),
      timing_(chip_timing(chip)),
      planes_(layer.planes),
      pack_digits_(kernels.pack_digits) {
    bus_tsock.bind(*this);
    std::vector<SummedArray> summed;
    std::vector<int> registers;
    std::vector<std::vector<ServedArray>> served;
    for (const ArrayPlan& array_plan : plan.arrays) {
        const mapping::CrossbarSlot& slot = layer.crossbars[array_plan.crossbar];
        Array array;
        array.index = array_plan.crossbar;
        array.input_block = find_or_add(input_rows_, RowRange{slot.first_row, slot.rows},
                                        [&](const RowRange& rows) { return rows.first == slot.first_row; });
        array.adc = static_cast<std::size_t>(array_plan.array / chip.adc.arrays_per_adc);
        if (served.size() <= array.adc) served.resize(array.adc + 1);
        array.adc_position = served[array.adc].size();

        const std::size_t reg = find_or_add(column_blocks_, slot.column_block,
                                            [&](std::size_t block) { return block == slot.column_block; });
        if (reg == registers.size()) registers.push_back(slot.outputs);
        mapping::CellArray cells = mapping::program_cells(weights, mapping.format, layer, slot, flipped);
        summed.push_back({slot, cells.flipped, reg});
        ServedArray shared;
        shared.outputs = slot.outputs;
        shared.slice_bits.assign(slice_bits.begin() + slot.first_slice,
                                 slice_bits.begin() + slot.first_slice + slot.slices);
        shared.burst = burst_time(chip, shared);
        served[array.adc].push_back(std::move(shared));

        const std::string number = std::to_string(array_plan.array);
        array.crossbar = std::make_unique<Crossbar>(("crossbar_" + number).c_str(), std::move(cells),
                                                    timing_.cycle, kernels);
        array.isock = std::make_unique<bitline_initiator_socket>(("crossbar_isock_" + number).c_str());
        array.isock->bind(*this);
        array.isock->bind(array.crossbar->pe_tsock);
        arrays_.push_back(std::move(array));
    }
    for (const RowRange& rows : input_rows_) {
        InputBlock block;
        block.rows = rows.count;
        block.words = (rows.count + kWordRows - 1) / kWordRows;
        block.offset = input_bytes_;
        block.digits.assign(
            static_cast<std::size_t>(chip.inputs.dac_bits) * static_cast<std::size_t>(block.words), 0);
        input_bytes_ += static_cast<std::size_t>(rows.count);
        input_blocks_.push_back(std::move(block));
    }
    for (std::size_t i = 0; i < served.size(); ++i)
        adcs_.push_back(std::make_unique<SharedAdc>(("shared_adc_" + std::to_string(i)).c_str(),
                                                    std::move(served[i]), limits, kernels));
    shift_add_ =
        std::make_unique<ShiftAdd>("shift_add", mapping.format, std::move(summed), registers, kernels);
    std::size_t widest = 0;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        SharedAdc& adc = *adcs_[arrays_[i].adc];
        arrays_[i].crossbar->adc_isock.bind(adc.crossbar_tsock(arrays_[i].adc_position));
        adc.shift_add_isock(arrays_[i].adc_position).bind(shift_add_->adc_tsock(i));
        widest = std::max(widest, static_cast<std::size_t>(arrays_[i].crossbar->cells().groups) * kLanes);
    }
    sums_.assign(widest, 0);
    codes_.assign(widest, 0);
}

void ProcessingElement::end_of_elaboration() {
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        Array& array = arrays_[i];
        array.target = array.isock->operator->();
        array.crossbar->list_hot(hot_);
        adcs_[array.adc]->list_hot(array.adc_position, hot_);
        shift_add_->list_hot(i, hot_);
    }
}

/// The chip is larger than the processor's cache: what this window needs is fetched together instead of one
/// after the other.
void ProcessingElement::warm_up() const {
    for (const void* address : hot_) __builtin_prefetch(address);
}

std::vector<ProcessingElement::ArrayView> ProcessingElement::arrays() const {
    std::vector<ArrayView> views;
    for (const Array& array : arrays_)
        views.push_back({array.index, array.crossbar.get(), &adcs_[array.adc]->counters(array.adc_position)});
    return views;
}

Crossbar* ProcessingElement::find(CrossbarIndex index) {
    for (Array& array : arrays_)
        if (array.index == index) return array.crossbar.get();
    return nullptr;
}

sc_core::sc_time ProcessingElement::adc_busy() const {
    sc_core::sc_time busy;
    for (const auto& adc : adcs_) busy += adc->busy();
    return busy;
}

void ProcessingElement::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access(payload, delay);
}

tlm::tlm_sync_enum ProcessingElement::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                                      sc_core::sc_time& delay) {
    access(payload, delay);
    return tlm::TLM_COMPLETED;
}

unsigned ProcessingElement::transport_dbg(tlm::tlm_generic_payload& payload) {
    if (!payload.is_read()) return 0;
    const std::size_t reg = (payload.get_address() - kOutputRegister) >> kRegisterShift;
    if (payload.get_address() < kOutputRegister || reg >= column_blocks_.size()) return 0;
    const std::vector<std::int32_t>& sums = shift_add_->accumulators(reg);
    const std::size_t bytes =
        std::min<std::size_t>(payload.get_data_length(), sums.size() * sizeof(std::int32_t));
    std::memcpy(payload.get_data_ptr(), sums.data(), bytes);
    return static_cast<unsigned>(bytes);
}

void ProcessingElement::access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (payload.is_write() && payload.get_address() == kInputRegister &&
        payload.get_data_length() == input_bytes_) {
        delay = run_window(reinterpret_cast<const std::int8_t*>(payload.get_data_ptr()), delay);
    } else if (transport_dbg(payload) != payload.get_data_length()) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
}

/// `load`: when the last byte is in the register, relative to now. Returns when the accumulators are ready.
sc_core::sc_time ProcessingElement::run_window(const std::int8_t* bytes, const sc_core::sc_time& load) {
    warm_up();
    shift_add_->clear();
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    sc_core::sc_time driven = load;  // when the current plane's rows are driven
    for (const mapping::InputPlane& plane : planes_) {
        drive_plane(plane, bytes, driven);
        sc_core::sc_time converted = driven + timing_.cycle + timing_.cycle;
        for (const auto& adc : adcs_) {
            const sc_core::sc_time free_at = adc->free_at();
            if (free_at > now + converted) converted = free_at - now;
        }
        driven = converted - timing_.cycle;
    }
    return driven + timing_.cycle + timing_.unit_overhead_cycles * timing_.cycle;
}

void ProcessingElement::drive_plane(const mapping::InputPlane& plane, const std::int8_t* bytes,
                                    const sc_core::sc_time& driven) {
    for (InputBlock& block : input_blocks_) {
        block.driven_rows = pack_digits_(bytes + block.offset, block.rows, block.words, plane.shift,
                                         plane.bits, block.digits.data());
        block.unit_sum = 0;
        for (int bit = 0; bit < plane.bits; ++bit)
            for (int word = 0; word < block.words; ++word)
                block.unit_sum += static_cast<std::uint32_t>(__builtin_popcountll(
                                      block.digits[static_cast<std::size_t>(bit * block.words + word)]))
                                  << bit;
    }
    BitlineRead read;
    read.digit_bits = plane.bits;
    read.shift = plane.shift;
    read.negative = plane.negative;
    read.sums = sums_.data();
    read.code_buffer = codes_.data();
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        const Array& array = arrays_[i];
        const InputBlock& block = input_blocks_[array.input_block];
        read.digits = block.digits.data();
        read.driven_rows = block.driven_rows;
        read.unit_sum = block.unit_sum;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = driven;
        array.target->nb_transport_fw(read, phase, delay);
    }
}

}  // namespace sliver::model
