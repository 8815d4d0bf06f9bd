#include "model/processing_element.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>

#include "mapping/placement.h"
#include "model/kernel_time.h"
#include "timing/pipeline.h"
#include "timing/read_period.h"

namespace sliver::model {
namespace {

constexpr int kRegisterShift = 16;
constexpr int kLanes = 8;

/// Which converter of its bank each slice of an array has; `slices`: those the bank serves so far.
std::vector<std::size_t> bank_units(config::AdcBank bank, const mapping::CrossbarSlot& slot,
                                    std::vector<int>& slices) {
    std::vector<std::size_t> units(slot.runs.size(), 0);
    if (bank == config::AdcBank::single) return units;
    for (std::size_t i = 0; i < slot.runs.size(); ++i) {
        const int slice = slot.runs[i].slice;
        const auto known = std::find(slices.begin(), slices.end(), slice);
        units[i] = static_cast<std::size_t>(known - slices.begin());
        if (known == slices.end()) slices.push_back(slice);
    }
    return units;
}

/// Where the values of a window pass from block to block, plane after plane. One processing element works at
/// a time and none keeps anything here, so all share them: they stay in the processor's cache.
struct ValueBuffers {
    AlignedVector<std::uint32_t> sums, codes;
    AlignedVector<float> real_sums;  ///< of one plane
    void hold(std::size_t columns, std::size_t planes) {
        sums.resize(std::max(sums.size(), columns * planes));
        codes.resize(sums.size());
        real_sums.resize(std::max(real_sums.size(), columns + bitline::AnalogArray::kLanes));
    }
};
ValueBuffers& value_buffers() {
    thread_local ValueBuffers buffers;
    return buffers;
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
    const timing::Pipeline pipeline = timing::pipeline_of(chip);
    return {from_femtoseconds(pipeline.cycle_fs), pipeline.unit_overhead_cycles, timing::kTileCycles};
}

ProcessingElement::ProcessingElement(const sc_core::sc_module_name& name, const PePlan& plan,
                                     const mapping::LayerMapping& layer,
                                     const mapping::NetworkMapping& mapping,
                                     const network::MatrixWeights& weights, const std::vector<bool>& flipped,
                                     const mapping::AdcWidths& widths, const config::ChipConfig& chip,
                                     ColumnLimits& limits, LayerCounters* counters,
                                     const std::vector<bitline::AnalogArray>* devices,
                                     const WindowOrder& order, const bitline::Kernels& kernels,
                                     const TimelineScope& scope, Calendar* calendar, const UnitLinks& links)
    : sc_module(name),
      window_tsock("window_tsock"),
      register_tsock("register_tsock"),
      timing_(chip_timing(chip)),
      order_(order),
      window_(order.copy),
      planes_(static_cast<int>(layer.planes.size())),
      input_(layer.planes, kernels.pack_digits, chip.skip.zero_planes, calendar != nullptr),
      timeline_(scope.timeline) {
    const std::string lane_name = "pe " + std::to_string(plan.pe.value());
    if (timeline_ != nullptr) lane_ = scope.add_lane(lane_name);
    window_tsock.bind(*this);
    register_tsock.bind(*this);
    UnitEvents* events = nullptr;
    if (calendar != nullptr) {
        events = &events_.emplace(*calendar);
        SC_METHOD(step);
        sensitive << events_->event();
        dont_initialize();
    }
    std::vector<SummedArray> summed;
    std::vector<int> registers;
    std::vector<std::vector<ServedArray>> served;
    std::vector<std::vector<int>> bank_slices;  // by ADC
    for (const ArrayPlan& array_plan : plan.arrays) {
        const mapping::CrossbarSlot& slot = layer.crossbars[array_plan.crossbar];
        Array array;
        array.index = array_plan.crossbar;
        array.parts = array_plan.parts;
        reads_a_plane_ += static_cast<std::uint64_t>(array.parts);
        array.input_block = input_.add_rows({slot.first_row, slot.rows, slot.row_list});
        array.adc = static_cast<std::size_t>(array_plan.array / chip.adc.arrays_per_adc);
        if (served.size() <= array.adc) {
            served.resize(array.adc + 1);
            bank_slices.resize(array.adc + 1);
        }
        array.adc_position = served[array.adc].size();

        const std::size_t reg = find_or_add(column_blocks_, slot.column_block,
                                            [&](std::size_t block) { return block == slot.column_block; });
        if (reg == registers.size()) registers.push_back(layer.column_blocks[slot.column_block].outputs);
        mapping::CellArray cells = mapping::program_cells(weights, layer, slot, flipped);
        const bool masked = chip.skip.empty_columns;
        ServedArray shared;
        shared.masked = masked;
        timing::VisitedColumns visited = timing::every_column(chip, slot.runs);
        if (masked) visited = {mapping::filled_columns(cells, slot), 0};
        const int converted = std::accumulate(visited.by_slice.begin(), visited.by_slice.end(), 0);
        summed.push_back({slot, cells.flipped, reg, converted, converted + visited.unused});
        shared.crossbar = array_plan.crossbar;
        for (const mapping::ColumnRun& run : slot.runs) {
            const SliceIndex slice(static_cast<std::size_t>(run.slice));
            shared.runs.push_back({static_cast<std::size_t>(run.first), run.columns});
            shared.converters.push_back(widths.at(layer.layer, slice, slot.sign));
            if (counters != nullptr)
                shared.counters.push_back(&(*counters)[slice.value()][static_cast<std::size_t>(slot.sign)]);
        }
        const bitline::AnalogArray* const own_devices =
            devices == nullptr ? nullptr : &devices->at(array_plan.crossbar.value());
        shared.devices = own_devices;
        std::vector<int> bits;
        for (const mapping::Converter& converter : shared.converters) bits.push_back(converter.bits);
        for (const std::uint64_t sweep : timing::sweeps_of(chip, bits, visited))
            shared.sweeps.push_back(from_femtoseconds(sweep));
        if (calendar != nullptr) {
            bursts_.push_back(timing::bursts_of(chip, bits, visited));
            const bool banked = chip.adc.bank == config::AdcBank::per_slice;
            schedule_.push_back(
                {static_cast<int>(array.adc), array.parts, nullptr, banked ? slot.first_slice() : 0});
        }
        shared.sweeping = mapping::sweeping_slice(chip.adc.bank, bits);
        shared.unused = visited.unused;
        shared.visited = std::move(visited.by_slice);
        const bool offset = mapping.encoding == config::Encoding::offset;
        if (offset)
            shared.unit_bits = mapping::unit_column_bits(slot.rows, array.parts, chip.inputs.dac_bits);
        shared.units = bank_units(chip.adc.bank, slot, bank_slices[array.adc]);
        served[array.adc].push_back(std::move(shared));

        const std::string number = std::to_string(array_plan.array);
        array.crossbar = std::make_unique<Crossbar>(
            ("crossbar_" + number).c_str(),
            Crossbar::Geometry{chip.array.rows, chip.array.columns, offset, masked, converted},
            std::move(cells), timing_.cycle, kernels, own_devices, events);
        array.isock = std::make_unique<bitline_initiator_socket>(("crossbar_isock_" + number).c_str());
        array.isock->bind(*this);
        links.connect(*array.isock, array.crossbar->pe_tsock);
        arrays_.push_back(std::move(array));
    }
    for (std::size_t i = 0; i < served.size(); ++i)
        adcs_.push_back(std::make_unique<SharedAdc>(
            ("shared_adc_" + std::to_string(i)).c_str(), std::move(served[i]), limits, kernels, scope,
            lane_name + " adc " + std::to_string(i), events, timing_.cycle));
    for (std::size_t i = 0; i < bursts_.size(); ++i) schedule_[i].bursts = &bursts_[i];
    output_.emplace(registers);
    shift_add_ = std::make_unique<ShiftAdd>("shift_add", layer, std::move(summed), *output_, kernels, events,
                                            std::min(1, timing_.unit_overhead_cycles) * timing_.cycle);
    std::size_t widest = 0;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        SharedAdc& adc = *adcs_[arrays_[i].adc];
        links.connect(arrays_[i].crossbar->adc_isock, adc.crossbar_tsock(arrays_[i].adc_position));
        links.connect(adc.shift_add_isock(arrays_[i].adc_position), shift_add_->adc_tsock(i));
        widest = std::max(widest, static_cast<std::size_t>(arrays_[i].crossbar->cells().groups) * kLanes);
    }
    const bool in_parts =
        std::any_of(arrays_.begin(), arrays_.end(), [](const Array& array) { return array.parts > 1; });
    values_at_once_ = devices == nullptr && !in_parts && calendar == nullptr;
    value_buffers().hold(widest, layer.planes.size());
    if (in_parts) progress_.resize(arrays_.size());
}

ProcessingElement::~ProcessingElement() {
    shift_add_.reset();
    while (!adcs_.empty()) adcs_.pop_back();  // the newest first: see ~Chip()
    for (; !arrays_.empty(); arrays_.pop_back()) arrays_.back().isock.reset();
}

void ProcessingElement::reset() {
    input_.reset();
    for (Array& array : arrays_) array.crossbar->reset();
    for (const auto& adc : adcs_) adc->reset();
    shift_add_->reset();
    output_->reset();
    image_ = 0;
    window_ = order_.copy;
    window_time_ = sc_core::SC_ZERO_TIME;
    planes_skipped_ = 0;
    if (!events_) return;
    events_->reset();
    for (Window& window : windows_) {
        if (window.payload != nullptr) window.payload->release();
        window = {};
    }
    spare_.clear();
    for (const auto& read : in_flight_) spare_.push_back(read.get());
    half_ = readable_ = 0;
    announced_.reset();
}

void ProcessingElement::end_of_elaboration() {
    for (Array& array : arrays_) array.forward.find(*array.isock);
    input_.list_hot(hot_);
    output_->list_hot(hot_);
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        Array& array = arrays_[i];
        array.crossbar->list_hot(hot_);
        adcs_[array.adc]->list_hot(array.adc_position, hot_);
        shift_add_->list_hot(i, hot_);
    }
    // Each cache line once.
    const auto line = [](const void* address) {
        return reinterpret_cast<std::uintptr_t>(address) / kCacheLine;
    };
    std::sort(hot_.begin(), hot_.end(), std::less<>());
    hot_.erase(std::unique(hot_.begin(), hot_.end(),
                           [&](const void* a, const void* b) { return line(a) == line(b); }),
               hot_.end());
    hot_.shrink_to_fit();
}

