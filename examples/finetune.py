#!/usr/bin/python3
"""Win back by fine-tuning what 3-bit converters take from an MLP: python3 examples/finetune.py, minutes on two cores.

An MLP 784-100-10 in 8-bit fixed point is executed on isaac's crossbars with converters of 3 bits, which clip, and is then trained
against these crossbars. With --mnist FOLDER, the four IDX files of MNIST, it is the shipped mlp-mnist-dense; without, one that is
trained here on Fashion-MNIST (Debian: dataset-fashion-mnist) first. Needs PyTorch and the compiled module sliver.
"""
import argparse
import os
import time

import torch

import sliver
from sliver import train
from sliver.torch import Crossbars
from sliver.train import data, networks, onnx_start

NETWORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "networks", "mlp-mnist-dense.onnx.gz")


def mlp():
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10))


def shipped():
    """mlp-mnist-dense as a module."""
    network, module = onnx_start.read(NETWORK, networks.build("mlp", [1, 28, 28]), "nearest"), mlp()
    with torch.no_grad():
        for layer, weight, bias in zip((module[1], module[3]), network.weights, network.biases):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
    return module


def top1(model, images, labels):
    """In percent."""
    with torch.no_grad():
        hits = sum(int((model(x).argmax(1) == y).sum()) for x, y in zip(images.split(500), labels.split(500)))
    return 100 * hits / len(labels)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", metavar="FOLDER", help="start from the shipped network of MNIST, whose files lie here")
    parser.add_argument("--adc", default="3", help="converters, as --adc of sliver run (default %(default)s bits)")
    parser.add_argument("--images", type=int, default=20000, help="training images of the fine-tuning (default %(default)s)")
    parser.add_argument("--test", type=int, default=2000, help="test images (default %(default)s)")
    parser.add_argument("--epochs", type=float, default=4, help="of the fine-tuning (default %(default)s)")
    options = parser.parse_args(argv)
    begin = time.time()

    def say(text):
        print(f"{time.time() - begin:5.0f} s  {text}", flush=True)

    if options.mnist:
        set_, module = data.load_mnist(options.mnist), shipped()
    else:
        set_ = data.load_fashion()
        for name in ("train", "test"):  # 28 x 28 again, without the border that VGG wants
            x, y = getattr(set_, name)
            setattr(set_, name, (x[:, :, 2:-2, 2:-2].contiguous(), y))
        torch.manual_seed(1)
        module = train.train_float(mlp(), *set_.train, epochs=3)
    x, y = (values[:options.images] for values in set_.train)
    test = [values[:options.test] for values in set_.test]

    fixed = train.FixedPoint(module)
    fixed.calibrate(x[:1000])
    say(f"8-bit fixed point, converters that do not clip: top-1 {top1(fixed, *test):.2f} % of {len(test[1])} test images")
    hardware = Crossbars(fixed, sliver.Chip("isaac", adc=options.adc))
    say(f"on crossbars with converters of {options.adc} bits: top-1 {top1(hardware, *test):.2f} %")
    train.fine_tune(hardware, x, y, train.Recipe(epochs=options.epochs, batch=64, lr=0.05))
    say(f"fine-tuned on these crossbars for {options.epochs:g} epochs of {len(x)} images: top-1 {top1(hardware, *test):.2f} %")


if __name__ == "__main__":
    main()
