// A quantised network as plain arrays in a .npz, so that anyone can check the arithmetic with another tool.
//
// Names and meaning: docs/results.md. Everything is integers; text is UTF-8 bytes in uint8 arrays. The same
// network gives the same bytes. Called by `sliver export`.
#pragma once

#include <string>

#include "network/quantised_network.h"

namespace sliver::app {

std::string network_archive(const network::QuantisedNetwork& network);

}  // namespace sliver::app
