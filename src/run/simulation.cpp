#include "run/simulation.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "config/chip_config_loader.h"
#include "model/address_map.h"
#include "model/chip.h"
#include "results/chrome_trace.h"
#include "results/pricing.h"
#include "results/stats_json.h"
#include "results/stats_reader.h"
#include "results/vcd.h"
#include "run/chip_setup.h"

namespace sliver::run {
namespace {

/// What the child leaves, one behind the other: stats.json of its record, the logits, a trace, signals.
constexpr std::size_t kParts = 4;

void append(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail("out of memory for the results of a simulation ({})", std::strerror(errno));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// A run with nothing but its record, which is all that comes back.
results::RunResult shell_of(const Simulation& simulation, results::ChipRecord record) {
    results::RunResult result;
    result.chip = simulation.chip;
    result.chip_yaml = config::to_yaml(result.chip);
    result.record = std::move(record);
    result.columns.resize(result.record.layers.size());
    for (std::size_t layer = 0; layer < result.columns.size(); ++layer) {
        results::LayerColumns& columns = result.columns[layer];
        const std::size_t slices = result.record.layers[layer].adc_bits.size();
        columns.worst_case = app::column_sums(std::vector<std::uint32_t>(slices, 0));
        columns.functional_clipped.assign(slices, 0);
        if (const auto& largest = result.record.layers[layer].largest_sums; !largest.empty())
            columns.seen = app::column_sums(largest);
    }
    return result;
}

}  // namespace

mapping::Placement place(const app::Design& design, const config::ChipConfig& chip) {
    return mapping::place_network(design.network, design.mapping,
                                  mapping::replication(design.network, design.mapping, chip, design.widths),
                                  chip);
}

std::uint64_t least_buffer(const app::Design& design, const mapping::Placement& placement,
                           const config::ChipConfig& chip) {
    const model::ChipPlan plan =
        model::plan_chip(design.network, design.mapping, placement, design.widths, chip);
    model::check_addressable(plan);
    return plan.least_buffer_bytes;
}

model::ChipSetup chip_setup(const app::Design& design, const mapping::Placement& placement,
                            const config::ChipConfig& chip, const std::vector<std::int32_t>& images,
                            std::size_t count) {
    model::ChipSetup setup{design.network, design.mapping, placement, chip, design.widths, images, count};
    setup.devices = design.arrays.get();
    setup.instruction_set = bitline::best_instruction_set();
    return setup;
}

Simulated simulate(const Simulation& simulation) {
    model::prepare_kernel();
    model::ChipSetup setup = chip_setup(simulation.design, simulation.placement, simulation.chip,
                                        simulation.codes, simulation.count);
    setup.steady_images = simulation.settle;
    setup.count_sums = simulation.count_sums;
    setup.largest_sums = simulation.largest_sums;
    setup.style = simulation.style;
    Simulated simulated;
    if (!simulation.timeline) {
        simulated.record = model::simulate(setup);
        return simulated;
    }
    model::Timeline observer(*simulation.timeline);
    setup.timeline = &observer;
    simulated.record = model::simulate(setup);
    simulated.timeline = observer.take(simulated.record.elapsed_fs);
    return simulated;
}

SimulationProcess::SimulationProcess(const Simulation& simulation, const results::TimelineSource& source)
    : memory_(::memfd_create("sliver", MFD_CLOEXEC)) {
    if (memory_ < 0) fail("out of memory for the results of a simulation ({})", std::strerror(errno));
    child_ = std::make_unique<ChildProcess>([&] {
        Simulated simulated = simulate(simulation);
        std::array<std::string, kParts> parts;
        const std::vector<std::int32_t> logits = std::move(simulated.record.logits);
        parts[1].assign(reinterpret_cast<const char*>(logits.data()), logits.size() * sizeof(std::int32_t));
        const results::RunResult result = shell_of(simulation, std::move(simulated.record));
        parts[0] = results::stats_json(result, results::price(result));
        if (simulated.timeline) {
            results::write_chrome_trace(*simulated.timeline, source,
                                        [&](std::string_view text) { parts[2] += text; });
            results::write_vcd(*simulated.timeline, source, [&](std::string_view text) { parts[3] += text; });
        }
        std::array<std::uint64_t, kParts> sizes{};
        for (std::size_t i = 0; i < kParts; ++i) sizes[i] = parts[i].size();
        append(memory_, {reinterpret_cast<const char*>(sizes.data()), sizeof sizes});
        for (const std::string& part : parts) append(memory_, part);
    });
}

SimulationProcess::~SimulationProcess() {
    child_.reset();
    ::close(memory_);
}

SimulationProcess::Outcome SimulationProcess::wait() {
    child_->wait();
    std::array<std::uint64_t, kParts> sizes{};
    off_t place = 0;
    const auto take = [&](void* to, std::size_t bytes) {
        auto* next = static_cast<char*>(to);
        while (bytes > 0) {
            const ssize_t got = ::pread(memory_, next, bytes, place);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) throw std::runtime_error("a simulation left less than it should");
            next += got, place += got, bytes -= static_cast<std::size_t>(got);
        }
    };
    take(sizes.data(), sizeof sizes);
    std::array<std::string, kParts> parts;
    for (std::size_t i = 0; i < kParts; ++i) {
        parts[i].resize(sizes[i]);
        take(parts[i].data(), parts[i].size());
    }
    Outcome outcome;
    results::RunResult result = results::read_stats(parts[0], "simulation");
    outcome.record = std::move(result.record);
    for (std::size_t layer = 0; layer < result.columns.size(); ++layer)
        outcome.record.layers[layer].largest_sums = std::move(result.columns[layer].seen.sums);
    outcome.record.logits.resize(parts[1].size() / sizeof(std::int32_t));
    std::memcpy(outcome.record.logits.data(), parts[1].data(), parts[1].size());
    outcome.trace = std::move(parts[2]);
    outcome.vcd = std::move(parts[3]);
    return outcome;
}

}  // namespace sliver::run
