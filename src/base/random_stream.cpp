#include "base/random_stream.h"

#include <cmath>

#include "base/plain_math.h"

namespace sliver {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;

std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ value >> 30U) * 0xbf58476d1ce4e5b9U;
    value = (value ^ value >> 27U) * 0x94d049bb133111ebU;
    return value ^ value >> 31U;
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::initializer_list<std::uint64_t> place)
    : state_(mixed(seed + kStep)) {
    for (const std::uint64_t part : place) state_ = mixed((state_ ^ part) + kStep);
}

std::uint64_t RandomStream::next() {
    state_ += kStep;
    return mixed(state_);
}

double RandomStream::uniform() {
    return static_cast<double>(next() >> 11U) * 0x1p-53;
}

double RandomStream::gaussian() {
    if (has_spare_) {
        has_spare_ = false;
        return spare_;
    }
    double x, y, square;
    do {
        x = 2 * uniform() - 1;
        y = 2 * uniform() - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * plain_log(square) / square);
    spare_ = y * factor;
    has_spare_ = true;
    return x * factor;
}

}  // namespace sliver
