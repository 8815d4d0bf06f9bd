// Host time of the SystemC chip: VGG-11 for 3x32x32 images, 630,848 crossbar reads an image, every one a
// transaction.
//
// The kernel elaborates once a process, so each configuration is one benchmark with one iteration: it builds
// the chip (elaboration, reported as elaborate_ms), runs `images` images and reports the CPU time of one.
// Choose one with
// --benchmark_filter, repeat by running the program again. SLIVER_ISA chooses the instruction set.
#include <benchmark/benchmark.h>

#include <ctime>
#include <systemc>

#include "bitline/column_kernels.h"
#include "model/chip.h"
#include "support/networks.h"

namespace {

/// CPU time: the simulation is one thread, and the machine may be shared.
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void run_chip(benchmark::State& state, sliver::config::ChipConfig chip, int bits) {
    constexpr std::size_t kImages = 8;
    for (auto _ : state) {
        chip.adc.bits = bits;
        const auto network = sliver::support::vgg11(3, 1);
        const auto images = sliver::support::random_images(network, kImages, 2);
        const double build_start = cpu_seconds();
        const auto mapping = sliver::mapping::map_network(network, chip);
        const auto placement = sliver::mapping::place_network(
            network, mapping, sliver::mapping::replication(network, mapping, chip, 1.0), chip);
        const auto widths = sliver::mapping::allocate_adcs(network, mapping, chip);
        sliver::model::Chip top("chip", {network, mapping, placement, chip, widths, images, kImages,
                                         sliver::bitline::best_instruction_set()});
        sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaboration ends here
        const double elaboration = cpu_seconds() - build_start;
        const double start = cpu_seconds();
        sc_core::sc_start();
        const double per_image = (cpu_seconds() - start) / kImages;
        const auto record = top.record();
        std::uint64_t reads = 0;
        for (const auto& layer : record.layers) reads += layer.actions.crossbar_reads;
        state.SetIterationTime(per_image);
        state.counters["elaborate_ms"] = elaboration * 1e3;
        state.counters["ns_per_read"] = per_image * 1e9 * kImages / static_cast<double>(reads);
        state.counters["reads_per_image"] = static_cast<double>(reads) / kImages;
    }
}

void register_chip(const char* name, const sliver::config::ChipConfig& chip, int bits) {
    benchmark::RegisterBenchmark(name, [chip, bits](benchmark::State& state) { run_chip(state, chip, bits); })
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

int sc_main(int argc, char** argv) {
    sliver::model::prepare_kernel();
    sliver::config::ChipConfig oracle = sliver::support::oracle_chip();
    sliver::config::ChipConfig isaac;
    register_chip("oracle/8bit", oracle, 8);
    register_chip("oracle/4bit", oracle, 4);
    register_chip("isaac/8bit", isaac, 8);
    register_chip("isaac/4bit", isaac, 4);
    benchmark::Initialize(&argc, argv);
    return benchmark::RunSpecifiedBenchmarks() == 1 ? 0 : 1;
}
