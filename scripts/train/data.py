"""Data sets read from local files: Fashion-MNIST (IDX, plain or gzip) and CIFAR-10 (binary batches). Nothing is downloaded."""
import gzip
import os
import struct
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

FASHION_FOLDER = "/usr/share/datasets/fashion-mnist"
FASHION_CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
CIFAR10_CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class BadInput(Exception):
    """Input that cannot be used; the programs print it as one line and exit with status 2."""


@dataclass
class DataSet:
    """Images already padded and normalised, float32 [N, C, 32, 32]; labels int64 [N]."""
    name: str
    classes: list
    pad: int
    mean: list
    std: list
    shift: int  # largest random shift in pixels of the training augmentation
    train: tuple
    test: tuple


def read_bytes(path):
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            return file.read()
    except (OSError, EOFError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error


def read_idx(path):
    """The array in an IDX file of unsigned bytes; a name ending in .gz is unpacked."""
    raw = read_bytes(path)
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise BadInput(f"{path}: not an IDX file of unsigned bytes")
    rank = raw[3]
    if len(raw) < 4 + 4 * rank:
        raise BadInput(f"{path}: the IDX header is cut short")
    shape = struct.unpack(f">{rank}I", raw[4:4 + 4 * rank])
    payload = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank)
    if payload.size != int(np.prod(shape)):
        raise BadInput(f"{path}: the header promises shape {shape}, the file holds {payload.size} bytes")
    return payload.reshape(shape)


def read_cifar10(paths):
    """(images uint8 [N, 3, 32, 32], labels uint8 [N]) of CIFAR-10 binary batches, joined."""
    images, labels = [], []
    for path in paths:
        raw = np.frombuffer(read_bytes(path), np.uint8)
        if raw.size == 0 or raw.size % 3073:
            raise BadInput(f"{path}: {raw.size} bytes is not a whole number of 3,073-byte CIFAR-10 records")
        records = raw.reshape(-1, 3073)
        labels.append(records[:, 0])
        images.append(records[:, 1:].reshape(-1, 3, 32, 32))
    return np.concatenate(images), np.concatenate(labels)


def prepare(images, labels, pad, mean, std):
    """Pad with zeros, scale to 0..1, normalise channel by channel."""
    if len(images) != len(labels):
        raise BadInput(f"{len(images)} images but {len(labels)} labels")
    x = torch.from_numpy(np.array(images)).float() / 255
    x = F.pad(x, (pad,) * 4)
    mean, std = (torch.tensor(v)[None, :, None, None] for v in (mean, std))
    return (x - mean) / std, torch.from_numpy(labels.astype(np.int64))


def find(folder, name):
    """The path of `name` in `folder`, plain or gzip."""
    for path in (os.path.join(folder, name), os.path.join(folder, name + ".gz")):
        if os.path.exists(path):
            return path
    raise BadInput(f"{folder}: holds neither {name} nor {name}.gz")


def load_fashion(folder=None):
    folder = folder or FASHION_FOLDER
    pad, mean, std = 2, [0.2860], [0.3530]
    parts = []
    for part in ("train", "t10k"):
        images = read_idx(find(folder, f"{part}-images-idx3-ubyte"))
        labels = read_idx(find(folder, f"{part}-labels-idx1-ubyte"))
        if images.ndim != 3 or images.shape[1:] != (28, 28) or labels.ndim != 1:
            raise BadInput(f"{folder}: {part} has shapes {images.shape} and {labels.shape}, wanted [N, 28, 28] and [N]")
        parts.append(prepare(images[:, None], labels, pad, mean, std))
    return DataSet("fashion-mnist", FASHION_CLASSES, pad, mean, std, 2, *parts)


def load_cifar10(folder=None):
    if not folder:
        raise BadInput("CIFAR-10 needs --data-folder with the binary batches")
    pad, mean, std = 0, [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]
    names = [f"data_batch_{i}.bin" for i in range(1, 6)], ["test_batch.bin"]
    parts = [prepare(*read_cifar10([find(folder, n) for n in part]), pad, mean, std) for part in names]
    return DataSet("cifar10", CIFAR10_CLASSES, pad, mean, std, 4, *parts)


LOADERS = {"fashion-mnist": load_fashion, "cifar10": load_cifar10}


def augment(x, shift, border):
    """Random horizontal flip and a shift of up to `shift` pixels, one draw for each image; `border` fills."""
    n, channels, height, width = x.shape
    x = torch.where((torch.rand(n) < 0.5)[:, None, None, None], x.flip(3), x)
    padded = F.pad(x - border, (shift,) * 4) + border
    dy, dx = torch.randint(0, 2 * shift + 1, (n,)), torch.randint(0, 2 * shift + 1, (n,))
    rows = (dy[:, None] + torch.arange(height))[:, None, :, None]
    columns = (dx[:, None] + torch.arange(width))[:, None, None, :]
    return padded[torch.arange(n)[:, None, None, None], torch.arange(channels)[None, :, None, None], rows, columns]
