#!/usr/bin/python3
"""Writes the networks of this folder: small ones by the conventions of the exporters, with images and ONNX Runtime's logits.

    tests/onnx/make_networks.py [NAME ...]

For each: NAME.onnx.gz (or .onnx with .onnx.data beside it), NAME.images.npy.gz, float32 [16, ...] in the layout of the file, and
NAME.logits.npy, float32 [16, classes]: what ONNX Runtime gives for them with its graph optimisations off (in front of a Softmax
at the end). Weights are random numbers from a seed by the name; nothing is trained and nothing is anybody's. The same program
writes the same bytes. Needs python3-onnx, python3-numpy and ONNX Runtime (scripts/setup --tests --python); tests need none
of the three to read what it wrote.

Widths are such that maps stay of the order of one; so steps can be chosen without measuring anything.
"""
import gzip
import io
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).resolve().parent
DRIVER = FOLDER.parents[1] / "scripts/lib/onnxruntime.mjs"
IMAGES = 16
BATCH = "batch"


class Net:
    """A graph that grows: nodes take names of values and give the name of theirs."""

    def __init__(self, name, shape, opset, producer, version):
        self.name, self.shape, self.opset = name, shape, opset
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.constants = [], []
        self.producer, self.version = producer, version
        self.domains = {"": opset}
        self.external = False

    def constant(self, name, values, dtype=np.float32):
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, op, inputs, output, name=None, domain="", **attributes):
        if domain:
            self.domains[domain] = 1
        self.nodes.append(helper.make_node(op, inputs, [output], name=output if name is None else name,
                                           **({"domain": domain} if domain else {}), **attributes))
        return output

    def weights(self, *shape, gain=2.0):
        """Of a layer behind a ReLU (gain 2) or not (1): outputs have about the power of inputs."""
        return self.random.normal(0, np.sqrt(gain / np.prod(shape[1:])), shape).astype(np.float32)

    def biases(self, count):
        return self.random.normal(0, 0.1, count).astype(np.float32)

    def conv(self, x, prefix, outputs, inputs, kernel, group=1, name=None, output=None, gain=2.0, **attributes):
        """As PyTorch exports it: PREFIX.weight, PREFIX.bias, node /PREFIX/Conv."""
        kernel = kernel if isinstance(kernel, (list, tuple)) else (kernel, kernel)
        w = self.constant(f"{prefix}.weight", self.weights(outputs, inputs // group, *kernel, gain=gain))
        b = self.constant(f"{prefix}.bias", self.biases(outputs))
        path = "/" + prefix.replace(".", "/")
        return self.node("Conv", [x, w, b], output or f"{path}/Conv_output_0", name or f"{path}/Conv", group=group,
                         kernel_shape=list(kernel), **attributes)

    def gemm(self, x, prefix, outputs, inputs, output, gain=1.0):
        w = self.constant(f"{prefix}.weight", self.weights(outputs, inputs, gain=gain))
        b = self.constant(f"{prefix}.bias", self.biases(outputs))
        return self.node("Gemm", [x, w, b], output, f"/{prefix}/Gemm", transB=1)

    def model(self, output, width):
        graph = helper.make_graph(
            self.nodes, "main_graph",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, [BATCH, *self.shape])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [BATCH, width])], self.constants)
        model = helper.make_model(graph, producer_name=self.producer, producer_version=self.version,
                                  opset_imports=[helper.make_opsetid(d, v) for d, v in self.domains.items()])
        model.ir_version = 8
        return model


def torch_net(name, shape, opset=18):
    return Net(name, shape, opset, "pytorch", "2.4.0")


def keras_net(name, shape, opset=13):
    return Net(name, shape, opset, "tf2onnx", "1.16.1")


# --- float networks ---

def mobilenet():
    """Inverted residuals with ReLU6, as torchvision's MobileNetV2: Clip with limits in Constant nodes."""
    net = torch_net("mobilenet", [3, 16, 16])

    def relu6(x, path):
        limits = []
        for number, (suffix, value) in enumerate((("", 0), ("_1", 6))):
            limit = f"{path}/Constant{suffix}_output_0"
            net.node("Constant", [], limit, f"{path}/Constant{suffix}", value=numpy_helper.from_array(np.float32(value)))
            limits.append(limit)
        return net.node("Clip", [x, *limits], f"{path}/Clip_output_0", f"{path}/Clip")

    def block(x, prefix, inputs, hidden, outputs, stride, add):
        y = relu6(net.conv(x, f"{prefix}.conv.0.0", hidden, inputs, 1), f"/{prefix}/conv.0/conv.0.2")
        # Wide enough that ReLU6 cuts.
        y = net.conv(y, f"{prefix}.conv.1.0", hidden, hidden, 3, hidden, strides=[stride] * 2, pads=[1] * 4, gain=20)
        y = relu6(y, f"/{prefix}/conv.1/conv.1.2")
        y = net.conv(y, f"{prefix}.conv.2", outputs, hidden, 1, gain=0.2)
        return net.node("Add", [x, y], f"/{prefix}/Add_output_0", f"/{prefix}/Add") if add else y

    x = relu6(net.conv("input", "features.0.0", 8, 3, 3, strides=[2, 2], pads=[1] * 4), "/features.0/features.0.2")
    x = block(x, "features.1", 8, 12, 8, 1, True)
    x = block(x, "features.2", 8, 16, 12, 2, False)
    x = block(x, "features.3", 12, 16, 12, 1, True)
    x = relu6(net.conv(x, "features.4.0", 24, 12, 1), "/features.4/features.4.2")
    x = net.node("GlobalAveragePool", [x], "/GlobalAveragePool_output_0", "/GlobalAveragePool")
    x = net.node("Flatten", [x], "/Flatten_output_0", "/Flatten", axis=1)
    return net, net.gemm(x, "classifier.1", 10, 24, "output"), 10


