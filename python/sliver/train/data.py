"""Data sets read from local files: MNIST and Fashion-MNIST (IDX, plain or gzip), CIFAR-10 and CIFAR-100 (binary records).

Nothing is downloaded.
"""
import gzip
import os
import struct
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from .errors import BadInput

FASHION_FOLDER = "/usr/share/datasets/fashion-mnist"
FASHION_CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
CIFAR10_CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
CIFAR100_CLASSES = """apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit
raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper
table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm""".split()


@dataclass
class DataSet:
    """Images already padded and normalised, float32 [N, C, H, W]; labels int64 [N]."""
    name: str
    folder: str
    classes: list
    pad: int
    mean: list
    std: list
    shift: int  # largest random shift in pixels of the training augmentation
    flip: bool  # whether mirrored images keep their class
    train: tuple
    test: tuple
    held_out: tuple = None

    @property
    def image_shape(self):
        return list(self.test[0].shape[1:])

    def to(self, device):
        """All images and labels on a device."""
        for name in ("train", "test", "held_out"):
            part = getattr(self, name)
            setattr(self, name, part and tuple(t.to(device) for t in part))
        return self

    def augment(self, x):
        """A batch of training images, shifted and mirrored as this set allows."""
        border = -torch.tensor(self.mean)[None, :, None, None] / torch.tensor(self.std)[None, :, None, None]
        return augment(x, self.shift, border.to(x.device), self.flip)

    def hold_out(self, count):
        """Keep the last `count` training images out of the training."""
        x, y = self.train
        if not 0 < count < len(y):
            raise BadInput(f"--held-out {count}: wanted 1 to {len(y) - 1} of the {len(y)} training images")
        self.train, self.held_out = (x[:-count], y[:-count]), (x[-count:], y[-count:])


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


def read_cifar(paths, labels=1):
    """(images uint8 [N, 3, 32, 32], labels uint8 [N]) of CIFAR binary files, joined; the last of a record's labels counts."""
    images, classes, size = [], [], labels + 3072
    for path in paths:
        raw = np.frombuffer(read_bytes(path), np.uint8)
        if raw.size == 0 or raw.size % size:
            raise BadInput(f"{path}: {raw.size} bytes is not a whole number of {size:,}-byte CIFAR records")
        records = raw.reshape(-1, size)
        classes.append(records[:, labels - 1])
        images.append(records[:, labels:].reshape(-1, 3, 32, 32))
    return np.concatenate(images), np.concatenate(classes)


def prepare(images, labels, classes, pad, mean, std, source):
    """Pad with zeros, scale to 0..1, normalise channel by channel."""
    if len(images) != len(labels):
        raise BadInput(f"{source}: {len(images)} images but {len(labels)} labels")
    if labels.max() >= len(classes):
        raise BadInput(f"{source}: label {labels.max()} where there are {len(classes)} classes")
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


def _need_folder(name, folder):
    if not folder:
        raise BadInput(f"{name} needs --data-folder: the folder that holds its files")
    return folder


def _load_idx(name, folder, classes, pad, mean, std, flip):
    parts = []
    for part in ("train", "t10k"):
        images = read_idx(find(folder, f"{part}-images-idx3-ubyte"))
        labels = read_idx(find(folder, f"{part}-labels-idx1-ubyte"))
        if images.ndim != 3 or images.shape[1:] != (28, 28) or labels.ndim != 1:
            raise BadInput(f"{folder}: {part} has shapes {images.shape} and {labels.shape}, wanted [N, 28, 28] and [N]")
        parts.append(prepare(images[:, None], labels, classes, pad, mean, std, folder))
    return DataSet(name, folder, classes, pad, mean, std, 2, flip, *parts)


def _load_cifar(name, folder, classes, mean, std, train, test, labels):
    parts = [prepare(*read_cifar([find(folder, name) for name in names], labels), classes, 0, mean, std, folder)
             for names in (train, test)]
    return DataSet(name, folder, classes, 0, mean, std, 4, True, *parts)


def load_fashion(folder=None):
    """Padded to 32x32."""
    return _load_idx("fashion-mnist", folder or FASHION_FOLDER, FASHION_CLASSES, 2, [0.2860], [0.3530], True)


def load_mnist(folder=None):
    return _load_idx("mnist", _need_folder("mnist", folder), [str(i) for i in range(10)], 0, [0.1307], [0.3081], False)


def load_cifar10(folder=None):
    names = [f"data_batch_{i}.bin" for i in range(1, 6)], ["test_batch.bin"]
    return _load_cifar("cifar10", _need_folder("cifar10", folder), CIFAR10_CLASSES, [0.4914, 0.4822, 0.4465],
                       [0.2470, 0.2435, 0.2616], *names, labels=1)


def load_cifar100(folder=None):
    """The fine labels."""
    return _load_cifar("cifar100", _need_folder("cifar100", folder), CIFAR100_CLASSES, [0.5071, 0.4865, 0.4409],
                       [0.2673, 0.2564, 0.2762], ["train.bin"], ["test.bin"], labels=2)


LOADERS = {"cifar10": load_cifar10, "cifar100": load_cifar100, "fashion-mnist": load_fashion, "mnist": load_mnist}


def augment(x, shift, border, flip=True):
    """A random horizontal flip where asked for, and a shift of up to `shift` pixels, one draw for each image; `border` fills.

    All numbers are drawn on the CPU, so that a seed means the same images on every device.
    """
    n, _, height, width = x.shape
    if flip:
        x = torch.where((torch.rand(n) < 0.5).to(x.device)[:, None, None, None], x.flip(3), x)
    padded = F.pad(x - border, (shift,) * 4) + border
    dy, dx = (torch.randint(0, 2 * shift + 1, (n,)).to(x.device) for _ in range(2))
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # every shift of every image, nothing copied yet
    return windows[torch.arange(n, device=x.device), :, dy, dx]
