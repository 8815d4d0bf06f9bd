// Reset at any moment: afterwards everything is as after elaboration, and the next job cannot be told from
// the first.
#include <tlm_utils/simple_target_socket.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "golden_logits.h"
#include "platform/accelerator_driver.h"
#include "support/networks.h"
#include "tb/platform.h"

BOOST_AUTO_TEST_SUITE(tlm_reset)

using namespace sliver;
using platform::AcceleratorDriver;
using platform::Processor;
using tb::Platform;
namespace reg = model::reg;

namespace {

constexpr std::uint64_t kIn = Platform::kMemory, kOut = Platform::kMemory + 0x10000;
constexpr std::uint32_t kImages = 3;

config::ChipConfig plain_chip() {
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    chip.mesh.kind = config::MeshKind::mesh;
    chip.host.bytes_per_s = 6.4e9;
    return chip;
}

/// Everything that can wait for something does.
config::ChipConfig crowded_chip() {
    config::ChipConfig chip = plain_chip();
    chip.adc.arrays_per_adc = 4;
    chip.tile.processing_elements = 1;
    chip.tile.bus_bytes_per_s = 2e9;
    chip.tile.buffer_port_bytes_per_s = 2e9;
    chip.tile.postprocessor_hz = 1e9;
    chip.tile.output_queue_packets = 2;
    chip.mesh.columns = chip.mesh.rows = 12;
    chip.mesh.clock_hz = 50e6;
    chip.mesh.multicast = config::Multicast::tree;
    return chip;
}

/// All that a chip has counted, times of starts since `from_fs`.
std::vector<std::uint64_t> numbers_of(const results::ChipRecord& record, std::uint64_t from_fs = 0) {
    std::vector<std::uint64_t> numbers{record.images, record.mesh.packets, record.mesh.delivered,
                                       record.mesh.waits, record.mesh.waited_fs};
    const auto add_actions = [&](const cost::Actions& actions) {
        cost::for_each_action(actions, [&](const cost::ActionInfo& info, const auto& count) {
            if constexpr (std::is_same_v<decltype(count), const std::uint64_t&>)
                numbers.push_back(count);
            else
                numbers.insert(numbers.end(), count.begin(), count.end());
            (void)info;
        });
    };
    add_actions(record.shared);
    for (const results::LayerRecord& layer : record.layers) {
        add_actions(layer.actions);
        const std::uint64_t start = layer.first_start_fs == 0 ? 0 : layer.first_start_fs - from_fs;
        numbers.insert(numbers.end(), {start, layer.busy_fs, layer.waited_input_fs, layer.waited_output_fs,
                                       layer.waited_bus_fs, layer.adc_busy_fs, layer.adc_wait_fs,
                                       layer.room_waits, layer.peak_buffer_bytes, layer.interval_fs});
        for (const auto* counts : {&layer.conversions, &layer.clipped})
            numbers.insert(numbers.end(), counts->begin(), counts->end());
        for (const results::ColumnHistogram& histogram : layer.column_sums)
            numbers.insert(numbers.end(), histogram.counts.begin(), histogram.counts.end());
    }
    return numbers;
}

/// Software that resets its accelerator again and again.
class Trials {
  public:
    /// What a whole job left.
    struct Seen {
        std::uint32_t status = 0;
        std::vector<std::uint64_t> registers, chip;
        std::vector<std::int32_t> logits;
    };

    Trials(const network::QuantisedNetwork& network, const config::ChipConfig& chip,
           const tb::PlatformOptions& options)
        : images_(support::random_images(network, kImages, 4)),
          expected_(::test::golden_logits(network, images_)) {
        designs_.emplace_back(network, chip);
        platform_.emplace("platform", designs_, options, [this](Processor& processor) { run(processor); });
    }
    void simulate(int count, bool same_times) {
        count_ = count;
        same_times_ = same_times;
        platform_->run();
        for (const std::string& violation : platform_->violations()) BOOST_ERROR(violation);
    }