std::vector<ProcessingElement::ArrayView> ProcessingElement::arrays() const {
    std::vector<ArrayView> views;
    for (const Array& array : arrays_)
        views.push_back({array.index, adcs_[array.adc]->counters(array.adc_position),
                         adcs_[array.adc]->busy(array.adc_position)});
    return views;
}

void ProcessingElement::count(cost::Actions& actions) const {
    input_.count(actions);
    for (const Array& array : arrays_) array.crossbar->count(input_.row_drives(array.input_block), actions);
    actions.planes_skipped += planes_skipped_;
    for (const auto& adc : adcs_) adc->count(actions);
    shift_add_->count(actions);
    output_->count(actions);
}

Crossbar* ProcessingElement::find(CrossbarIndex index) {
    for (Array& array : arrays_)
        if (array.index == index) return array.crossbar.get();
    return nullptr;
}

sc_core::sc_time ProcessingElement::busiest_converter() const {
    sc_core::sc_time busiest;
    for (const auto& adc : adcs_) busiest = std::max(busiest, adc->busiest());
    return busiest;
}

sc_core::sc_time ProcessingElement::adc_waited() const {
    sc_core::sc_time waited;
    for (const auto& adc : adcs_) add_to(waited, adc->waited());
    return waited;
}

void ProcessingElement::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access(payload, delay);
}

