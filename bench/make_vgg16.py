#!/usr/bin/env python3
"""make_vgg16.py NETWORK.onnx IMAGE.npy: VGG-16 at ImageNet size with random weights (138 million), and an image for it.

For measuring what a large network takes (docs/performance.md): always the same bytes, nothing it could recognise.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CONVOLUTIONS = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M")
LINEAR = (4096, 4096, 1000)
SIDE = 224


def main(network, image):
    random = np.random.default_rng(1)
    nodes, weights = [], []

    def parameters(number, shape):
        inputs = int(np.prod(shape[1:]))
        for name, values in (("w", random.laplace(0, 1, shape) / np.sqrt(inputs)), ("b", np.zeros(shape[0]))):
            weights.append(numpy_helper.from_array(values.astype(np.float32), f"{name}{number}"))
        return [f"w{number}", f"b{number}"]

    def add(operator, inputs, number, **attributes):
        name = f"{operator.lower()}{number}"
        nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    value, channels = "x", 3
    for number, outputs in enumerate(CONVOLUTIONS):
        if outputs == "M":
            value = add("MaxPool", [value], number, kernel_shape=[2, 2], strides=[2, 2])
            continue
        names = parameters(number, (outputs, channels, 3, 3))
        value = add("Relu", [add("Conv", [value, *names], number, kernel_shape=[3, 3], pads=[1, 1, 1, 1])], number)
        channels = outputs
    value, features = add("Flatten", [value], len(CONVOLUTIONS)), channels * (SIDE // 32) ** 2
    for number, outputs in enumerate(LINEAR, len(CONVOLUTIONS)):
        value = add("Gemm", [value, *parameters(number, (outputs, features))], number, transB=1)
        if outputs != LINEAR[-1]:
            value = add("Relu", [value], number)
        features = outputs
    graph = helper.make_graph(
        nodes, "vgg16", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["N", LINEAR[-1]])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), network)
    np.save(image, random.random((1, 3, SIDE, SIDE)).astype(np.float32))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
