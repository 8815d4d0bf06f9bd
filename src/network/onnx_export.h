// A FloatNetwork as an ONNX file (opset 17): what import_onnx() makes of it is the same network, with the
// same grids, so that the same integers come of it. For networks that a command has changed; called by
// app/decompose.h.
//
// Weights of layers that a file had as codes are written as int8 codes with their steps, others as float
// tensors. QuantizeLinear and DequantizeLinear stand for grids, with a Clip between them where a grid has
// fewer codes than its type. Names of nodes stay those of the network.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_seal.h"
#include "network/float_network.h"

namespace sliver::network {

/// Of files that a command of Sliver writes.
constexpr FileSeal kNetworkSeal{"sliver decompose, sha256 ", ""};

/// Plain ONNX bytes that end with the blank kNetworkSeal; `metadata` are entries of metadata_props.
/// InputError for what ONNX has no operator or type for, naming the node.
[[nodiscard]] std::string onnx_bytes(const FloatNetwork& network,
                                     const std::vector<std::pair<std::string, std::string>>& metadata);

}  // namespace sliver::network
