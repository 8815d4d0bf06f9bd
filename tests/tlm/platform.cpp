// The accelerator in a platform: what software sees is what the chip did, whatever the platform does to it.
//
// SLIVER_UPDATE_DOCS=1 makes the last case rewrite the table of docs/platform.md instead of comparing it.
#include "tb/platform.h"

#include <tlm_utils/simple_target_socket.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/error.h"
#include "golden_logits.h"
#include "platform/accelerator_driver.h"
#include "results/chrome_trace.h"
#include "results/pricing.h"
#include "results/vcd.h"
#include "support/networks.h"
#include "vcd_reader.h"

BOOST_AUTO_TEST_SUITE(tlm_platform)

using namespace sliver;
using platform::AcceleratorDriver;
using platform::Processor;
using tb::Platform;
namespace reg = model::reg;

namespace {

constexpr std::uint64_t kIn = Platform::kMemory, kOut = Platform::kMemory + 0x10000;
constexpr std::uint64_t kRegisters = Platform::kRegisters;

/// No access and no byte takes any time on this platform.
tb::PlatformOptions instant() {
    tb::PlatformOptions options;
    options.bus_hop_s = options.memory_access_s = options.memory_byte_s = options.register_access_s = 0;
    options.quantum_s = 0;
    return options;
}

config::ChipConfig meshed_chip() {
    config::ChipConfig chip = support::oracle_chip();
    chip.adc.bits = 12;
    chip.mesh.kind = config::MeshKind::mesh;
    chip.host.bytes_per_s = 6.4e9;
    return chip;
}

/// One matrix, 8 bits in, signed or not: the smallest thing that a job can be made of.
network::QuantisedNetwork tiny(bool is_signed = true, int bits = 8) {
    support::NetworkBuilder build({2, 3, 3}, {is_signed, bits, -5}, 11, 8, bits);
    build.linear(build.flatten(support::NetworkBuilder::kInput), 5);
    return build.finish();
}

std::uint64_t to_fj(double joules) {
    return static_cast<std::uint64_t>(std::llround(joules * 1e15));
}

void check_protocol(const Platform& platform) {
    for (const std::string& violation : platform.violations()) BOOST_ERROR(violation);
}

/// Status of one transaction.
tlm::tlm_response_status send(Processor& processor, tlm::tlm_command command, std::uint64_t address,
                              std::uint32_t& word, unsigned bytes = 4, unsigned width = 4,
                              bool enables = false) {
    unsigned char data[8] = {}, all[8];
    std::fill(std::begin(all), std::end(all), static_cast<unsigned char>(0xFF));
    std::memcpy(data, &word, sizeof word);
    tlm::tlm_generic_payload payload;
    model::initialise(payload, command, address, data, bytes);
    payload.set_streaming_width(width);
    if (enables) {
        payload.set_byte_enable_ptr(all);
        payload.set_byte_enable_length(bytes);
    }
    processor.transport(payload);
    std::memcpy(&word, data, sizeof word);
    return payload.get_response_status();
}

std::vector<std::uint32_t> debug_words(Processor& processor, std::uint64_t address, std::size_t count) {
    std::vector<std::uint32_t> words(count);
    tlm::tlm_generic_payload payload;
    model::initialise(payload, tlm::TLM_READ_COMMAND, address, reinterpret_cast<unsigned char*>(words.data()),
                      count * 4);
    BOOST_TEST(processor.debug(payload) == count * 4);
    return words;
}

/// One platform with one chip; the program gets the driver, too.
void on_one_chip(const network::QuantisedNetwork& network, const tb::PlatformOptions& options,
                 const std::function<void(Processor&, AcceleratorDriver&)>& program) {
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(network, meshed_chip());
    Platform platform("platform", designs, options, [&](Processor& processor) {
        AcceleratorDriver driver(processor, kRegisters, 0);
        program(processor, driver);
    });
    platform.run();
    check_protocol(platform);
}

}  // namespace

BOOST_AUTO_TEST_CASE(ordinary_run) {
    // The same images through a chip that knows them beforehand, beside it in the same simulation.
    constexpr std::size_t kCount = 5;
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(support::small_vgg(3), meshed_chip());
    const tb::ChipDesign& design = designs.front();
    const auto images = support::random_images(design.network, kCount, 4);
    const model::ChipSetup setup{design.network, design.mapping, design.placement, design.chip, design.widths,
                                 images,         kCount};
    const model::Chip ordinary("ordinary", setup);
    AcceleratorDriver::Counters counters;
    std::vector<std::int32_t> logits;
    Platform platform("platform", designs, instant(), [&](Processor& processor) {
        AcceleratorDriver driver(processor, kRegisters, 0);
        processor.work({12345, sc_core::SC_PS});
        driver.write_images(kIn, images);
        driver.start(kIn, kOut, kCount);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
        counters = driver.counters();
        logits = driver.read_logits(kOut, kCount * driver.get(reg::output_count));
    });
    platform.run();
    check_protocol(platform);
    results::RunResult run;
    run.chip = design.chip;
    run.record = ordinary.record();
    BOOST_TEST(logits == run.record.logits);
    BOOST_TEST(logits == ::test::golden_logits(design.network, images));
    BOOST_TEST(counters.images_done == kCount);
    BOOST_TEST(counters.busy_time_fs == run.record.elapsed_fs);
    BOOST_TEST(counters.time_fs == run.record.elapsed_fs + 12'345'000U);
    BOOST_TEST(counters.latency_fs == run.record.completed_fs.back() - run.record.injected_fs.back());
    BOOST_TEST(counters.dynamic_energy_fj == to_fj(results::price(run).total_j.total()));
    BOOST_TEST(counters.dynamic_energy_fj > 1'000'000U);
    BOOST_TEST(counters.conversions == cost::sum(results::total_actions(run.record).conversions_used));
    BOOST_TEST(counters.clipped == 0U);
    run.record.elapsed_fs = counters.time_fs;  // static power has flowed since the simulation began
    BOOST_TEST(counters.static_energy_fj == to_fj(results::price(run).static_j.total()));
    // What the accelerator's chip recorded is the ordinary record, later by the time before the doorbell.
    const results::ChipRecord later = platform.accelerator(0).chip().record();
    BOOST_TEST(later.images == kCount);
    for (std::size_t i = 0; i < kCount; ++i) {
        BOOST_TEST(later.injected_fs[i] - 12'345'000U == run.record.injected_fs[i]);
        BOOST_TEST(later.completed_fs[i] - 12'345'000U == run.record.completed_fs[i]);
    }
    for (std::size_t i = 0; i < later.layers.size(); ++i)
        BOOST_TEST((later.layers[i].actions == run.record.layers[i].actions));
}