  private:
    void run(Processor& processor) {
        AcceleratorDriver driver(processor, Platform::registers(0), 0);
        model::Accelerator& accelerator = platform_->accelerator(0);
        const std::vector<std::uint64_t> fresh = numbers_of(accelerator.chip().counted());
        BOOST_TEST(driver.get(reg::map_version) == 2U);
        std::vector<unsigned char> bytes;
        for (const std::int32_t code : images_) bytes.push_back(static_cast<unsigned char>(code));
        tlm::tlm_generic_payload payload;
        model::initialise(payload, tlm::TLM_WRITE_COMMAND, kIn, bytes.data(), bytes.size());
        BOOST_TEST(processor.debug(payload) == bytes.size());
        reset(processor, driver, 0);  // where times are compared, all begin alike
        const Seen first = job(processor, driver);
        BOOST_TEST(first.status == (reg::kIdle | reg::kDone));
        BOOST_TEST(first.logits == expected_);
        std::mt19937_64 random(7);
        std::size_t most_packets = 0;
        for (int i = 0; i < count_; ++i) {
            driver.start(kIn, kOut, kImages);
            const std::uint64_t longest = first.registers.at(1) + first.registers.at(1) / 10;
            const std::uint64_t wait = random() % longest;
            processor.work(sc_core::sc_time::from_value(wait));
            BOOST_TEST(driver.get(reg::id) == reg::kId);
            const std::size_t packets_before = accelerator.chip().packets_in_use();
            reset(processor, driver, i);
            BOOST_TEST(accelerator.chip().at_rest());
            BOOST_TEST(accelerator.chip().packets_in_use() == 0U, wait);
            most_packets = std::max(most_packets, packets_before);
            BOOST_TEST((numbers_of(accelerator.chip().counted()) == fresh), wait);
            BOOST_TEST((accelerator.chip().total_actions() == cost::Actions()), wait);
            const Seen next = job(processor, driver);
            BOOST_TEST(next.status == first.status, wait);
            BOOST_TEST(next.logits == expected_, wait);
            if (same_times_) {
                BOOST_TEST(next.registers == first.registers, wait);
                BOOST_TEST((next.chip == first.chip), wait);
            }
        }
        BOOST_TEST(most_packets > 1U);  // there was something to let go
    }

    void reset(Processor& processor, AcceleratorDriver& driver, int number) {
        BOOST_TEST(driver.get(reg::id) == reg::kId);  // in step with the kernel
        if (number % 2 == 0) {
            driver.set(reg::control, reg::kReset);
        } else {
            platform_->reset(0).write(true);
            sc_core::wait({7, sc_core::SC_NS});
            platform_->reset(0).write(false);
            sc_core::wait(sc_core::SC_ZERO_TIME);
            sc_core::wait(sc_core::SC_ZERO_TIME);
        }
        from_ = sc_core::sc_time_stamp();
        processor.work({1, sc_core::SC_US});
        BOOST_TEST(driver.get(reg::status) == reg::kIdle);
        BOOST_TEST(!processor.interrupts[0].read());
    }

    Seen job(Processor& processor, AcceleratorDriver& driver) {
        (void)processor;
        Seen seen;
        driver.start(kIn, kOut, kImages);
        seen.status = driver.finish();
        const AcceleratorDriver::Counters counters = driver.counters();
        seen.registers = {counters.images_done,       counters.busy_time_fs,    counters.latency_fs,
                          counters.dynamic_energy_fj, counters.conversions,     counters.clipped,
                          counters.time_fs,           counters.static_energy_fj};
        seen.logits = driver.read_logits(kOut, expected_.size());
        seen.chip = numbers_of(platform_->accelerator(0).chip().counted(), from_.value());
        return seen;
    }

