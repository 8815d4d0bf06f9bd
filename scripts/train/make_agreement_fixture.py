#!/usr/bin/python3
"""Write tests/data/agreement: a small residual network and 1,000 images with the logits of PyTorch's integer forward.

What Sliver's golden executor, its engines and sliver.train's arithmetic must agree on, kept so that a machine without PyTorch can
test it: strides, a 1x1 shortcut with a signed map, additions of maps with different steps, a global average, a column budget whose
steps no longer follow max|w|. residual.codes.npy int8 [1000, 2, 8, 8]: the codes of the input; residual.integers.npy int32
[1000, 10]: the logits. The weights and images are random numbers from a fixed seed; nothing is trained.
"""
import argparse
import os

import numpy as np
import torch

import repository
from sliver.train import columns, files, networks
from sliver.train.device import use_threads
from sliver.train.errors import run_program
from sliver.train.fixed import FixedNetwork
from sliver.train.integers import double_convolution
from sliver.train.onnx_graph import build_onnx
from sliver.train.quantise import image_codes

IMAGES = 1000


def make():
    """(network, images [1000, 2, 8, 8])"""
    torch.manual_seed(33)
    plan = networks.resnet("residual", [2, 8, 8], widths=(8, 12), blocks=2)
    shapes = networks.weight_shapes(plan)
    weights = [torch.randn(shape) * (2 / torch.tensor(shape[1:]).prod()) ** 0.5 for shape in shapes]
    model = FixedNetwork(plan, weights, [torch.randn(shape[0]) / 5 for shape in shapes])
    for i in (3, 4):  # two layers with budgets: one bit for the top slice takes all codes from 128 on
        model.held[i] = model.step_exponents()[i]
        model.allowed[i] = columns.allowed_bits(model.codes()[i], [1, 4, 4, 4], 32)
    images = torch.randn(IMAGES, 2, 8, 8)
    model.calibrate(images[:200])
    model.settle()
    return model, images


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.path.join(repository.ROOT, "tests", "data", "agreement")
    parser.add_argument("--out", default=default, help="folder to write to (default %(default)s)")
    folder = parser.parse_args(argv).out
    files.need_folder(folder)
    use_threads(1)
    model, images = make()
    path = os.path.join(folder, "residual")
    np.save(path + ".codes.npy", image_codes(images, model.maps["image"]).numpy().astype(np.int8))
    np.save(path + ".integers.npy", model.forward_integer(images, double_convolution).numpy().astype(np.int32))
    files.write_bytes(path + ".onnx", build_onnx(model, "residual").SerializeToString())
    return 0


if __name__ == "__main__":
    run_program("make_agreement_fixture.py", main)
