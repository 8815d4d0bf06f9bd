// What the importer does with each operator on maps; onnx_operators.cpp has them in its table. Each refuses
// in words what it does not support. Internal to the importer.
#pragma once

namespace sliver::network {

class Importer;
class OnnxNode;

// onnx_matrix.cpp
void import_conv(Importer& in, const OnnxNode& node);
void import_gemm(Importer& in, const OnnxNode& node);
void import_matmul(Importer& in, const OnnxNode& node);
void import_pool(Importer& in, const OnnxNode& node);
void import_global_pool(Importer& in, const OnnxNode& node);
void import_reduce(Importer& in, const OnnxNode& node);
void import_batch_norm(Importer& in, const OnnxNode& node);

// onnx_elementwise.cpp
void import_add(Importer& in, const OnnxNode& node);
void import_sub(Importer& in, const OnnxNode& node);
void import_mul(Importer& in, const OnnxNode& node);
void import_div(Importer& in, const OnnxNode& node);
void import_sum(Importer& in, const OnnxNode& node);
void import_pow(Importer& in, const OnnxNode& node);
void import_relu(Importer& in, const OnnxNode& node);
void import_clip(Importer& in, const OnnxNode& node);
void import_extreme(Importer& in, const OnnxNode& node);
void import_prelu(Importer& in, const OnnxNode& node);
void import_function(Importer& in, const OnnxNode& node);
void import_tail(Importer& in, const OnnxNode& node);

// onnx_layout.cpp
void import_identity(Importer& in, const OnnxNode& node);
void import_dropout(Importer& in, const OnnxNode& node);
void import_cast(Importer& in, const OnnxNode& node);
void import_flatten(Importer& in, const OnnxNode& node);
void import_reshape(Importer& in, const OnnxNode& node);
void import_squeeze(Importer& in, const OnnxNode& node);
void import_unsqueeze(Importer& in, const OnnxNode& node);
void import_transpose(Importer& in, const OnnxNode& node);
void import_concat(Importer& in, const OnnxNode& node);
void import_slice(Importer& in, const OnnxNode& node);
void import_split(Importer& in, const OnnxNode& node);
void import_gather(Importer& in, const OnnxNode& node);
void import_pad(Importer& in, const OnnxNode& node);
void import_expand(Importer& in, const OnnxNode& node);
void import_tile(Importer& in, const OnnxNode& node);
void import_resize(Importer& in, const OnnxNode& node);
void import_depth_to_space(Importer& in, const OnnxNode& node);
void import_space_to_depth(Importer& in, const OnnxNode& node);

// onnx_shapes.cpp
void import_constant(Importer& in, const OnnxNode& node);
void import_shape(Importer& in, const OnnxNode& node);
void import_size(Importer& in, const OnnxNode& node);

// onnx_quantised.cpp
void import_quantize(Importer& in, const OnnxNode& node);
void import_dequantize(Importer& in, const OnnxNode& node);
void import_quant(Importer& in, const OnnxNode& node);
void import_bipolar(Importer& in, const OnnxNode& node);
void import_dynamic_quantize(Importer& in, const OnnxNode& node);
void import_qlinear_conv(Importer& in, const OnnxNode& node);
void import_qlinear_matmul(Importer& in, const OnnxNode& node);
void import_qgemm(Importer& in, const OnnxNode& node);
void import_qlinear_add(Importer& in, const OnnxNode& node);
void import_qlinear_mul(Importer& in, const OnnxNode& node);
void import_qlinear_concat(Importer& in, const OnnxNode& node);
void import_qlinear_pool(Importer& in, const OnnxNode& node);
void import_qlinear_function(Importer& in, const OnnxNode& node);
void import_conv_integer(Importer& in, const OnnxNode& node);
void import_matmul_integer(Importer& in, const OnnxNode& node);

}  // namespace sliver::network
