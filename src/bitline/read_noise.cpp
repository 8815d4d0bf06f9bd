#include "bitline/read_noise.h"

#include <cmath>
#include <vector>

#include "base/random_stream.h"

namespace sliver::bitline {

void add_read_noise(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                    const ReadName& read, float* sums) {
    if (array.variances.empty()) return;
    thread_local std::vector<float> variance;  // a read's; hot, and never the same array twice in a row
    variance.assign(static_cast<std::size_t>(array.stride), 0.0F);
    for_driven_rows(array, digits, digit_bits, [&](int row, int digit) {
        const float* of_row =
            &array.variances[static_cast<std::size_t>(row) * static_cast<std::size_t>(array.stride)];
        const auto squared = static_cast<float>(digit * digit);
        for (int column = 0; column < array.stride; ++column)
            variance[static_cast<std::size_t>(column)] += squared * of_row[column];
    });
    RandomStream draws(array.noise_seed, {read.image, read.window, read.shift});
    for (int column = 0; column < array.columns; ++column)
        sums[column] += static_cast<float>(
            std::sqrt(static_cast<double>(variance[static_cast<std::size_t>(column)])) * draws.gaussian());
}

}  // namespace sliver::bitline