BOOST_AUTO_TEST_CASE(two_chips) {
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(support::small_vgg(3), meshed_chip());
    config::ChipConfig other = support::oracle_chip();
    other.adc.bits = 12;
    other.tile.processing_elements = 1;
    other.mesh.columns = other.mesh.rows = 12;
    designs.emplace_back(support::small_resnet(5), other);
    designs[0].network_sha256 = std::string(48, 'f') + "0123456789abcdef";
    designs[1].network_sha256 = "fedcba9876543210" + std::string(48, '0');
    const std::vector<std::uint32_t> counts{3, 5};
    std::vector<std::vector<std::int32_t>> images, logits(2);
    for (std::size_t i = 0; i < 2; ++i)
        images.push_back(support::random_images(designs[i].network, counts[i], 20));
    Platform platform("platform", designs, {}, [&](Processor& processor) {
        AcceleratorDriver drivers[] = {{processor, Platform::registers(0), 0},
                                       {processor, Platform::registers(1), 1}};
        BOOST_TEST(drivers[0].get(reg::network_hash_hi) == 0xFFFFFFFFU);
        BOOST_TEST(drivers[1].get(reg::network_hash_hi) == 0xFEDCBA98U);
        BOOST_TEST(drivers[1].get(reg::network_hash_lo) == 0x76543210U);
        BOOST_TEST(drivers[0].get(reg::input_format) == 0x108U);
        // Images at odd addresses: only logits are words.
        for (std::size_t i = 0; i < 2; ++i) {
            drivers[i].write_images(kIn + 3 + i * 0x4000, images[i]);
            drivers[i].start(kIn + 3 + i * 0x4000, kOut + i * 0x4000, counts[i]);
        }
        for (const std::size_t i : {1, 0}) {
            BOOST_TEST(drivers[i].finish() == (reg::kIdle | reg::kDone));
            BOOST_TEST(drivers[i].counters().images_done == counts[i]);
            logits[i] =
                drivers[i].read_logits(kOut + i * 0x4000, counts[i] * drivers[i].get(reg::output_count));
        }
    });
    platform.run();
    check_protocol(platform);
    for (std::size_t i = 0; i < 2; ++i)
        BOOST_TEST(logits[i] == ::test::golden_logits(designs[i].network, images[i]));
}

BOOST_AUTO_TEST_CASE(random_stalls) {
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(support::small_resnet(5), meshed_chip());
    designs.emplace_back(tiny(), meshed_chip());
    std::vector<std::vector<std::int32_t>> images;
    for (const tb::ChipDesign& design : designs)
        images.push_back(support::random_images(design.network, 4, 6));
    struct Seen {
        std::vector<std::int32_t> logits[2];
        AcceleratorDriver::Counters counters[2];
    };
    std::vector<Seen> seen(4);
    std::vector<std::unique_ptr<Platform>> platforms;
    for (std::uint32_t seed = 0; seed < seen.size(); ++seed) {
        tb::PlatformOptions options;
        if (seed != 0) options.stall_seed = 1000 * seed;
        platforms.push_back(std::make_unique<Platform>(
            sc_core::sc_gen_unique_name("platform"), designs, options, [&, seed](Processor& processor) {
                AcceleratorDriver drivers[] = {{processor, Platform::registers(0), 0},
                                               {processor, Platform::registers(1), 1}};
                for (std::size_t i = 0; i < 2; ++i) {
                    drivers[i].write_images(kIn + i * 0x4000, images[i]);
                    drivers[i].start(kIn + i * 0x4000, kOut + i * 0x4000, 4);
                }
                for (std::size_t i = 0; i < 2; ++i) {
                    BOOST_TEST(drivers[i].finish() == (reg::kIdle | reg::kDone));
                    seen[seed].counters[i] = drivers[i].counters();
                    seen[seed].logits[i] =
                        drivers[i].read_logits(kOut + i * 0x4000, 4 * drivers[i].get(reg::output_count));
                }
            }));
    }
    sc_core::sc_start();
    for (std::size_t run = 0; run < seen.size(); ++run) {
        platforms[run]->finish();
        check_protocol(*platforms[run]);
        for (std::size_t i = 0; i < 2; ++i) {
            BOOST_TEST(seen[run].logits[i] == ::test::golden_logits(designs[i].network, images[i]));
            BOOST_TEST(seen[run].counters[i].conversions == seen[0].counters[i].conversions);
            BOOST_TEST(seen[run].counters[i].dynamic_energy_fj == seen[0].counters[i].dynamic_energy_fj);
            if (run != 0) BOOST_TEST(seen[run].counters[i].busy_time_fs > seen[0].counters[i].busy_time_fs);
        }
    }
}

BOOST_AUTO_TEST_CASE(registers) {
    const network::QuantisedNetwork network = tiny(false);
    on_one_chip(network, {}, [&](Processor& processor, AcceleratorDriver& driver) {
        const std::map<std::uint32_t, std::uint32_t> constants{
            {0x00, 0x534C5652},
            {0x04, 2},
            {0x08, 0},
            {0x0C, 0},
            {0x10, 2},
            {0x14, 3},
            {0x18, 3},
            {0x1C, 8},
            {0x20, 0xFFFFFFFB},  // 2^-5
            {0x24, 18},
            {0x28, 5},
            {0x2C, static_cast<std::uint32_t>(network.output().format.exponent)},
            {0x58, reg::kIdle},
            {0x60, 0}};
        const std::map<std::uint32_t, std::uint32_t> writable{// and what sticks of all ones
                                                              {0x40, 0xFFFFFFFF}, {0x44, 0xFFFFFFFF},
                                                              {0x48, 0xFFFFFFFF}, {0x4C, 0xFFFFFFFF},
                                                              {0x50, 0xFFFFFFFF}, {0x5C, 3}};
        const std::set<std::uint32_t> clearing{0x58, 0x60};
        std::size_t known = 0;
        for (std::uint32_t offset = 0; offset < 0x100; offset += 4) {
            const bool counter = offset >= 0x80 && offset < 0xC0, doorbell = offset == 0x54 || offset == 0x64;
            const bool there =
                counter || doorbell || constants.count(offset) != 0 || writable.count(offset) != 0;
            known += there ? 1 : 0;
            BOOST_TEST((reg::find_register(offset) != nullptr) == there, offset);
            std::uint32_t word = 0xFFFFFFFF;
            const tlm::tlm_response_status absent = tlm::TLM_ADDRESS_ERROR_RESPONSE;
            const bool writes = writable.count(offset) != 0 || clearing.count(offset) != 0;
            if (!doorbell)
                BOOST_TEST(send(processor, tlm::TLM_WRITE_COMMAND, kRegisters + offset, word) ==
                               (writes  ? tlm::TLM_OK_RESPONSE
                                : there ? tlm::TLM_COMMAND_ERROR_RESPONSE
                                        : absent),
                           offset);
            BOOST_TEST(send(processor, tlm::TLM_READ_COMMAND, kRegisters + offset, word) ==
                           (doorbell ? tlm::TLM_COMMAND_ERROR_RESPONSE
                            : there  ? tlm::TLM_OK_RESPONSE
                                     : absent),
                       offset);
            if (const auto constant = constants.find(offset); constant != constants.end())
                BOOST_TEST(word == constant->second, offset);
            if (const auto sticks = writable.find(offset); sticks != writable.end()) {
                BOOST_TEST(word == sticks->second, offset);
                driver.set(static_cast<reg::Offset>(offset), 0);
                BOOST_TEST(driver.get(static_cast<reg::Offset>(offset)) == 0U, offset);
            }
        }
        BOOST_TEST(known == reg::kRegisters.size());
        driver.set(reg::doorbell, ~reg::kStart);  // the other bits ring nothing
        BOOST_TEST(driver.get(reg::status) == reg::kIdle);
    });
}

