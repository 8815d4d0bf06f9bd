"""Turn a fixed-point network of train.py into the shipped files: NAME.onnx.gz, NAME.yaml and reference/NAME-logits64.npy.

The weights are rounded to their grid first. What is written was executed: the accuracy on all test images by the exact integer
forward, and with --sliver by Sliver bit slice by bit slice, which must agree.
"""
import argparse
import gzip
import hashlib
import io
import os
import tempfile
import time

import numpy as np
import torch

from .. import card, data, files, sliver_check
from ..accuracy import count_hits
from ..checkpoint import load_fixed, need_finished
from ..device import use_threads
from ..errors import BadInput
from ..integers import double_convolution
from ..onnx_graph import build_onnx

REFERENCE_IMAGES = 64


def compress(raw):
    """gzip bytes that depend on `raw` alone."""
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, buffer, mtime=0) as file:
        file.write(raw)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def reference_logits(model, images):
    """Integer logits by the forward in double; the fast one must give the same, and they must fit 32 bits."""
    logits = model.forward_integer(images, double_convolution)
    if not torch.equal(logits, model.forward_integer(images)):
        raise AssertionError("the fast integer forward differs from the one in double")
    if int(logits.abs().max()) >= 2 ** 31:
        raise BadInput(f"logits reach {int(logits.abs().max())}, which does not fit 32 bits")
    return logits.numpy().astype(np.int32)


def write_network(folder, name, packed, fields):
    """NAME.yaml before NAME.onnx.gz: a network never lies there with the card of another."""
    files.write_bytes(os.path.join(folder, name + ".yaml"), ("\n".join(card.yaml_lines(fields)) + "\n").encode())
    files.write_bytes(os.path.join(folder, name + ".onnx.gz"), packed)


def ask_sliver(options, model, set_, packed, fields):
    """Sliver's top-1 on all test images; refuses another accuracy or other logits than the integer forward's."""
    images, labels = set_.test
    with tempfile.TemporaryDirectory() as folder:
        write_network(folder, options.name, packed, fields)
        network = os.path.join(folder, options.name + ".onnx.gz")
        if options.check_logits:
            count = min(options.check_logits, len(labels))
            ours = torch.cat([model.forward_integer(part) for part in images[:count].split(250)]).numpy()
            theirs = sliver_check.logits(options.sliver, network, set_.folder, count)
            if not np.array_equal(ours, theirs):
                wrong = int((ours != theirs).any(1).sum())
                raise BadInput(f"{options.name}: Sliver and the integer forward differ in logits of {wrong} of {count} images")
            print(f"logits agree with Sliver's on {count} images")
        hits, count = sliver_check.hits(options.sliver, network, set_.folder)
    if (count, hits / count) != (len(labels), fields["top1"]["fixed_point"]):
        raise BadInput(f"{options.name}: Sliver finds {hits} of {count} images right, the integer forward "
                       f"{fields['top1']['fixed_point']} of {len(labels)}")
    return hits / count


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", metavar="NPZ", help="fixed-point network written by train.py")
    parser.add_argument("--name", required=True, help="for example vgg11-fashion-dense")
    parser.add_argument("--out", default="networks", help="folder for the files (default %(default)s)")
    parser.add_argument("--summary", default="", help="one sentence for the card")
    parser.add_argument("--method", default="", help="the method in words, for the card; default: its short name")
    parser.add_argument("--device", default="", help="where it was trained, for the card; default: what the training noted")
    parser.add_argument("--data-folder", help="default: the folder of the training")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; 0: as many as there are cores")
    parser.add_argument("--sliver", metavar="PROGRAM", help="classify all test images with it too; must agree")
    parser.add_argument("--check-logits", type=int, default=0, metavar="N",
                        help="with --sliver: the logits of the first N test images must agree as well")
    options = parser.parse_args(argv)
    if options.check_logits < 0 or options.threads < 0:
        raise BadInput("--check-logits and --threads must not be negative")
    if options.check_logits and not options.sliver:
        raise BadInput("--check-logits needs --sliver")
    return options


def main(argv):
    options = arguments(argv)
    start = time.time()
    if options.threads:
        use_threads(options.threads)
    need_finished(options.network)
    model, record = load_fixed(options.network)
    files.need_folder(options.out)
    set_ = data.LOADERS[record["data"]](options.data_folder or record["data_folder"])
    if set_.image_shape != model.plan["image"]:
        raise BadInput(f"{options.network}: takes images of {model.plan['image']}, {set_.name} has {set_.image_shape}")

    images, labels = set_.test
    top1 = {"float": count_hits(model.forward_float, set_.test) / len(labels)}
    if record.get("float_start") is not None:
        top1["float_start"] = record["float_start"]
    model.settle()
    logits = reference_logits(model, images[:REFERENCE_IMAGES])
    top1["fixed_point"] = count_hits(model.forward_integer, set_.test) / len(labels)
    packed = compress(build_onnx(model, options.name).SerializeToString())
    fields = card.fields(model, record, set_, options.name, options.summary, options.method, options.device, top1,
                         hashlib.sha256(packed).hexdigest())
    if options.sliver:
        top1["sliver"] = ask_sliver(options, model, set_, packed, fields)

    reference = os.path.join(options.out, "reference")
    os.makedirs(reference, exist_ok=True)
    files.write_bytes(os.path.join(reference, options.name + "-logits64.npy"), npy(logits))
    write_network(options.out, options.name, packed, fields)
    print(f"{os.path.join(options.out, options.name)}: top-1 {top1}, non-zero slices {fields['sparsity']}, {len(packed)} bytes, "
          f"{time.time() - start:.0f} s")
    return 0
