#!/usr/bin/python3
"""Turn a fixed-point network of train.py into the shipped files: NAME.onnx.gz, NAME.yaml and reference/NAME-logits64.npy.

The ONNX graph is floating point with QuantizeLinear/DequantizeLinear pairs; all weights and biases lie on the grid of the
fixed-point arithmetic, so that an importer recovers the integers exactly and any ONNX runtime can execute the file.
"""
import argparse
import gzip
import hashlib
import io
import json
import os
import shlex
import sys
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
import torch

import bitslice
import data
import models
import train

REFERENCE_IMAGES = 64


def layer_names(model):
    return [f"conv{i + 1}" for i in range(len(model.pooled))] + ["fc1"]


def grid_parameters(model):
    """Float32 weights and biases exactly on the grid of a settled model; fails if a bias does not fit."""
    inputs = [model.image] + model.activation
    result = []
    for codes, bias, exponent, source in zip(model.codes(), model.integer_biases(), model.step_exponents(), inputs):
        if float(bias.abs().max()) >= 2 ** 24:
            raise data.BadInput("a bias needs more than 24 bits: float32 cannot carry it exactly")
        weight = (codes * 2.0 ** exponent).float().contiguous()
        result.append((weight.numpy(), (bias * 2.0 ** (exponent + source)).float().numpy()))
    return result


