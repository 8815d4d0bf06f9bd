// Runs a FloatNetwork on one image in single precision: for calibration, and to check an import against the
// exporter.
//
// Every sum is taken in the order of the rows, so the result does not depend on the machine's vector width,
// cache sizes or number of threads. run() is const and may be called from several threads at once.
#pragma once

#include <functional>
#include <vector>

#include "network/float_network.h"

namespace sliver::network {

class FloatExecutor {
  public:
    /// `network` must outlive the executor. Packs the weights once.
    explicit FloatExecutor(const FloatNetwork& network);

    using Visit = std::function<void(NodeId, const std::vector<float>&)>;
    /// The output map for `image` (network.input_shape() values, channel-major). `visit`, if given, sees
    /// every node's map in order, ReLU included where it is fused.
    [[nodiscard]] std::vector<float> run(const float* image, const Visit& visit = nullptr) const;

  private:
    const FloatNetwork* network_;
    std::vector<std::vector<float>>
        panels_;  ///< by node: weights of 8 outputs of a group side by side, row after row
    std::vector<NodeId> last_reader_;  ///< by node: after which its map is dropped
};

}  // namespace sliver::network
