"""Reads a network that onnx_graph.py wrote (export.py, networks/*.onnx.gz) back, to train on from it."""
import gzip

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from . import networks
from .errors import BadInput
from .fixed import FixedNetwork
from .quantise import range_exponent


def _exponent(path, name, array):
    value = float(np.asarray(array).reshape(-1)[0])
    exponent = range_exponent(value) if value > 0 else 0
    if 2.0 ** exponent != value:
        raise BadInput(f"{path}: {name} is {value}, wanted a power of two of at least 1e-5")
    return exponent


def read(path, plan, rounding):
    """The FixedNetwork of a file, its weights, biases and steps those of the file; refuses a network of another plan."""
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            graph = onnx.load_model_from_string(file.read()).graph
        tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    except Exception as error:  # gzip and protobuf raise a dozen kinds for a damaged file
        raise BadInput(f"cannot read the network {path}: {type(error).__name__}: {error}") from error
    weights, biases, held = [], [], []
    try:
        for step in networks.layers(plan):
            label = step["name"] + ".weight"
            if label in tensors:
                weights.append(tensors[label])
                held.append(None)
            else:
                held.append(_exponent(path, label + ".scale", tensors[label + ".scale"]))
                weights.append(tensors[label + ".codes"] * 2.0 ** held[-1])
            biases.append(tensors[step["name"] + ".bias"])
        maps = {"image": _exponent(path, "input.scale", tensors["input.scale"])}
        maps.update({step["name"]: _exponent(path, step["name"] + ".scale", tensors[step["name"] + ".scale"])
                     for step in plan["steps"][:-1]})
    except KeyError as error:
        raise BadInput(f"{path}: not a {plan['network']} as export.py writes it: there is no tensor {error}") from error
    try:
        model = FixedNetwork(plan, [torch.from_numpy(np.array(w, np.float32)) for w in weights],
                             [torch.from_numpy(np.array(b, np.float32)) for b in biases], rounding)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    model.maps, model.held = maps, held
    return model
