// The functional engine on VGG-11: one image (latency) and a batch (throughput), by converter width,
// instruction set and threads. Every conversion of the chip is accounted for; conversions/s counts them all,
// skipped or not.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench_bitline.h"
#include "bitline/functional_engine.h"
#include "shipped_networks.h"
#include "synthetic_network.h"

namespace {

using namespace sliver;

constexpr std::size_t kImages = 32;

struct Subject {
    network::QuantisedNetwork network;
    mapping::NetworkMapping mapping;
    std::vector<std::int32_t> images;
    double conversions = 0;
};

Subject make_subject(network::QuantisedNetwork network, std::vector<std::int32_t> images) {
    Subject subject;
    subject.network = std::move(network);
    subject.mapping = bench::map_for_bench(subject.network);
    subject.images = std::move(images);
    subject.conversions = bench::conversions_of(subject.network, subject.mapping);
    return subject;
}

/// "dense" and "sparse" are synthetic; anything else is the name of a shipped network. Made when first asked
/// for.
const Subject& subject_named(const std::string& name) {
    static std::map<std::string, std::unique_ptr<Subject>> subjects;
    std::unique_ptr<Subject>& subject = subjects[name];
    if (subject == nullptr) {
        if (name == "dense" || name == "sparse") {
            network::QuantisedNetwork network =
                bench::synthetic_vgg11(name == "dense" ? bench::Weights::dense : bench::Weights::sparse);
            std::vector<std::int32_t> images = bench::synthetic_images(network.nodes.front(), kImages);
            subject = std::make_unique<Subject>(make_subject(std::move(network), std::move(images)));
        } else {
            bench::ShippedNetwork shipped = bench::load_shipped(name, kImages);
            subject = std::make_unique<Subject>(
                make_subject(std::move(shipped.network), std::move(shipped.images)));
        }
    }
    return *subject;
}

void infer(benchmark::State& state, const Subject& subject, bitline::InstructionSet set, int bits,
           int threads, std::size_t count, bool record_sums) {
    const bitline::FunctionalEngine engine(subject.network, subject.mapping, 1, {set, threads, record_sums});
    const mapping::AdcWidths widths = bench::uniform_widths(subject.mapping, bits);
    std::size_t first = 0;
    const std::size_t pixels = subject.network.nodes.front().shape.size();
    std::uint64_t clipped = 0;
    for (auto _ : state) {
        const bitline::BatchResult result = engine.run(&subject.images[first * pixels], count, widths);
        benchmark::DoNotOptimize(result.logits.data());
        clipped = 0;
        for (const auto& layer : result.statistics)
            for (const auto& slice : layer) clipped += slice.clipped;
        first = (first + count) % kImages;
    }
    const double images = static_cast<double>(state.iterations()) * static_cast<double>(count);
    state.counters["images/s"] = benchmark::Counter(images, benchmark::Counter::kIsRate);
    state.counters["conversions/s"] =
        benchmark::Counter(images * subject.conversions, benchmark::Counter::kIsRate);
    state.counters["clipped_pct"] =
        100 * static_cast<double>(clipped) / (static_cast<double>(count) * subject.conversions);
}

void start_up(benchmark::State& state, bitline::InstructionSet set) {
    const Subject& subject = subject_named("dense");
    for (auto _ : state) {
        const bitline::FunctionalEngine engine(subject.network, subject.mapping, 1, {set, 1, false});
        benchmark::DoNotOptimize(&engine);
    }
}

void register_network(const std::string& name, bitline::InstructionSet set) {
    const std::string isa = bitline::name_of(set);
    for (const int bits : {8, 7, 6, 5, 4, 3}) {
        for (const int threads : {1, 2}) {
            for (const std::size_t count : {std::size_t{1}, std::size_t{16}}) {
                const std::string label = "vgg11/" + name + "/" + isa + "/adc:" + std::to_string(bits) +
                                          "/images:" + std::to_string(count) +
                                          "/threads:" + std::to_string(threads);
                benchmark::RegisterBenchmark(label.c_str(),
                                             [=](benchmark::State& state) {
                                                 infer(state, subject_named(name), set, bits, threads, count,
                                                       false);
                                             })
                    ->Unit(benchmark::kMillisecond)
                    ->MeasureProcessCPUTime()
                    ->UseRealTime();
            }
        }
    }
    benchmark::RegisterBenchmark(
        ("record_sums/" + name + "/" + isa).c_str(),
        [=](benchmark::State& state) { infer(state, subject_named(name), set, 12, 1, 1, true); })
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
}

}  // namespace

void bench::register_engine() {
    std::vector<std::string> names = bench::shipped_networks();
    names.insert(names.begin(), {"dense", "sparse"});
    for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
        const std::string label = std::string("start_up/") + bitline::name_of(set);
        benchmark::RegisterBenchmark(label.c_str(), start_up, set)->Unit(benchmark::kMillisecond);
        for (const std::string& name : names) register_network(name, set);
    }
}
