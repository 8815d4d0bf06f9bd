// What a quantised network computes for images, node by node, as plain arrays in a .npz: to be held against
// another tool's values (scripts/against-onnxruntime).
//
// Names and meaning: docs/results.md, "Exported maps". Integers of the golden executor; the images are there,
// too, as the network takes them. The same input gives the same bytes. Called by `sliver export --maps`.
#pragma once

#include <cstddef>
#include <string>

#include "app/loaded_network.h"
#include "network/images.h"

namespace sliver::app {

/// Images [first, first + count) of `set`, which must be there, by `threads` threads.
std::string map_archive(const LoadedNetwork& loaded, const network::QuantisedNetwork& network,
                        const network::ImageSet& set, std::size_t first, std::size_t count, int threads);

}  // namespace sliver::app
