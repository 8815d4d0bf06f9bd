"""3x3 convolution (stride 1, padding 1) by Winograd's F(4x4, 3x3) or F(2x2, 3x3), as a few large matrix products.

A drop-in for F.conv2d on a CPU: a 4x4 tile of outputs takes 36 multiplications an input channel in place of 144, and small maps
waste none on their border. The result differs from the direct sum in the last bits of single precision, as any order of
additions does; training uses it, the exact integer forward never does.
Matrices: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, arXiv 1509.09308, section 4.
"""
import functools

import numpy as np
import torch
import torch.nn.functional as F

LEAST_CHANNELS = 128  # below this the library's direct convolution is faster

_TRANSFORMS = {  # m: (B^T, G, A^T)
    2: ([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
        [[1, 0, 0], [.5, .5, .5], [.5, -.5, .5], [0, 0, 1]],
        [[1, 1, 1, 0], [0, 1, -1, -1]]),
    4: ([[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1]],
        [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]],
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]),
}
# Two-dimensional transforms of a tile laid out as a column: Kronecker squares of the one-dimensional ones.
_SQUARES = {m: tuple(torch.from_numpy(np.kron(np.array(t, np.float64), np.array(t, np.float64))).float() for t in three)
            for m, three in _TRANSFORMS.items()}


def tile_edge(height, width):
    """The largest m whose tiles cover a height x width map exactly, or None."""
    return next((m for m in (4, 2) if height % m == 0 and width % m == 0), None)


def _gather(x, m):
    """[t*t, N*tiles*C] input tiles (t = m + 2, overlapping by 2) of a channels-last [N, H, W, C] tensor."""
    n, height, width, channels = x.shape
    padded = F.pad(x, (0, 0, 1, 1, 1, 1))
    line, image = (width + 2) * channels, (height + 2) * (width + 2) * channels
    tiles = padded.as_strided((m + 2, m + 2, n, height // m, width // m, channels),
                              (line, channels, image, m * line, m * channels, 1))
    return tiles.reshape((m + 2) ** 2, -1)


def _scatter(tiles, shape, m):
    """The transpose of _gather: overlapping tiles are added."""
    n, height, width, channels = shape
    down, across = height // m, width // m
    tiles = tiles.view(m + 2, m + 2, n, down, across, channels)
    if down == across == 1:
        return tiles[1:-1, 1:-1, :, 0, 0].permute(2, 0, 1, 3)
    padded = tiles.new_zeros(n, height + 2, width + 2, channels)
    for i in range(m + 2):
        for j in range(m + 2):
            padded[:, i:i + m * down:m, j:j + m * across:m] += tiles[i, j]
    return padded[:, 1:-1, 1:-1]


class _Winograd(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight, m):
        n, channels, height, width = x.shape
        outputs = weight.shape[0]
        spread, kernel, collect = _SQUARES[m]
        v = (spread @ _gather(x.permute(0, 2, 3, 1).contiguous(), m)).view(len(spread), -1, channels)
        u = (kernel @ weight.permute(2, 3, 1, 0).reshape(9, -1)).view(len(spread), channels, outputs)
        y = (collect @ torch.bmm(v, u).view(len(spread), -1)).view(m, m, n, height // m, width // m, outputs)
        context.save_for_backward(v, u)
        context.m, context.shape = m, (n, height, width, channels)
        return y.permute(2, 3, 0, 4, 1, 5).reshape(n, height, width, outputs).permute(0, 3, 1, 2)

    @staticmethod
    def backward(context, gradient):
        v, u = context.saved_tensors
        m, (n, height, width, channels) = context.m, context.shape
        spread, kernel, collect = _SQUARES[m]
        outputs = u.shape[2]
        pieces = gradient.permute(0, 2, 3, 1).reshape(n, height // m, m, width // m, m, outputs).permute(2, 4, 0, 1, 3, 5)
        pieces = (collect.t() @ pieces.reshape(m * m, -1)).view(len(spread), -1, outputs)
        weight = (kernel.t() @ torch.bmm(v.transpose(1, 2), pieces).view(len(spread), -1)).view(3, 3, channels, outputs)
        x = None
        if context.needs_input_grad[0]:
            tiles = spread.t() @ torch.bmm(pieces, u.transpose(1, 2)).view(len(spread), -1)
            x = _scatter(tiles, context.shape, m).permute(0, 3, 1, 2)
        return x, weight.permute(3, 2, 0, 1), None


@functools.lru_cache(maxsize=None)
def fast_products():
    """Whether PyTorch multiplies matrices with a tuned library. Debian's falls back to the reference BLAS, fifty times slower."""
    if torch.backends.mkl.is_available():
        return True
    try:
        with open("/proc/self/maps", encoding="utf-8") as file:
            loaded = file.read()
    except OSError:
        return False
    return any(name in loaded for name in ("openblas", "blis", "atlas"))


def convolve(x, weight, bias):
    """F.conv2d(x, weight, bias, padding=1) for 3x3 kernels; x [N, C, H, W], best channels last."""
    m = tile_edge(*x.shape[2:])
    if m is None or x.shape[1] < LEAST_CHANNELS or x.is_cuda or not fast_products():
        return F.conv2d(x, weight, bias, padding=1)
    return _Winograd.apply(x, weight, m) + bias[:, None, None]
