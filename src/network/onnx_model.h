// An ONNX file, parsed and checked as a whole: that it is a model, whole, of an operator set that is
// understood, with one input and one output. What its nodes say is the importer's business. Internal to the
// importer.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "network/quantised_network.h"

namespace sliver::network {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 17;

struct OnnxModel {
    std::string source;  ///< the file, for messages
    std::unique_ptr<onnx::ModelProto> proto;
    std::string input_name;  ///< the one input that is no initialiser
    std::string output_name;
    std::int64_t batch = 1;  ///< first dimension of the input; 1 where it is symbolic
    int input_rank = 4;      ///< 4: (batch, channels, height, width); 2: (batch, features)
    Shape input_shape;
    [[nodiscard]] const onnx::GraphProto& graph() const { return proto->graph(); }
};

/// Most values one activation map may have; it bounds what a hostile file can make us allocate.
constexpr std::size_t kLargestMap = std::size_t{1} << 26;

/// Reads a plain or gzip-compressed ONNX file. InputError with one line for everything that is wrong with it.
[[nodiscard]] OnnxModel load_onnx(const std::filesystem::path& path);

}  // namespace sliver::network