def build_onnx(model, channels, size, name):
    """The ONNX model of a FixedVgg."""
    nodes, constants = [], []

    def add(operator, inputs, output, name, **attributes):
        nodes.append(helper.make_node(operator, inputs, [output], name, **attributes))

    def constant(label, array):
        constants.append(numpy_helper.from_array(array, label))
        return label

    def quantise(source, label, exponent, kind):
        scale = constant(label + ".scale", np.array(2.0 ** exponent, np.float32))
        zero = constant(label + ".zero_point", np.array(0, kind))
        add("QuantizeLinear", [source, scale, zero], label + ".codes", "quantise_" + label)
        add("DequantizeLinear", [label + ".codes", scale, zero], label + ".values", "dequantise_" + label)
        return label + ".values"

    names, parameters = layer_names(model), grid_parameters(model)
    tensor = quantise("image", "input", model.image, np.int8)
    for label, (weight, bias), pooled, exponent in zip(names, parameters, model.pooled, model.activation):
        inputs = [tensor, constant(label + ".weight", weight), constant(label + ".bias", bias)]
        add("Conv", inputs, label + ".sum", label, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
        add("Relu", [label + ".sum"], label + ".relu", "relu_" + label)
        tensor = quantise(label + ".relu", label, exponent, np.uint8)
        if pooled:
            add("MaxPool", [tensor], label + ".pool", "pool_" + label, kernel_shape=[2, 2], strides=[2, 2])
            tensor = label + ".pool"
    add("Flatten", [tensor], "features", "flatten", axis=1)
    weight, bias = parameters[-1]
    add("Gemm", ["features", constant("fc1.weight", weight), constant("fc1.bias", bias)], "logits", "fc1", transB=1)
    graph = helper.make_graph(nodes, name,
                              [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", channels, size, size])],
                              [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", len(bias)])], constants)
    result = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="sliver", ir_version=7)
    onnx.checker.check_model(result)
    return result


def compress(raw):
    """gzip bytes that depend on `raw` alone."""
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, buffer, mtime=0) as file:
        file.write(raw)
    return buffer.getvalue()


def percent(values):
    return [round(float(v), 4) for v in values]


def yaml_lines(value, indent=0):
    """Block YAML of nested dictionaries; everything else is written as JSON, which is YAML too."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict):
            lines += [" " * indent + f"{key}:"] + yaml_lines(item, indent + 2)
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            lines += [" " * indent + f"{key}:"] + [" " * (indent + 2) + "- " + json.dumps(entry) for entry in item]
        else:
            lines.append(" " * indent + f"{key}: {json.dumps(item)}")
    return lines


def card(model, record, set_, name, summary, method, device, top1, digest):
    shares = bitslice.sparsity(model.codes())
    rows = []
    columns = (layer_names(model), model.codes(), model.step_exponents(),
               [model.image] + model.activation, model.activation + [None])
    for label, codes, exponent, source, target in zip(*columns):
        magnitude = codes.abs()
        rows.append({"name": label, "weights": codes.numel(), "max_code": int(magnitude.max()),
                     "zero_weights_percent": round(100 * float((magnitude == 0).double().mean()), 3),
                     "nonzero_B3_B2_B1_B0_percent": percent(reversed(bitslice.sparsity([codes]))),
                     "log2_weight_step": exponent, "log2_input_step": source, "log2_output_step": target})
    stages = record.get("stages", []) + [record]
    keep = {"dense": [], "bitslice-l1": ["alpha", "alpha_ramp", "slice_width", "prune", "prune_end", "prune_every"],
            "l1": ["alpha", "alpha_ramp", "prune", "prune_end", "prune_every"], "pruned": ["prune", "prune_end", "prune_every"]}

    def hyper_parameters(stage):
        """Those that mattered in this stage."""
        names = ["range", "rounding"] + keep[stage["method"]]
        if stage["epochs"]:
            names = ["epochs", "stop_after", "optimiser", "lr", "batch", "smoothing"] + names
        return {"method": stage["method"], "start": os.path.basename(stage["start"]), "calibration_images": stage["calibration"],
                **{k: stage[k] for k in names if stage.get(k) is not None}, "keep_zeros": stage.get("keep_zeros", False),
                "seed": stage["seed"]}

    return {
        "name": name, "summary": summary,
        "architecture": "VGG-11: " + "-".join(str(i) for i in models.VGG11) + ", 3x3 convolutions with padding 1, ReLU, "
                        "2x2 max pools, one 512-to-10 classifier; batch norm folded into weights and biases before quantisation",
        "data": {"set": set_.name, "pad": set_.pad, "mean": set_.mean, "std": set_.std, "classes": set_.classes},
        "method": method,
        "hyper_parameters": hyper_parameters(record) if len(stages) == 1 else
                            {f"stage{i + 1}": hyper_parameters(stage) for i, stage in enumerate(stages)},
        "seed": record["seed"], "epochs": sum(stage.get("stop_after") or stage["epochs"] for stage in stages), "device": device,
        "seconds": round(sum(stage["seconds"] for stage in stages), 1),
        "top1": top1,
        "sparsity": {**{f"B{k}": round(shares[k], 4) for k in (3, 2, 1, 0)},
                     "mean": round(float(np.mean(shares)), 4), "std": round(float(np.std(shares)), 4)},
        "layers": rows,
        "log2_logit_scale": model.step_exponents()[-1] + model.activation[-1],
        "sha256": digest,
        "made_by": [stage["command"] for stage in stages] + ["python3 " + shlex.join(["scripts/train/export.py"] + sys.argv[1:])],
    }


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", metavar="NPZ", help="fixed-point network written by train.py")
    parser.add_argument("--name", required=True, help="for example vgg11-fashion-dense")
    parser.add_argument("--out", default="networks", help="folder for the files (default %(default)s)")
    parser.add_argument("--summary", default="", help="one sentence for the card")
    parser.add_argument("--method", default="", help="the method in words, for the card; default: its short name")
    parser.add_argument("--device", default="CPU")
    parser.add_argument("--data-folder")
    return parser.parse_args(argv)


def main(argv):
    options = arguments(argv)
    model, record = train.load_fixed(options.network)
    reference = os.path.join(options.out, "reference")
    if not os.path.isdir(options.out):
        raise data.BadInput(f"no such folder: {options.out}")
    set_ = data.LOADERS[record["data"]](options.data_folder or record["data_folder"])
    images, labels = set_.test
    start = time.time()

    float_hits = models.count_hits(model.forward_float, set_.test)
    model.settle()
    logits = model.forward_integer(images[:REFERENCE_IMAGES], models.double_convolution)
    if not torch.equal(logits, model.forward_integer(images[:REFERENCE_IMAGES])):
        raise AssertionError("the fast integer forward differs from the one in double")
    if int(logits.abs().max()) >= 2 ** 31:
        raise AssertionError("logits do not fit 32 bits")
    top1 = {"float": float_hits / len(labels), "fixed_point": models.count_hits(model.forward_integer, set_.test) / len(labels)}
    raw = build_onnx(model, images.shape[1], images.shape[2], options.name).SerializeToString()
    packed = compress(raw)
    fields = card(model, record, set_, options.name, options.summary, options.method or record["method"], options.device, top1,
                  hashlib.sha256(packed).hexdigest())

    os.makedirs(reference, exist_ok=True)
    base = os.path.join(options.out, options.name)
    with open(base + ".onnx.gz", "wb") as file:
        file.write(packed)
    with open(base + ".yaml", "w", encoding="utf-8") as file:
        file.write("\n".join(yaml_lines(fields)) + "\n")
    np.save(os.path.join(reference, options.name + "-logits64.npy"), logits.numpy().astype(np.int32))
    print(f"{base}: top-1 {top1}, non-zero slices {fields['sparsity']}, {len(packed)} bytes, {time.time() - start:.0f} s")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except data.BadInput as error:
        print(f"export.py: {error}", file=sys.stderr)
        sys.exit(2)
