// Read noise: what the current of a column deviates by from one read to the next.
//
// Every driven cell contributes independent white noise with a standard deviation that is a share of its
// conductance (cells.read_noise), so a column sum has a Gaussian error with the variance
//     sum over driven rows of digit^2 x (share x Geff / step)^2        in units of one cell level.
// A draw belongs to its read (seed, array, image, window, digit), not to a sequence: chip and functional
// engine draw the same, in any order. Does not model: telegraph noise, correlation between reads, noise of
// drivers and amplifiers. Called behind analog_sums() by the chip's Crossbar and by AnalogLayer.
#pragma once

#include <cstdint>

#include "bitline/analog_kernels.h"

namespace sliver::bitline {

/// Which read of an array: image of the run, window of the image, lowest bit of the digit.
struct ReadName {
    std::uint64_t image = 0, window = 0, shift = 0;
};

/// Adds the noise of one read to `sums`, for columns in use; nothing where the array has no noise.
void add_read_noise(const AnalogArray& array, const std::uint64_t* digits, int digit_bits,
                    const ReadName& read, float* sums);

}  // namespace sliver::bitline
