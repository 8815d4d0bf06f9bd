"""A few ONNX operators on numpy and torch in double precision, for the tests: enough for what onnx_graph.py writes."""
import numpy as np
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


def quantise(x, scale, zero):
    limits = np.iinfo(zero.dtype)
    return np.clip(np.rint(x / scale) + zero, limits.min, limits.max)


def convolve(a, options):
    pads, strides = options["pads"], options["strides"]
    if list(a[1].shape[2:]) != options["kernel_shape"] or len(set(pads)) != 1:
        raise NotImplementedError("a kernel of another shape than its weights, or uneven padding")
    return F.conv2d(*(torch.from_numpy(v) for v in a), stride=strides, padding=pads[:2]).numpy()


def evaluate(model, **inputs):
    """Every tensor of the graph by name."""
    values = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    values.update(inputs)
    for node in model.graph.node:
        a = [values[name].astype(np.float64) if values[name].dtype == np.float32 else values[name] for name in node.input]
        options = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        if node.op_type == "QuantizeLinear":
            result = quantise(a[0], a[1], a[2])
        elif node.op_type == "DequantizeLinear":
            result = (a[0] - a[2].astype(np.float64)) * a[1]
        elif node.op_type == "Conv":
            result = convolve(a, options)
        elif node.op_type == "Relu":
            result = np.maximum(a[0], 0)
        elif node.op_type == "Add":
            if a[0].shape != a[1].shape:
                raise NotImplementedError("broadcasting")
            result = a[0] + a[1]
        elif node.op_type == "GlobalAveragePool":
            result = a[0].mean((2, 3), keepdims=True)
        elif node.op_type == "MaxPool":
            result = F.max_pool2d(torch.from_numpy(a[0]), options["kernel_shape"], options["strides"]).numpy()
        elif node.op_type == "Flatten":
            result = a[0].reshape(len(a[0]), -1)
        elif node.op_type == "Gemm":
            result = a[0] @ (a[1].T if options.get("transB") else a[1]) + a[2]
        else:
            raise NotImplementedError(node.op_type)
        values[node.output[0]] = result
    return values
