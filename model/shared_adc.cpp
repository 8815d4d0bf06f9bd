#include "model/shared_adc.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "model/kernel_time.h"
#include "model/log.h"

namespace sliver::model {
namespace {

constexpr int kColumnsAtOnce = 8;

/// One slice's columns under a step of more than one; returns how many sums pass the converter's range.
std::uint32_t convert_coarsely(const mapping::Converter& converter, const std::uint32_t* sums, int count,
                               std::uint32_t* codes) {
    const std::uint32_t range = converter.range();
    std::uint32_t cut = 0;
    for (int i = 0; i < count; ++i) {
        cut += sums[i] > range ? 1U : 0U;
        codes[i] = mapping::converted(converter, sums[i]);
    }
    return cut;
}

/// Largest sum up to which every column of the array is handed on as it is: 0 where a column is rounded.
std::uint32_t exact_up_to(const std::vector<mapping::Converter>& converters) {
    std::uint32_t exact = ~0U;
    for (const mapping::Converter& converter : converters)
        exact = std::min(exact, converter.drop == 0 ? converter.range() : 0U);
    return exact;
}

}  // namespace

const std::vector<std::uint32_t>& ColumnLimits::of(const ServedArray& array) {
    std::vector<std::pair<int, int>> kind;
    for (std::size_t i = 0; i < array.runs.size(); ++i)
        kind.emplace_back(array.runs[i].columns, array.converters[i].bits);
    std::vector<std::uint32_t>& limits = tables_[kind];
    if (!limits.empty()) return limits;
    for (const auto& [columns, bits] : kind)
        limits.insert(limits.end(), static_cast<std::size_t>(columns), (1U << bits) - 1U);
    limits.resize((limits.size() + kColumnsAtOnce - 1) / kColumnsAtOnce * kColumnsAtOnce, ~0U);
    return limits;
}

/// The converters' side of one crossbar: its limits by column, its bursts, its counters.
class SharedAdc::Port : public BitlineTarget, public BitlineInitiator, public UnitEvents::Owner {
  public:
    Port(SharedAdc& adc, const std::string& name, ServedArray array, ColumnLimits& limits,
         const bitline::Kernels& kernels)
        : in(("crossbar_tsock_" + name).c_str()),
          out(("shift_add_isock_" + name).c_str()),
          convert_(kernels.convert),
          largest_sum_(kernels.largest_sum),
          limits_(limits.of(array).data()),
          columns_(static_cast<int>(limits.of(array).size())),
          slices_(array.converters.size()),
          runs_aligned_(
              std::all_of(array.runs.begin(), array.runs.end(),
                          [](const ServedArray::Run& run) { return run.columns % kColumnsAtOnce == 0; })),
          coarse_(std::any_of(array.converters.begin(), array.converters.end(),
                              [](const mapping::Converter& converter) { return converter.drop != 0; })),
          devices_(array.devices),
          counts_sums_(!array.counters.empty()),
          exact_up_to_(exact_up_to(array.converters)),
          adc_(adc) {
        array_ = std::move(array);
        in.bind(*this);
        out.bind(*this);
        for (std::size_t slice = 0; slice < slices_; ++slice) {
            const std::size_t unit = array_.units[slice];
            const auto burst = std::find_if(bursts_.begin(), bursts_.begin() + units_,
                                            [&](const Burst& other) { return other.unit == unit; });
            if (burst == bursts_.begin() + units_) bursts_[static_cast<std::size_t>(units_++)].unit = unit;
            burst->time += array_.sweeps[slice];
            burst->bits = std::max(burst->bits, array_.converters[slice].bits);
        }
        alone_ = bursts_[0];
    }

    void end_of_elaboration() { forward_.find(out); }

    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        if (adc_.events_ != nullptr) return enqueue(read);
        if (read.is_read()) occupy(read, delay);
        return read.has_values() ? pass_values(read, phase, delay)
                                 : forward_.nb_transport_fw(read, phase, delay);
    }

