"""How long an epoch takes here: real training steps on made-up images, one line of a Markdown table for each way.

A step draws, shifts and mirrors its images, as train.py does, and is the method's own. Times are those of the fastest of a few steps.
On a CPU it is processor time of one thread, user and system: what other programs take beside it does not count, though they slow it
down through caches and shared cores. On CUDA it is elapsed time. An epoch is one of 48,000 images.

  speed.py                                         all ways of VGG-11, VGG-16 and ResNet-20
  speed.py --networks resnet20 --batches 128       some of them
"""
import argparse
import time

import torch

from .. import data, device as devices, networks, winograd
from ..batches import Batches
from ..dense import Dense
from ..errors import BadInput
from ..fixed import FixedNetwork
from ..pretrain import Pretraining
from ..tuning import FineTuning
from . import train

EPOCH = 48000
IMAGE = [3, 32, 32]
WAYS = {  # title: (method and options of train.py, channels last, Winograd)
    "float": ("float", True, False),
    "float, channels first": ("float", False, False),
    "float, bfloat16": ("float --precision bfloat16", True, False),
    "fixed point": ("dense --start none", True, True),
    "fixed point, no Winograd": ("dense --start none", True, False),
    "fixed point, bit-slice l1, masks": ("bitslice-l1 --start none --prune 0.7 --prune-end 0", True, True),
}


def made_up(count, device):
    """A CIFAR-10 of random numbers, of `count` images."""
    images, labels = torch.randn(count, *IMAGE), torch.arange(count) % 10
    part = (images, labels)
    return data.DataSet("cifar10", "", data.CIFAR10_CLASSES, 0, [0.5] * 3, [0.25] * 3, 4, True, part, part, part).to(device)


def clock(device):
    """Seconds: of the processor, or where it only waits for a CUDA device those that pass."""
    if device.type == "cuda":
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()


def seconds(network, way, batch, steps, device):
    """Of the fastest step."""
    words, channels_last, fast = WAYS[way]
    options = train.parser().parse_args([*words.split(), "--out", "none", "--lr", "0.01", "--batch", str(batch)])
    train.check(options)
    torch.manual_seed(1)
    set_ = made_up(2 * batch, device)
    model = Dense(networks.build(network, IMAGE))
    layout = torch.channels_last if channels_last else torch.contiguous_format
    if options.method == "float":
        task = Pretraining(model.to(device, memory_format=layout), options, steps + 1)
    else:
        model = FixedNetwork.from_dense(model).to(device)
        model.calibrate(set_.train[0][:batch])
        task = FineTuning(model, options, steps + 1, 10 ** 9, set_.train[0][:batch])
    batches, times = Batches(*set_.train, batch, set_.augment), []
    least, winograd.LEAST_CHANNELS = winograd.LEAST_CHANNELS, winograd.LEAST_CHANNELS if fast else 10 ** 9
    try:
        for step in range(steps + 1):
            begin = clock(device)
            images, labels = batches.draw()
            task.step(step, images.contiguous(memory_format=layout), labels)
            times.append(clock(device) - begin)
    finally:
        winograd.LEAST_CHANNELS = least
    return min(times[1:])  # the first one sets up


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=train.names, default=["vgg11", "vgg16", "resnet20"], metavar="NAMES")
    parser.add_argument("--batches", type=train.numbers(int), default=[64, 128, 256], metavar="N,...")
    parser.add_argument("--steps", type=int, default=3, help="that are timed, behind one that is not (default %(default)s)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    options = parser.parse_args(argv)
    unknown = [name for name in options.networks if name not in networks.NAMES]
    if unknown:
        raise BadInput(f"--networks {','.join(unknown)}: the networks are {', '.join(networks.NAMES)}")
    if options.steps < 1 or min(options.batches) < 1:
        raise BadInput("--steps and --batches must be at least 1")
    device = devices.choose(options.device, 1)
    print("| network | way | " + " | ".join(f"batch {batch}" for batch in options.batches) + " |")
    print("| --- | --- |" + " --- |" * len(options.batches), flush=True)
    for network in options.networks:
        for way in WAYS:
            epochs = [EPOCH / batch * seconds(network, way, batch, options.steps, device) for batch in options.batches]
            print(f"| {network} | {way} | " + " | ".join(f"{value:.0f} s" for value in epochs) + " |", flush=True)
    return 0
