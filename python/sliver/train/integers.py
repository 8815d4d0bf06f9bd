"""Convolutions of integers held in floating point, exact."""
import torch
import torch.nn.functional as F

from .quantise import TOP


def double_convolution(x, codes, stride=1):
    """In double: always exact, and slow. Padding is half the kernel."""
    # Rounding undoes what a transform-based algorithm of a GPU library may add; direct sums are whole numbers already.
    return torch.round(F.conv2d(x.double(), codes.double(), stride=stride, padding=codes.shape[2] // 2))


def exact_convolution(x, codes, stride=1):
    """The same integers, several times faster on a CPU: single precision over groups of input channels so small that every
    partial sum stays below 2^24, whatever the order of the additions; the groups are added in double."""
    if x.is_cuda:
        return double_convolution(x, codes, stride)
    load = codes.abs().sum((2, 3)).double() * TOP  # largest magnitude that each input channel can add to each output
    total, first = 0, 0
    while first < codes.shape[1]:
        worst = load[:, first:].cumsum(1).max(0).values
        last = first + max(1, int((worst < 2 ** 24).sum()))
        images = x[:, first:last].contiguous(memory_format=torch.channels_last)
        part = F.conv2d(images, codes[:, first:last].contiguous(), stride=stride, padding=codes.shape[2] // 2)
        total, first = total + part.double(), last
    return total
