// sliver-platform-example: two accelerators in one platform, driven by software (docs/platform.md).
//
//   sliver-platform-example [TRACE.json [SIGNALS.vcd]]    and what the first accelerator did (docs/trace.md)
//
// A processor writes images into memory, rings both doorbells, waits for the interrupts and reads logits and
// counters back. The images are drawn at random: what is shown is the platform, not accuracy. Ends with 1
// when a logit is not what the integer golden executor says; with 2 where a file is missing.
#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "accelerator_driver.h"
#include "app/chip_request.h"
#include "app/design.h"
#include "app/loaded_network.h"
#include "base/error.h"
#include "config/shipped.h"
#include "network/golden.h"
#include "platform.h"
#include "results/chrome_trace.h"
#include "results/vcd.h"
#include "run/chip_setup.h"
#include "run/simulation.h"

using namespace sliver;
using platform::AcceleratorDriver;
using platform::Platform;

namespace {

namespace reg = model::reg;

constexpr std::uint32_t kImages = 8;
constexpr std::uint64_t kInputs = Platform::kMemory, kOutputs = Platform::kMemory + 0x80000;
constexpr std::uint64_t kPerChip = 0x10000;  ///< of either, between the buffers of two accelerators

/// A shipped network on a shipped chip. Stays where it is: the accelerator refers to it.
struct Accelerated {
    Accelerated(const std::string& chip_name, const std::string& network_name)
        : loaded(app::load_network(network_name)) {
        app::ChipRequest request;
        request.chip = chip_name;
        request.adc = "worst-case";  // nothing can be cut
        chip = app::load_chip(request);
        // No images: the network's file fixes every format, and worst-case widths need none.
        const app::ImageRequest no_images;
        const app::TestImages nothing_tested;
        app::Progress nobody_watches;
        design = app::make_design({loaded, chip, no_images, nothing_tested}, nobody_watches);
        placement = run::place(*design, chip);
    }
    Accelerated(const Accelerated&) = delete;
    Accelerated& operator=(const Accelerated&) = delete;