tlm::tlm_sync_enum ProcessingElement::nb_transport_fw(tlm::tlm_generic_payload& payload,
                                                      tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (!events_) {
        access(payload, delay);
        return tlm::TLM_COMPLETED;
    }
    if (phase == tlm::END_RESP) {
        windows_[readable_].payload->release();
        windows_[readable_].payload = nullptr;
        return tlm::TLM_COMPLETED;
    }
    if (!payload.is_write()) {
        access(payload, delay);
        return tlm::TLM_COMPLETED;
    }
    if (payload.get_address() != kInputRegister || payload.get_data_length() != input_.bytes()) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return tlm::TLM_COMPLETED;
    }
    if (!begin_window(payload)) return tlm::TLM_ACCEPTED;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

unsigned ProcessingElement::transport_dbg(tlm::tlm_generic_payload& payload) {
    if (!payload.is_read()) return 0;
    const std::size_t reg = (payload.get_address() - kOutputRegister) >> kRegisterShift;
    if (payload.get_address() < kOutputRegister || reg >= column_blocks_.size()) return 0;
    const std::size_t bytes =
        std::min<std::size_t>(payload.get_data_length(), output_->outputs(reg) * sizeof(std::int32_t));
    std::memcpy(payload.get_data_ptr(), output_->read(readable_, reg), bytes);
    return static_cast<unsigned>(bytes);
}

