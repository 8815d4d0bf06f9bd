"""The card of a shipped network: what it is, how it was made, what it does. YAML; src/network/card.h reads some of its keys."""
import json
import os
import shlex
import sys

import numpy as np

from . import bitslice, networks

REGULARISER = ["alpha", "alpha_ramp"]
GROUPS = {  # the options that mattered, by what switched them on
    "training": ["epochs", "stop_after", "optimiser", "lr", "batch", "smoothing"],
    "prune": ["prune", "prune_end", "prune_every"],
    "prune_structure": ["prune_structure", "array"],
    "prune_keep": ["prune_keep"],
    "threshold": ["threshold"],
    "cut_share": ["cut_share", "cut_scale", "cut_codes"],
    "column_bits": ["column_bits", "column_rows", "column_from", "column_full", "column_every", "column_free"],
}


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


def _hyper_parameters(stage):
    """Those that mattered in this stage."""
    names = ["range", "rounding"]
    if stage["method"] == "bitslice-l1":
        names += REGULARISER + ["slice_width"]
    elif stage["method"] == "l1":
        names += REGULARISER
    for switch in ("prune", "prune_structure", "prune_keep", "threshold", "cut_share", "column_bits"):
        if stage.get(switch) and (switch, stage[switch]) != ("prune_structure", "weights"):
            names += GROUPS[switch]
    if stage["epochs"]:
        names = GROUPS["training"] + names
    result = {"method": stage["method"], "start": os.path.basename(stage["start"]), "calibration_images": stage["calibration"],
              **{name: stage[name] for name in names if stage.get(name) is not None}}
    if stage.get("alpha_slices"):
        result["alpha_slices"] = stage["alpha_slices"][::-1]  # most significant first, as on the command line
    return {**result, "keep_zeros": stage.get("keep_zeros", False), "seed": stage["seed"]}


def _layer_rows(model):
    rows = []
    columns = (networks.layers(model.plan), model.codes(), model.step_exponents(), model.sources())
    for step, codes, exponent, source in zip(*columns):
        magnitude = codes.abs()
        rows.append({"name": step["name"], "weights": codes.numel(), "max_code": int(magnitude.max()),
                     "zero_weights_percent": round(100 * float((magnitude == 0).double().mean()), 3),
                     "nonzero_B3_B2_B1_B0_percent": percent(reversed(bitslice.sparsity([codes]))),
                     "log2_weight_step": exponent, "log2_input_step": model.maps[source],
                     "log2_output_step": model.maps.get(step["name"])})
    return rows


def _device(stages):
    """Every device of the stages once, in order."""
    return "; ".join(dict.fromkeys(stage.get("device_name", "CPU") for stage in stages))


def fields(model, record, set_, name, summary, method, device, top1, digest):
    """The card as a dictionary; `record` is the checkpoint's, `digest` the SHA-256 of the network file."""
    shares = bitslice.sparsity(model.codes())
    stages = record.get("stages", []) + [record]
    start = dict(record.get("float_made") or {})
    first = [start.pop("command")] if "command" in start else []
    return {
        "name": name, "summary": summary, "network": model.plan["network"], "architecture": networks.describe(model.plan),
        "data": {"set": set_.name, "pad": set_.pad, "mean": set_.mean, "std": set_.std, "classes": set_.classes},
        "method": method or record["method"],
        "hyper_parameters": _hyper_parameters(record) if len(stages) == 1 else
                            {f"stage{i + 1}": _hyper_parameters(stage) for i, stage in enumerate(stages)},
        **({"start": start} if start else {}),
        "seed": record["seed"],
        "epochs": round(sum(stage.get("epochs_done", stage.get("stop_after") or stage["epochs"]) for stage in stages), 3),
        "device": device or _device(stages),
        "threads": record.get("threads_used"), "torch": record.get("torch"),
        "seconds": round(sum(stage["seconds"] for stage in stages), 1),
        "top1": top1,
        "sparsity": {**{f"B{k}": round(shares[k], 4) for k in (3, 2, 1, 0)},
                     "mean": round(float(np.mean(shares)), 4), "std": round(float(np.std(shares)), 4)},
        **({"crossbar_compression": record["crossbar_compression"]} if record.get("crossbar_compression") else {}),
        "layers": _layer_rows(model),
        "log2_logit_scale": model.logit_exponent(),
        "sha256": digest,
        "made_by": first + [stage["command"] for stage in stages] + ["python3 " + shlex.join(["scripts/train/export.py"] + sys.argv[1:])],
    }
