// An ONNX file, parsed and checked as a whole: that it is a model, whole, of an operator set that is
// understood, with one input and the output that is wanted. What its nodes say is the importer's business.
// Internal to the importer.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sliver::network {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 22;

struct OnnxModel {
    std::string source;     ///< the file, for messages
    std::size_t bytes = 0;  ///< of the file, unpacked
    std::unique_ptr<onnx::ModelProto> proto;
    std::string input_name;  ///< the one input that is no initialiser
    int input_type = 0;      ///< onnx::TensorProto::DataType of it
    std::string output_name;
    std::vector<std::string> other_outputs;  ///< which nobody asked for
    std::int64_t batch = 1;                  ///< first dimension of the input; 1 where it is symbolic
    std::vector<std::int64_t> input_dims;    ///< the others: one, two or three
    [[nodiscard]] const onnx::GraphProto& graph() const { return proto->graph(); }
};

/// Parses a plain or gzip-compressed ONNX file; `source` names it. InputError with one line for everything
/// that is wrong with it. `output` is the one to take; "" where there is only one.
[[nodiscard]] OnnxModel parse_onnx(std::string bytes, const std::string& source, const std::string& output);

}  // namespace sliver::network
