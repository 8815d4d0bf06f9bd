"""Add trained networks that are not shipped to a trade-off curve: one row of networks/curves/NAME.csv each.

A row holds the method with its weights, top-1 of the exact integer forward over all test images, the shares of non-zero slices and
the mean worst-case ADC bits as `sliver study slices` counts them (docs/studies.md has the columns). The note is the checkpoint's
name and, where they differ, the weights of the slices; a row with the same note is replaced, so a run can be repeated.
"""
import argparse
import csv
import hashlib
import io
import json
import os
import subprocess
import tempfile

from .. import card, data, files
from ..accuracy import count_hits
from ..checkpoint import load_fixed, need_finished
from ..errors import BadInput
from ..onnx_graph import build_onnx
from . import export

COLUMNS = ["network", "data", "method", "alpha", "prune", "column_bits", "epochs", "seed", "top1", "B3", "B2", "B1", "B0", "mean", "std",
           "adc_bits_worst", "note"]


def study(sliver, name, packed, fields):
    """What `sliver study slices` says about a network file: the entry of slices.json."""
    with tempfile.TemporaryDirectory() as folder:
        export.write_network(folder, name, packed, fields)
        out = os.path.join(folder, "study")
        words = [sliver, "study", "slices", "--network", os.path.join(folder, name + ".onnx.gz"), "--out", out]
        try:
            result = subprocess.run(words, capture_output=True, text=True)
        except OSError as error:
            raise BadInput(f"cannot run {sliver}: {error}") from error
        if result.returncode:
            raise BadInput(f"{sliver} study slices: {(result.stderr.strip().splitlines() or ['no message'])[-1]}")
        with open(os.path.join(out, "slices.json"), encoding="utf-8") as file:
            return json.load(file)["networks"][0]


def row(path, folder, sliver):
    """The row of one checkpoint, {column: text}."""
    need_finished(path)
    model, record = load_fixed(path)
    set_ = data.LOADERS[record["data"]](folder or record["data_folder"])
    name = os.path.splitext(os.path.basename(path))[0]
    model.settle()
    top1 = {"fixed_point": count_hits(model.forward_integer, set_.test) / len(set_.test[1])}
    packed = export.compress(build_onnx(model, name).SerializeToString())
    fields = card.fields(model, record, set_, name, "", "", "", top1, hashlib.sha256(packed).hexdigest())
    found = study(sliver, name, packed, fields)
    stages = record.get("stages", []) + [record]
    bits, weights = record.get("column_bits"), record.get("alpha_slices")
    shares = found["nonzero_percent"]
    return {
        "network": model.plan["network"], "data": record["data"], "method": record["method"], "alpha": f"{record['alpha']:g}",
        "prune": f"{max(stage['prune'] for stage in stages):g}", "column_bits": " ".join(str(b) for b in bits) if bits else "",
        "epochs": f"{sum(stage.get('epochs_done', stage['epochs']) for stage in stages):g}", "seed": str(record["seed"]),
        "top1": f"{top1['fixed_point']:.4f}", **{f"B{k}": f"{shares[k]:.4f}" for k in range(4)},
        "mean": f"{found['mean_percent']:.4f}", "std": f"{found['std_percent']:.4f}", "adc_bits_worst": f"{found['adc_bits_mean']:.4f}",
        "note": name + (" slices " + " ".join(f"{w:g}" for w in weights[::-1]) if weights else ""),
    }


def read_rows(path):
    """The rows of a curve file; none where there is no file."""
    if not os.path.exists(path):
        return []
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    if reader.fieldnames != COLUMNS:
        raise BadInput(f"{path}:1: the columns must be {','.join(COLUMNS)}")
    for number, entry in enumerate(rows, 2):
        if None in entry or None in entry.values():
            raise BadInput(f"{path}:{number}: wanted {len(COLUMNS)} fields")
    return rows


def text_of(rows):
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda r: (r["method"], r["column_bits"], float(r["prune"]), float(r["alpha"]), r["note"])))
    return buffer.getvalue()


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", metavar="NPZ", nargs="+", help="fixed-point networks written by train.py")
    parser.add_argument("--curve", metavar="CSV", required=True, help="for example networks/curves/vgg11-cifar10.csv")
    parser.add_argument("--sliver", metavar="PROGRAM", required=True)
    parser.add_argument("--data-folder", help="default: the folder of the training")
    options = parser.parse_args(argv)
    files.need_folder(os.path.dirname(os.path.abspath(options.curve)))
    for path in options.networks:
        made = row(path, options.data_folder, options.sliver)
        rows = [r for r in read_rows(options.curve) if r["note"] != made["note"]]
        files.write_bytes(options.curve, text_of(rows + [made]).encode())
        print(", ".join(f"{k} {v}" for k, v in made.items() if v), flush=True)
    return 0