BOOST_AUTO_TEST_CASE(refusals) {
    on_one_chip(tiny(), {}, [](Processor& processor, AcceleratorDriver& driver) {
        const auto read = [&](std::uint64_t offset, unsigned bytes, unsigned width, bool enables = false) {
            std::uint32_t word = 0;
            return send(processor, tlm::TLM_READ_COMMAND, kRegisters + offset, word, bytes, width, enables);
        };
        for (const unsigned bytes : {1U, 2U, 3U, 8U})
            BOOST_TEST(read(reg::status, bytes, bytes) == tlm::TLM_BURST_ERROR_RESPONSE, bytes);
        for (const unsigned offset : {1U, 2U, 3U})
            BOOST_TEST(read(reg::status + offset, 4, 4) == tlm::TLM_BURST_ERROR_RESPONSE, offset);
        BOOST_TEST(read(reg::status, 4, 2) == tlm::TLM_BURST_ERROR_RESPONSE);
        BOOST_TEST(read(reg::status, 4, 8) == tlm::TLM_OK_RESPONSE);
        BOOST_TEST(read(reg::status, 4, 4, true) == tlm::TLM_OK_RESPONSE);
        BOOST_TEST(read(reg::kMapBytes - 4, 4, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
        BOOST_TEST(read(reg::kMapBytes, 4, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);  // the bus's answer
        std::uint32_t word = 5;
        BOOST_TEST(send(processor, tlm::TLM_WRITE_COMMAND, kRegisters + reg::image_count, word, 4, 2) ==
                   tlm::TLM_BURST_ERROR_RESPONSE);
        BOOST_TEST(driver.get(reg::image_count) == 0U);  // what is refused changes nothing
        BOOST_TEST(send(processor, tlm::TLM_IGNORE_COMMAND, kRegisters + reg::image_count, word) ==
                   tlm::TLM_OK_RESPONSE);
        BOOST_TEST(driver.get(reg::image_count) == 0U);
        BOOST_CHECK_THROW(driver.set(reg::id, 1), std::runtime_error);
    });
}

namespace {

/// One access of `bytes` bytes with these byte enables; the status.
tlm::tlm_response_status send_enabled(Processor& processor, tlm::tlm_command command, std::uint64_t address,
                                      std::uint64_t& number, unsigned bytes,
                                      std::vector<unsigned char> enables) {
    tlm::tlm_generic_payload payload;
    model::initialise(payload, command, address, reinterpret_cast<unsigned char*>(&number), bytes);
    payload.set_byte_enable_ptr(enables.data());
    payload.set_byte_enable_length(static_cast<unsigned>(enables.size()));
    processor.transport(payload);
    return payload.get_response_status();
}

std::uint64_t load_long(Processor& processor, std::uint64_t offset) {
    std::uint64_t number = 0;
    tlm::tlm_generic_payload payload;
    model::initialise(payload, tlm::TLM_READ_COMMAND, kRegisters + offset,
                      reinterpret_cast<unsigned char*>(&number), sizeof number);
    processor.transport(payload);
    BOOST_TEST(payload.is_response_ok(), offset);
    return number;
}

tlm::tlm_response_status store_long(Processor& processor, std::uint64_t offset, std::uint64_t number) {
    tlm::tlm_generic_payload payload;
    model::initialise(payload, tlm::TLM_WRITE_COMMAND, kRegisters + offset,
                      reinterpret_cast<unsigned char*>(&number), sizeof number);
    processor.transport(payload);
    return payload.get_response_status();
}

}  // namespace

BOOST_AUTO_TEST_CASE(byte_enables) {
    on_one_chip(tiny(), {}, [](Processor& processor, AcceleratorDriver& driver) {
        struct Trial {
            std::vector<unsigned char> enables;
            bool all;
        };
        const std::vector<Trial> trials{{{0xFF, 0xFF, 0xFF, 0xFF}, true},
                                        {{0xFF}, true},  // repeats
                                        {{0xFF, 0xFF, 0xFF, 0xFF, 0, 0}, true},
                                        {{0xFF, 0xFF, 0xFF, 0}, false},
                                        {{0xFF, 0}, false},
                                        {{0, 0xFF, 0xFF, 0xFF}, false}};
        std::uint32_t written = 100;
        for (const Trial& trial : trials) {
            const std::uint32_t before = driver.get(reg::image_count);
            std::uint64_t number = ++written;
            const auto expected = trial.all ? tlm::TLM_OK_RESPONSE : tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
            BOOST_TEST(send_enabled(processor, tlm::TLM_WRITE_COMMAND, kRegisters + reg::image_count, number,
                                    4, trial.enables) == expected);
            BOOST_TEST(driver.get(reg::image_count) == (trial.all ? written : before));
            BOOST_TEST(send_enabled(processor, tlm::TLM_READ_COMMAND, kRegisters + reg::image_count, number,
                                    4, trial.enables) == expected);
            BOOST_TEST((number & 0xFFFFFFFFU) == written);
        }
        std::uint64_t address = 0x1234567890;
        BOOST_TEST(send_enabled(processor, tlm::TLM_WRITE_COMMAND, kRegisters + reg::input_address_lo,
                                address, 8,
                                {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}) == tlm::TLM_OK_RESPONSE);
        BOOST_TEST(send_enabled(processor, tlm::TLM_WRITE_COMMAND, kRegisters + reg::input_address_lo,
                                address, 8,
                                {0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        BOOST_TEST(driver.get(reg::input_address_hi) == 0x12U);
    });
}

BOOST_AUTO_TEST_CASE(wide_accesses) {
    const auto network = tiny();
    on_one_chip(network, {}, [&](Processor& processor, AcceleratorDriver& driver) {
        // Numbers of 64 bits, whole; words alone see the halves.
        for (const std::uint32_t offset : {reg::input_address_lo, reg::output_address_lo}) {
            BOOST_TEST(store_long(processor, offset, 0x1122334455667788) == tlm::TLM_OK_RESPONSE);
            BOOST_TEST(driver.get(static_cast<reg::Offset>(offset)) == 0x55667788U);
            BOOST_TEST(driver.get(static_cast<reg::Offset>(offset + 4)) == 0x11223344U);
            BOOST_TEST(load_long(processor, offset) == 0x1122334455667788U);
        }
        driver.write_images(kIn, support::random_images(network, 2, 2));
        driver.start(kIn, kOut, 2);
        driver.finish();
        for (const reg::Register& place : reg::kRegisters) {
            const bool pair = place.name.size() > 3 && place.name.substr(place.name.size() - 3) == "_LO";
            std::uint64_t number = 0;
            tlm::tlm_generic_payload payload;
            model::initialise(payload, tlm::TLM_READ_COMMAND, kRegisters + place.offset,
                              reinterpret_cast<unsigned char*>(&number), sizeof number);
            processor.transport(payload);
            BOOST_TEST(payload.get_response_status() ==
                           (pair ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE),
                       place.name);
            payload.set_streaming_width(4);
            payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            processor.transport(payload);
            BOOST_TEST(payload.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE, place.name);
            if (!pair || place.offset == reg::time_lo || place.offset == reg::static_energy_lo) continue;
            BOOST_TEST(number == driver.get_long(place.offset), place.name);
        }
        // Both halves belong to one moment, which is also what the high word alone keeps.
        processor.work({100, sc_core::SC_US});
        const std::uint64_t time = load_long(processor, reg::time_lo);
        BOOST_TEST(time == sc_core::sc_time_stamp().value());
        BOOST_TEST(time >> 32U != 0U);
        processor.work({100, sc_core::SC_US});
        BOOST_TEST(driver.get(reg::time_hi) == time >> 32U);
        BOOST_TEST(store_long(processor, reg::time_lo, 1) == tlm::TLM_COMMAND_ERROR_RESPONSE);
        BOOST_TEST(store_long(processor, reg::doorbell - 4, 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    });
}

BOOST_AUTO_TEST_CASE(polling_costs_what_has_happened) {
    // The same network on few and on many tiles: a poll of the energy looks at those that have worked since.
    const auto network = support::small_vgg(3);
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(network, meshed_chip());
    config::ChipConfig wide = meshed_chip();
    wide.tile.processing_elements = 1;
    wide.mesh.columns = wide.mesh.rows = 12;
    designs.emplace_back(network, wide);
    std::vector<model::Accelerator*> accelerators;
    Platform platform("platform", designs, {}, [&](Processor& processor) {
        const auto images = support::random_images(network, 3, 4);
        for (std::size_t i = 0; i < designs.size(); ++i) {
            AcceleratorDriver driver(processor, Platform::registers(i), i);
            const model::Chip& chip = accelerators.at(i)->chip();
            const std::uint64_t tiles = designs[i].placement.tiles;
            (void)driver.get_long(reg::dynamic_energy_lo);  // all of them looked once at the beginning
            BOOST_TEST(chip.tiles_counted() == tiles);
            for (int poll = 0; poll < 100; ++poll) {
                processor.work({1, sc_core::SC_US});
                BOOST_TEST(driver.get_long(reg::dynamic_energy_lo) == 0U);
                BOOST_TEST(driver.get_long(reg::static_energy_lo) != 0U);
            }
            BOOST_TEST(chip.tiles_counted() == tiles);  // nothing has happened
            driver.write_images(kIn, images);
            driver.start(kIn, kOut, 3);
            std::uint64_t polls = 0, before = 0;
            while ((driver.get(reg::status) & reg::kBusy) != 0) {
                const std::uint64_t energy = driver.get_long(reg::dynamic_energy_lo);
                BOOST_TEST(energy >= before);
                BOOST_TEST(cost::sum(results::total_actions(chip.counted()).conversions_used) ==
                           cost::sum(accelerators[i]->chip().total_actions().conversions_used));
                before = energy;
                ++polls;
            }
            driver.finish();
            (void)driver.get_long(reg::conversions_lo);
            BOOST_TEST(polls > 100U);
            BOOST_TEST(chip.tiles_counted() < polls * tiles / 3);
            const std::uint64_t counted = chip.tiles_counted();
            for (const reg::Offset counter : {reg::conversions_lo, reg::clipped_lo, reg::dynamic_energy_lo})
                (void)driver.get_long(counter);
            BOOST_TEST(chip.tiles_counted() == counted);
            BOOST_TEST((results::total_actions(chip.counted()) == accelerators[i]->chip().total_actions()));
        }
    });
    for (std::size_t i = 0; i < designs.size(); ++i) accelerators.push_back(&platform.accelerator(i));
    platform.run();
    check_protocol(platform);
}

namespace {

/// Non-blocking accesses, one after the other, each until its response.
class NonBlocking : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
  public:
    SC_HAS_PROCESS(NonBlocking);
    tlm::tlm_initiator_socket<> isock;
    std::function<void(NonBlocking&)> script;
    bool finished = false;

    explicit NonBlocking(const sc_core::sc_module_name& name) : sc_module(name), isock("isock") {
        isock.bind(*this);
        SC_THREAD(run);
    }
    std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t word) {
        const model::PacketRef packet = pool_.make_packet(address, sizeof word);
        packet->set_command(command);
        std::memcpy(packet->get_data_ptr(), &word, sizeof word);
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay(3, sc_core::SC_NS);
        answered_ = isock->nb_transport_fw(*packet, phase, delay) == tlm::TLM_COMPLETED;
        while (!answered_) sc_core::wait(response_);
        BOOST_TEST(packet->is_response_ok());
        std::memcpy(&word, packet->get_data_ptr(), sizeof word);
        return word;
    }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase,
                                       sc_core::sc_time&) override {
        if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
        answered_ = true;
        response_.notify(sc_core::SC_ZERO_TIME);
        return tlm::TLM_COMPLETED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void run() {
        script(*this);
        finished = true;
    }
    model::PacketPool pool_;
    sc_core::sc_event response_;
    bool answered_ = false;
};

}  // namespace

namespace {

/// A memory that writes down when its bursts came, and when they were meant.
class RecordingMemory : public sc_core::sc_module {
  public:
    struct Burst {
        bool write;
        std::uint64_t address, meant_fs;
        bool operator==(const Burst& other) const {
            return write == other.write && address == other.address && meant_fs == other.meant_fs;
        }
    };
    tlm_utils::simple_target_socket<RecordingMemory> tsock;
    std::vector<unsigned char> bytes = std::vector<unsigned char>(0x10000);
    std::vector<Burst> bursts;  ///< times since `from`
    sc_core::sc_time from, furthest;

    explicit RecordingMemory(const sc_core::sc_module_name& name) : sc_module(name), tsock("tsock") {
        tsock.register_b_transport(this, &RecordingMemory::b_transport);
    }

  private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        furthest = std::max(furthest, delay);
        bursts.push_back(
            {payload.is_write(), payload.get_address(), (sc_core::sc_time_stamp() + delay - from).value()});
        unsigned char* const here = &bytes.at(payload.get_address());
        if (payload.is_read())
            std::memcpy(payload.get_data_ptr(), here, payload.get_data_length());
        else
            std::memcpy(here, payload.get_data_ptr(), payload.get_data_length());
        delay += sc_core::sc_time(100, sc_core::SC_NS);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(dma_keeps_to_the_quantum) {
    const tb::ChipDesign design(support::small_vgg(3), meshed_chip());
    const auto images = support::random_images(design.network, 3, 9);
    model::Accelerator accelerator("accelerator", design.setup(), {"", 10e-9});
    NonBlocking initiator("initiator");
    RecordingMemory memory("memory");
    sc_core::sc_signal<bool> interrupt("interrupt");
    initiator.isock.bind(accelerator.register_tsock);
    accelerator.memory_isock.bind(memory.tsock);
    accelerator.interrupt.bind(interrupt);
    for (std::size_t i = 0; i < images.size(); ++i)
        memory.bytes[0x100 + i] = static_cast<unsigned char>(images[i]);
    std::vector<RecordingMemory::Burst> first;
    initiator.script = [&](NonBlocking& me) {
        // Every job finds the chip as the first one did, whatever the quantum.
        for (const int quantum_ns : {0, 50, 370, 1000, 1000000}) {
            const sc_core::sc_time quantum(quantum_ns, sc_core::SC_NS);
            tlm::tlm_global_quantum::instance().set(quantum);
            sc_core::wait({1, sc_core::SC_MS});
            memory.bursts.clear();
            memory.furthest = sc_core::SC_ZERO_TIME;
            me.access(tlm::TLM_WRITE_COMMAND, reg::input_address_lo, 0x100);
            me.access(tlm::TLM_WRITE_COMMAND, reg::output_address_lo, 0x8000);
            me.access(tlm::TLM_WRITE_COMMAND, reg::image_count, 3);
            me.access(tlm::TLM_WRITE_COMMAND, reg::interrupt_enable, reg::kInterruptDone);
            memory.from = sc_core::sc_time_stamp();
            me.access(tlm::TLM_WRITE_COMMAND, reg::doorbell, reg::kStart);
            sc_core::wait(interrupt.posedge_event());
            memory.bursts.push_back({true, 0, (sc_core::sc_time_stamp() - memory.from).value()});
            me.access(tlm::TLM_WRITE_COMMAND, reg::interrupt_status, reg::kInterrupts);
            if (quantum_ns == 0) first = memory.bursts;
            BOOST_TEST((memory.bursts == first), quantum_ns);
            // Not further ahead than the quantum: the next point of synchronisation lies within it.
            BOOST_TEST(memory.furthest <= quantum);
            if (quantum_ns >= 1000) BOOST_TEST(memory.furthest >= sc_core::sc_time(300, sc_core::SC_NS));
            std::vector<std::int32_t> logits(21);
            std::memcpy(logits.data(), &memory.bytes[0x8000], 84);
            BOOST_TEST(logits == ::test::golden_logits(design.network, images));
        }
    };
    sc_core::sc_start();
    BOOST_TEST(initiator.finished);
    BOOST_TEST(first.size() > 10U);
}

BOOST_AUTO_TEST_CASE(non_blocking) {
    // Bound without a bus: nb_transport, debug transport and DMI as the accelerator itself answers them.
    const tb::ChipDesign design(tiny(), meshed_chip());
    const auto images = support::random_images(design.network, 1, 9);
    model::Accelerator accelerator("accelerator", design.setup(), {"", 10e-9});
    NonBlocking initiator("initiator");
    platform::Memory memory("memory", 4096, {{50, sc_core::SC_NS}, sc_core::SC_ZERO_TIME});
    sc_core::sc_signal<bool> interrupt("interrupt");
    tb::CheckedLinks links;
    links.connect(initiator.isock, accelerator.register_tsock, 77);
    links.connect(accelerator.memory_isock, memory.tsock, std::nullopt);
    accelerator.interrupt.bind(interrupt);
    const auto debug = [&](tlm::tlm_command command, std::uint64_t address, unsigned char* data,
                           std::size_t bytes) {
        tlm::tlm_generic_payload payload;
        model::initialise(payload, command, address, data, bytes);
        return accelerator.memory_isock->transport_dbg(payload);
    };
    std::vector<unsigned char> bytes;
    for (const std::int32_t code : images) bytes.push_back(static_cast<unsigned char>(code));
    initiator.script = [&](NonBlocking& me) {
        BOOST_TEST(debug(tlm::TLM_WRITE_COMMAND, 0x100, bytes.data(), bytes.size()) == bytes.size());
        me.access(tlm::TLM_WRITE_COMMAND, reg::input_address_lo, 0x100);
        me.access(tlm::TLM_WRITE_COMMAND, reg::output_address_lo, 0x200);
        me.access(tlm::TLM_WRITE_COMMAND, reg::image_count, 1);
        me.access(tlm::TLM_WRITE_COMMAND, reg::interrupt_enable, reg::kInterruptDone);
        me.access(tlm::TLM_WRITE_COMMAND, reg::doorbell, reg::kStart);
        sc_core::wait(interrupt.posedge_event());
        BOOST_TEST(me.access(tlm::TLM_READ_COMMAND, reg::status, 0) == (reg::kIdle | reg::kDone));
        std::uint32_t word = 0;
        tlm::tlm_generic_payload payload;
        model::initialise(payload, tlm::TLM_READ_COMMAND, reg::images_done_lo,
                          reinterpret_cast<unsigned char*>(&word), 4);
        BOOST_TEST(me.isock->transport_dbg(payload) == 4U);
        BOOST_TEST(word == 1U);
        model::initialise(payload, tlm::TLM_WRITE_COMMAND, reg::image_count,
                          reinterpret_cast<unsigned char*>(&word), 4);
        BOOST_TEST(me.isock->transport_dbg(payload) == 0U);  // debuggers look, they do not drive
        tlm::tlm_dmi dmi;
        BOOST_TEST(!me.isock->get_direct_mem_ptr(payload, dmi));
        BOOST_TEST(!payload.is_dmi_allowed());
    };
    sc_core::sc_start();
    BOOST_TEST(initiator.finished);
    links.finish();
    for (const std::string& violation : links.violations()) BOOST_ERROR(violation);
    std::vector<std::int32_t> logits(5);
    BOOST_TEST(debug(tlm::TLM_READ_COMMAND, 0x200, reinterpret_cast<unsigned char*>(logits.data()), 20) ==
               20U);
    BOOST_TEST(logits == ::test::golden_logits(design.network, images));
}

BOOST_AUTO_TEST_CASE(interrupt_is_a_level) {
    const auto network = tiny();
    on_one_chip(network, {}, [&](Processor& processor, AcceleratorDriver& driver) {
        const auto line = [&] {  // after what has been written is seen
            processor.work({1, sc_core::SC_NS});
            BOOST_TEST(driver.get(reg::id) == reg::kId);
            return processor.interrupts[0].read();
        };
        driver.write_images(kIn, support::random_images(network, 2, 1));
        driver.start(kIn, kOut, 1);
        driver.set(reg::interrupt_enable, 0);
        while ((driver.get(reg::status) & reg::kBusy) != 0) {  // polling
        }
        BOOST_TEST(driver.get(reg::interrupt_status) == reg::kInterruptDone);
        BOOST_TEST(!line());
        driver.set(reg::interrupt_enable, reg::kInterruptError);
        BOOST_TEST(!line());
        driver.set(reg::interrupt_enable, reg::kInterruptDone);
        BOOST_TEST(line());
        driver.set(reg::interrupt_status, reg::kInterruptError);  // not this one
        BOOST_TEST(line());
        driver.set(reg::status, reg::kDone);  // no cause of it
        BOOST_TEST(driver.get(reg::status) == reg::kIdle);
        BOOST_TEST(line());
        driver.set(reg::interrupt_status, reg::kInterruptDone);
        BOOST_TEST(!line());
        BOOST_TEST(driver.get(reg::interrupt_status) == 0U);
        driver.start(kIn, kOut, 1);
        BOOST_TEST(!line());
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
        BOOST_TEST(!line());
    });
}

BOOST_AUTO_TEST_CASE(doorbell_while_busy) {
    const auto network = tiny();
    on_one_chip(network, {}, [&](Processor& processor, AcceleratorDriver& driver) {
        const auto images = support::random_images(network, 4, 2);
        driver.write_images(kIn, images);
        driver.start(kIn, kOut, 4);
        BOOST_TEST(driver.get(reg::status) == reg::kBusy);
        // The job has its own addresses: these are for the next one.
        driver.set(reg::output_address_lo, static_cast<std::uint32_t>(kOut + 0x100));
        driver.set(reg::image_count, 1);
        driver.set(reg::doorbell, reg::kStart);
        BOOST_TEST(driver.get(reg::status) == (reg::kBusy | reg::kErrorBusy));
        BOOST_TEST(driver.get(reg::interrupt_status) == reg::kInterruptError);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone | reg::kErrorBusy));
        BOOST_TEST(driver.get(reg::status) == (reg::kIdle | reg::kDone));  // errors cleared
        BOOST_TEST(driver.read_logits(kOut, 20) == ::test::golden_logits(network, images));
        BOOST_TEST(driver.read_logits(kOut + 0x100, 5) == std::vector<std::int32_t>(5, 0));
        BOOST_TEST(driver.get_long(reg::images_done_lo) == 4U);
        processor.work({100, sc_core::SC_US});
        BOOST_TEST(driver.get(reg::status) == (reg::kIdle | reg::kDone));  // it was not kept for later
    });
}

BOOST_AUTO_TEST_CASE(jobs_back_to_back) {
    const auto network = support::small_vgg(3, 8, 8, false);
    on_one_chip(network, {}, [&](Processor&, AcceleratorDriver& driver) {
        const auto images = support::random_images(network, 7, 2);
        const std::size_t bytes = network.nodes.front().shape.size();
        driver.write_images(kIn, images);
        std::uint32_t done = 0;
        std::uint64_t busy = 0;
        for (const std::uint32_t count : {1U, 4U, 2U}) {
            driver.start(kIn + done * bytes, kOut + done * 28, count);
            BOOST_TEST(driver.get(reg::status) == reg::kBusy);  // done belongs to the job before
            BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
            done += count;
            BOOST_TEST(driver.get_long(reg::images_done_lo) == done);
            const std::uint64_t busy_now = driver.get_long(reg::busy_time_lo);
            BOOST_TEST(busy_now > busy);
            BOOST_TEST(driver.get_long(reg::busy_time_lo) == busy_now);  // idle
            busy = busy_now;
        }
        BOOST_TEST(driver.read_logits(kOut, 49) == ::test::golden_logits(network, images));
    });
}

BOOST_AUTO_TEST_CASE(windows_of_padding) {
    // The corners of a 1x1 convolution with padding need no input: they wait for their image all the same.
    support::NetworkBuilder build({2, 3, 3}, {true, 8, -5}, 11);
    build.convolution(support::NetworkBuilder::kInput, 4, 1, 1, 1);
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(build.finish(), meshed_chip());
    const tb::ChipDesign& design = designs.front();
    const auto images = support::random_images(design.network, 2, 5);
    const model::ChipSetup setup{
        design.network, design.mapping, design.placement, design.chip, design.widths, images, 2};
    const model::Chip ordinary("ordinary", setup);
    Platform platform("platform", designs, instant(), [&](Processor& processor) {
        AcceleratorDriver driver(processor, kRegisters, 0);
        driver.write_images(kIn, images);
        driver.start(kIn, kOut, 1);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
        // 25 windows of 8 planes, 4 outputs of 4 slices and 2 signs.
        processor.work({100, sc_core::SC_US});
        BOOST_TEST(driver.get_long(reg::conversions_lo) == 25U * 8 * 4 * 4 * 2);
        driver.start(kIn + 18, kOut + 400, 1);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
        BOOST_TEST(driver.read_logits(kOut, 200) == ::test::golden_logits(design.network, images));
    });
    platform.run();
    check_protocol(platform);
    BOOST_TEST((results::total_actions(platform.accelerator(0).chip().record()) ==
                results::total_actions(ordinary.record())));
}

BOOST_AUTO_TEST_CASE(rows_nobody_reads) {
    // Stride 2 leaves the last row out: on a slow link an image is finished before that row has gone in.
    support::NetworkBuilder build({8, 4, 4}, {true, 8, -5}, 11);
    build.convolution(support::NetworkBuilder::kInput, 1, 1, 2, 0);
    std::deque<tb::ChipDesign> designs;
    config::ChipConfig chip = meshed_chip();
    chip.host.bytes_per_s = 1e6;
    designs.emplace_back(build.finish(), chip);
    const auto images = support::random_images(designs[0].network, 4, 5);
    Platform platform("platform", designs, instant(), [&](Processor& processor) {
        AcceleratorDriver driver(processor, kRegisters, 0);
        driver.write_images(kIn, images);
        for (const std::uint32_t image : {0U, 1U, 2U, 3U}) {
            driver.start(kIn + image * 128, kOut + image * 16, 1);
            BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
            // The fourth row of 32 bytes takes until 128 us.
            if (image == 0) BOOST_TEST(driver.get_long(reg::busy_time_lo) < 128'000'000'000U);
        }
        BOOST_TEST(driver.read_logits(kOut, 16) == ::test::golden_logits(designs[0].network, images));
    });
    platform.run();
    check_protocol(platform);
}

BOOST_AUTO_TEST_CASE(impossible_jobs) {
    on_one_chip(tiny(), {}, [](Processor& processor, AcceleratorDriver& driver) {
        constexpr std::uint64_t kEnd = ~std::uint64_t{0};
        struct Trial {
            std::uint64_t input, output;
            std::uint32_t images;
        };
        for (const Trial& trial : {Trial{kIn, kOut, 0}, Trial{kIn, kOut + 2, 1}, Trial{kEnd - 16, kOut, 1},
                                   Trial{kIn, kEnd - 15, 1}, Trial{kIn, kEnd - 35, 2}}) {
            driver.start(trial.input, trial.output, trial.images);
            BOOST_TEST(driver.get(reg::status) == (reg::kIdle | reg::kErrorJob));
            BOOST_TEST(driver.get(reg::interrupt_status) == reg::kInterruptError);
            BOOST_TEST(!processor.interrupts[0].read());  // not enabled by the driver
            driver.set(reg::interrupt_enable, reg::kInterrupts);
            processor.wait_for_interrupt(0);
            driver.set(reg::interrupt_status, reg::kInterrupts);
            driver.set(reg::status, reg::kErrors);
            BOOST_TEST(driver.get(reg::status) == reg::kIdle);
        }
        BOOST_TEST(driver.get_long(reg::busy_time_lo) == 0U);
        // The last byte and the last word of the address space are possible; there is nothing on this bus.
        driver.start(kEnd - 17, kEnd - 19, 1);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone | reg::kErrorRead));
    });
}

BOOST_AUTO_TEST_CASE(platform_errors) {
    const auto network = tiny();
    tb::PlatformOptions options;
    options.memory_bytes = 0x20000;
    on_one_chip(network, options, [&](Processor&, AcceleratorDriver& driver) {
        const auto images = support::random_images(network, 4, 2);
        const std::vector<std::int32_t> expected = ::test::golden_logits(network, images);
        const std::uint64_t end = Platform::kMemory + 0x20000;
        // Two images before the end of the memory, the third reaches beyond it.
        driver.write_images(end - 40, {images.begin(), images.begin() + 36});
        driver.start(end - 40, kOut, 4);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone | reg::kErrorRead));
        BOOST_TEST(driver.get_long(reg::images_done_lo) == 2U);
        BOOST_TEST(driver.read_logits(kOut, 10) ==
                   std::vector<std::int32_t>(expected.begin(), expected.begin() + 10));
        BOOST_TEST(driver.read_logits(kOut + 40, 10) == std::vector<std::int32_t>(10, 0));
        // Nothing to read at all.
        driver.start(0x1000, kOut, 1);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone | reg::kErrorRead));
        // Room for the logits of one image and a half.
        driver.write_images(kIn, images);
        driver.start(kIn, end - 32, 4);
        const std::uint32_t status = driver.finish();
        BOOST_TEST(status == (reg::kIdle | reg::kDone | reg::kErrorWrite));
        BOOST_TEST(driver.get_long(reg::images_done_lo) == 3U);
        BOOST_TEST(driver.read_logits(end - 32, 5) ==
                   std::vector<std::int32_t>(expected.begin(), expected.begin() + 5));
        // And the next job is none the worse.
        driver.start(kIn, kOut, 4);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
        BOOST_TEST(driver.read_logits(kOut, 20) == expected);
        BOOST_TEST(driver.get_long(reg::images_done_lo) == 7U);
    });
}

BOOST_AUTO_TEST_CASE(input_out_of_format) {
    const auto network = tiny(true, 6);
    on_one_chip(network, {}, [&](Processor&, AcceleratorDriver& driver) {
        auto images = support::random_images(network, 2, 2);
        images[0] = 31;
        images[17] = -32;
        const std::vector<std::int32_t> expected = ::test::golden_logits(network, images);
        for (const std::int32_t outside : {32, -33}) {
            driver.write_images(kIn, images);
            driver.write_images(kIn + 18 + 7, {outside});
            driver.start(kIn, kOut, 2);
            BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone | reg::kErrorInput));
            BOOST_TEST(driver.read_logits(kOut, 5) ==
                       std::vector<std::int32_t>(expected.begin(), expected.begin() + 5));
        }
        driver.write_images(kIn, images);
        driver.start(kIn, kOut, 2);
        BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
        BOOST_TEST(driver.read_logits(kOut, 10) == expected);
    });
}