void ProcessingElement::access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (payload.is_write() && payload.get_address() == kInputRegister &&
        payload.get_data_length() == input_.bytes()) {
        delay = run_window(reinterpret_cast<const std::int8_t*>(payload.get_data_ptr()), delay);
    } else if (transport_dbg(payload) != payload.get_data_length()) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
}

/// `first`: when the first plane is driven, relative to now. Returns when the arrays are free again.
sc_core::sc_time ProcessingElement::run_window(const std::int8_t* bytes, const sc_core::sc_time& first) {
    shift_add_->begin_window(half_);
    input_.write(bytes);
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    sc_core::sc_time driven = first;  // when the current plane's rows are driven
    BitlineRead read = next_read();
    ValueBuffers& buffers = value_buffers();
    read.sums = buffers.sums.data();
    read.code_buffer = buffers.codes.data();
    read.real_sums = buffers.real_sums.data();
    if (values_at_once_) {
        read.carries = BitlineRead::Carries::time;
        arrays_.front().crossbar->fetch_ahead();
    }
    for (read.plane = 0; read.plane < planes_; ++read.plane) {
        const std::optional<sc_core::sc_time> converted = read_plane(read, driven);
        if (!converted) continue;
        const sc_core::sc_time next = *converted - timing_.cycle;
        if (timeline_ != nullptr)
            timeline_->span(Timeline::Kind::read, lane_, now + driven, now + next,
                            {image_, window_, {static_cast<std::uint64_t>(read.plane), reads_a_plane_}});
        driven = next;
    }
    // Nothing takes less than a cycle, not even a window without a one.
    driven = std::max(driven, first + timing_.cycle);
    if (values_at_once_) take_values(read);
    next_window();
    window_time_ = driven - first;
    return driven;
}

BitlineRead ProcessingElement::next_read() const {
    BitlineRead read;
    read.image = image_;
    read.window = window_;
    return read;
}

void ProcessingElement::next_window() {
    window_ += order_.copies;
    if (window_ < order_.windows) return;
    window_ = order_.copy;
    ++image_;
}

/// The reads of one plane, the first of which are driven at `driven`. Returns when the last has been
/// converted, a cycle after its samples were held at the earliest; none where all are left out.
std::optional<sc_core::sc_time> ProcessingElement::read_plane(BitlineRead& read,
                                                              const sc_core::sc_time& driven) {
    return progress_.empty() ? read_whole(read, driven) : read_parts(read, driven);
}

/// One read of every crossbar, all driven at once.
std::optional<sc_core::sc_time> ProcessingElement::read_whole(BitlineRead& read,
                                                              const sc_core::sc_time& driven) {
    const sc_core::sc_time earliest = driven + timing_.cycle + timing_.cycle;
    std::optional<sc_core::sc_time> last;
    for (const Array& array : arrays_) {
        if (!input_.drives(array.input_block, read.plane)) {
            ++planes_skipped_;
            continue;
        }
        read.array = static_cast<std::size_t>(&array - arrays_.data());
        input_.drive(array.input_block, read);
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = driven;
        array.forward.nb_transport_fw(read, phase, delay);
        last = std::max(last.value_or(earliest), delay);
    }
    return last;
}

/// The values of the window's reads, which have been: array by array, all planes at once. The cells of the
/// next array are fetched meanwhile.
void ProcessingElement::take_values(BitlineRead& read) {
    read.carries = BitlineRead::Carries::values;
    InputRegister::PlaneList planes;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        const Array& array = arrays_[i];
        if (i + 1 < arrays_.size()) arrays_[i + 1].crossbar->fetch_ahead();
        input_.show_planes(array.input_block, planes, read);
        if (read.plane_count == 0 && input_.detects_zeros()) continue;  // none of its reads has been made
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        array.forward.nb_transport_fw(read, phase, delay);
    }
}

