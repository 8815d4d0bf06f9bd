#include "network/onnx_model.h"

#include <google/protobuf/stubs/logging.h>

#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"

namespace sliver::network {

namespace {

std::unique_ptr<onnx::ModelProto> parse(const std::string& file, const std::string& bytes) {
    if (bytes.empty()) refuse("{}: is empty; an ONNX model is wanted", file);
    auto model = std::make_unique<onnx::ModelProto>();
    const google::protobuf::LogSilencer quiet;  // the refusal below is the one line the user gets
    if (!model->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        refuse("{}: is not an ONNX model, or is cut short ({} bytes)", file, bytes.size());
    if (!model->has_graph() || model->ir_version() <= 0)
        refuse("{}: is not an ONNX model, or is cut short: it holds no {}", file,
               model->has_graph() ? "format version" : "graph");
    return model;
}

void check_opset(const std::string& file, const onnx::ModelProto& model) {
    bool named = false;
    for (const auto& set : model.opset_import()) {
        if (!set.domain().empty() && set.domain() != "ai.onnx") continue;
        named = true;
        if (set.version() < kOldestOpset || set.version() > kNewestOpset)
            refuse("{}: uses ONNX opset {}; supported are {} to {}", file, set.version(), kOldestOpset,
                   kNewestOpset);
    }
    if (!named) refuse("{}: names no ONNX operator set (opset_import); the file may be cut short", file);
}

std::string names_of(const std::vector<std::string>& names) {
    constexpr std::size_t kMostShown = 3;
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kMostShown; ++i)
        text += (text.empty() ? "'" : ", '") + printable(names[i]) + "'";
    if (names.size() > kMostShown) text += fmt::format(" and {} more", names.size() - kMostShown);
    return text;
}

void find_ends(OnnxModel& model) {
    const onnx::GraphProto& graph = model.graph();
    if (graph.node_size() == 0) refuse("{}: its graph has no nodes", model.source);
    // Up to IR version 3 initialisers are listed among the inputs too.
    std::set<std::string> constants;
    for (const auto& tensor : graph.initializer()) constants.insert(tensor.name());
    std::vector<std::string> inputs, outputs;
    for (const auto& value : graph.input())
        if (constants.count(value.name()) == 0) inputs.push_back(value.name());
    for (const auto& value : graph.output()) outputs.push_back(value.name());
    if (inputs.size() != 1)
        refuse("{}: has {} inputs{}{}; a network with one input is wanted", model.source, inputs.size(),
               inputs.empty() ? "" : ": ", names_of(inputs));
    if (outputs.size() != 1)
        refuse("{}: has {} outputs{}{}; a network with one output is wanted", model.source, outputs.size(),
               outputs.empty() ? "" : ": ", names_of(outputs));
    if (graph.sparse_initializer_size() != 0)
        refuse("{}: holds sparse tensors, which are not read", model.source);
    model.input_name = inputs[0];
    model.output_name = outputs[0];
}

void read_input_shape(OnnxModel& model) {
    const std::string label = printable(model.input_name);
    const onnx::ValueInfoProto* input = nullptr;
    for (const auto& value : model.graph().input())
        if (value.name() == model.input_name) input = &value;
    if (input == nullptr || !input->type().has_tensor_type() || !input->type().tensor_type().has_shape())
        refuse("{}: input '{}' has no shape", model.source, label);
    const auto& tensor = input->type().tensor_type();
    if (tensor.elem_type() != onnx::TensorProto::FLOAT)
        refuse("{}: input '{}' must be float", model.source, label);
    const int rank = tensor.shape().dim_size();
    if (rank != 4 && rank != 2)
        refuse(
            "{}: input '{}' has {} dimensions; (batch, channels, height, width) or (batch, features) is "
            "wanted",
            model.source, label, rank);
    std::size_t size = 1;
    std::vector<int> extents;
    for (int i = 0; i < rank; ++i) {
        const auto& dim = tensor.shape().dim(i);
        if (!dim.has_dim_value()) {
            if (i > 0)
                refuse("{}: input '{}': dimension {} is not fixed; only the batch may be open", model.source,
                       label, i);
            continue;
        }
        const std::int64_t extent = dim.dim_value();
        // Some exporters write an open batch as 0 or -1.
        if (i == 0) {
            constexpr std::int64_t kLargestBatch = 1 << 20;
            if (extent > kLargestBatch) refuse("{}: input '{}': a batch of {}", model.source, label, extent);
            model.batch = extent > 0 ? extent : 1;
            continue;
        }
        if (extent <= 0 || static_cast<std::size_t>(extent) > kLargestMap / size)
            refuse("{}: input '{}': dimension {} is {}, which makes no image of at most {} values",
                   model.source, label, i, extent, kLargestMap);
        size *= static_cast<std::size_t>(extent);
        extents.push_back(static_cast<int>(extent));
    }
    model.input_rank = rank;
    model.input_shape = rank == 4 ? Shape{extents[0], extents[1], extents[2]} : Shape{extents[0], 1, 1};
}

}  // namespace

OnnxModel parse_onnx(std::string bytes, const std::string& source) {
    OnnxModel model;
    model.source = source;
    const std::string file = unpacked(std::move(bytes), source, kDataFile);
    model.bytes = file.size();
    model.proto = parse(model.source, file);
    check_opset(model.source, *model.proto);
    find_ends(model);
    read_input_shape(model);
    return model;
}

}  // namespace sliver::network
