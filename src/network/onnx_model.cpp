#include "network/onnx_model.h"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"
#include "network/quantised_network.h"

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
            refuse("{}: uses ONNX opset {}; supported are {} to {} (export with opset_version={})", file,
                   set.version(), kOldestOpset, kNewestOpset, kNewestOpset < set.version() ? 17 : 13);
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

void find_ends(OnnxModel& model, const std::string& wanted) {
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
    if (outputs.empty()) refuse("{}: has no outputs; a network with one output is wanted", model.source);
    if (wanted.empty() && outputs.size() != 1)
        refuse("{}: has {} outputs: {}; say which of them are the logits (--logits NAME)", model.source,
               outputs.size(), names_of(outputs));
    const auto chosen = wanted.empty() ? outputs.begin() : std::find(outputs.begin(), outputs.end(), wanted);
    if (chosen == outputs.end())
        refuse("{}: has no output '{}' (--logits); there {} {}", model.source, printable(wanted),
               outputs.size() == 1 ? "is" : "are", names_of(outputs));
    if (graph.sparse_initializer_size() != 0)
        refuse("{}: holds sparse tensors, which are not read", model.source);
    model.input_name = inputs[0];
    model.output_name = *chosen;
    for (const std::string& output : outputs)
        if (output != model.output_name) model.other_outputs.push_back(output);
}

void read_input_shape(OnnxModel& model) {
    const std::string label = printable(model.input_name);
    const onnx::ValueInfoProto* input = nullptr;
    for (const auto& value : model.graph().input())
        if (value.name() == model.input_name) input = &value;
    if (input == nullptr || !input->type().has_tensor_type() || !input->type().tensor_type().has_shape())
        refuse("{}: input '{}' has no shape", model.source, label);
    const auto& tensor = input->type().tensor_type();
    switch (tensor.elem_type()) {
        case onnx::TensorProto::FLOAT:
        case onnx::TensorProto::FLOAT16:
        case onnx::TensorProto::DOUBLE:
        case onnx::TensorProto::INT8:
        case onnx::TensorProto::UINT8:
        case onnx::TensorProto::INT32:
            break;
        default:
            refuse("{}: input '{}' must be float, float16, double, int8, uint8 or int32", model.source,
                   label);
    }
    model.input_type = tensor.elem_type();
    const int rank = tensor.shape().dim_size();
    if (rank < 2 || rank > 4)
        refuse(
            "{}: input '{}' has {} dimensions; (batch, channels, height, width), (batch, channels, width) or "
            "(batch, features) is wanted",
            model.source, label, rank);
    std::size_t size = 1;
    for (int i = 0; i < rank; ++i) {
        const auto& dim = tensor.shape().dim(i);
        if (!dim.has_dim_value()) {
            if (i > 0)
                refuse(
                    "{}: input '{}': dimension {}{} is not fixed; only the batch may be open: export the "
                    "network for one image size",
                    model.source, label, i,
                    dim.dim_param().empty() ? "" : " ('" + printable(dim.dim_param()) + "')");
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
        model.input_dims.push_back(extent);
    }
}

}  // namespace

OnnxModel parse_onnx(std::string bytes, const std::string& source, const std::string& output) {
    OnnxModel model;
    model.source = source;
    const std::string file = unpacked(std::move(bytes), source, kDataFile);
    model.bytes = file.size();
    model.proto = parse(model.source, file);
    check_opset(model.source, *model.proto);
    find_ends(model, output);
    read_input_shape(model);
    return model;
}

}  // namespace sliver::network
