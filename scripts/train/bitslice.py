"""The bit-slice l1 regulariser (arXiv 1909.08496): Bl1 = sum over weights and slices of the slice values.

Its straight-through gradient has a closed form,
    dBl1/dw = sign(w)/step * sum_k base^-k * [slice_k != 0],   base = 2^width,
so training adds it from a table indexed by the code instead of building the graph; bl1_by_autograd is the graph,
written as in the paper, and the tests hold the two against each other.
"""
import torch

from quantise import TOP, slices, weight_codes, weight_step_exponent, BITS


def bl1(codes, width=2):
    """The sum of all slice values of the codes, an integer."""
    return sum(int(s.sum(dtype=torch.int64)) for s in slices(codes, width))


def pull_table(width=2):
    """float32 [511]: the gradient of Bl1 in code units, for the codes -255..255."""
    codes = torch.arange(-TOP, TOP + 1)
    pull = sum((s != 0).float() * 2.0 ** (-width * k) for k, s in enumerate(slices(codes, width)))
    return pull * codes.sign()


def bl1_gradient(weight, width=2, table=None, rounding="nearest"):
    """dBl1/dw at the codes of a layer."""
    exponent = weight_step_exponent(weight)
    table = pull_table(width) if table is None else table
    index = weight_codes(weight, exponent, rounding).add_(TOP).to(torch.int32)
    return table.index_select(0, index.reshape(-1)).reshape(weight.shape) * 2.0 ** -exponent


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(context, x, function):
        return function(x)

    @staticmethod
    def backward(context, gradient):
        return gradient, None


def bl1_by_autograd(weight, width=2):
    """Bl1 as a differentiable scalar: straight-through rounding, higher slices detached. Slow; for tests."""
    exponent = weight_step_exponent(weight)
    rest = _StraightThrough.apply(weight.abs() * 2.0 ** -exponent, lambda x: torch.round(x).clamp(max=TOP))
    total = 0
    for k in range(BITS // width - 1, -1, -1):
        piece = _StraightThrough.apply(rest * 2.0 ** (-width * k), torch.floor)
        total = total + piece.abs().sum()
        rest = rest - piece.detach() * 2.0 ** (width * k)
    return total


def sparsity(code_tensors, width=2):
    """Non-zero shares of the slice elements over all given code tensors: a list in percent, k = 0 first."""
    count, nonzero = 0, [0] * (BITS // width)
    for codes in code_tensors:
        count += codes.numel()
        for k, s in enumerate(slices(codes, width)):
            nonzero[k] += int((s != 0).sum())
    return [100 * n / count for n in nonzero]