def squeezenet():
    """Fire modules, pools with ceil_mode, a convolution and an average at the end, and a Softmax."""
    net = torch_net("squeezenet", [3, 17, 17], 17)

    def relu(x, path):
        return net.node("Relu", [x], f"{path}/Relu_output_0", f"{path}/Relu")

    def fire(x, prefix, inputs, squeeze, expand):
        path = "/" + prefix.replace(".", "/")
        x = relu(net.conv(x, f"{prefix}.squeeze", squeeze, inputs, 1), f"{path}/squeeze_activation")
        one = relu(net.conv(x, f"{prefix}.expand1x1", expand, squeeze, 1), f"{path}/expand1x1_activation")
        three = relu(net.conv(x, f"{prefix}.expand3x3", expand, squeeze, 3, pads=[1] * 4), f"{path}/expand3x3_activation")
        return net.node("Concat", [one, three], f"{path}/Concat_output_0", f"{path}/Concat", axis=1)

    def pool(x, path):
        return net.node("MaxPool", [x], f"{path}/MaxPool_output_0", f"{path}/MaxPool", kernel_shape=[3, 3], strides=[2, 2],
                        ceil_mode=1)

    x = relu(net.conv("input", "features.0", 8, 3, 3, strides=[1, 1]), "/features/features.1")
    x = fire(pool(x, "/features/features.2"), "features.3", 8, 4, 6)
    x = fire(pool(x, "/features/features.4"), "features.5", 12, 4, 8)
    x = relu(net.conv(x, "classifier.1", 10, 16, 1), "/classifier/classifier.2")
    x = net.node("GlobalAveragePool", [x], "/classifier/GlobalAveragePool_output_0", "/classifier/GlobalAveragePool")
    x = net.node("Flatten", [x], "/Flatten_output_0", "/Flatten", axis=1)
    return net, net.node("Softmax", [x], "output", "/Softmax", axis=1), 10


