// Logarithm and exponential from additions, multiplications and divisions alone.
//
// The C library's own differ in their last bit from one processor to the next (it chooses fused versions when
// the program runs); what is drawn from a seed must not. A few units in the last place; for the random
// streams and the device models, which need no more.
#pragma once

namespace sliver {

/// Natural logarithm of a finite value > 0.
double plain_log(double value);
/// e^value for |value| < 700.
double plain_exp(double value);

}  // namespace sliver