BOOST_AUTO_TEST_CASE(timelines_of_a_platform) {
    // Two chips, each with a timeline of its own: trace and signals hold what each has counted, to the
    // femtosecond.
    std::deque<tb::ChipDesign> designs;
    designs.emplace_back(support::small_vgg(3), meshed_chip());
    designs.emplace_back(support::small_resnet(5), meshed_chip());
    model::Timeline timelines[] = {model::Timeline({}), model::Timeline({})};
    tb::PlatformOptions options;
    options.timelines = {&timelines[0], &timelines[1]};
    Platform platform("platform", designs, options, [&](Processor& processor) {
        for (std::size_t i = 0; i < 2; ++i) {
            AcceleratorDriver driver(processor, Platform::registers(i), i);
            driver.write_images(kIn + i * 0x4000, support::random_images(designs[i].network, 3, 4));
            driver.start(kIn + i * 0x4000, kOut + i * 0x4000, 3);
            BOOST_TEST(driver.finish() == (reg::kIdle | reg::kDone));
        }
        processor.work({3, sc_core::SC_US});
    });
    platform.run();
    for (std::size_t i = 0; i < 2; ++i) {
        const results::ChipRecord record = platform.accelerator(i).chip().record();
        const results::TimelineRecord seen = timelines[i].take();
        BOOST_TEST(seen.elapsed_fs == sc_core::sc_time_stamp().value());
        const results::TimelineSource source{"test", designs[i].network.name, designs[i].chip.name};
        std::string trace, signals;
        results::write_chrome_trace(seen, source, [&](std::string_view text) { trace += text; });
        results::write_vcd(seen, source, [&](std::string_view text) { signals += text; });
        std::size_t events = 0;
        const nlohmann::json parsed = nlohmann::json::parse(trace);
        for (const nlohmann::json& event : parsed["traceEvents"])
            events += event["ph"] == "X" || event["ph"] == "C" ? 1 : 0;
        BOOST_TEST(events == seen.events.size());
        const vcd_reader::Dump dump = vcd_reader::parse(signals);
        for (const results::LayerRecord& layer : record.layers) {
            const std::string scope = "chip." + layer.name + ".";
            BOOST_TEST(dump.integral(scope + "stages_busy") == layer.busy_fs, scope);
            BOOST_TEST(dump.integral(scope + "adcs_busy") == layer.adc_busy_fs, scope);
            BOOST_TEST(layer.busy_fs != 0U);
        }
        BOOST_TEST(dump.at("chip.images_finished").changes.size() == 4U);
    }
}

