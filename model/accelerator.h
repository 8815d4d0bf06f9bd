// Accelerator: the chip as a part of somebody's virtual platform: registers, DMA, an interrupt.
//
// Models: the registers of register_map.h behind a target socket, 32 bits an access, or 64 where two words
// are one number; a DMA that reads the images of a job from the platform's memory, one after the other into
// two image buffers, and writes the logits of each finished image back; a level interrupt. One job at a time.
// Register accesses are synchronised: each is done, with its side effects, at the time its initiator means
// it, so that no result depends on a quantum; an access takes Options::register_access_s. DMA transactions go
// one burst after the other and cost what the platform annotates, nothing of their own; they run ahead of the
// kernel by at most the global quantum and a burst; the chip's own link (host.bandwidth) comes on top.
// Reset, by the input or the register CONTROL, takes no time: at once everything is as after elaboration,
// whatever was under way. A burst that the platform has not answered is then finished there, and its bytes
// are dropped.
// Does not model: buses and caches of the platform, power states, a memory of its own.
//
// Speaks: base protocol, loosely timed. Target: b_transport (may wait), nb_transport through the socket's
// adapter, transport_dbg without side effects, no DMI. Initiator: b_transport from two threads (and from
// those that a reset has left behind), bursts of at most kBurstBytes that cross no multiple of it. What lies
// where in memory: docs/platform.md.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <tlm>

#include "model/chip.h"
#include "model/register_map.h"
#include "results/pricing.h"

namespace sliver::model {

class Accelerator : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Accelerator);

    static constexpr std::size_t kBurstBytes = 64;
    static constexpr std::uint64_t kImageBuffers = 2;

    struct Options {
        std::string network_sha256;        ///< of the network's file, for NETWORK_HASH; empty: 0
        double register_access_s = 10e-9;  ///< 0 or more
    };

    tlm_utils::simple_target_socket<Accelerator> register_tsock;
    tlm_utils::simple_initiator_socket<Accelerator> memory_isock;
    sc_core::sc_out<bool> interrupt;
    /// Active high, may be left unbound. While it is high registers have the values of the beginning and
    /// writes do nothing; counters begin when it falls.
    sc_core::sc_in<bool> reset;

    /// `setup` has no images of its own: kNoImages, 0. InputError as Chip's, for a digest that is none, and
    /// when the chip's ADC law has no cost for a width.
    Accelerator(const sc_core::sc_module_name& name, const ChipSetup& setup, Options options);

    [[nodiscard]] const Chip& chip() const { return *chip_; }
    [[nodiscard]] Chip& chip() { return *chip_; }

  private:
    struct Job {
        std::uint64_t input = 0, output = 0;
        std::uint32_t images = 0;
    };

    // Registers.
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    tlm::tlm_response_status access(tlm::tlm_generic_payload& payload);
    [[nodiscard]] tlm::tlm_response_status access(const reg::Register& first, tlm::tlm_command command,
                                                  unsigned char* data, unsigned words);
    [[nodiscard]] std::uint32_t read(const reg::Register& place);
    void write(reg::Offset offset, std::uint32_t word);
    [[nodiscard]] std::uint32_t peek(const reg::Register& place) const;
    [[nodiscard]] std::uint32_t word_at(reg::Offset offset) const;
    [[nodiscard]] std::uint64_t counter(reg::Offset low) const;
    void drive_interrupt();

    // Reset.
    void before_end_of_elaboration() override;
    void watch_reset();
    void reset_all();
    void start_threads();
    [[nodiscard]] sc_core::sc_time since_reset() const;

    // Jobs. Threads belong to one reset: they end when the next one comes.
    void ring();
    [[nodiscard]] bool possible(const Job& job) const;
    void report(std::uint32_t error);
    struct IsReset {};  ///< thrown in a thread that a reset has ended
    void fetch(std::uint64_t resets);
    void fetch_image(std::uint64_t address, std::uint64_t resets);
    void store(std::uint64_t resets);
    [[nodiscard]] bool store_logits(std::uint64_t image, std::uint64_t resets);
    void end_if_complete();
    [[nodiscard]] bool transfer(tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                                std::size_t bytes, std::uint64_t resets);
    void wait_for(const sc_core::sc_event& event, std::uint64_t resets);
    void check_reset(std::uint64_t resets) const;

    const network::QuantisedNetwork& network_;
    results::Prices prices_;
    cost::PerComponent static_w_;
    std::uint64_t network_hash_ = 0;
    sc_core::sc_time register_access_;
    std::unique_ptr<Chip> chip_;

    Job programmed_;            ///< as the registers say
    std::uint32_t status_ = 0;  ///< done and errors
    std::uint32_t interrupt_enable_ = 0, interrupt_status_ = 0;
    std::map<std::uint32_t, std::uint32_t> kept_;  ///< high words, by their offset
    std::uint64_t images_done_ = 0;
    sc_core::sc_time latency_, busy_time_;
    sc_core::sc_event level_;

    Job job_;  ///< under way
    bool busy_ = false, fetching_ = false;
    bool failed_ = false;            ///< this job takes no more images
    std::uint64_t first_image_ = 0;  ///< of this job, as the chip numbers them
    std::uint64_t given_ = 0;        ///< images of all jobs
    std::uint64_t taken_ = 0, stored_ = 0;
    std::deque<std::uint64_t> finished_;
    sc_core::sc_time started_;
    sc_core::sc_event rung_, buffer_free_, image_finished_;

    sc_core::sc_signal<bool> never_{"never"};  ///< at a reset input that nobody has bound
    std::uint64_t resets_ = 0;                 ///< so far
    std::optional<std::uint64_t> threads_of_;  ///< the reset after which the newest threads were started
    sc_core::sc_time reset_at_;
    sc_core::sc_event is_reset_, start_;
};

}  // namespace sliver::model