/// Every crossbar part by part. Reads go out in the order in which they are driven (arrays in their order
/// where several are), so that converters take bursts first come first served.
std::optional<sc_core::sc_time> ProcessingElement::read_parts(BitlineRead& read,
                                                              const sc_core::sc_time& driven) {
    std::optional<sc_core::sc_time> last;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        progress_[i] = {0, driven};
        if (input_.drives(arrays_[i].input_block, read.plane)) continue;
        progress_[i].part = arrays_[i].parts;
        planes_skipped_ += static_cast<std::uint64_t>(arrays_[i].parts);
    }
    while (true) {
        std::size_t next = arrays_.size();
        for (std::size_t i = 0; i < arrays_.size(); ++i)
            if (progress_[i].part < arrays_[i].parts &&
                (next == arrays_.size() || progress_[i].driven < progress_[next].driven))
                next = i;
        if (next == arrays_.size()) return last;
        Progress& progress = progress_[next];
        const Array& array = arrays_[next];
        if (!input_.drive_part(array.input_block, progress.part++, array.parts, read)) {
            ++planes_skipped_;
            continue;
        }
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time converted = progress.driven;
        array.forward.nb_transport_fw(read, phase, converted);
        const sc_core::sc_time earliest = progress.driven + timing_.cycle + timing_.cycle;
        last = std::max(last.value_or(earliest), std::max(earliest, converted));
        // The next samples are held one cycle later, or when the converter has done with the last ones.
        progress.driven = std::max(progress.driven + timing_.cycle, converted - timing_.cycle);
    }
}

// ---- approximately timed
// --------------------------------------------------------------------------------------------

/// A read with a plane and buffers of its own, from its rows to its sums.
struct ProcessingElement::InFlight : BitlineRead {
    bitline::DigitPlane plane_of_its_own;
    AlignedVector<std::uint32_t> own_sums, own_codes;
    AlignedVector<float> own_real_sums;
};

/// The first plane of the window is driven now. True: the arrays will be free in a cycle; otherwise
/// announce() says when.
bool ProcessingElement::begin_window(tlm::tlm_generic_payload& payload) {
    half_ = 0;
    while (half_ < windows_.size() && windows_[half_].payload != nullptr) ++half_;
    if (half_ == windows_.size()) windows_.emplace_back();
    payload.acquire();
    windows_[half_] = {&payload, 0};
    shift_add_->begin_window(half_);
    input_.write(reinterpret_cast<const std::int8_t*>(payload.get_data_ptr()));
    stage_began_ = sc_core::sc_time_stamp();
    last_plane_ = planes_ - 1;
    while (last_plane_ >= 0 && !drives(last_plane_)) --last_plane_;
    plane_ = -1;
    announced_.reset();
    beginning_ = true;
    announced_at_once_ = false;
    if (!drive_next_plane()) {  // nothing takes less than a cycle, not even a window without a one
        announced_ = later(stage_began_, timing_.cycle);
        announced_at_once_ = true;
        events_->at(*announced_, UnitEvents::Step::stage_over, 0, *this);
    }
    beginning_ = false;
    return announced_at_once_;
}

bool ProcessingElement::drives(int plane) const {
    return std::any_of(arrays_.begin(), arrays_.end(),
                       [&](const Array& array) { return input_.drives(array.input_block, plane); });
}

/// Planes that drive no array are left out. False: there is none left.
bool ProcessingElement::drive_next_plane() {
    for (++plane_; plane_ < planes_; ++plane_) {
        if (drives(plane_)) {
            drive_plane();
            return true;
        }
        for (const Array& array : arrays_) planes_skipped_ += static_cast<std::uint64_t>(array.parts);
    }
    return false;
}

void ProcessingElement::drive_plane() {
    fetch_ahead();
    plane_driven_ = sc_core::sc_time_stamp();
    if (plane_ == last_plane_) {
        announced_ = later(plane_driven_, scheduled_period());
        if (*announced_ - timing_.cycle > plane_driven_)
            events_->at(*announced_ - timing_.cycle, UnitEvents::Step::announced, 0, *this);
        else if (beginning_)
            announced_at_once_ = true;
        else
            announce();
    }
    if (progress_.empty()) progress_.resize(arrays_.size());
    reading_ = 0;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        progress_[i].part = 0;
        if (!input_.drives(arrays_[i].input_block, plane_)) {
            planes_skipped_ += static_cast<std::uint64_t>(arrays_[i].parts);
            continue;
        }
        if (i + 1 < arrays_.size()) arrays_[i + 1].crossbar->fetch_ahead();
        if (drive_array(i)) ++reading_;
    }
}