    /// A read is added: it is over.
    tlm::tlm_sync_enum nb_transport_bw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        return in->nb_transport_bw(read, phase, delay);
    }

    /// The burst of a converter of the bank, which is free, begins.
    void begin(std::size_t number) {
        const Burst& burst = bursts_[number];
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        wait(*read_, now - held_);
        adc_.events_->at(later(now, burst.time), UnitEvents::Step::burst_end, read_->array, *this, number);
    }

    void on_step(UnitEvents::Step step, std::size_t number) override {
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        if (step == UnitEvents::Step::sampling_free) {
            tlm::tlm_phase phase = tlm::END_REQ;
            sc_core::sc_time none;
            in->nb_transport_bw(*read_, phase, none);
            return;
        }
        const Burst& burst = bursts_[number];
        if (adc_.timeline_ != nullptr) show(*read_, burst, now - burst.time);
        adc_.queues_[burst.unit].pop_front();
        if (--converting_ == 0) {
            if (now != promised_)
                SC_REPORT_ERROR("/sliver/adc", "a read was converted at another time than was promised");
            BitlineRead& read = *read_;
            if (read.has_values()) convert(read);
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time none;
            forward_.nb_transport_fw(read, phase, none);
        }
        adc_.begin_burst(burst.unit);
    }

    void list_hot(std::vector<const void*>& addresses) const {
        addresses.insert(addresses.end(), {static_cast<const void*>(&limits_), &reads_,
                                           static_cast<const bitline_fw_nonblocking_if*>(this)});
    }

    [[nodiscard]] std::vector<sc_core::sc_time> busy() const {
        std::vector<sc_core::sc_time> by_slice;
        for (const sc_core::sc_time& sweep : array_.sweeps) by_slice.push_back(times(sweep, reads_));
        return by_slice;
    }

    /// Every read converts the same columns.
    [[nodiscard]] Counters counters() const {
        Counters counters;
        counters.bursts = reads_;
        counters.clipped = clipped_;
        counters.largest = largest_;
        for (std::size_t slice = 0; slice < slices_; ++slice) {
            counters.conversions[slice] = reads_ * static_cast<std::uint64_t>(array_.visited[slice]);
            counters.skipped +=
                reads_ * static_cast<std::uint64_t>(array_.runs[slice].columns - array_.visited[slice]);
        }
        return counters;
    }

    void count(cost::Actions& actions) const {
        const Counters counters = this->counters();
        const auto width = [&](std::size_t slice) {
            return static_cast<std::size_t>(array_.converters[slice].bits);
        };
        for (std::size_t slice = 0; slice < slices_; ++slice) {
            actions.conversions_used[width(slice)] += counters.conversions[slice];
            actions.conversions_all[width(slice)] += counters.conversions[slice];
            actions.clipped += counters.clipped[slice];
        }
        actions.conversions_skipped += counters.skipped;
        if (array_.masked) actions.mask_reads += counters.bursts;
        actions.conversions_all[width(array_.sweeping)] +=
            counters.bursts * static_cast<std::uint64_t>(array_.unused);
        if (array_.unit_bits != 0)
            actions.conversions_unit[static_cast<std::size_t>(array_.unit_bits)] += counters.bursts;
    }

    void reset() {
        reads_ = 0;
        clipped_ = {};
        largest_ = {};
        read_ = nullptr;
        converting_ = 0;
    }

    /// Adds to what each converter of the bank was busy with.
    void add_busy(std::vector<sc_core::sc_time>& by_unit) const {
        for (std::size_t i = 0; i < array_.sweeps.size(); ++i)
            add_to(by_unit[array_.units[i]], times(array_.sweeps[i], reads_));
    }

    bitline_target_socket in;
    bitline_initiator_socket out;

  private:
    /// What one converter of the bank does with a read.
    struct Burst {
        std::size_t unit = 0;
        sc_core::sc_time time;
        int bits = 0;  ///< of its widest column
    };

    /// The samples of a read have waited for a converter.
    void wait(const BitlineRead& read, const sc_core::sc_time& time) {
        if (time.value() == 0) return;
        add_to(adc_.waited_, time);
        if (logs(LogModule::adc, LogLevel::debug)) tell_wait(read, time);
    }

    [[gnu::noinline]] void tell_wait(const BitlineRead& read, const sc_core::sc_time& time) {
        log(LogModule::adc, LogLevel::debug, [&] {
            return fmt::format("{}: crossbar {}, image {} window {} plane {}: waits {} for the converter",
                               adc_.name(), array_.crossbar.value(), read.image, read.window, read.plane,
                               time.to_string());
        });
    }

    /// The samples of a read are held now. What waits for a converter and how long it takes is known, so is
    /// when the read will be converted: its array is told early enough to hold the next samples just then.
    [[gnu::noinline]] tlm::tlm_sync_enum enqueue(BitlineRead& read) {
        ++reads_;
        read_ = &read;
        held_ = promised_ = sc_core::sc_time_stamp();
        converting_ = units_;
        for (std::size_t i = 0; i < static_cast<std::size_t>(units_); ++i) {
            const std::size_t unit = bursts_[i].unit;
            sc_core::sc_time& free_at = adc_.unit_free_at_[unit];
            free_at = later(std::max(held_, free_at), bursts_[i].time);
            promised_ = std::max(promised_, free_at);
        }
        const sc_core::sc_time sampling_free =
            promised_ - held_ > adc_.cycle_ ? promised_ - adc_.cycle_ : held_;
        adc_.events_->at(sampling_free, UnitEvents::Step::sampling_free, read.array, *this);
        for (std::size_t i = 0; i < static_cast<std::size_t>(units_); ++i) {
            std::deque<Waiting>& queue = adc_.queues_[bursts_[i].unit];
            queue.push_back({this, i});
            if (queue.size() == 1) begin(i);
        }
        return tlm::TLM_ACCEPTED;
    }

    /// One read is converted. `delay`: from now until its samples are held, then until its last code.
    void occupy(const BitlineRead& read, sc_core::sc_time& delay) {
        ++reads_;
        const sc_core::sc_time& now = sc_core::sc_time_stamp();
        const sc_core::sc_time held = later(now, delay);
        sc_core::sc_time converted = held;
        const Burst* const bursts = units_ == 1 ? &alone_ : bursts_.data();
        for (int i = 0; i < units_; ++i) {
            const Burst& burst = bursts[i];
            sc_core::sc_time& free_at = adc_.unit_free_at_[burst.unit];
            const sc_core::sc_time start = std::max(held, free_at);
            wait(read, start - held);
            free_at = later(start, burst.time);
            converted = std::max(converted, free_at);
            if (adc_.timeline_ != nullptr) show(read, burst, start);
        }
        delay = converted - now;
    }

    [[gnu::noinline]] void show(const BitlineRead& read, const Burst& burst,
                                const sc_core::sc_time& start) const {
        adc_.timeline_->span(Timeline::Kind::conversion, adc_.lanes_[burst.unit], start, start + burst.time,
                             {read.image,
                              read.window,
                              {static_cast<std::uint64_t>(read.plane), static_cast<std::uint64_t>(read.part),
                               array_.crossbar.value(), static_cast<std::uint64_t>(burst.bits)}});
    }

    /// Real-valued sums.
    void convert_real(BitlineRead& read) {
        read.codes = read.code_buffer;
        const bitline::AnalogArray& devices = *devices_;
        for (std::size_t slice = 0; slice < slices_; ++slice) {
            const int first = static_cast<int>(array_.runs[slice].first),
                      columns = array_.runs[slice].columns;
            if (counts_sums_) {
                // As a converter without an end would have them: the nearest whole numbers.
                const bitline::Converted whole = bitline::convert_analog(
                    devices, bitline::kEndlessConverter, read.real_sums, first, columns, read.code_buffer);
                array_.counters[slice]->count(read.code_buffer + first, columns, whole.largest);
            }
            const bitline::Converted converted = bitline::convert_analog(
                devices, array_.converters[slice], read.real_sums, first, columns, read.code_buffer);
            clipped_[slice] += converted.cut;
            largest_[slice] = std::max(largest_[slice], converted.largest);
        }
    }

    // Not inlined, as the others: a read without values needs no more of the stack than its call.
    [[gnu::noinline]] tlm::tlm_sync_enum pass_values(BitlineRead& read, tlm::tlm_phase& phase,
                                                     sc_core::sc_time& delay) {
        convert(read);
        return forward_.nb_transport_fw(read, phase, delay);
    }

    void convert(BitlineRead& read) {
        if (devices_ != nullptr) {
            convert_real(read);
            return;
        }
        // Before the shortcut: sums that fit are sums, too.
        if (counts_sums_) count_sums(read);
        if (largest_sum_ != nullptr) note_largest(read);
        if (read.largest_sum <= exact_up_to_) {
            read.codes = read.sums;
            return;
        }
        read.codes = read.code_buffer;
        if (coarse_) {
            convert_coarse_columns(read);
        } else if (slices_ == 1) {
            clipped_[0] += convert_(read.sums, limits_, columns_, read.plane_rows(), read.code_buffer);
        } else if (runs_aligned_) {
            for (std::size_t slice = 0; slice < slices_; ++slice) {
                const std::size_t first = array_.runs[slice].first;
                clipped_[slice] += convert_(read.sums + first, limits_ + first, array_.runs[slice].columns,
                                            read.plane_rows(), read.code_buffer + first);
            }
        } else if (convert_(read.sums, limits_, columns_, read.plane_rows(), read.code_buffer) != 0) {
            count_cuts(read);
        }
    }

    /// Calls `use` with the first sum of each plane and slice of `read`.
    template <typename Use>
    void for_runs(const BitlineRead& read, Use&& use) const {
        for (int plane = 0; plane < read.plane_count; ++plane)
            for (std::size_t slice = 0; slice < slices_; ++slice)
                use(slice, static_cast<std::size_t>(plane) * read.stride + array_.runs[slice].first);
    }

    void convert_coarse_columns(BitlineRead& read) {
        for_runs(read, [&](std::size_t slice, std::size_t first) {
            clipped_[slice] += convert_coarsely(array_.converters[slice], read.sums + first,
                                                array_.runs[slice].columns, read.code_buffer + first);
        });
    }

    /// Where slices share a group of columns: whose sums were cut.
    void count_cuts(const BitlineRead& read) {
        for_runs(read, [&](std::size_t slice, std::size_t first) {
            const std::uint32_t limit = limits_[array_.runs[slice].first];
            for (std::size_t column = 0; column < static_cast<std::size_t>(array_.runs[slice].columns);
                 ++column)
                clipped_[slice] += read.sums[first + column] > limit ? 1 : 0;
        });
    }

    void note_largest(const BitlineRead& read) {
        for (std::size_t slice = 0; slice < slices_; ++slice)
            largest_[slice] =
                std::max(largest_[slice], largest_sum_(read.sums + array_.runs[slice].first,
                                                       array_.runs[slice].columns, read.plane_rows()));
    }

    void count_sums(const BitlineRead& read) const {
        for_runs(read, [&](std::size_t slice, std::size_t first) {
            array_.counters[slice]->count(read.sums + first, array_.runs[slice].columns, read.largest_sum);
        });
    }

    ServedArray array_;
    // Of the read that is converted, approximately timed: at most one, as its array drives the next one so
    // that it is held when this one is done.
    BitlineRead* read_ = nullptr;
    sc_core::sc_time held_, promised_;
    int converting_ = 0;  ///< converters that are not done with it
    std::array<Burst, kMaxSlices> bursts_;
    // What values need, then what every read needs: side by side, and the latter beside the table of virtual
    // functions through which it comes, which lies behind the members.
    std::array<std::uint64_t, kMaxSlices> clipped_{};  ///< by slice
    bitline::Convert convert_;
    bitline::LargestSum largest_sum_;                  ///< null: nobody asks
    std::array<std::uint32_t, kMaxSlices> largest_{};  ///< by slice
    const std::uint32_t* limits_;
    int columns_;  ///< in use, filled up to whole groups of 8
    std::size_t slices_;
    bool runs_aligned_;  ///< every slice starts at a whole group
    bool coarse_;        ///< some column has a step of more than one
    const bitline::AnalogArray* devices_;
    bool counts_sums_;           ///< the array has counters
    std::uint32_t exact_up_to_;  ///< no column changes a sum up to this
    SharedAdc& adc_;
    BitlineForward forward_;
    std::uint64_t reads_ = 0;
    Burst alone_;    ///< of the only converter where units_ is 1
    int units_ = 0;  ///< converters that take part
};