    std::vector<std::int32_t> images_, expected_;
    std::deque<tb::ChipDesign> designs_;
    std::optional<Platform> platform_;
    sc_core::sc_time from_;
    int count_ = 0;
    bool same_times_ = true;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_hundred_moments) {
    Trials trials(support::small_vgg(3), plain_chip(), {});
    trials.simulate(100, true);
}

BOOST_AUTO_TEST_CASE(a_hundred_moments_of_a_crowded_chip) {
    Trials trials(support::small_resnet(5), crowded_chip(), {});
    trials.simulate(100, true);
}

BOOST_AUTO_TEST_CASE(moments_in_the_other_style) {
    tb::PlatformOptions options;
    options.style = model::Style::approximately_timed;
    Trials trials(support::small_resnet(5), crowded_chip(), options);
    trials.simulate(60, true);
}

BOOST_AUTO_TEST_CASE(moments_without_a_mesh) {
    config::ChipConfig chip = crowded_chip();
    chip.mesh.kind = config::MeshKind::ideal;
    chip.mesh.multicast = config::Multicast::unicast;
    tb::PlatformOptions options;
    options.stall_seed = 5;  // packets are on their way inside the links
    Trials trials(support::small_resnet(5), chip, options);
    trials.simulate(30, false);
}

BOOST_AUTO_TEST_CASE(moments_on_stalling_links) {
    tb::PlatformOptions options;
    options.stall_seed = 77;
    Trials trials(support::small_resnet(5), crowded_chip(), options);
    trials.simulate(30, false);
}

BOOST_AUTO_TEST_CASE(held_in_reset) {
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(support::small_vgg(3), plain_chip());
    Platform* shown = nullptr;
    Platform platform("platform", designs, {}, [&](Processor& processor) {
        AcceleratorDriver driver(processor, Platform::registers(0), 0);
        driver.set(reg::image_count, 9);
        driver.set(reg::interrupt_enable, reg::kInterrupts);
        driver.set(reg::doorbell, reg::kStart);  // an output address that cannot be read: an error, later
        processor.work({300, sc_core::SC_US});
        BOOST_TEST(driver.get(reg::id) == reg::kId);
        BOOST_TEST(processor.interrupts[0].read());
        shown->reset(0).write(true);
        sc_core::wait({1, sc_core::SC_NS});
        BOOST_TEST(!processor.interrupts[0].read());
        processor.work({10, sc_core::SC_US});
        driver.set(reg::image_count, 5);
        driver.set(reg::doorbell, reg::kStart);
        BOOST_TEST(driver.get(reg::image_count) == 0U);
        driver.set(reg::control, reg::kReset);
        BOOST_TEST(driver.get(reg::image_count) == 0U);
        BOOST_TEST(driver.get(reg::status) == reg::kIdle);
        BOOST_TEST(driver.get(reg::interrupt_enable) == 0U);
        for (const reg::Offset counter : {reg::time_lo, reg::busy_time_lo, reg::static_energy_lo})
            BOOST_TEST(driver.get_long(counter) == 0U);
        shown->reset(0).write(false);
        sc_core::wait({1, sc_core::SC_NS});
        const sc_core::sc_time released = sc_core::sc_time_stamp() - sc_core::sc_time(1, sc_core::SC_NS);
        processor.work({5, sc_core::SC_US});
        BOOST_TEST(driver.get_long(reg::time_lo) > 5'000'000'000U);
        const std::uint32_t time = driver.get(reg::time_lo);  // low words of what has passed since
        BOOST_TEST(time == static_cast<std::uint32_t>((sc_core::sc_time_stamp() - released).value()));
        driver.set(reg::image_count, 5);
        BOOST_TEST(driver.get(reg::image_count) == 5U);
    });
    shown = &platform;
    platform.run();
}

namespace {

/// A memory that keeps its initiator waiting inside of every burst.
class SlowMemory : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<SlowMemory> tsock;
    std::vector<unsigned char> bytes = std::vector<unsigned char>(0x10000);
    int waiting = 0, most_waiting = 0;

    explicit SlowMemory(const sc_core::sc_module_name& name) : sc_module(name), tsock("tsock") {
        tsock.register_b_transport(this, &SlowMemory::b_transport);
    }

  private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        most_waiting = std::max(most_waiting, ++waiting);
        sc_core::wait(delay + sc_core::sc_time(1, sc_core::SC_US));
        delay = sc_core::SC_ZERO_TIME;
        --waiting;
        unsigned char* const here = &bytes.at(payload.get_address());
        if (payload.is_read())
            std::memcpy(payload.get_data_ptr(), here, payload.get_data_length());
        else
            std::memcpy(here, payload.get_data_ptr(), payload.get_data_length());
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

/// Drives the registers directly.
class Software : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(Software);
    tlm_utils::simple_initiator_socket<Software> isock;
    std::function<void(Software&)> script;
    bool finished = false;

    explicit Software(const sc_core::sc_module_name& name) : sc_module(name), isock("isock") {
        SC_THREAD(run);
    }
    std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t word = 0) {
        tlm::tlm_generic_payload payload;
        model::initialise(payload, command, address, reinterpret_cast<unsigned char*>(&word), sizeof word);
        sc_core::sc_time delay;
        isock->b_transport(payload, delay);
        BOOST_TEST(payload.is_response_ok());
        return word;
    }
    void set(reg::Offset offset, std::uint32_t word) { access(tlm::TLM_WRITE_COMMAND, offset, word); }

  private:
    void run() {
        script(*this);
        finished = true;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(in_the_middle_of_a_burst) {
    const tb::ChipDesign design(support::small_vgg(3), plain_chip());
    const auto images = support::random_images(design.network, 1, 9);
    model::Accelerator accelerator("accelerator", design.setup(), {"", 0});
    Software software("software");
    SlowMemory memory("memory");
    sc_core::sc_signal<bool> interrupt("interrupt");
    software.isock.bind(accelerator.register_tsock);
    accelerator.memory_isock.bind(memory.tsock);
    accelerator.interrupt.bind(interrupt);  // and the reset input stays unbound
    for (std::size_t i = 0; i < images.size(); ++i)
        memory.bytes[0x100 + i] = static_cast<unsigned char>(images[i]);
    software.script = [&](Software& me) {
        const auto start = [&] {
            me.set(reg::input_address_lo, 0x100);
            me.set(reg::output_address_lo, 0x8000);
            me.set(reg::image_count, 1);
            me.set(reg::interrupt_enable, reg::kInterruptDone);
            me.set(reg::doorbell, reg::kStart);
        };
        sc_core::sc_time takes[2];
        for (sc_core::sc_time& time : takes) {
            const sc_core::sc_time begin = sc_core::sc_time_stamp();
            start();
            sc_core::wait(interrupt.posedge_event());
            time = sc_core::sc_time_stamp() - begin;
            BOOST_TEST(me.access(tlm::TLM_READ_COMMAND, reg::status) == (reg::kIdle | reg::kDone));
            std::vector<std::int32_t> logits(7);
            std::memcpy(logits.data(), &memory.bytes[0x8000], 28);
            BOOST_TEST(logits == ::test::golden_logits(design.network, images));
            std::fill(memory.bytes.begin() + 0x8000, memory.bytes.end(), static_cast<unsigned char>(0));
            me.set(reg::control, reg::kReset);
            sc_core::wait({10, sc_core::SC_US});
            // Two jobs end in a burst; the second time the next job does not wait for it.
            for (int i = 0; i < 2; ++i) {
                start();
                sc_core::wait({500, sc_core::SC_NS});
                BOOST_TEST(memory.waiting != 0);
                me.set(reg::control, reg::kReset);
            }
        }
        BOOST_TEST(takes[0] == takes[1]);
        BOOST_TEST(memory.most_waiting > 1);
    };
    sc_core::sc_start();
    BOOST_TEST(software.finished);
    BOOST_TEST(memory.waiting == 0);  // all have come back
    BOOST_TEST(!interrupt.read());
}

BOOST_AUTO_TEST_CASE(a_chip_alone) {
    // Without an accelerator: images are given, taken away by a reset, and given again; watched by a
    // timeline.
    tb::ChipDesign design(support::small_resnet(5), crowded_chip());
    const auto images = support::random_images(design.network, 2, 9);
    const model::ChipSetup once{
        design.network, design.mapping, design.placement, design.chip, design.widths, images, 2};
    model::ChipSetup setup = once;
    setup.count_sums = true;
    model::Chip ordinary("ordinary", setup);
    model::Timeline timeline({});
    setup.timeline = &timeline;
    model::Chip chip("chip", setup);
    sc_core::sc_start({40, sc_core::SC_US});
    const std::uint64_t reset_fs = 40'000'000'000;
    BOOST_TEST(!chip.host().finished());
    chip.reset();
    BOOST_TEST(chip.at_rest());
    chip.give(model::Host::Codes(model::Host::Codes(), images.data()), 2);
    sc_core::sc_start();
    const results::ChipRecord first = ordinary.record(), again = chip.record();
    BOOST_TEST(again.logits == ::test::golden_logits(design.network, images));
    BOOST_TEST(again.elapsed_fs == first.elapsed_fs);
    BOOST_TEST((numbers_of(again, reset_fs) == numbers_of(first)));
    // Nothing that the reset has ended reaches beyond it; the time after it is the whole run's.
    const results::TimelineRecord seen = timeline.take(reset_fs + again.elapsed_fs);
    std::uint64_t windows_fs = 0;
    for (const results::TimelineEvent& event : seen.events) {
        if (event.kind == results::EventKind::buffer_bytes) continue;
        BOOST_TEST((event.end_fs() <= reset_fs || event.start_fs >= reset_fs));
        if (event.kind == results::EventKind::window && event.start_fs >= reset_fs)
            windows_fs += event.duration_fs;
    }
    std::uint64_t busy_fs = 0;
    for (const results::LayerRecord& layer : again.layers) busy_fs += layer.busy_fs;
    BOOST_TEST(windows_fs == busy_fs);
}

BOOST_AUTO_TEST_SUITE_END()
