"""The .npz checkpoints: dense float networks, fixed-point networks, and which of them a --start is.

Dense: PyTorch state-dict arrays (weights as float16) and "dense", JSON: plan, test top-1 and how it was made. Older files hold the arrays of an
nn.Sequential VGG alone, under its numbers. Fixed point: weight{i}, bias{i} and "record", JSON: the options of the run,
the records of the runs before ("stages"), the plan, the steps, and where columns have budgets the held steps. Records from
before there were plans describe a VGG by "pooled", "image" and "activation".
"""
import json
import os

import numpy as np
import torch

from . import files, networks, onnx_start
from .dense import Dense
from .errors import BadInput
from .fixed import FixedNetwork


def _read(path, kind):
    try:
        with np.load(path) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except Exception as error:  # zipfile and numpy raise a dozen kinds for a damaged file
        raise BadInput(f"cannot read the {kind} {path}: {error}") from error


def _same(plan, other):
    """Whether two plans have the same steps on the same images; their names and dropout do not matter."""
    strip = lambda p: [p["image"], [{k: v for k, v in step.items() if k != "dropout"} for step in p["steps"]]]
    return strip(plan) == strip(other)


def save_dense(model, path, top1, made=None):
    """`made`: command, seed and the like, for the cards of what grows from it."""
    arrays = {k: v.half().cpu().numpy() if v.ndim > 1 else v.cpu().numpy() for k, v in model.state_dict().items()}
    files.write_npz(path, dense=json.dumps({"plan": model.plan, "top1": top1, "made": made}), **arrays)


def _sequential_names(plan):
    """{number in an nn.Sequential of Conv2d, BatchNorm2d, ReLU, MaxPool2d, Flatten, Linear: module of a Dense}"""
    names, number = {}, 0
    for step in networks.layers(plan):
        if step["op"] == "conv":
            names[str(number)], names[str(number + 1)] = f"layers.{step['name']}", f"norms.{step['name']}"
            number += 4 if step["pool"] else 3
        else:
            names[str(number + 1)] = f"layers.{step['name']}"
    return names


def _dense_of(arrays, path, plan):
    """(Dense, what its file says about it: top1 and made, where it does)"""
    about = json.loads(str(arrays.pop("dense"))) if "dense" in arrays else {}
    model = Dense(plan)
    wanted = model.state_dict()
    if not about:
        names = _sequential_names(plan)
        split = [(*name.rpartition("."), array) for name, array in arrays.items()]
        arrays = {f"{names.get(module, module)}.{kind}": array for module, _, kind, array in split}
    state = {name: torch.from_numpy(np.asarray(array)) for name, array in arrays.items()}
    shapes = {name: tuple(value.shape) for name, value in state.items()}
    if shapes != {name: tuple(value.shape) for name, value in wanted.items()} or (about and not _same(about["plan"], plan)):
        held = f", it holds a {about['plan']['network']} for images of {about['plan']['image']}" if about else ""
        raise BadInput(f"{path}: not a {plan['network']} checkpoint for images of {plan['image']}{held}")
    model.load_state_dict(state)
    return model, about


def load_dense(path, plan):
    """(Dense with the arrays of the checkpoint, what its file says about it)"""
    return _dense_of(_read(path, "checkpoint"), path, plan)


def save_fixed(model, path, record):
    """`record` is what the run adds: its options, the stages before."""
    record = {**record, "plan": model.plan, "rounding": model.rounding, "maps": model.maps, "held": model.held}
    arrays = {f"weight{i}": w.detach().cpu().contiguous().numpy() for i, w in enumerate(model.weights)}
    arrays.update({f"bias{i}": b.detach().cpu().numpy() for i, b in enumerate(model.biases)})
    files.write_npz(path, record=json.dumps(record), **arrays)


def _fixed_of(arrays, path):
    try:
        record = json.loads(str(arrays["record"]))
        count = sum(name.startswith("weight") for name in arrays)
        weights = [torch.from_numpy(arrays[f"weight{i}"]) for i in range(count)]
        biases = [torch.from_numpy(arrays[f"bias{i}"]) for i in range(count)]
        plan = record.get("plan") or networks.legacy_vgg(record["pooled"], [w.shape for w in weights])
        model = FixedNetwork(plan, weights, biases, record["rounding"])
        if "maps" in record:
            model.maps, model.held = record["maps"], record["held"]
        else:
            names = [step["name"] for step in networks.layers(plan)]
            model.maps = {"image": record["image"], **dict(zip(names, record["activation"]))}
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise BadInput(f"cannot read the fixed-point network {path}: {type(error).__name__}: {error}") from error
    return model, record


def load_fixed(path):
    """(model, record) of a file that the fixed-point methods wrote."""
    return _fixed_of(_read(path, "fixed-point network"), path)


def need_finished(path):
    """Refuses the checkpoint of a training that has not ended: train.py writes it after each epoch too."""
    if os.path.exists(path + ".resume"):
        raise BadInput(f"{path}: its training has not ended, {path}.resume is there; go on with it first")


def load_start(path, plan, rounding):
    """(fixed-point network, records of the stages before, about its float start) from either kind of checkpoint or an ONNX file of
    export.py. About its float start: float_start, its test top-1; float_made, its file's name, SHA-256 and how it was made; as far
    as known."""
    if path.endswith((".onnx", ".onnx.gz")):
        return onnx_start.read(path, plan, rounding), [], {}
    arrays = _read(path, "checkpoint")
    if "record" not in arrays:
        dense, about = _dense_of(arrays, path, plan)
        made = {"file": os.path.basename(path), "sha256": files.digest(path), **(about.get("made") or {})}
        return FixedNetwork.from_dense(dense, rounding), [], {"float_start": about.get("top1"), "float_made": made}
    model, record = _fixed_of(arrays, path)
    if not _same(model.plan, plan):
        raise BadInput(f"{path}: a {model.plan['network']} for images of {model.plan['image']}, "
                       f"wanted is {plan['network']} for images of {plan['image']}")
    model.rounding, model.plan = rounding, plan
    return model, record.pop("stages", []) + [record], {key: record[key] for key in ("float_start", "float_made") if key in record}