SharedAdc::SharedAdc(const sc_core::sc_module_name& name, std::vector<ServedArray> arrays,
                     ColumnLimits& limits, const bitline::Kernels& kernels, const TimelineScope& scope,
                     const std::string& lane_name, UnitEvents* events, const sc_core::sc_time& cycle)
    : sc_module(name), cycle_(cycle), events_(events), timeline_(scope.timeline) {
    if (timeline_ != nullptr) {
        std::size_t units = 0;
        for (const ServedArray& array : arrays)
            for (const std::size_t unit : array.units) units = std::max(units, unit + 1);
        for (std::size_t unit = 0; unit < units; ++unit)
            lanes_.push_back(
                scope.add_lane(units == 1 ? lane_name : lane_name + " converter " + std::to_string(unit)));
    }
    for (std::size_t i = 0; i < arrays.size(); ++i)
        ports_.push_back(
            std::make_unique<Port>(*this, std::to_string(i), std::move(arrays[i]), limits, kernels));
}

SharedAdc::~SharedAdc() = default;

void SharedAdc::end_of_elaboration() {
    for (const auto& port : ports_) port->end_of_elaboration();
}

/// The next one in the queue of a converter, if any.
void SharedAdc::begin_burst(std::size_t unit) {
    if (queues_[unit].empty()) return;
    const Waiting& next = queues_[unit].front();
    next.port->begin(next.burst);
}

