// A network from an ONNX file (opset 7 to 22): convolutional, residual and fully connected networks as
// PyTorch, Keras and TensorFlow export them, quantised ones too (QuantizeLinear and DequantizeLinear, QLinear
// operators, QONNX and Brevitas). supported_operators() (network/onnx_operators.h) lists what is understood;
// everything else is refused in one line, naming the node and the nearest thing that works. Called by the
// program and the studies; quantise() takes the result.
//
// Quantised files: codes, steps and zero points of maps and of weights are kept as they are in the file
// (QuantisationGrid, WeightGrid); the float network itself rounds nothing.
#pragma once

#include <filesystem>
#include <string>

#include "network/float_network.h"

namespace sliver::network {

struct ImportOptions {
    std::string output;  ///< name of the output to take; "" where the file has only one
    /// Where NAME.onnx.data may lie ("external data"); empty: such weights are refused.
    std::filesystem::path folder;
};

/// `path` is plain or gzip-compressed ONNX; weights beside it are read. InputError in one line for everything
/// that cannot be used.
[[nodiscard]] FloatNetwork import_onnx(const std::filesystem::path& path, const std::string& output = "");
/// The same from the bytes of such a file; `path` names the network and stands in messages.
[[nodiscard]] FloatNetwork import_onnx_bytes(std::string bytes, const std::filesystem::path& path,
                                             const ImportOptions& options = {});

}  // namespace sliver::network
