#include "engine/engine_kernels.h"

#include "base/size.h"

namespace sliver::engine {

const EngineKernels& engine_kernels(InstructionSet set) {
    switch (bitline::kernels(set).set) {  // refuses what the processor lacks
#if SLIVER_X86
        case InstructionSet::avx512:
            return kAvx512Engine;
        case InstructionSet::avx2:
            return kAvx2Engine;
#endif
        default:
            return kPortableEngine;
    }
}

namespace planes {
namespace {
constexpr int kWordRows = 32;
}  // namespace

int words(int rows) {
    const int exact = (rows + kWordRows - 1) / kWordRows;
    return exact <= 4 ? exact : (exact + 3) / 4 * 4;
}

std::size_t cell_bytes(int rows, int cell_bits) {
    return size(words(rows)) * size(cell_bits) * kLaneOutputs * sizeof(std::uint32_t);
}

void pack_cells(const std::uint8_t* levels, int rows, int cell_bits, void* out) {
    auto* packed = static_cast<std::uint32_t*>(out);
    for (int row = 0; row < rows; ++row, levels += kLaneOutputs) {
        std::uint32_t* word = packed + row / kWordRows * cell_bits * kLaneOutputs;
        for (int bit = 0; bit < cell_bits; ++bit)
            for (int lane = 0; lane < kLaneOutputs; ++lane)
                word[bit * kLaneOutputs + lane] |= (static_cast<std::uint32_t>(levels[lane]) >> bit & 1U)
                                                   << (row % kWordRows);
    }
}

std::size_t digit_places(int rows, int, int digit_bits) {
    return size(words(rows)) * size(digit_bits);
}

std::size_t pack_plane(const std::uint64_t* digits, int rows, int, int digit_bits, std::uint32_t* out) {
    const int count = words(rows);
    const int sources = (rows + 63) / 64;
    for (int bit = 0; bit < digit_bits; ++bit) {
        for (int word = 0; word < count; ++word, ++out) {
            const std::uint64_t source = word / 2 < sources ? digits[bit * sources + word / 2] : 0;
            *out = static_cast<std::uint32_t>(word % 2 == 0 ? source : source >> 32);
        }
    }
    return size(count) * size(digit_bits);
}

}  // namespace planes
}  // namespace sliver::engine
