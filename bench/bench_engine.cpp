// The functional engine on VGG-11: one image (latency) and a batch (throughput), by converter width,
// instruction set and threads; histograms of all column sums; runs that start from remembered maps. Every
// conversion of the chip is accounted for; conversions/s counts them all, skipped or not.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench_bitline.h"
#include "engine/functional_engine.h"
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

mapping::AdcWidths uniform_converters(const Subject& subject, int bits, int drop) {
    mapping::AdcWidths widths = bench::uniform_widths(subject.mapping, bits);
    if (drop > 0) {
        widths.drops = widths.bits;
        for (std::vector<int>& layer : widths.drops) layer.assign(layer.size(), drop);
    }
    return widths;
}

void infer(benchmark::State& state, const Subject& subject, bitline::InstructionSet set, int bits, int drop,
           int threads, std::size_t count, bool record_sums) {
    const engine::FunctionalEngine engine(subject.network, subject.mapping, 1, {set, threads, record_sums});
    const mapping::AdcWidths widths = uniform_converters(subject, bits, drop);
    std::size_t first = 0;
    const std::size_t pixels = subject.network.nodes.front().shape.size();
    std::uint64_t clipped = 0;
    for (auto _ : state) {
        const engine::BatchResult result = engine.run(&subject.images[first * pixels], count, widths);
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

/// Histograms of all column sums.
void profile(benchmark::State& state, const Subject& subject, bitline::InstructionSet set) {
    constexpr std::size_t kCount = 8;
    const engine::FunctionalEngine engine(subject.network, subject.mapping, 1, {set, 1, false});
    for (auto _ : state)
        benchmark::DoNotOptimize(engine.profile(subject.images.data(), kCount).groups.data());
    const double images = static_cast<double>(state.iterations()) * static_cast<double>(kCount);
    state.counters["images/s"] = benchmark::Counter(images, benchmark::Counter::kIsRate);
    state.counters["conversions/s"] =
        benchmark::Counter(images * subject.conversions, benchmark::Counter::kIsRate);
}

/// One layer's converters narrower than those of the remembered run, as a search over widths tries them.
void run_changed(benchmark::State& state, const Subject& subject, bitline::InstructionSet set,
                 std::size_t layer) {
    const engine::FunctionalEngine engine(subject.network, subject.mapping, 1, {set, 1, false});
    mapping::AdcWidths widths = bench::uniform_widths(subject.mapping, 8);
    (void)engine.remember(subject.images.data(), kImages, widths);
    widths.bits[layer].assign(widths.bits[layer].size(), 5);
    for (auto _ : state) benchmark::DoNotOptimize(engine.run_changed(widths).logits.data());
    state.counters["images/s"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(kImages), benchmark::Counter::kIsRate);
}

void start_up(benchmark::State& state, bitline::InstructionSet set) {
    const Subject& subject = subject_named("dense");
    for (auto _ : state) {
        const engine::FunctionalEngine engine(subject.network, subject.mapping, 1, {set, 1, false});
        benchmark::DoNotOptimize(&engine);
    }
}

void register_network(const std::string& name, bitline::InstructionSet set) {
    const std::string isa = bitline::name_of(set);
    const auto add = [](const std::string& label, auto&& function) {
        benchmark::RegisterBenchmark(label.c_str(), function)
            ->Unit(benchmark::kMillisecond)
            ->MeasureProcessCPUTime()
            ->UseRealTime();
    };
    struct Steps {
        int bits, drop;
    };
    for (const Steps steps : {Steps{8, 0}, {7, 0}, {6, 0}, {5, 0}, {4, 0}, {3, 0}, {3, 2}}) {
        for (const int threads : {1, 2}) {
            for (const std::size_t count : {std::size_t{1}, std::size_t{16}}) {
                const std::string drop = steps.drop > 0 ? "/drop:" + std::to_string(steps.drop) : "";
                add("vgg11/" + name + "/" + isa + "/adc:" + std::to_string(steps.bits) + drop +
                        "/images:" + std::to_string(count) + "/threads:" + std::to_string(threads),
                    [=](benchmark::State& state) {
                        infer(state, subject_named(name), set, steps.bits, steps.drop, threads, count, false);
                    });
            }
        }
    }
    add("record_sums/" + name + "/" + isa,
        [=](benchmark::State& state) { infer(state, subject_named(name), set, 12, 0, 1, 1, true); });
    add("profile/" + name + "/" + isa,
        [=](benchmark::State& state) { profile(state, subject_named(name), set); });
    for (const std::size_t layer : {std::size_t{0}, std::size_t{4}})
        add("run_changed/" + name + "/" + isa + "/layer:" + std::to_string(layer),
            [=](benchmark::State& state) { run_changed(state, subject_named(name), set, layer); });
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
