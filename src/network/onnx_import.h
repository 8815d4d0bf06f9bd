// A network from an ONNX file.
//
// Reads what PyTorch's exporter writes for convolutional, residual and fully connected networks (opset 7 to
// 17, tried with 11 to 17): Conv, Gemm, MatMul, Add, BatchNormalization, Relu, MaxPool, AveragePool,
// GlobalAveragePool, ReduceMean over the map, Pad with zeros, Flatten, Reshape, Squeeze, Unsqueeze, Dropout,
// Identity, Constant, QuantizeLinear, DequantizeLinear, and on shapes and constants also Shape, Gather,
// Slice, Concat, Cast, Transpose, ConstantOfShape and arithmetic. Everything else is refused, naming the
// node, its operator and this list. Called by the program and the studies; quantise() takes the result.
//
// QuantizeLinear/DequantizeLinear: on constants they are computed; a pair behind a map disappears and fixes
// that map's format (docs/arithmetic.md): for the whole map, whoever reads it. Zero points of maps must be 0.
#pragma once

#include <filesystem>
#include <string>

#include "network/float_network.h"

namespace sliver::network {

/// `path` is plain or gzip-compressed ONNX. InputError in one line for everything that cannot be used.
[[nodiscard]] FloatNetwork import_onnx(const std::filesystem::path& path);
/// The same from the bytes of such a file; `path` names the network and stands in messages.
[[nodiscard]] FloatNetwork import_onnx_bytes(std::string bytes, const std::filesystem::path& path);

}  // namespace sliver::network