def keras_conv(net, x, name, outputs, inputs, kernel, group=1, gain=2.0, **attributes):
    w = net.constant(f"{name}/weights_fused", net.weights(outputs, inputs // group, *kernel, gain=gain))
    b = net.constant(f"{name}/bias_fused", net.biases(outputs))
    return net.node("Conv", [x, w, b], f"{name}:0", name, group=group, kernel_shape=list(kernel), dilations=[1, 1],
                    **attributes)


def keras_relu(net, x, name):
    return net.node("Relu", [x], f"{name}:0", name)


def keras_dense(net, x, outputs, inputs, softmax=True):
    w = net.constant("model/dense/MatMul/ReadVariableOp:0", net.weights(outputs, inputs, gain=1.0).T)
    b = net.constant("model/dense/BiasAdd/ReadVariableOp:0", net.biases(outputs))
    x = net.node("MatMul", [x, w], "model/dense/MatMul:0", "model/dense/MatMul")
    x = net.node("Add", [x, b], "model/dense/BiasAdd:0" if softmax else "dense", "model/dense/BiasAdd")
    return net.node("Softmax", [x], "dense", "model/dense/Softmax", axis=1) if softmax else x


def transpose(net, x, name, perm):
    return net.node("Transpose", [x], f"{name}:0", name, perm=perm)


def reshape(net, x, name, dims):
    return net.node("Reshape", [x, net.constant(f"const_{name}", dims, np.int64)], f"{name}:0", name)


def resnet8():
    """ResNet-8 as MLPerf Tiny has it, narrow: images NHWC, batch norms folded by tf2onnx, odd pads of SAME."""
    net = keras_net("resnet8", [16, 16, 3])

    def block(x, number, inputs, outputs, stride):
        pads = [0, 0, 1, 1] if stride == 2 else [1, 1, 1, 1]
        first = f"model/conv2d_{number}/Conv2D"
        y = keras_relu(net, keras_conv(net, x, first, outputs, inputs, (3, 3), strides=[stride] * 2, pads=pads),
                       f"model/activation_{number}/Relu")
        y = keras_conv(net, y, f"model/conv2d_{number + 1}/Conv2D", outputs, outputs, (3, 3), strides=[1, 1], pads=[1] * 4,
                       gain=1.0)
        if stride == 2:
            x = keras_conv(net, x, f"model/conv2d_{number + 2}/Conv2D", outputs, inputs, (1, 1), strides=[2, 2], gain=1.0)
        x = net.node("Add", [x, y], f"model/add_{number}/add:0", f"model/add_{number}/add")
        return keras_relu(net, x, f"model/activation_{number + 1}/Relu")

    x = transpose(net, "input", "model/conv2d/Conv2D__6", [0, 3, 1, 2])
    x = keras_relu(net, keras_conv(net, x, "model/conv2d/Conv2D", 4, 3, (3, 3), strides=[1, 1], pads=[1] * 4),
                   "model/activation/Relu")
    x = block(x, 1, 4, 4, 1)
    x = block(x, 3, 4, 8, 2)
    x = block(x, 6, 8, 12, 2)
    x = net.node("AveragePool", [x], "model/average_pooling2d/AvgPool:0", "model/average_pooling2d/AvgPool",
                 kernel_shape=[4, 4], strides=[4, 4])
    x = transpose(net, x, "model/average_pooling2d/AvgPool__52", [0, 2, 3, 1])
    return net, keras_dense(net, reshape(net, x, "model/flatten/Reshape", [-1, 12]), 10, 12), 10


def ds_cnn():
    """DS-CNN as MLPerf Tiny has it, narrow: 49 x 10 spectra, depthwise and pointwise convolutions. With one channel tf2onnx
    turns NHWC into NCHW by a Reshape."""
    net = keras_net("ds_cnn", [49, 10, 1], 15)
    x = reshape(net, "input", "model/conv2d/BiasAdd__6", [-1, 1, 49, 10])
    x = keras_relu(net, keras_conv(net, x, "model/conv2d/BiasAdd", 8, 1, (10, 4), strides=[2, 2], pads=[4, 1, 5, 1]),
                   "model/activation/Relu")
    for number in (1, 2):
        x = keras_conv(net, x, f"model/depthwise_conv2d_{number}/depthwise", 8, 8, (3, 3), 8, strides=[1, 1], pads=[1] * 4)
        x = keras_relu(net, x, f"model/activation_{2 * number}/Relu")
        x = keras_conv(net, x, f"model/conv2d_{number}/BiasAdd", 8, 8, (1, 1), strides=[1, 1])
        x = keras_relu(net, x, f"model/activation_{2 * number + 1}/Relu")
    x = net.node("AveragePool", [x], "model/average_pooling2d/AvgPool:0", "model/average_pooling2d/AvgPool",
                 kernel_shape=[25, 5], strides=[25, 5])
    x = net.node("Squeeze", [x, net.constant("axes__20", [2, 3], np.int64)], "model/flatten/Reshape:0", "model/flatten/Reshape")
    return net, keras_dense(net, x, 12, 8), 12


def keras_nhwc():
    """A Keras Sequential: the map is flattened in the order (height, width, channels)."""
    net = keras_net("keras_nhwc", [12, 14, 2], 15)
    x = transpose(net, "input", "sequential/conv2d/BiasAdd__12", [0, 3, 1, 2])
    x = keras_relu(net, keras_conv(net, x, "sequential/conv2d/BiasAdd", 6, 2, (3, 3), strides=[1, 1]), "sequential/conv2d/Relu")
    x = net.node("MaxPool", [x], "sequential/max_pooling2d/MaxPool:0", "sequential/max_pooling2d/MaxPool", kernel_shape=[2, 2],
                 strides=[2, 2])
    x = keras_relu(net, keras_conv(net, x, "sequential/conv2d_1/BiasAdd", 5, 6, (3, 3), strides=[1, 1], auto_pad="SAME_UPPER"),
                   "sequential/conv2d_1/Relu")
    x = transpose(net, x, "sequential/max_pooling2d/MaxPool__20", [0, 2, 3, 1])
    return net, keras_dense(net, reshape(net, x, "sequential/flatten/Reshape", [-1, 150]), 7, 150, False), 7


def gates():
    """SiLU, HardSwish, and squeeze-and-excitation with HardSigmoid, as MobileNetV3 and EfficientNet have them; input
    normalisation in front."""
    net = torch_net("gates", [3, 12, 12])
    mean = net.constant("mean", np.array([0.4, 0.5, 0.3]).reshape(1, 3, 1, 1))
    deviation = net.constant("std", np.array([0.9, 1.1, 1.2]).reshape(1, 3, 1, 1))
    x = net.node("Div", [net.node("Sub", ["input", mean], "/Sub_output_0", "/Sub"), deviation], "/Div_output_0", "/Div")
    x = net.conv(x, "stem", 8, 3, 3, strides=[2, 2], pads=[1] * 4)
    x = net.node("HardSwish", [x], "/act/HardSwish_output_0", "/act/HardSwish")
    x = net.conv(x, "block.0", 8, 8, 3, 8, pads=[1] * 4, gain=6)
    gate = net.node("Sigmoid", [x], "/block/silu/Sigmoid_output_0", "/block/silu/Sigmoid")
    x = net.node("Mul", [x, gate], "/block/silu/Mul_output_0", "/block/silu/Mul")
    y = net.node("GlobalAveragePool", [x], "/se/avgpool/GlobalAveragePool_output_0", "/se/avgpool/GlobalAveragePool")
    y = net.node("Relu", [net.conv(y, "se.fc1", 4, 8, 1)], "/se/Relu_output_0", "/se/Relu")
    y = net.node("HardSigmoid", [net.conv(y, "se.fc2", 8, 4, 1)], "/se/HardSigmoid_output_0", "/se/HardSigmoid",
                 alpha=1 / 6, beta=0.5)
    x = net.node("Mul", [y, x], "/se/Mul_output_0", "/se/Mul")
    x = net.conv(x, "head", 12, 8, 1, gain=4)
    x = net.node("LeakyRelu", [x], "/head/LeakyRelu_output_0", "/head/LeakyRelu", alpha=0.1)
    x = net.node("ReduceMean", [x, net.constant("axes", [-1, -2], np.int64)], "/ReduceMean_output_0", "/ReduceMean", keepdims=0)
    return net, net.gemm(x, "classifier", 6, 12, "output"), 6


def autoencoder():
    """Gemms down and up again, with batch norms: MLPerf Tiny's anomaly detection, narrow. Inputs of rank 2."""
    net = torch_net("autoencoder", [40], 13)
    x, before = "input", 40
    for number, width in enumerate((24, 24, 6, 24)):
        x = net.gemm(x, f"encoder.{3 * number}", width, before, f"/encoder.{3 * number}/Gemm_output_0", 2.0)
        parts = [net.constant(f"encoder.{3 * number + 1}.{part}", values) for part, values in (
            ("weight", net.random.uniform(0.8, 1.2, width)), ("bias", net.biases(width)),
            ("running_mean", net.biases(width)), ("running_var", net.random.uniform(0.5, 1.5, width)))]
        x = net.node("BatchNormalization", [x, *parts], f"/encoder.{3 * number + 1}/BatchNormalization_output_0",
                     f"/encoder.{3 * number + 1}/BatchNormalization", epsilon=1e-5)
        x = net.node("Relu", [x], f"/encoder.{3 * number + 2}/Relu_output_0", f"/encoder.{3 * number + 2}/Relu")
        before = width
    return net, net.gemm(x, "decoder", 40, before, "output"), 40


def conv1d():
    """Convolutions along time: inputs of rank 3."""
    net = torch_net("conv1d", [4, 40], 17)

    def layer(x, prefix, outputs, inputs, kernel, **attributes):
        w = net.constant(f"{prefix}.weight", net.weights(outputs, inputs, kernel))
        b = net.constant(f"{prefix}.bias", net.biases(outputs))
        x = net.node("Conv", [x, w, b], f"/{prefix}/Conv_output_0", f"/{prefix}/Conv", kernel_shape=[kernel], **attributes)
        return net.node("Relu", [x], f"/{prefix}/Relu_output_0", f"/{prefix}/Relu")

    x = layer("input", "conv1", 8, 4, 5, pads=[2, 2], strides=[1])
    x = net.node("MaxPool", [x], "/pool/MaxPool_output_0", "/pool/MaxPool", kernel_shape=[2], strides=[2])
    x = layer(x, "conv2", 12, 8, 3, pads=[2, 2], dilations=[2])
    x = net.node("GlobalAveragePool", [x], "/GlobalAveragePool_output_0", "/GlobalAveragePool")
    x = net.node("Flatten", [x], "/Flatten_output_0", "/Flatten", axis=1)
    return net, net.gemm(x, "fc", 5, 12, "output"), 5


def external():
    """What PyTorch's newer exporter writes: opset 18, its names, weights in external.onnx.data."""
    net = Net("external", [1, 10, 10], 18, "pytorch", "2.9.1")
    net.external = True
    w, b = net.constant("conv.weight", net.weights(6, 1, 3, 3)), net.constant("conv.bias", net.biases(6))
    x = net.node("Conv", ["input", w, b], "conv2d", "node_conv2d", group=1, pads=[1] * 4, auto_pad="NOTSET", strides=[2, 2],
                 dilations=[1, 1])
    x = net.node("Relu", [x], "relu", "node_relu")
    x = net.node("Reshape", [x, net.constant("val_3", [-1, 150], np.int64)], "view", "node_view", allowzero=1)
    w, b = net.constant("fc.weight", net.weights(5, 150, gain=1)), net.constant("fc.bias", net.biases(5))
    return net, net.node("Gemm", [x, w, b], "linear", "node_linear", transB=1, transA=0, alpha=1.0, beta=1.0), 5


# --- quantised networks ---

def codes_of(weights, bits, axis=0, narrow=True):
    """Codes and steps of one step an output channel (axis 0) or of one in all (None)."""
    most = 2 ** (bits - 1) - 1
    along = tuple(range(1, weights.ndim))
    largest = np.abs(weights).max(axis=along, keepdims=True) if axis == 0 else np.abs(weights).max()
    steps = (largest / most).astype(np.float32)
    codes = np.clip(np.rint(weights / steps), -most if narrow else -most - 1, most)
    return codes.astype(np.int8), np.ravel(steps) if axis == 0 else steps


class Brevitas:
    """Layers as Brevitas exports them: quantisers around float operators. `qonnx`: nodes of QONNX in place of QuantizeLinear,
    Clip, DequantizeLinear, which ONNX Runtime cannot run. Both styles of one seed are one network."""

    DOMAIN = "qonnx.custom_op.general"

    def __init__(self, net, bits, qonnx):
        self.net, self.bits, self.qonnx, self.step = net, bits, qonnx, None

    def quantiser(self, x, path, step, signed, bits, narrow=False):
        """Of activations, one step."""
        net = self.net
        self.step = step = np.float32(step)
        scale = net.constant(f"{path}/scale", step)
        if self.qonnx:
            zero, width = net.constant(f"{path}/zeropt", np.float32(0)), net.constant(f"{path}/bitwidth", np.float32(bits))
            return net.node("Quant", [x, scale, zero, width], f"{path}/Quant_output_0", f"{path}/Quant", self.DOMAIN,
                            signed=int(signed), narrow=int(narrow), rounding_mode="ROUND")
        dtype = np.int8 if signed else np.uint8
        zero = net.constant(f"{path}/zero", 0, dtype)
        x = net.node("QuantizeLinear", [x, scale, zero], f"{path}/QuantizeLinear_output_0", f"{path}/QuantizeLinear")
        low, high = (-2 ** (bits - 1) + narrow, 2 ** (bits - 1) - 1) if signed else (0, 2 ** bits - 1)
        if bits < 8:
            limits = [net.constant(f"{path}/min", low, dtype), net.constant(f"{path}/max", high, dtype)]
            x = net.node("Clip", [x, *limits], f"{path}/Clip_output_0", f"{path}/Clip")
        return net.node("DequantizeLinear", [x, scale, zero], f"{path}/DequantizeLinear_output_0", f"{path}/DequantizeLinear")

    def weights(self, path, values, bits):
        net = self.net
        codes, steps = codes_of(values, bits)
        if self.qonnx:
            shape = [-1] + [1] * (values.ndim - 1)
            inputs = [net.constant(f"{path}.weight", codes * steps.reshape(shape)),
                      net.constant(f"{path}.scale", steps.reshape(shape)), net.constant(f"{path}.zeropt", np.float32(0)),
                      net.constant(f"{path}.bitwidth", np.float32(bits))]
            return net.node("Quant", inputs, f"/{path}/weight_quant/Quant_output_0", f"/{path}/weight_quant/Quant", self.DOMAIN,
                            signed=1, narrow=1, rounding_mode="ROUND"), steps
        scale, zero = net.constant(f"{path}.scale", steps), net.constant(f"{path}.zero", np.zeros(len(steps)), np.int8)
        x = net.constant(f"{path}.weight", codes, np.int8)
        if bits < 8:
            most = 2 ** (bits - 1) - 1
            limits = [net.constant(f"{path}.min", -most, np.int8), net.constant(f"{path}.max", most, np.int8)]
            x = net.node("Clip", [x, *limits], f"/{path}/weight_quant/Clip_output_0", f"/{path}/weight_quant/Clip")
        return net.node("DequantizeLinear", [x, scale, zero], f"/{path}/weight_quant/DequantizeLinear_output_0",
                        f"/{path}/weight_quant/DequantizeLinear", axis=0), steps

    def bias(self, path, steps):
        """Whole steps of the accumulator, as Int32Bias leaves them: as codes, or (QONNX) as the numbers that they are."""
        units = (steps * self.step).astype(np.float32)
        codes = np.rint(self.net.biases(len(steps)) / units).astype(np.int32)
        if self.qonnx:
            return self.net.constant(f"{path}.bias", codes * units)
        inputs = [self.net.constant(f"{path}.bias", codes, np.int32), self.net.constant(f"{path}.bias_scale", units),
                  self.net.constant(f"{path}.bias_zero", np.zeros(len(steps)), np.int32)]
        return self.net.node("DequantizeLinear", inputs, f"/{path}/bias_quant/DequantizeLinear_output_0",
                             f"/{path}/bias_quant/DequantizeLinear", axis=0)

    def conv(self, x, path, outputs, inputs, kernel, gain=2.0, **attributes):
        w, steps = self.weights(path, self.net.weights(outputs, inputs, kernel, kernel, gain=gain), self.bits)
        return self.net.node("Conv", [x, w, self.bias(path, steps)], f"/{path}/Conv_output_0", f"/{path}/Conv",
                             kernel_shape=[kernel] * 2, **attributes)

    def linear(self, x, path, outputs, inputs, output):
        w, steps = self.weights(path, self.net.weights(outputs, inputs, gain=1.0), self.bits)
        return self.net.node("Gemm", [x, w, self.bias(path, steps)], output, f"/{path}/Gemm", transB=1)

    def relu(self, x, path, most):
        x = self.net.node("Relu", [x], f"/{path}/Relu_output_0", f"/{path}/Relu")
        return self.quantiser(x, f"/{path}/act_quant", most / (2 ** self.bits - 1), False, self.bits)


def vgg_qcdq4():
    """A VGG of 4-bit weights and maps, 8-bit inputs, by Brevitas as QuantizeLinear, Clip, DequantizeLinear."""
    net = torch_net("vgg_qcdq4", [3, 16, 16], 13)
    b = Brevitas(net, 4, False)
    x = b.quantiser("input", "/quant_inp/act_quant", 0.0193, True, 8)
    before = 3
    for number, width in enumerate((8, 8, "M", 12, 12, "M", 16, "M")):
        if width == "M":
            path = f"/features.{number}/MaxPool"
            x = net.node("MaxPool", [x], f"{path}_output_0", path, kernel_shape=[2, 2], strides=[2, 2])
            continue
        x = b.conv(x, f"features.{number}", width, before, 3, pads=[1] * 4, strides=[1, 1])
        x = b.relu(x, f"features.{number}.act", 2.7 + 0.13 * number)
        before = width
    x = net.node("Flatten", [x], "/Flatten_output_0", "/Flatten", axis=1)
    x = b.relu(b.linear(x, "classifier.0", 24, 64, "/classifier.0/Gemm_output_0"), "classifier.1", 2.1)
    return net, b.linear(x, "classifier.2", 10, 24, "output"), 10


def lenet_2_bits(name, qonnx):
    net = torch_net(name, [1, 14, 14], 13)
    net.random = np.random.default_rng(22)  # both styles are one network
    b = Brevitas(net, 2, qonnx)
    x = b.quantiser("input", "/quant_inp/act_quant", 0.0171, True, 8)
    x = b.relu(b.conv(x, "conv1", 8, 1, 5, gain=4), "relu1", 1.9)
    x = net.node("MaxPool", [x], "/pool1/MaxPool_output_0", "/pool1/MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    x = b.relu(b.conv(x, "conv2", 12, 8, 3), "relu2", 2.3)
    x = net.node("Flatten", [x], "/Flatten_output_0", "/Flatten", axis=1)
    return net, b.linear(x, "fc", 10, 108, "output"), 10


def lenet_qcdq2():
    """2-bit weights and maps, as QCDQ."""
    return lenet_2_bits("lenet_qcdq2", False)


def lenet_qonnx2():
    """The same in nodes of QONNX."""
    return lenet_2_bits("lenet_qonnx2", True)


class Static:
    """Names and forms of onnxruntime.quantization: uint8 maps with zero points, int8 weights of one step a channel, int32
    biases."""

    def __init__(self, net):
        self.net = net

    def grid(self, x, step, zero, dtype=np.uint8):
        return [self.net.constant(f"{x}_scale", np.float32(step)), self.net.constant(f"{x}_zero_point", zero, dtype)]

    def pair(self, x, step, zero, dtype=np.uint8):
        """QuantizeLinear and DequantizeLinear behind `x`."""
        grid = self.grid(x, step, zero, dtype)
        q = self.net.node("QuantizeLinear", [x, *grid], f"{x}_QuantizeLinear_Output", f"{x}_QuantizeLinear")
        return self.net.node("DequantizeLinear", [q, *grid], f"{x}_DequantizeLinear_Output", f"{x}_DequantizeLinear")

    def weights(self, name, values, axis=0):
        net = self.net
        codes, steps = codes_of(values, 8)
        zeros = np.zeros(len(steps))
        parts = [net.constant(f"{name}_quantized", np.moveaxis(codes, 0, axis), np.int8), net.constant(f"{name}_scale", steps),
                 net.constant(f"{name}_zero_point", zeros, np.int8)]
        return net.node("DequantizeLinear", parts, f"{name}_DequantizeLinear_Output", f"{name}_DequantizeLinear", axis=axis), steps

    def bias(self, name, steps, input_step):
        net = self.net
        units = (steps * np.float32(input_step)).astype(np.float32)
        codes = np.rint(net.biases(len(steps)) / units)
        parts = [net.constant(f"{name}_quantized", codes, np.int32), net.constant(f"{name}_quantized_scale", units),
                 net.constant(f"{name}_quantized_zero_point", np.zeros(len(steps)), np.int32)]
        return net.node("DequantizeLinear", parts, name, f"{name}_DequantizeLinear", axis=0)

    def conv(self, x, input_step, path, outputs, inputs, kernel, group=1, gain=2.0, **attributes):
        w, steps = self.weights(f"{path}.weight", self.net.weights(outputs, inputs // group, kernel, kernel, gain=gain))
        b = self.bias(f"{path}.bias", steps, input_step)
        return self.net.node("Conv", [x, w, b], f"/{path}/Conv_output_0", f"/{path}/Conv", group=group,
                             kernel_shape=[kernel] * 2, **attributes)


def qdq_static():
    """quantize_static(QuantFormat.QDQ, per_channel=True): a residual network with a depthwise layer."""
    net = Net("qdq_static", [3, 12, 12], 13, "onnx.quantize", "0.1.0")
    q = Static(net)
    x = q.pair("input", 0.0187, 121)
    x = net.node("Relu", [q.conv(x, 0.0187, "conv1", 8, 3, 3, pads=[1] * 4)], "/relu/Relu_output_0", "/relu/Relu")
    x = first = q.pair(x, 0.0151, 0)
    x = q.pair(q.conv(x, 0.0151, "conv2", 8, 8, 3, 8, gain=1, pads=[1] * 4), 0.0233, 117)
    x = q.pair(net.node("Add", [first, x], "/Add_output_0", "/Add"), 0.0261, 88)
    x = q.conv(x, 0.0261, "conv3", 12, 8, 3, strides=[2, 2], pads=[1] * 4)
    x = q.pair(net.node("Relu", [x], "/relu_1/Relu_output_0", "/relu_1/Relu"), 0.0198, 0)
    x = q.pair(net.node("GlobalAveragePool", [x], "/GlobalAveragePool_output_0", "/GlobalAveragePool"), 0.0092, 0)
    x = q.pair(net.node("Flatten", [x], "/Flatten_output_0", "/Flatten", axis=1), 0.0092, 0)
    w, steps = q.weights("fc.weight", net.weights(10, 12, gain=1))
    x = net.node("Gemm", [x, w, q.bias("fc.bias", steps, 0.0092)], "output_QuantizeLinear_Input", "/fc/Gemm", transB=1)
    grid = q.grid("output", 0.0231, 130)
    x = net.node("QuantizeLinear", [x, *grid], "output_QuantizeLinear_Output", "output_QuantizeLinear")
    return net, net.node("DequantizeLinear", [x, *grid], "output", "output_DequantizeLinear"), 10


def qlinear(net, q, x, before, path, outputs, inputs, kernel, after, zero, **attributes):
    """QLinearConv. `before`, `after`: [scale, zero point] by name; their steps stand in q.steps."""
    codes, steps = codes_of(net.weights(outputs, inputs, kernel, kernel), 8)
    units = (steps * q.steps[before[0]]).astype(np.float32)
    parts = [net.constant(f"{path}.weight_quantized", codes, np.int8), net.constant(f"{path}.weight_scale", steps),
             net.constant(f"{path}.weight_zero_point", np.zeros(outputs), np.int8)]
    grid = q.grid(f"{path}_out", after, zero)
    q.steps[grid[0]] = np.float32(after)
    bias = net.constant(f"{path}.bias_quantized", np.rint(net.biases(outputs) / units), np.int32)
    y = net.node("QLinearConv", [x, *before, *parts, *grid, bias], f"{path}_quantized", f"{path}_quant",
                 kernel_shape=[kernel] * 2, **attributes)
    return y, grid


def lenet_qlinear():
    """quantize_static(QuantFormat.QOperator): QLinearConv, QLinearMatMul and QGemm; zero points; one step a channel."""
    net = Net("lenet_qlinear", [1, 16, 16], 12, "onnx.quantize", "0.1.0")
    q = Static(net)
    q.steps = {}
    grid = q.grid("input", 0.0173, 119)
    q.steps[grid[0]] = np.float32(0.0173)
    x = net.node("QuantizeLinear", ["input", *grid], "input_quantized", "input_QuantizeLinear")
    x, grid = qlinear(net, q, x, grid, "conv1", 6, 1, 5, 0.0146, 0, pads=[2] * 4)
    x = net.node("MaxPool", [x], "pool1_quantized", "pool1", kernel_shape=[2, 2], strides=[2, 2])
    x, grid = qlinear(net, q, x, grid, "conv2", 8, 6, 3, 0.0207, 101, pads=[1] * 4, strides=[2, 2])
    x = net.node("Flatten", [x], "flat_quantized", "flat", axis=1)
    codes, step = codes_of(net.weights(24, 128, gain=1), 8, None)
    parts = [net.constant("fc1.weight_quantized", codes.T, np.int8), net.constant("fc1.weight_scale", step),
             net.constant("fc1.weight_zero_point", 0, np.int8)]
    after = q.grid("fc1_out", 0.0124, 0)
    x = net.node("QLinearMatMul", [x, *grid, *parts, *after], "fc1_quantized", "fc1_quant")
    codes, steps = codes_of(net.weights(10, 24, gain=2), 8)
    units = (steps * np.float32(0.0124)).astype(np.float32)
    parts = [net.constant("fc2.weight_quantized", codes, np.int8), net.constant("fc2.weight_scale", steps),
             net.constant("fc2.weight_zero_point", np.zeros(10), np.int8),
             net.constant("fc2.bias_quantized", np.rint(net.biases(10) / units), np.int32)]
    grid = q.grid("output", 0.0217, 126)
    x = net.node("QGemm", [x, *after, *parts, *grid], "output_quantized", "fc2_quant", "com.microsoft", transB=1, alpha=1.0)
    return net, net.node("DequantizeLinear", [x, *grid], "output", "output_DequantizeLinear"), 10


def residual_qlinear():
    """QLinearAdd and QLinearGlobalAveragePool of the domain com.microsoft."""
    net = Net("residual_qlinear", [3, 10, 10], 12, "onnx.quantize", "0.1.0")
    q = Static(net)
    q.steps = {}
    grid = q.grid("input", 0.0181, 125)
    q.steps[grid[0]] = np.float32(0.0181)
    x = net.node("QuantizeLinear", ["input", *grid], "input_quantized", "input_QuantizeLinear")
    x, first = qlinear(net, q, x, grid, "conv1", 6, 3, 3, 0.0159, 0, pads=[1] * 4)
    y, second = qlinear(net, q, x, first, "conv2", 6, 6, 3, 0.0277, 131, pads=[1] * 4)
    grid = q.grid("add", 0.0263, 77)
    q.steps[grid[0]] = np.float32(0.0263)
    x = net.node("QLinearAdd", [x, *first, y, *second, *grid], "add_quantized", "add_quant", "com.microsoft")
    x, grid = qlinear(net, q, x, grid, "conv3", 8, 6, 1, 0.0195, 0)
    after = q.grid("pool", 0.0187, 0)
    x = net.node("QLinearGlobalAveragePool", [x, *grid, *after], "pool_quantized", "pool_quant", "com.microsoft",
                 channels_last=0)
    x = net.node("DequantizeLinear", [x, *after], "pool_output", "pool_DequantizeLinear")
    return net, net.node("Flatten", [x], "output", "flat", axis=1), 8


NETWORKS = [mobilenet, squeezenet, resnet8, ds_cnn, keras_nhwc, gates, autoencoder, conv1d, external, vgg_qcdq4, lenet_qcdq2,
            lenet_qonnx2, qdq_static, lenet_qlinear, residual_qlinear]
# ONNX Runtime does not know QONNX: the same network in the form that it knows.
TWINS = {"lenet_qonnx2": "lenet_qcdq2"}


def npy(values):
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def write_model(net, model):
    if net.external:
        path = FOLDER / f"{net.name}.onnx"
        # save() appends to a file that is there.
        (FOLDER / f"{net.name}.onnx.data").unlink(missing_ok=True)
        onnx.save(model, str(path), save_as_external_data=True, location=f"{net.name}.onnx.data", size_threshold=100)
        return path
    path = FOLDER / f"{net.name}.onnx.gz"
    path.write_bytes(gzip.compress(model.SerializeToString(), mtime=0))
    return path


def make(builder):
    net, output, width = builder()
    path = write_model(net, net.model(output, width))
    # Each with a brightness and a contrast of its own, so that not all are of one class. Sixteenths: they pack well, and no step
    # here makes them fall between two codes.
    random = np.random.default_rng(zlib.crc32(TWINS.get(net.name, net.name).encode()) + 1)
    each = (IMAGES, *net.shape[:1], *[1] * (len(net.shape) - 1))
    images = random.normal(0, 1, each) + random.normal(0, 1, (IMAGES, *net.shape)) * random.uniform(0.3, 1.2, each)
    images = (np.rint(images * 16) / 16).astype(np.float32)
    images_path = FOLDER / f"{net.name}.images.npy.gz"
    images_path.write_bytes(gzip.compress(npy(images), mtime=0))
    logits = FOLDER / f"{net.name}.logits.npy"
    model = FOLDER / f"{TWINS[net.name]}.onnx.gz" if net.name in TWINS else path
    subprocess.run(["node", DRIVER, model, images_path, logits], check=True)
    values = np.load(logits)
    print(f"{net.name}: {path.stat().st_size} bytes, logits {values.min():.3f} to {values.max():.3f}, "
          f"classes {sorted(set(values.argmax(axis=1).tolist()))}")


def main():
    names = sys.argv[1:]
    for builder in NETWORKS:
        if not names or builder.__name__ in names:
            make(builder)


if __name__ == "__main__":
    sys.exit(main())
