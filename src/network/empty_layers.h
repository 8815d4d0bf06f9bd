// Matrix layers whose weights are all zero (pruned away, or left without a bit plane by BSQ): what they put
// out are their biases, whatever comes in.
#pragma once

#include <string>
#include <vector>

#include "network/quantised_network.h"

namespace sliver::network {

/// Makes a gather that reads nothing of every matrix node without a weight: each channel is filled with the
/// code that its bias gives. Names and shapes stay. Returns the names. One layer stays in any case: a
/// network without any has no arrays.
std::vector<std::string> fold_empty_layers(QuantisedNetwork& network);

}  // namespace sliver::network
