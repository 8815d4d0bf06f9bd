// The chip's kernels, one call each, in nanoseconds: what a crossbar read costs the model.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "bench_bitline.h"
#include "bitline/column_kernels.h"

namespace {

using namespace sliver;

mapping::CellArray random_array(int rows, int columns, int cell_bits, std::mt19937_64& random) {
    mapping::CellArray array;
    array.rows = rows;
    array.columns = columns;
    array.words = (rows + 63) / 64;
    array.groups = (columns + 7) / 8;
    array.cell_bits = cell_bits;
    array.bits.resize(static_cast<std::size_t>(array.groups * array.words * cell_bits * 8));
    for (std::uint64_t& word : array.bits) word = random() & random();
    return array;
}

/// Planes with about a quarter of the rows driven.
struct Window {
    std::vector<std::uint64_t> digits;
    std::vector<bitline::DigitPlane> planes;
    Window(int count, int digit_bits, std::mt19937_64& random) {
        const std::size_t words = static_cast<std::size_t>(digit_bits) * 2;
        digits.resize(static_cast<std::size_t>(count) * words);
        for (std::uint64_t& word : digits) word = random() & random();
        for (std::size_t plane = 0; plane < static_cast<std::size_t>(count); ++plane) {
            planes.push_back(bitline::plane_of({static_cast<int>(plane), digit_bits, false}));
            planes.back().digits = &digits[plane * words];
        }
    }
};

/// `arrays` crossbars read in turn, `planes` planes each time: one stays in the L1 cache, 64 (256 KiB) in the
/// L2.
void column_sums(benchmark::State& state, bitline::InstructionSet set, int planes, int digit_bits,
                 std::size_t arrays) {
    std::mt19937_64 random(3);
    std::vector<mapping::CellArray> chip;
    for (std::size_t i = 0; i < arrays; ++i) chip.push_back(random_array(128, 128, 2, random));
    const Window window(planes, digit_bits, random);
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(planes) * 128);
    const bitline::Kernels& kernels = bitline::kernels(set);
    std::size_t next = 0;
    for (auto _ : state) {
        kernels.column_sums(chip[next], window.planes.data(), planes, sums.data());
        benchmark::DoNotOptimize(sums.data());
        benchmark::ClobberMemory();
        next = next + 1 == arrays ? 0 : next + 1;
    }
    state.counters["column_sums/s"] = benchmark::Counter(
        128.0 * planes * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void convert(benchmark::State& state, bitline::InstructionSet set, int planes) {
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(planes) * 128), limits(128, 63),
        codes(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<std::uint32_t>(i % 80);
    const bitline::Kernels& kernels = bitline::kernels(set);
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            kernels.convert(sums.data(), limits.data(), 128, {nullptr, planes, 128}, codes.data()));
        benchmark::ClobberMemory();
    }
}

void shift_add(benchmark::State& state, bitline::InstructionSet set, int planes) {
    std::mt19937_64 random(3);
    const Window window(planes, 1, random);
    std::vector<std::uint32_t> codes(static_cast<std::size_t>(planes) * 128, 5);
    std::vector<std::int32_t> accumulators(128);
    const bitline::Kernels& kernels = bitline::kernels(set);
    int sign = 1;
    for (auto _ : state) {
        kernels.shift_add(codes.data(), 128, {window.planes.data(), planes, 128}, 6, sign,
                          accumulators.data());
        sign = -sign;
        benchmark::ClobberMemory();
    }
}

void pack_digits(benchmark::State& state, bitline::InstructionSet set) {
    std::vector<std::int8_t> codes(128);
    for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::int8_t>(i * 37 % 256);
    std::uint64_t digits[2];
    const bitline::Kernels& kernels = bitline::kernels(set);
    int shift = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(kernels.pack_digits(codes.data(), 128, 2, shift, 1, digits));
        benchmark::ClobberMemory();
        shift = (shift + 1) % 8;
    }
}

}  // namespace

void bench::register_kernels() {
    for (const bitline::InstructionSet set : bitline::available_instruction_sets()) {
        const std::string isa = bitline::name_of(set);
        for (const int planes : {1, 8}) {
            const std::string suffix = "/" + isa + "/planes:" + std::to_string(planes);
            for (const std::size_t arrays : {std::size_t{1}, std::size_t{64}, std::size_t{4516}})
                benchmark::RegisterBenchmark(
                    ("column_sums_128x128x2" + suffix + "/arrays:" + std::to_string(arrays)).c_str(),
                    [=](benchmark::State& state) { column_sums(state, set, planes, 1, arrays); });
            benchmark::RegisterBenchmark(("convert_128" + suffix).c_str(),
                                         [=](benchmark::State& state) { convert(state, set, planes); });
            benchmark::RegisterBenchmark(("shift_add_128" + suffix).c_str(),
                                         [=](benchmark::State& state) { shift_add(state, set, planes); });
        }
        benchmark::RegisterBenchmark(("column_sums_128x128x2_dac2/" + isa).c_str(),
                                     [=](benchmark::State& state) { column_sums(state, set, 1, 2, 1); });
        benchmark::RegisterBenchmark(("pack_digits_128/" + isa).c_str(), pack_digits, set);
    }
}
