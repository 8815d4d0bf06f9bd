// sliver-platform-example: two accelerators in one platform, driven by software (docs/platform.md).
//
//   sliver-platform-example [TRACE.json [SIGNALS.vcd]]    and what the first accelerator did (docs/trace.md)
//
// A processor writes images into memory, rings both doorbells, waits for the interrupts and reads logits and
// counters back. The images are drawn at random: what is shown is the platform, not accuracy. Ends with 1
// when a logit is not what the integer golden executor says, or when a link broke the protocol; with 2 where
// a file is missing.
#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/sha256.h"
#include "config/chip_config_loader.h"
#include "config/shipped.h"
#include "network/golden.h"
#include "network/onnx_import.h"
#include "network/quantise.h"
#include "results/chrome_trace.h"
#include "results/vcd.h"
#include "tb/accelerator_driver.h"
#include "tb/platform.h"

using namespace sliver;
using tb::AcceleratorDriver;
using tb::Platform;

namespace {

namespace reg = model::reg;

constexpr std::uint32_t kImages = 8;
constexpr std::uint64_t kInputs = Platform::kMemory, kOutputs = Platform::kMemory + 0x80000;
constexpr std::uint64_t kPerChip = 0x10000;  ///< of either, between the buffers of two accelerators

/// What the software has found out about one accelerator.
struct Findings {
    std::uint64_t network_hash = 0;
    std::uint32_t status = 0;
    std::vector<std::int32_t> logits;
    AcceleratorDriver::Counters counters;
};

void add_design(std::deque<tb::ChipDesign>& designs, const std::string& chip, const std::string& network) {
    const auto file = config::find_shipped(config::ShippedKind::network, network);
    const network::FloatNetwork trained = network::import_onnx(file);
    designs.emplace_back(network::quantise(trained, {}, {}),  // the file fixes every format
                         config::load_chip(config::find_shipped(config::ShippedKind::chip, chip),
                                           {"adc.policy=worst-case"}));  // nothing can be cut
    std::ifstream bytes(file, std::ios::binary);
    designs.back().network_sha256 =
        sha256(std::string(std::istreambuf_iterator<char>(bytes), std::istreambuf_iterator<char>()));
}

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
void drive(tb::PlatformProcessor& processor, const std::vector<std::vector<std::int32_t>>& images,
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

void write_timeline(const results::TimelineRecord& record, const tb::ChipDesign& design,
                    const std::vector<std::string>& files) {
    const results::TimelineSource source{"", design.network.name, design.chip.name};
    const auto write = [&](const std::string& path, const auto& writer) {
        std::ofstream file(path);
        writer(record, source, [&](std::string_view text) { file << text; });
        if (!file.flush()) fail("{}: cannot be written", path);
    };
    write(files[0], results::write_chrome_trace);
    if (files.size() > 1) write(files[1], results::write_vcd);
}

int run(const std::vector<std::string>& files) {
    std::deque<tb::ChipDesign> designs;
    add_design(designs, "small", "mlp-mnist-dense");
    add_design(designs, "isaac", "mlp-mnist-bitslice");
    std::vector<std::vector<std::int32_t>> images;
    for (std::size_t i = 0; i < designs.size(); ++i)
        images.push_back(draw_images(designs[i].network, static_cast<std::uint32_t>(i)));

    std::vector<Findings> findings(designs.size());
    model::Timeline timeline({});
    tb::PlatformOptions options;
    if (!files.empty()) options.timelines = {&timeline};
    Platform platform("platform", designs, options,
                      [&](tb::PlatformProcessor& processor) { drive(processor, images, findings); });
    platform.run();
    if (!files.empty()) write_timeline(timeline.take(), designs.front(), files);

    constexpr double kMicro = 1e-9;  // of fs in us, of fJ in uJ
    std::vector<std::vector<std::string>> rows(12);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < designs.size(); ++i) {
        const AcceleratorDriver::Counters& seen = findings[i].counters;
        const std::size_t misses = wrong_logits(designs[i].network, images[i], findings[i].logits);
        wrong += misses;
        std::size_t row = 0;
        const auto put = [&](std::string text) { rows[row++].push_back(std::move(text)); };
        put(designs[i].network.name);
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
    fmt::print("A processor, a memory and two accelerators on one bus: {} transactions on checked links\n\n",
               platform.transactions());
    constexpr const char* kNames[] = {"network",        "chip",
                                      "NETWORK_HASH",   "STATUS",
                                      "IMAGES_DONE",    "logits as golden",
                                      "BUSY_TIME",      "LATENCY of the last image",
                                      "DYNAMIC_ENERGY", "STATIC_ENERGY",
                                      "CONVERSIONS",    "CLIPPED"};
    for (std::size_t row = 0; row < rows.size(); ++row) print_row(kNames[row], rows[row]);
    for (const std::string& violation : platform.violations()) fmt::print(stderr, "{}\n", violation);
    return wrong == 0 && platform.violations().empty() ? 0 : 1;
}

}  // namespace

int sc_main(int argc, char** argv) {
    model::prepare_kernel();
    try {
        return run({argv + 1, argv + argc});
    } catch (const MachineError& error) {
        fmt::print(stderr, "sliver-platform-example: {}\n", error.what());
        return 1;
    } catch (const InputError& error) {
        fmt::print(stderr, "sliver-platform-example: {}\n", error.what());
        return 2;
    }
}