bitline_target_socket& SharedAdc::crossbar_tsock(std::size_t position) {
    return ports_.at(position)->in;
}

bitline_initiator_socket& SharedAdc::shift_add_isock(std::size_t position) {
    return ports_.at(position)->out;
}

SharedAdc::Counters SharedAdc::counters(std::size_t position) const {
    return ports_.at(position)->counters();
}

void SharedAdc::count(cost::Actions& actions) const {
    for (const auto& port : ports_) port->count(actions);
}

void SharedAdc::list_hot(std::size_t position, std::vector<const void*>& addresses) const {
    ports_.at(position)->list_hot(addresses);
    addresses.push_back(&unit_free_at_);
}

sc_core::sc_time SharedAdc::busiest() const {
    std::vector<sc_core::sc_time> by_unit(kMaxSlices);
    for (const auto& port : ports_) port->add_busy(by_unit);
    return *std::max_element(by_unit.begin(), by_unit.end());
}

void SharedAdc::reset() {
    for (const auto& port : ports_) port->reset();
    for (auto& queue : queues_) queue.clear();
    waited_ = sc_core::SC_ZERO_TIME;
    unit_free_at_.fill(sc_core::SC_ZERO_TIME);
}

std::vector<sc_core::sc_time> SharedAdc::busy(std::size_t position) const {
    return ports_.at(position)->busy();
}

}  // namespace sliver::model
