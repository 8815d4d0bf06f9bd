#!/usr/bin/python3
"""Write the ONNX files of tests/data/onnx: small networks as torch.onnx.export writes them, with inputs and PyTorch's logits.

Beside each NAME.onnx: NAME.input.npy float32 [4, ...] and NAME.logits.npy float32 [4, classes]. The weights are random
numbers from a fixed seed; nothing is trained. Networks whose name starts with "refuse-" hold something the importer must refuse.
"fixed-point" is written by onnx_graph.py instead, as the networks in networks/ are; fixed-point.integers.npy int32: its logits.
"""
import argparse
import os
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import repository
from sliver.train import networks
from sliver.train.device import use_threads
from sliver.train.errors import run_program
from sliver.train.files import need_folder
from sliver.train.fixed import FixedNetwork
from sliver.train.integers import double_convolution
from sliver.train.onnx_graph import build_onnx

OPSETS = (11, 13, 15, 17)


class NarrowVgg(nn.Module):
    """torchvision's VGG with batch norm, narrow: features, adaptive pool to 2x2, two linear layers with dropout."""

    def __init__(self):
        super().__init__()
        layers, channels = [], 3
        for item in (8, "M", 12, "M", 16, 16):
            if item == "M":
                layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            else:
                layers += [nn.Conv2d(channels, item, 3, padding=1), nn.BatchNorm2d(item), nn.ReLU(inplace=True)]
                channels = item
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(nn.Linear(64, 24), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(24, 10))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class Block(nn.Module):
    """torchvision's basic block."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class NarrowResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.layer1, self.layer2, self.layer3 = Block(8, 8, 1), Block(8, 16, 2), Block(16, 32, 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class MatMulMlp(nn.Module):
    """x @ W + b, which the exporter writes as MatMul and Add."""

    def __init__(self):
        super().__init__()
        self.w1, self.b1 = nn.Parameter(torch.randn(64, 32) / 8), nn.Parameter(torch.randn(32) / 8)
        self.w2, self.b2 = nn.Parameter(torch.randn(32, 10) / 6), nn.Parameter(torch.randn(10) / 8)

    def forward(self, x):
        return torch.relu(x @ self.w1 + self.b1) @ self.w2 + self.b2


class Mlp(nn.Module):
    """nn.Linear layers after a flattened image, which the exporter writes as Gemm."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x):
        return self.layers(x)


class Small(nn.Module):
    """One convolution, something in the middle, one classifier."""

    def __init__(self, middle, features, convolution=None, flatten="flatten"):
        super().__init__()
        self.conv = convolution or nn.Conv2d(1, 8, 3, padding=1)
        self.middle, self.fc, self.flatten = middle, nn.Linear(features, 10), flatten

    def forward(self, x):
        x = self.middle(self.conv(x))
        if self.flatten == "view":
            x = x.view(x.size(0), -1)
        elif self.flatten == "reshape":
            x = x.reshape(-1, 8 * 4 * 4)
        else:
            x = torch.flatten(x, 1)
        return self.fc(x)


