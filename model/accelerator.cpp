#include "model/accelerator.h"

#include <fmt/format.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "cost/inventory.h"
#include "model/kernel_time.h"
#include "model/log.h"

namespace sliver::model {
namespace {

constexpr std::uint64_t kLogitBytes = sizeof(std::int32_t);
constexpr unsigned kRegisterBytes = sizeof(std::uint32_t);

/// The first 16 hexadecimal digits as a number.
std::uint64_t hash_of(const std::string& sha256) {
    if (sha256.empty()) return 0;
    constexpr std::size_t kDigits = 64, kShown = 16;
    if (sha256.size() != kDigits || sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
        refuse("network_sha256: value {}: must be 64 lower-case hexadecimal digits", sha256);
    return std::stoull(sha256.substr(0, kShown), nullptr, 16);
}

constexpr std::uint32_t low_word(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high_word(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32U);
}
void set_low_word(std::uint64_t& value, std::uint32_t word) {
    value = std::uint64_t{high_word(value)} << 32U | word;
}
void set_high_word(std::uint64_t& value, std::uint32_t word) {
    value = std::uint64_t{word} << 32U | low_word(value);
}

std::uint64_t femtojoules(double joules) {
    constexpr double kFemtojoulesPerJoule = 1e15;
    return static_cast<std::uint64_t>(std::llround(joules * kFemtojoulesPerJoule));
}

/// Byte enables that enable every byte are none.
bool all_bytes_enabled(const tlm::tlm_generic_payload& payload) {
    const unsigned char* const enables = payload.get_byte_enable_ptr();
    if (enables == nullptr) return true;
    const unsigned length = std::min(payload.get_byte_enable_length(), payload.get_data_length());
    return length != 0 && std::all_of(enables, enables + length,
                                      [](unsigned char enable) { return enable == TLM_BYTE_ENABLED; });
}

/// Whether [address, address + bytes) lies below 2^64; bytes > 0.
bool fits(std::uint64_t address, std::uint64_t bytes) {
    return bytes - 1 <= ~std::uint64_t{0} - address;
}

}  // namespace

Accelerator::Accelerator(const sc_core::sc_module_name& name, const ChipSetup& setup, Options options)
    : sc_module(name),
      register_tsock("register_tsock"),
      memory_isock("memory_isock"),
      interrupt("interrupt"),
      reset("reset"),
      network_(setup.network),
      prices_(results::prices_of(setup.chip)),
      network_hash_(hash_of(options.network_sha256)) {
    check_resolution();
    if (!(options.register_access_s >= 0 && options.register_access_s <= 1))
        refuse("register_access_s: value {}: must lie between 0 and 1", options.register_access_s);
    register_access_ = from_seconds(options.register_access_s);
    for (const auto* widths : {&setup.widths.bits, &setup.widths.negative_bits})
        results::check_widths(prices_, setup.chip, *widths);
    if (setup.count != 0)
        SC_REPORT_ERROR("/sliver/accelerator", "images come over the platform: ChipSetup::count must be 0");
    chip_ = std::make_unique<Chip>("chip", setup);
    static_w_ = cost::static_power_by_component(chip_->inventory(), prices_.units, *prices_.law);
    chip_->listen({[this](std::uint64_t) {
                       ++taken_;
                       buffer_free_.notify(sc_core::SC_ZERO_TIME);
                   },
                   [this](std::uint64_t image) {
                       latency_ = chip_->host().completed()[image] - chip_->host().injected()[image];
                       finished_.push_back(image);
                       image_finished_.notify(sc_core::SC_ZERO_TIME);
                   }});
    register_tsock.register_b_transport(this, &Accelerator::b_transport);
    register_tsock.register_transport_dbg(this, &Accelerator::transport_dbg);
    SC_METHOD(start_threads);
    sensitive << start_;
    SC_METHOD(drive_interrupt);
    sensitive << level_;
    SC_METHOD(watch_reset);
    sensitive << reset;
    dont_initialize();
}

// ---- reset
// ----------------------------------------------------------------------------------------------------------

void Accelerator::before_end_of_elaboration() {
    if (reset.bind_count() == 0) reset.bind(never_);
}

/// Both edges: what is held in reset begins anew when it is let go.
void Accelerator::watch_reset() {
    reset_all();
}

void Accelerator::reset_all() {
    log(LogModule::accelerator, LogLevel::info, [&] { return fmt::format("{}: reset", name()); });
    chip_->reset();
    programmed_ = {};
    status_ = interrupt_enable_ = interrupt_status_ = 0;
    kept_.clear();
    images_done_ = 0;
    latency_ = busy_time_ = sc_core::SC_ZERO_TIME;
    job_ = {};
    busy_ = fetching_ = failed_ = false;
    first_image_ = given_ = taken_ = stored_ = 0;
    finished_.clear();
    reset_at_ = sc_core::sc_time_stamp();
    ++resets_;
    is_reset_.notify(sc_core::SC_ZERO_TIME);
    start_.notify(sc_core::SC_ZERO_TIME);
    level_.notify(sc_core::SC_ZERO_TIME);
}

/// New ones after every reset: an old one may still be in the middle of a burst.
void Accelerator::start_threads() {
    if (threads_of_ == resets_) return;
    threads_of_ = resets_;
    const auto start = [this, resets = resets_](const char* name, void (Accelerator::*body)(std::uint64_t)) {
        sc_core::sc_spawn(
            [this, resets, body] {
                try {
                    (this->*body)(resets);
                } catch (const IsReset&) {
                }
            },
            sc_core::sc_gen_unique_name(name));
    };
    start("fetch", &Accelerator::fetch);
    start("store", &Accelerator::store);
}

sc_core::sc_time Accelerator::since_reset() const {
    return reset.read() ? sc_core::SC_ZERO_TIME : sc_core::sc_time_stamp() - reset_at_;
}

void Accelerator::check_reset(std::uint64_t resets) const {
    if (resets != resets_) throw IsReset();
}

void Accelerator::wait_for(const sc_core::sc_event& event, std::uint64_t resets) {
    sc_core::wait(event | is_reset_);
    check_reset(resets);
}

// ---- registers
// ------------------------------------------------------------------------------------------------------

void Accelerator::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const sc_core::sc_time takes = delay + register_access_;
    if (takes != sc_core::SC_ZERO_TIME) sc_core::wait(takes);
    delay = sc_core::SC_ZERO_TIME;
    payload.set_dmi_allowed(false);
    payload.set_response_status(access(payload));
    log(LogModule::accelerator, LogLevel::debug, [&] {
        return fmt::format("{}: {} of {} bytes at 0x{:02x}: {}", name(),
                           payload.is_write() ? "write" : "read", payload.get_data_length(),
                           payload.get_address(), payload.get_response_string());
    });
}

tlm::tlm_response_status Accelerator::access(tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    const reg::Register* const place = reg::find_register(address - address % kRegisterBytes);
    if (place == nullptr) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (!all_bytes_enabled(payload)) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    const unsigned bytes = payload.get_data_length();
    const bool both_words = bytes == 2 * kRegisterBytes && reg::is_low_word(*place);
    if (address % kRegisterBytes != 0 || !(bytes == kRegisterBytes || both_words) ||
        payload.get_streaming_width() < bytes)
        return tlm::TLM_BURST_ERROR_RESPONSE;
    return access(*place, payload.get_command(), payload.get_data_ptr(), bytes / kRegisterBytes);
}

/// One register, or the two words of a 64-bit number, which belong to the same moment: of a counter the
/// second is what the first has kept.
tlm::tlm_response_status Accelerator::access(const reg::Register& first, tlm::tlm_command command,
                                             unsigned char* data, unsigned words) {
    std::uint64_t number = 0;
    const unsigned bytes = words * kRegisterBytes;
    if (command == tlm::TLM_READ_COMMAND) {
        if (first.access == reg::Access::write_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
        set_low_word(number, read(first));
        if (words == 2) set_high_word(number, read(*reg::find_register(first.offset + kRegisterBytes)));
        const std::uint32_t word = low_word(number);
        std::memcpy(data, words == 2 ? static_cast<const void*>(&number) : &word, bytes);
    } else if (command == tlm::TLM_WRITE_COMMAND) {
        if (first.access != reg::Access::write_only && first.access != reg::Access::read_write &&
            first.access != reg::Access::write_one_to_clear)
            return tlm::TLM_COMMAND_ERROR_RESPONSE;
        std::uint32_t word = 0;
        std::memcpy(words == 2 ? static_cast<void*>(&number) : &word, data, bytes);
        write(first.offset, words == 2 ? low_word(number) : word);
        if (words == 2) write(static_cast<reg::Offset>(first.offset + kRegisterBytes), high_word(number));
    }
    return tlm::TLM_OK_RESPONSE;
}

/// A debugger's view: every register as it is, and nothing changes by looking.
unsigned Accelerator::transport_dbg(tlm::tlm_generic_payload& payload) {
    const std::uint64_t first = payload.get_address();
    if (!payload.is_read() || first >= reg::kMapBytes) return 0;
    const unsigned bytes =
        static_cast<unsigned>(std::min<std::uint64_t>(payload.get_data_length(), reg::kMapBytes - first));
    std::uint32_t word = 0;
    for (unsigned i = 0; i < bytes; ++i) {
        const std::uint64_t at = first + i;
        if (i == 0 || at % kRegisterBytes == 0) {
            const reg::Register* const place = reg::find_register(at - at % kRegisterBytes);
            word = place == nullptr ? 0 : peek(*place);
        }
        unsigned char word_bytes[kRegisterBytes];
        std::memcpy(word_bytes, &word, sizeof word);
        payload.get_data_ptr()[i] = word_bytes[at % kRegisterBytes];
    }
    return bytes;
}

std::uint32_t Accelerator::read(const reg::Register& place) {
    if (place.access == reg::Access::counter_high) return kept_[place.offset];
    if (place.access != reg::Access::counter_low) return word_at(place.offset);
    const std::uint64_t value = counter(place.offset);
    kept_[place.offset + kRegisterBytes] = high_word(value);
    return low_word(value);
}

std::uint32_t Accelerator::peek(const reg::Register& place) const {
    switch (place.access) {
        case reg::Access::write_only:
            return 0;
        case reg::Access::counter_low:
            return low_word(counter(place.offset));
        case reg::Access::counter_high:
            return high_word(counter(static_cast<reg::Offset>(place.offset - kRegisterBytes)));
        case reg::Access::read_only:
        case reg::Access::read_write:
        case reg::Access::write_one_to_clear:
            break;
    }
    return word_at(place.offset);
}

std::uint32_t Accelerator::word_at(reg::Offset offset) const {
    const network::Node& input = network_.nodes.front();
    switch (offset) {
        case reg::id:
            return reg::kId;
        case reg::map_version:
            return reg::kMapVersion;
        case reg::network_hash_lo:
            return low_word(network_hash_);
        case reg::network_hash_hi:
            return high_word(network_hash_);
        case reg::input_channels:
            return static_cast<std::uint32_t>(input.shape.channels);
        case reg::input_height:
            return static_cast<std::uint32_t>(input.shape.height);
        case reg::input_width:
            return static_cast<std::uint32_t>(input.shape.width);
        case reg::input_format:
            return static_cast<std::uint32_t>(input.format.bits) |
                   (input.format.is_signed ? reg::kInputSigned : 0U);
        case reg::input_exponent:
            return static_cast<std::uint32_t>(input.format.exponent);
        case reg::image_bytes:
            return static_cast<std::uint32_t>(input.shape.size());
        case reg::output_count:
            return static_cast<std::uint32_t>(network_.output().shape.size());
        case reg::output_exponent:
            return static_cast<std::uint32_t>(network_.output().format.exponent);
        case reg::input_address_lo:
            return low_word(programmed_.input);
        case reg::input_address_hi:
            return high_word(programmed_.input);
        case reg::output_address_lo:
            return low_word(programmed_.output);
        case reg::output_address_hi:
            return high_word(programmed_.output);
        case reg::image_count:
            return programmed_.images;
        case reg::status:
            return status_ | (busy_ ? reg::kBusy : reg::kIdle);
        case reg::interrupt_enable:
            return interrupt_enable_;
        case reg::interrupt_status:
            return interrupt_status_;
        default:
            return 0;
    }
}

std::uint64_t Accelerator::counter(reg::Offset low) const {
    if (low == reg::images_done_lo) return images_done_;
    if (low == reg::time_lo) return femtoseconds(since_reset());
    if (low == reg::busy_time_lo)
        return femtoseconds(busy_ ? busy_time_ + (sc_core::sc_time_stamp() - started_) : busy_time_);
    if (low == reg::latency_lo) return femtoseconds(latency_);
    if (low == reg::static_energy_lo)
        return femtojoules(results::static_energy_j(static_w_, femtoseconds(since_reset())).total());
    const cost::Actions actions = chip_->total_actions();
    if (low == reg::conversions_lo) return cost::sum(actions.conversions_used);
    if (low == reg::clipped_lo) return actions.clipped;
    return femtojoules(
        cost::energy_by_component(actions, prices_.units, *prices_.law, prices_.accounting).total());
}

void Accelerator::write(reg::Offset offset, std::uint32_t word) {
    if (reset.read()) return;
    switch (offset) {
        case reg::control:
            if ((word & reg::kReset) != 0) reset_all();
            return;
        case reg::input_address_lo:
            set_low_word(programmed_.input, word);
            return;
        case reg::input_address_hi:
            set_high_word(programmed_.input, word);
            return;
        case reg::output_address_lo:
            set_low_word(programmed_.output, word);
            return;
        case reg::output_address_hi:
            set_high_word(programmed_.output, word);
            return;
        case reg::image_count:
            programmed_.images = word;
            return;
        case reg::doorbell:
            if ((word & reg::kStart) != 0) ring();
            return;
        case reg::status:
            status_ &= ~(word & (reg::kDone | reg::kErrors));
            return;
        case reg::interrupt_enable:
            interrupt_enable_ = word & reg::kInterrupts;
            break;
        case reg::interrupt_status:
            interrupt_status_ &= ~word;
            break;
        default:
            return;
    }
    level_.notify(sc_core::SC_ZERO_TIME);
}

/// The only process that writes the port, whoever changes what it shows.
void Accelerator::drive_interrupt() {
    interrupt.write((interrupt_status_ & interrupt_enable_) != 0);
}

// ---- jobs
// -----------------------------------------------------------------------------------------------------------

bool Accelerator::possible(const Job& job) const {
    const std::uint64_t input_bytes = std::uint64_t{job.images} * network_.nodes.front().shape.size();
    const std::uint64_t output_bytes =
        std::uint64_t{job.images} * network_.output().shape.size() * kLogitBytes;
    return job.images != 0 && job.output % kLogitBytes == 0 && fits(job.input, input_bytes) &&
           fits(job.output, output_bytes);
}

void Accelerator::ring() {
    if (busy_) return report(reg::kErrorBusy);
    if (!possible(programmed_)) return report(reg::kErrorJob);
    job_ = programmed_;
    busy_ = fetching_ = true;
    failed_ = false;
    status_ &= ~reg::kDone;
    first_image_ = given_;
    started_ = sc_core::sc_time_stamp();
    log(LogModule::accelerator, LogLevel::info, [&] {
        return fmt::format("{}: a job of {} images, from 0x{:x} to 0x{:x}", name(), job_.images, job_.input,
                           job_.output);
    });
    rung_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::report(std::uint32_t error) {
    status_ |= error;
    log(LogModule::accelerator, LogLevel::info,
        [&] { return fmt::format("{}: error, STATUS 0x{:08x}", name(), status_); });
    interrupt_status_ |= reg::kInterruptError;
    level_.notify(sc_core::SC_ZERO_TIME);
}

/// Thread: the images of a job, from memory into the chip.
void Accelerator::fetch(std::uint64_t resets) {
    while (true) {
        while (!fetching_) wait_for(rung_, resets);
        for (std::uint64_t image = 0; image < job_.images && !failed_; ++image) {
            while (given_ - taken_ >= kImageBuffers) wait_for(buffer_free_, resets);
            if (!failed_) fetch_image(job_.input + image * network_.nodes.front().shape.size(), resets);
        }
        fetching_ = false;
        end_if_complete();
    }
}

void Accelerator::fetch_image(std::uint64_t address, std::uint64_t resets) {
    const network::Node& input = network_.nodes.front();
    std::vector<unsigned char> bytes(input.shape.size());
    if (!transfer(tlm::TLM_READ_COMMAND, address, bytes.data(), bytes.size(), resets)) {
        failed_ = true;
        return report(reg::kErrorRead);
    }
    const auto codes = std::make_shared<std::vector<std::int32_t>>();
    codes->reserve(bytes.size());
    for (const unsigned char byte : bytes)
        codes->push_back(input.format.is_signed ? static_cast<std::int8_t>(byte) : byte);
    const auto [lowest, highest] = std::minmax_element(codes->begin(), codes->end());
    if (*lowest < input.format.lowest() || *highest > input.format.highest()) {
        failed_ = true;
        return report(reg::kErrorInput);
    }
    ++given_;
    chip_->give(Host::Codes(codes, codes->data()), 1);
}

/// Thread: logits of finished images, from the chip into memory.
void Accelerator::store(std::uint64_t resets) {
    while (true) {
        while (finished_.empty()) wait_for(image_finished_, resets);
        const std::uint64_t image = finished_.front();
        finished_.pop_front();
        if (store_logits(image, resets)) {
            ++images_done_;
        } else {
            failed_ = true;
            report(reg::kErrorWrite);
        }
        ++stored_;
        end_if_complete();
    }
}

bool Accelerator::store_logits(std::uint64_t image, std::uint64_t resets) {
    const std::size_t count = network_.output().shape.size();
    const std::int32_t* const logits = chip_->host().logits().data() + image * count;
    std::vector<unsigned char> bytes;
    for (std::size_t i = 0; i < count; ++i)
        for (unsigned byte = 0; byte < kLogitBytes; ++byte)
            bytes.push_back(static_cast<unsigned char>(static_cast<std::uint32_t>(logits[i]) >> 8U * byte));
    return transfer(tlm::TLM_WRITE_COMMAND, job_.output + (image - first_image_) * bytes.size(), bytes.data(),
                    bytes.size(), resets);
}

void Accelerator::end_if_complete() {
    if (!busy_ || fetching_ || stored_ != given_) return;
    busy_ = false;
    busy_time_ += sc_core::sc_time_stamp() - started_;
    status_ |= reg::kDone;
    log(LogModule::accelerator, LogLevel::info, [&] {
        return fmt::format("{}: the job is done, {} after its doorbell", name(),
                           (sc_core::sc_time_stamp() - started_).to_string());
    });
    interrupt_status_ |= reg::kInterruptDone;
    level_.notify(sc_core::SC_ZERO_TIME);
}

/// Moves bytes over the platform, burst by burst; returns when the last is there. False: an error response.
bool Accelerator::transfer(tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                           std::size_t bytes, std::uint64_t resets) {
    tlm::tlm_generic_payload payload;
    tlm_utils::tlm_quantumkeeper ahead;
    ahead.reset();
    const auto sync = [&] {
        sc_core::wait(ahead.get_local_time(), is_reset_);
        check_reset(resets);
        ahead.reset();
    };
    bool good = true;
    while (bytes != 0 && good) {
        const std::size_t burst = std::min<std::size_t>(bytes, kBurstBytes - address % kBurstBytes);
        initialise(payload, command, address, data, burst);
        log(LogModule::accelerator, LogLevel::trace, [&] {
            return fmt::format("{}: the DMA {} {} bytes at 0x{:x}", name(),
                               command == tlm::TLM_READ_COMMAND ? "reads" : "writes", burst, address);
        });
        sc_core::sc_time delay = ahead.get_local_time();
        memory_isock->b_transport(payload, delay);
        check_reset(resets);
        ahead.set(delay);
        if (delay != sc_core::SC_ZERO_TIME && ahead.need_sync()) sync();
        good = payload.is_response_ok();
        address += burst;
        data += burst;
        bytes -= burst;
    }
    if (ahead.get_local_time() != sc_core::SC_ZERO_TIME) sync();
    return good;
}

}  // namespace sliver::model