    app::LoadedNetwork loaded;
    config::ChipConfig chip;
    std::unique_ptr<app::Design> design;
    mapping::Placement placement;
};

/// What the software has found out about one accelerator.
struct Findings {
    std::uint64_t network_hash = 0;
    std::uint32_t status = 0;
    std::vector<std::int32_t> logits;
    AcceleratorDriver::Counters counters;
};

std::vector<std::int32_t> draw_images(const network::QuantisedNetwork& network, std::uint32_t seed) {
    const network::Node& input = network.nodes.front();
    std::mt19937 random(seed);
    const auto values = static_cast<std::uint32_t>(input.format.highest() - input.format.lowest() + 1);
    std::vector<std::int32_t> codes(kImages * input.shape.size());
    for (std::int32_t& code : codes)
        code = input.format.lowest() + static_cast<std::int32_t>(random() % values);
    return codes;
}

/// The processor's program.
void drive(platform::Processor& processor, const std::vector<std::vector<std::int32_t>>& images,
           std::vector<Findings>& findings) {
    std::vector<AcceleratorDriver> drivers;
    for (std::size_t i = 0; i < images.size(); ++i) {
        drivers.emplace_back(processor, Platform::registers(i), i);
        if (drivers[i].get(reg::id) != reg::kId) throw std::runtime_error("no accelerator found");
        findings[i].network_hash =
            drivers[i].get(reg::network_hash_lo) | std::uint64_t{drivers[i].get(reg::network_hash_hi)} << 32U;
        drivers[i].write_images(kInputs + i * kPerChip, images[i]);
    }
    for (std::size_t i = 0; i < images.size(); ++i)
        drivers[i].start(kInputs + i * kPerChip, kOutputs + i * kPerChip, kImages);
    for (std::size_t i = 0; i < images.size(); ++i) {
        findings[i].status = drivers[i].finish();
        findings[i].counters = drivers[i].counters();
        findings[i].logits =
            drivers[i].read_logits(kOutputs + i * kPerChip, kImages * drivers[i].get(reg::output_count));
    }
}

std::size_t wrong_logits(const network::QuantisedNetwork& network, const std::vector<std::int32_t>& images,
                         const std::vector<std::int32_t>& logits) {
    const auto pixels = static_cast<std::ptrdiff_t>(network.nodes.front().shape.size());
    std::size_t wrong = 0;
    auto logit = logits.begin();
    for (auto image = images.begin(); image != images.end(); image += pixels)
        for (const std::int32_t expected : network::run_golden(network, {image, image + pixels}))
            wrong += logit == logits.end() || *logit++ != expected ? 1 : 0;
    return wrong;
}

void print_row(const char* name, const std::vector<std::string>& cells) {
    fmt::print("  {:<28}", name);
    for (const std::string& cell : cells) fmt::print("{:>20}", cell);
    fmt::print("\n");
}

void write_timeline(const results::TimelineRecord& record, const Accelerated& design,
                    const std::vector<std::string>& files) {
    const results::TimelineSource source{"", design.design->network.name, design.chip.name};
    const auto write = [&](const std::string& path, const auto& writer) {
        std::ofstream file(path);
        writer(record, source, [&](std::string_view text) { file << text; });
        if (!file.flush()) fail("{}: cannot be written", path);
    };
    write(files[0], results::write_chrome_trace);
    if (files.size() > 1) write(files[1], results::write_vcd);
}

int show(const std::vector<std::string>& files) {
    std::deque<Accelerated> designs;
    designs.emplace_back("small", "mlp-mnist-dense");
    designs.emplace_back("isaac", "mlp-mnist-bitslice");
    std::vector<std::vector<std::int32_t>> images;
    for (std::size_t i = 0; i < designs.size(); ++i)
        images.push_back(draw_images(designs[i].design->network, static_cast<std::uint32_t>(i)));

    std::vector<Findings> findings(designs.size());
    model::Timeline timeline({});
    std::vector<platform::Guest> guests;
    for (const Accelerated& own : designs)
        guests.push_back({run::chip_setup(*own.design, own.placement, own.chip), own.loaded.sha256});
    if (!files.empty()) guests.front().setup.timeline = &timeline;
    Platform platform("platform", guests, {},
                      [&](platform::Processor& processor) { drive(processor, images, findings); });
    platform.run();
    if (!files.empty()) write_timeline(timeline.take(), designs.front(), files);

    constexpr double kMicro = 1e-9;  // of fs in us, of fJ in uJ
    std::vector<std::vector<std::string>> rows(12);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < designs.size(); ++i) {
        const AcceleratorDriver::Counters& seen = findings[i].counters;
        const std::size_t misses = wrong_logits(designs[i].design->network, images[i], findings[i].logits);
        wrong += misses;
        std::size_t row = 0;
        const auto put = [&](std::string text) { rows[row++].push_back(std::move(text)); };
        put(designs[i].design->network.name);
        put(designs[i].chip.name);
        put(fmt::format("{:016x}", findings[i].network_hash));
        put(fmt::format("0x{:08x}", findings[i].status));
        put(fmt::format("{}", seen.images_done));
        put(fmt::format("{} of {}", findings[i].logits.size() - misses, findings[i].logits.size()));
        put(fmt::format("{:.3f} us", static_cast<double>(seen.busy_time_fs) * kMicro));
        put(fmt::format("{:.3f} us", static_cast<double>(seen.latency_fs) * kMicro));
        put(fmt::format("{:.3f} uJ", static_cast<double>(seen.dynamic_energy_fj) * kMicro));
        put(fmt::format("{:.3f} uJ", static_cast<double>(seen.static_energy_fj) * kMicro));
        put(fmt::format("{}", seen.conversions));
        put(fmt::format("{}", seen.clipped));
    }
    fmt::print("A processor, a memory and two accelerators on one bus\n\n");
    constexpr const char* kNames[] = {"network",        "chip",
                                      "NETWORK_HASH",   "STATUS",
                                      "IMAGES_DONE",    "logits as golden",
                                      "BUSY_TIME",      "LATENCY of the last image",
                                      "DYNAMIC_ENERGY", "STATIC_ENERGY",
                                      "CONVERSIONS",    "CLIPPED"};
    for (std::size_t row = 0; row < rows.size(); ++row) print_row(kNames[row], rows[row]);
    return wrong == 0 ? 0 : 1;
}

}  // namespace

int sc_main(int argc, char** argv) {
    model::prepare_kernel();
    config::add_shipped_root(SLIVER_DATA_DIR);
    try {
        return show({argv + 1, argv + argc});
    } catch (const MachineError& error) {
        fmt::print(stderr, "sliver-platform-example: {}\n", error.what());
        return 1;
    } catch (const InputError& error) {
        fmt::print(stderr, "sliver-platform-example: {}\n", error.what());
        return 2;
    }
}
