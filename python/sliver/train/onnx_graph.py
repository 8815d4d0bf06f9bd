"""A settled fixed-point network as an ONNX graph: floating point with QuantizeLinear/DequantizeLinear pairs.

All weights and biases lie on the grid of the fixed-point arithmetic, so that an importer recovers the integers exactly and any
ONNX runtime can execute the file. Opset 13. A layer whose step was held above what max|w| asks for (column budgets) has its codes
in the file, under a DequantizeLinear that names the step.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from . import networks
from .errors import BadInput
from .quantise import weight_step_exponent

LARGEST_BIAS = 2 ** 24  # float32 carries smaller whole numbers exactly


class Parameters:
    """One layer of a settled network as numpy arrays; refuses weights off the grid and biases that float32 cannot carry."""

    def __init__(self, name, weight, codes, exponent, bias, bias_exponent):
        weight = weight.detach().cpu()
        if not bool((codes.cpu().double() * 2.0 ** exponent == weight.double()).all()):
            raise BadInput(f"layer {name}: weights lie off the grid of step 2^{exponent}; settle() puts them there")
        largest = int(bias.abs().max())
        if largest >= LARGEST_BIAS:
            raise BadInput(f"layer {name}: bias {largest} in units of 2^{bias_exponent} needs more than 24 bits: float32 cannot "
                           "carry it exactly")
        self.name, self.exponent = name, exponent
        self.held = weight_step_exponent(weight) != exponent
        self.codes = codes.cpu().contiguous().numpy()
        self.weight = weight.float().contiguous().numpy()
        self.bias = (bias.cpu() * 2.0 ** bias_exponent).float().numpy()


def parameters(model):
    """{layer: Parameters}"""
    columns = (model.layer_names(), model.weights, model.codes(), model.step_exponents(), model.integer_biases(),
               model.bias_exponents())
    return {row[0]: Parameters(*row) for row in zip(*columns)}


class _Graph:
    def __init__(self):
        self.nodes, self.constants = [], []

    def add(self, operator, inputs, output, name, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], name, **attributes))
        return output

    def constant(self, label, array):
        self.constants.append(numpy_helper.from_array(array, label))
        return label

    def quantise(self, source, label, exponent, kind):
        scale = self.constant(label + ".scale", np.array(2.0 ** exponent, np.float32))
        zero = self.constant(label + ".zero_point", np.array(0, kind))
        codes = self.add("QuantizeLinear", [source, scale, zero], label + ".codes", "quantise_" + label)
        return self.add("DequantizeLinear", [codes, scale, zero], label + ".values", "dequantise_" + label)

    def weights_of(self, layer):
        """Names of the weight and bias tensors."""
        label = layer.name + ".weight"
        if layer.held:
            kind = np.int8 if abs(layer.codes).max() < 128 else np.int32  # int32: sign and eight bits
            inputs = [self.constant(label + ".codes", layer.codes.astype(kind)),
                      self.constant(label + ".scale", np.array(2.0 ** layer.exponent, np.float32)),
                      self.constant(label + ".zero_point", np.array(0, kind))]
            self.add("DequantizeLinear", inputs, label, "dequantise_" + label)
        else:
            self.constant(label, layer.weight)
        return [label, self.constant(layer.name + ".bias", layer.bias)]


def build_onnx(model, name):
    """The ONNX model of a settled FixedNetwork."""
    graph, layers, plan = _Graph(), parameters(model), model.plan
    shapes, output = networks.map_shapes(plan), plan["steps"][-1]["name"]
    made = {"image": graph.quantise("image", "input", model.maps["image"], np.int8)}
    for step in plan["steps"]:
        label, inputs = step["name"], [made[source] for source in step["from"]]
        relu = step.get("relu", False)
        total = "logits" if label == output else label + (".sum" if relu else ".result")
        if step["op"] == "conv":
            kernel, stride = [step["kernel"]] * 2, [step["stride"]] * 2
            graph.add("Conv", inputs + graph.weights_of(layers[label]), total, label, kernel_shape=kernel,
                      pads=[step["kernel"] // 2] * 4, strides=stride)
        elif step["op"] == "linear":
            if len(shapes[step["from"][0]]) > 1:
                inputs = [graph.add("Flatten", inputs, "features", "flatten", axis=1)]
            graph.add("Gemm", inputs + graph.weights_of(layers[label]), total, label, transB=1)
        else:
            graph.add("Add" if step["op"] == "add" else "GlobalAveragePool", inputs, total, label)
        if label == output:
            break
        if relu:
            total = graph.add("Relu", [total], label + ".relu", "relu_" + label)
        kind = np.int8 if step["op"] in ("conv", "linear") and not relu else np.uint8
        made[label] = graph.quantise(total, label, model.maps[label], kind)
        if step.get("pool"):
            made[label] = graph.add("MaxPool", [made[label]], label + ".pool", "pool_" + label, kernel_shape=[2, 2],
                                    strides=[2, 2])
    value = lambda label, shape: helper.make_tensor_value_info(label, TensorProto.FLOAT, ["N", *shape])
    result = helper.make_model(
        helper.make_graph(graph.nodes, name, [value("image", plan["image"])], [value("logits", shapes[output])], graph.constants),
        opset_imports=[helper.make_opsetid("", 13)], producer_name="sliver", ir_version=7)
    onnx.checker.check_model(result)
    return result