/// The next part of the array that drives a row. False: there is none left in this plane.
bool ProcessingElement::drive_array(std::size_t number) {
    const Array& array = arrays_[number];
    int& part = progress_[number].part;
    if (part == array.parts) return false;
    if (spare_.empty()) {
        in_flight_.push_back(std::make_unique<InFlight>());
        spare_.push_back(in_flight_.back().get());
    }
    InFlight& read = *spare_.back();
    static_cast<BitlineRead&>(read) = next_read();
    read.array = number;
    read.half = half_;
    read.plane = plane_;
    if (array.parts == 1) {
        input_.drive(array.input_block, read);
        ++part;
    } else {
        while (!input_.drive_part(array.input_block, part++, array.parts, read)) {
            ++planes_skipped_;
            if (part == array.parts) return false;
        }
    }
    spare_.pop_back();
    // The input register takes the next digits while these are converted and added.
    read.plane_of_its_own = *read.planes;
    read.planes = &read.plane_of_its_own;
    const auto columns = static_cast<std::size_t>(array.crossbar->cells().groups) * kLanes;
    read.own_sums.resize(std::max(read.own_sums.size(), columns));
    read.own_codes.resize(read.own_sums.size());
    read.own_real_sums.resize(std::max(read.own_real_sums.size(), columns + bitline::AnalogArray::kLanes));
    read.sums = read.own_sums.data();
    read.code_buffer = read.own_codes.data();
    read.real_sums = read.own_real_sums.data();
    ++windows_[half_].reads;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time none;
    array.forward.nb_transport_fw(read, phase, none);
    return true;
}

/// How long the plane will take that is driven now.
sc_core::sc_time ProcessingElement::scheduled_period() const {
    std::vector<timing::ReadArray> read;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
        const Array& array = arrays_[i];
        if (!input_.drives(array.input_block, plane_)) continue;
        read.push_back(schedule_[i]);
        read.back().parts = input_.driven_parts(array.input_block, plane_, array.parts);
    }
    return from_femtoseconds(timing::read_period_fs(read, femtoseconds(timing_.cycle)));
}

tlm::tlm_sync_enum ProcessingElement::nb_transport_bw(BitlineRead& read, tlm::tlm_phase& phase,
                                                      sc_core::sc_time&) {
    if (phase == tlm::BEGIN_RESP) {
        --windows_[read.half].reads;
        spare_.push_back(static_cast<InFlight*>(&read));
        return tlm::TLM_COMPLETED;
    }
    if (!drive_array(read.array) && --reading_ == 0) end_plane();
    return tlm::TLM_ACCEPTED;
}

/// All arrays are free for the next plane.
void ProcessingElement::end_plane() {
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    if (timeline_ != nullptr)
        timeline_->span(Timeline::Kind::read, lane_, plane_driven_, now,
                        {image_, window_, {static_cast<std::uint64_t>(plane_), reads_a_plane_}});
    if (!drive_next_plane()) end_stage();
}

void ProcessingElement::end_stage() {
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    if (!announced_ || now != *announced_)
        SC_REPORT_ERROR("/sliver/pe", "a window took its arrays for another time than was scheduled");
    const sc_core::sc_time ready = later(now, (1 + timing_.unit_overhead_cycles) * timing_.cycle);
    window_time_ = now - stage_began_;
    next_window();
    events_->at(ready, UnitEvents::Step::ready, 0, *this, half_);
}

void ProcessingElement::on_step(UnitEvents::Step step, std::size_t about) {
    if (step == UnitEvents::Step::announced)
        announce();
    else if (step == UnitEvents::Step::stage_over)
        end_stage();
    else
        respond(about);
}

void ProcessingElement::announce() {
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time none;
    window_tsock->nb_transport_bw(*windows_[half_].payload, phase, none);
}

/// The sums of the window in that half are ready.
void ProcessingElement::respond(std::size_t half) {
    if (windows_[half].reads != 0)
        SC_REPORT_ERROR("/sliver/pe", "a window is to be ready before all its reads have been added");
    readable_ = half;
    windows_[half].payload->set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time none;
    window_tsock->nb_transport_bw(*windows_[half].payload, phase, none);
}

}  // namespace sliver::model