class Functional(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def randomise(model):
    """Batch norm as after training: statistics, gains and offsets away from their initial values."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.6, 1.4)
            nn.init.normal_(module.bias, 0, 0.2)
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.3, 1.5)
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.normal_(module.bias, 0, 0.1)
    return model.eval()


def write(folder, name, model, shape, opset=13, keep_norm=False, dynamic=False, batch=1):
    """Export one network. keep_norm: BatchNormalization nodes stay, as with training=PRESERVE and no constant folding."""
    x = torch.randn(4, *shape)
    options = dict(training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False) if keep_norm else {}
    if dynamic:
        options["dynamic_axes"] = {"input": {0: "batch"}, "output": {0: "batch"}}
    path = os.path.join(folder, name)
    with torch.no_grad():
        np.save(path + ".logits.npy", model(x).numpy())
        np.save(path + ".input.npy", x.numpy())
        torch.onnx.export(model, x[:batch], path + ".onnx", opset_version=opset, input_names=["input"], output_names=["output"],
                          verbose=False, **options)


def write_fixed_point(folder, name):
    """Two convolutions, each with a pool, and a classifier in the fixed point of the shipped networks."""
    torch.manual_seed(21)
    shapes = [(8, 2, 3, 3), (12, 8, 3, 3), (10, 48)]
    weights = [torch.randn(shape) * (2 / torch.tensor(shape[1:]).prod()) ** 0.5 for shape in shapes]
    weights[1][0, 0, 0, 0] = 1.0  # a power of two as the maximum: the code saturates at 255
    plan = networks.vgg(name, [2, 8, 8], [8, "M", 12, "M"])
    model = FixedNetwork(plan, weights, [torch.randn(shape[0]) / 5 for shape in shapes])
    x = torch.randn(64, 2, 8, 8)
    model.calibrate(x[4:])
    model.settle()
    integers = model.forward_integer(x[:4], double_convolution)
    path = os.path.join(folder, name)
    np.save(path + ".input.npy", x[:4].numpy())
    np.save(path + ".integers.npy", integers.numpy().astype(np.int32))
    np.save(path + ".logits.npy", (integers * 2.0 ** model.logit_exponent()).float().numpy())
    with open(path + ".onnx", "wb") as file:
        file.write(build_onnx(model, name).SerializeToString())


def make(folder):
    def fresh(build):
        """The same weights and inputs whatever was made before."""
        torch.manual_seed(20)
        return randomise(build())

    for opset in OPSETS:
        for keep_norm in (False, True):
            suffix = f"-opset{opset}" + ("-bn" if keep_norm else "")
            write(folder, "vgg" + suffix, fresh(NarrowVgg), (3, 16, 16), opset, keep_norm)
            write(folder, "resnet" + suffix, fresh(NarrowResNet), (3, 32, 32), opset, keep_norm)
    write(folder, "vgg-dynamic-batch", fresh(NarrowVgg), (3, 16, 16), dynamic=True)
    write(folder, "resnet-batch4", fresh(NarrowResNet), (3, 32, 32), batch=4)
    write(folder, "mlp-matmul", fresh(MatMulMlp), (64,))
    write(folder, "mlp-gemm", fresh(Mlp), (1, 8, 8))
    relu_pool = lambda pool: nn.Sequential(nn.ReLU(), pool)
    write(folder, "avgpool", fresh(lambda: Small(relu_pool(nn.AvgPool2d(2)), 128)), (1, 8, 8))
    write(folder, "view", fresh(lambda: Small(relu_pool(nn.MaxPool2d(2)), 128, flatten="view")), (1, 8, 8))
    write(folder, "view-dynamic-batch", fresh(lambda: Small(relu_pool(nn.MaxPool2d(2)), 128, flatten="view")), (1, 8, 8),
          dynamic=True)
    write(folder, "reshape", fresh(lambda: Small(relu_pool(nn.MaxPool2d(2)), 128, flatten="reshape")), (1, 8, 8))
    write_fixed_point(folder, "fixed-point")
    # What the importer has to refuse (or, for the grouped convolution, to expand or refuse).
    write(folder, "grouped-conv", fresh(lambda: Small(relu_pool(nn.MaxPool2d(2)), 128, nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1, groups=4)))), (1, 8, 8))
    write(folder, "sigmoid", fresh(lambda: Small(nn.Sequential(nn.Sigmoid(), nn.MaxPool2d(2)), 128)), (1, 8, 8))
    write(folder, "dilation", fresh(lambda: Small(relu_pool(nn.MaxPool2d(2)), 128,
                                                         nn.Conv2d(1, 8, 3, padding=2, dilation=2))), (1, 8, 8))
    write(folder, "leaky-relu", fresh(lambda: Small(nn.Sequential(nn.LeakyReLU(0.1), nn.MaxPool2d(2)), 128)), (1, 8, 8))
    write(folder, "refuse-transposed-conv", fresh(lambda: Small(nn.ReLU(), 162, nn.ConvTranspose2d(1, 2, 2))), (1, 8, 8))
    write(folder, "concat", fresh(lambda: Small(Functional(lambda x: F.relu(torch.cat([x, x], 1))), 1024)), (1, 8, 8))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.path.join(repository.ROOT, "tests", "data", "onnx")
    parser.add_argument("--out", default=default, help="folder to write to (default %(default)s)")
    folder = parser.parse_args(argv).out
    need_folder(folder)
    warnings.filterwarnings("ignore")
    use_threads(1)
    make(folder)
    return 0


if __name__ == "__main__":
    run_program("make_onnx_fixtures.py", main)
