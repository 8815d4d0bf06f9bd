#include "network/onnx_operators.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "network/onnx_handlers.h"
#include "network/onnx_node.h"

namespace sliver::network {

namespace {

struct OperatorEntry {
    const char*
        domain;  // "" for ONNX itself, "ms" for com.microsoft, "qonnx" for those of QONNX and Brevitas
    const char* name;
    OnnxHandler handler;  // null: on constants and shapes only
    const char* what;
};

constexpr const char* kLayer = "layer of crossbars";
constexpr const char* kPool = "pool of the post-processor";
constexpr const char* kTable = "table of the post-processor";
constexpr const char* kArithmetic = "with a constant: folded into a layer, else scaling; of maps: addition";
constexpr const char* kFactor = "with a constant: folded into a layer, else scaling; of maps: product";
constexpr const char* kLimits = "limits of the node in front, else a table";
constexpr const char* kNothing = "nothing is left of it";
constexpr const char* kOrder = "order of weights or images, else values are moved";
constexpr const char* kMoved = "values are moved; nothing where it changes none";
constexpr const char* kConstants = "on constants and shapes only";
constexpr const char* kEnd = "at the end: left out, and said";
constexpr const char* kSteps = "steps of a map or of weights";
constexpr const char* kQuantisedLayer = "layer of crossbars with the file's steps";
constexpr const char* kQuantised = "as without QLinear, with the file's steps";

const OperatorEntry kOperators[] = {
    {"", "Abs", import_function, kTable},
    {"", "Add", import_add, kArithmetic},
    {"", "ArgMax", import_tail, kEnd},
    {"", "AveragePool", import_pool, kPool},
    {"", "BatchNormalization", import_batch_norm, "folded into a layer, else scaling"},
    {"", "Cast", import_cast, kNothing},
    {"", "Ceil", nullptr, kConstants},
    {"", "Clip", import_clip, kLimits},
    {"", "Concat", import_concat, "maps one behind the other"},
    {"", "Constant", import_constant, "a constant"},
    {"", "ConstantOfShape", nullptr, kConstants},
    {"", "Conv", import_conv, "layer of crossbars; groups, dilation, one or two dimensions"},
    {"", "ConvInteger", import_conv_integer, kQuantisedLayer},
    {"", "DepthToSpace", import_depth_to_space, kMoved},
    {"", "DequantizeLinear", import_dequantize, kSteps},
    {"", "Div", import_div, "by a constant: folded into a layer, else scaling"},
    {"", "Dropout", import_dropout, kNothing},
    {"", "DynamicQuantizeLinear", import_dynamic_quantize, "steps from calibration, and said"},
    {"", "Elu", import_function, kTable},
    {"", "Equal", nullptr, kConstants},
    {"", "Erf", import_function, kTable},
    {"", "Exp", import_function, kTable},
    {"", "Expand", import_expand, kMoved},
    {"", "Flatten", import_flatten, kOrder},
    {"", "Floor", nullptr, kConstants},
    {"", "Gather", import_gather, "by constant places: values are moved"},
    {"", "Gelu", import_function, kTable},
    {"", "Gemm", import_gemm, kLayer},
    {"", "GlobalAveragePool", import_global_pool, kPool},
    {"", "GlobalMaxPool", import_global_pool, kPool},
    {"", "Greater", nullptr, kConstants},
    {"", "HardSigmoid", import_function, kTable},
    {"", "HardSwish", import_function, kTable},
    {"", "Hardmax", import_tail, kEnd},
    {"", "Identity", import_identity, kNothing},
    {"", "LeakyRelu", import_function, kTable},
    {"", "Less", nullptr, kConstants},
    {"", "Log", import_function, kTable},
    {"", "LogSoftmax", import_tail, kEnd},
    {"", "MatMul", import_matmul, "by a constant matrix: layer of crossbars"},
    {"", "MatMulInteger", import_matmul_integer, kQuantisedLayer},
    {"", "Max", import_extreme, kLimits},
    {"", "MaxPool", import_pool, kPool},
    {"", "Min", import_extreme, kLimits},
    {"", "Mish", import_function, kTable},
    {"", "Mod", nullptr, kConstants},
    {"", "Mul", import_mul, kFactor},
    {"", "Neg", import_function, "folded into a layer, else scaling"},
    {"", "Not", nullptr, kConstants},
    {"", "PRelu", import_prelu, kTable},
    {"", "Pad", import_pad, "zeros: in the window of the layer behind; else values are moved"},
    {"", "Pow", import_pow, kTable},
    {"", "QLinearConv", import_qlinear_conv, kQuantisedLayer},
    {"", "QLinearMatMul", import_qlinear_matmul, kQuantisedLayer},
    {"", "QuantizeLinear", import_quantize, kSteps},
    {"", "Range", nullptr, kConstants},
    {"", "Reciprocal", import_function, kTable},
    {"", "ReduceMax", import_reduce, kPool},
    {"", "ReduceMean", import_reduce, kPool},
    {"", "ReduceProd", nullptr, kConstants},
    {"", "ReduceSum", import_reduce, kPool},
    {"", "Relu", import_relu, "in the node in front, else a node of its own"},
    {"", "Reshape", import_reshape, kOrder},
    {"", "Resize", import_resize, "nearest: values are moved"},
    {"", "Selu", import_function, kTable},
    {"", "Shape", import_shape, "a constant"},
    {"", "Sigmoid", import_function, kTable},
    {"", "Size", import_size, "a constant"},
    {"", "Slice", import_slice, kMoved},
    {"", "Softmax", import_tail, kEnd},
    {"", "Softplus", import_function, kTable},
    {"", "SpaceToDepth", import_space_to_depth, kMoved},
    {"", "Split", import_split, kMoved},
    {"", "Sqrt", import_function, kTable},
    {"", "Squeeze", import_squeeze, kOrder},
    {"", "Sub", import_sub, kArithmetic},
    {"", "Sum", import_sum, "additions of maps"},
    {"", "Swish", import_function, kTable},
    {"", "Tanh", import_function, kTable},
    {"", "Tile", import_tile, kMoved},
    {"", "TopK", import_tail, kEnd},
    {"", "Transpose", import_transpose, kOrder},
    {"", "Unsqueeze", import_unsqueeze, kOrder},
    {"", "Upsample", import_resize, "nearest: values are moved"},
    {"", "Where", nullptr, kConstants},
    {"com.microsoft", "DequantizeLinear", import_dequantize, kSteps},
    {"com.microsoft", "Gelu", import_function, kTable},
    {"com.microsoft", "QGemm", import_qgemm, kQuantisedLayer},
    {"com.microsoft", "QLinearAdd", import_qlinear_add, kQuantised},
    {"com.microsoft", "QLinearAveragePool", import_qlinear_pool, kQuantised},
    {"com.microsoft", "QLinearConcat", import_qlinear_concat, kQuantised},
    {"com.microsoft", "QLinearGlobalAveragePool", import_qlinear_pool, kQuantised},
    {"com.microsoft", "QLinearLeakyRelu", import_qlinear_function, kQuantised},
    {"com.microsoft", "QLinearMul", import_qlinear_mul, kQuantised},
    {"com.microsoft", "QLinearSigmoid", import_qlinear_function, kQuantised},
    {"com.microsoft", "QuantizeLinear", import_quantize, kSteps},
    {"qonnx", "BipolarQuant", import_bipolar, "steps of 1 bit"},
    {"qonnx", "Quant", import_quant, "steps of a map or of weights, 1 to 8 bits"},
};

/// Names under which QONNX, FINN and Brevitas write the same operators.
std::string own_domain(const std::string& domain) {
    for (const char* name : {"onnx.brevitas", "qonnx.custom_op.general", "qonnx", "finn.custom_op.general"})
        if (domain == name) return "qonnx";
    return domain;
}

const OperatorEntry* entry_of(const std::string& domain, const std::string& name) {
    const std::string own = own_domain(domain);
    for (const OperatorEntry& entry : kOperators)
        if (own == entry.domain && name == entry.name) return &entry;
    return nullptr;
}

/// What to do instead, of what is often met.
const char* nearest_thing(const std::string& name) {
    static const std::map<std::string, const char*> hints{
        {"Attention", "attention is not supported: Conv and Gemm layers are"},
        {"MultiHeadAttention", "attention is not supported: Conv and Gemm layers are"},
        {"LayerNormalization", "norms over each image are not supported: BatchNormalization is"},
        {"InstanceNormalization", "norms over each image are not supported: BatchNormalization is"},
        {"GroupNormalization", "norms over each image are not supported: BatchNormalization is"},
        {"LRN", "norms over each image are not supported: BatchNormalization is"},
        {"LpNormalization", "norms over each image are not supported: BatchNormalization is"},
        {"LSTM", "recurrent networks are not supported: convolutional and fully connected ones are"},
        {"GRU", "recurrent networks are not supported: convolutional and fully connected ones are"},
        {"RNN", "recurrent networks are not supported: convolutional and fully connected ones are"},
        {"Scan", "loops are not supported: export the network for a fixed shape"},
        {"Loop", "loops are not supported: export the network for a fixed shape"},
        {"If", "branches are not supported: export the network for a fixed shape, in evaluation mode"},
        {"ConvTranspose", "use Resize (nearest) and Conv"},
        {"NonMaxSuppression", "take the maps in front of it as the output (--logits NAME)"},
        {"RoiAlign", "take the maps in front of it as the output (--logits NAME)"},
        {"LpPool", "use AveragePool or MaxPool"},
        {"MaxUnpool", "use Resize (nearest)"},
        {"GridSample", "use Resize (nearest)"},
        {"Einsum", "use MatMul with a constant, or Gemm"},
        {"FusedConv", "export the network without the optimisations of ONNX Runtime"},
        {"FusedGemm", "export the network without the optimisations of ONNX Runtime"},
        {"FusedMatMul", "export the network without the optimisations of ONNX Runtime"},
        {"Trunc", "use Quant of 1 to 8 bits"},
    };
    const auto found = hints.find(name);
    return found == hints.end() ? "`sliver list operators` shows what is" : found->second;
}

}  // namespace

std::vector<SupportedOperator> supported_operators() {
    std::vector<SupportedOperator> list;
    for (const OperatorEntry& entry : kOperators) list.push_back({entry.name, entry.domain, entry.what});
    std::sort(list.begin(), list.end(), [](const SupportedOperator& a, const SupportedOperator& b) {
        return a.domain != b.domain ? a.domain < b.domain : a.name < b.name;
    });
    return list;
}

OnnxHandler find_handler(const std::string& domain, const std::string& name) {
    const OperatorEntry* entry = entry_of(domain, name);
    return entry == nullptr ? nullptr : entry->handler;
}

bool is_known(const std::string& domain, const std::string& name) {
    return entry_of(domain, name) != nullptr;
}

void refuse_operator(const OnnxNode& node) {
    const std::string domain = node.domain().empty() ? "" : printable(node.domain()) + ".";
    const char* hint = nearest_thing(node.op());
    node.fail("operator '{}{}' is not supported; {}", domain, printable(node.op()), hint);
}

}  // namespace sliver::network
