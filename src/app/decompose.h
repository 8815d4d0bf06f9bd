// A network whose weights share bit positions (mapping/shared_bits.h): codes in, digits chosen, a network
// with the new codes out, as ONNX bytes with its digit sets (network/digit_sets.h). The step of each layer
// stays that of the source. Called by `sliver decompose` and tests; no terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/loaded_network.h"
#include "app/progress.h"
#include "config/chip_config.h"
#include "mapping/shared_bits.h"
#include "network/digit_sets.h"

namespace sliver::app {

struct DecomposeRequest {
    const LoadedNetwork& loaded;
    const config::ChipConfig& chip;  ///< weights.digits: shared; its arrays are counted
    mapping::SharedBitsOptions options;
};

struct DecomposedLayer {
    std::string name;
    std::uint64_t weights = 0;
    double average = 0;                         ///< digits a group
    double relative_error = 0;                  ///< rms of the errors over rms of the codes
    std::uint64_t columns = 0;                  ///< digit columns of one copy, both signs
    std::size_t arrays = 0, arrays_before = 0;  ///< before: as `weights.digits: slices` maps the source
};

struct Decomposed {
    network::FloatNetwork network;  ///< as the file reads
    std::vector<DecomposedLayer> layers;
    std::string onnx;  ///< with a blank network::kNetworkSeal
};

/// InputError as import, quantiser, mapper and share_bits() have it.
Decomposed decompose(const DecomposeRequest& request, Progress& progress);

/// The card of the new file: the source's data set and classes; `sha256` of the new file, `command` that
/// made it.
std::string card_text(const network::NetworkCard& of_source, const std::string& name,
                      const std::string& summary, const std::string& sha256, const std::string& command);

}  // namespace sliver::app