BOOST_AUTO_TEST_CASE(high_words_are_kept) {
    on_one_chip(tiny(), {}, [](Processor& processor, AcceleratorDriver& driver) {
        const auto live = [&] {
            const auto words = debug_words(processor, kRegisters + reg::time_lo, 2);
            return std::uint64_t{words[1]} << 32U | words[0];
        };
        BOOST_TEST(driver.get(reg::time_hi) == 0U);  // nothing kept yet
        processor.work({100, sc_core::SC_US});
        const std::uint64_t low = driver.get(reg::time_lo);
        const std::uint64_t at = live();  // no time has passed since: the processor is in step
        BOOST_TEST((at & 0xFFFFFFFFU) == low);
        BOOST_TEST(at == sc_core::sc_time_stamp().value());
        processor.work({50, sc_core::SC_US});             // 2^32 fs are 4.3 us
        BOOST_TEST(driver.get(reg::busy_time_lo) == 0U);  // another counter keeps its own
        BOOST_TEST(live() >> 32U > (at >> 32U) + 10);     // the debugger sees what is, and keeps nothing
        BOOST_TEST(driver.get(reg::time_hi) == at >> 32U);
        BOOST_TEST(driver.get(reg::time_hi) == at >> 32U);
        BOOST_TEST(driver.get_long(reg::time_lo) >> 32U > (at >> 32U) + 10);
        // A look at the whole map changes none of its words.
        const auto first = debug_words(processor, kRegisters, reg::kMapBytes / 4);
        BOOST_TEST(first[reg::id / 4] == reg::kId);
        BOOST_TEST(first[reg::doorbell / 4] == 0U);
        BOOST_TEST((debug_words(processor, kRegisters, reg::kMapBytes / 4) == first));
    });
}

