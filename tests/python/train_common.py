"""What the tests of sliver.train share: the package's folder on the path, tiny networks of every kind, and data sets of random numbers."""
import gzip
import os
import struct
import subprocess
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir))
FOLDER = os.path.join(ROOT, "scripts", "train")  # the programs
sys.path.append(FOLDER)

import repository  # noqa: E402, F401

import numpy as np  # noqa: E402
import torch  # noqa: E402

from sliver.train import networks  # noqa: E402
from sliver.train.dense import Dense  # noqa: E402
from sliver.train.fixed import FixedNetwork  # noqa: E402

TINY = {  # every kind of step and both kinds of layer, on maps of even and odd size
    "vgg": networks.vgg("tiny-vgg", [2, 4, 4], [6, "M", 10, 12, "M"]),
    "plain": networks.vgg("tiny-plain", [1, 6, 6], [6, "M", 9], (14, 12), norm=False, dropout=0.5),
    "mlp": networks.mlp("tiny-mlp", [1, 5, 5], (20,)),
    "resnet": networks.resnet("tiny-resnet", [3, 10, 10], (6, 8, 12), 2),
}


def tiny_dense(kind="vgg", seed=3):
    """A Dense whose batch norms have seen something."""
    torch.manual_seed(seed)
    model = Dense(TINY[kind])
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.3)
            torch.nn.init.normal_(module.running_mean, 0, 0.3)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)) and module.bias is not None:
            torch.nn.init.normal_(module.bias, 0, 0.1)
    return model.eval()


def tiny_fixed(kind="vgg", seed=3, images=40):
    """(calibrated network, images)"""
    model = FixedNetwork.from_dense(tiny_dense(kind, seed))
    x = torch.randn(images, *TINY[kind]["image"])
    model.calibrate(x[:20])
    return model, x


def run(program, *arguments):
    """A program of scripts/train, on one thread."""
    return subprocess.run([sys.executable, os.path.join(FOLDER, program), *map(str, arguments)], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})


def write_idx(path, array):
    with gzip.open(path, "wb") as file:
        file.write(struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def fake_cifar10(folder, train=10, test=64):
    """A CIFAR-10 of random numbers: `train` images in each of its five files."""
    random = np.random.default_rng(1)
    for name, count in [(f"data_batch_{i}.bin", train) for i in range(1, 6)] + [("test_batch.bin", test)]:
        records = random.integers(0, 256, (count, 3073), np.uint8)
        records[:, 0] = np.arange(count) % 10
        records.tofile(os.path.join(folder, name))


def fake_idx_set(folder, size=28, train=48, test=64, labels=10):
    """An MNIST-like data set of random numbers."""
    random = np.random.default_rng(1)
    for part, count in (("train", train), ("t10k", test)):
        write_idx(os.path.join(folder, part + "-images-idx3-ubyte.gz"), random.integers(0, 256, (count, size, size), np.uint8))
        write_idx(os.path.join(folder, part + "-labels-idx1-ubyte.gz"), random.integers(0, labels, count, np.uint8))