BOOST_AUTO_TEST_CASE(accesses_are_synchronised) {
    tb::PlatformOptions options;
    options.quantum_s = 1e-3;
    const auto network = tiny();
    on_one_chip(network, options, [&](Processor& processor, AcceleratorDriver& driver) {
        processor.work({3, sc_core::SC_US});  // ahead of the kernel
        BOOST_TEST(sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME);
        BOOST_TEST(driver.get(reg::time_lo) == 3'020'000'000U);  // and a hop and an access of 10 ns
        driver.write_images(kIn, support::random_images(network, 1, 2));
        driver.start(kIn, kOut, 1);
        const std::uint64_t rung = sc_core::sc_time_stamp().value();
        processor.work({500, sc_core::SC_US});
        BOOST_TEST((driver.get(reg::status) & reg::kDone) != 0U);  // not as it was 500 us ago
        BOOST_TEST(driver.get_long(reg::busy_time_lo) < 100'000'000'000U);
        BOOST_TEST(sc_core::sc_time_stamp().value() > rung + 500'000'000'000U);
    });
}

BOOST_AUTO_TEST_CASE(times_by_hand) {
    // 18 bytes at an address that ends in 0x38: bursts of 8 and 10 bytes; 20 bytes of logits: one burst.
    tb::PlatformOptions options;
    options.bus_hop_s = 7e-9;
    options.memory_access_s = 30e-9;
    options.memory_byte_s = 2e-9;
    const auto network = tiny();
    on_one_chip(network, options, [&](Processor&, AcceleratorDriver& driver) {
        driver.write_images(kIn + 0x38, support::random_images(network, 1, 2));
        driver.start(kIn + 0x38, kOut, 1);
        driver.finish();
        const std::uint64_t latency = driver.get_long(reg::latency_lo);
        // 14 cycles of 100 ns and the link at 6.4 GB/s; the mesh brings the rest.
        BOOST_TEST(latency > 1'400'000'000U);
        BOOST_TEST(driver.get_long(reg::busy_time_lo) - latency ==
                   1'000'000U * (2 * (7 + 30) + 18 * 2 + (7 + 30) + 20 * 2));
    });
}

BOOST_AUTO_TEST_CASE(refused_at_construction) {
    const tb::ChipDesign design(tiny(), meshed_chip());
    const auto images = support::random_images(design.network, 1, 9);
    const model::ChipSetup with_images{
        design.network, design.mapping, design.placement, design.chip, design.widths, images, 1};
    BOOST_CHECK_THROW(model::Accelerator("a", with_images, {}), sc_core::sc_report);
    BOOST_CHECK_THROW(model::Accelerator("b", design.setup(), {"abc", 0}), InputError);
    BOOST_CHECK_THROW(model::Accelerator("c", design.setup(), {std::string(64, 'G'), 0}), InputError);
    BOOST_CHECK_THROW(model::Accelerator("d", design.setup(), {"", -1e-9}), InputError);
    BOOST_CHECK_THROW(model::Accelerator("e", design.setup(), {"", std::nan("")}), InputError);
    const model::Chip idle("idle", design.setup());
    BOOST_CHECK_THROW(idle.record(), std::runtime_error);  // no image, no record
    const results::ChipRecord nothing = idle.counted();
    BOOST_TEST(nothing.images == 0U);
    BOOST_TEST(nothing.layers.at(0).first_start_fs == 0U);
    BOOST_TEST(nothing.layers.at(0).interval_fs == 0U);
}

BOOST_AUTO_TEST_CASE(documentation) {
    const std::string file = std::string(SLIVER_SOURCE_DIR) + "/docs/platform.md";
    const std::string begin = "<!-- registers: generated, see the end of this page -->\n";
    const std::string end = "<!-- end of registers -->\n";
    const auto page = [&] {
        std::ifstream stream(file);
        return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    };
    std::string text = page();
    const std::size_t first = text.find(begin), last = text.find(end);
    BOOST_REQUIRE(first != std::string::npos);
    BOOST_REQUIRE(last != std::string::npos);
    const std::size_t table = first + begin.size();
    if (std::getenv("SLIVER_UPDATE_DOCS") != nullptr) {
        text.replace(table, last - table, reg::register_table());
        std::ofstream(file) << text;
    }
    BOOST_TEST(page().substr(table, page().find(end) - table) == reg::register_table());
}

BOOST_AUTO_TEST_SUITE_END()
