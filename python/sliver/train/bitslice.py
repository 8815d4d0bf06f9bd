"""The bit-slice l1 regulariser (arXiv 1909.08496): Bl1 = sum over weights and slices of the slice values.

Its straight-through gradient has a closed form,
    dBl1/dw = sign(w)/step * sum_k a_k * base^-k * [slice_k != 0],   base = 2^width,
so training adds it from a table indexed by the code instead of building the graph; bl1_by_autograd is the graph,
written as in the paper, and the tests hold the two against each other. The a_k weigh the slices, least significant first;
the paper has 1 for all of them.
"""
import torch

from .errors import BadInput
from .layers import layers_of
from .quantise import BITS, TOP, slices, weight_codes, weight_step_exponent

PAPER_SLICES = 4  # the paper divides by 4 N; kept for every slice width, so that a weight of the regulariser means the same


def bl1(codes, width=2):
    """The sum of all slice values of the codes, an integer."""
    return sum(int(s.sum(dtype=torch.int64)) for s in slices(codes, width))


def pull_table(width=2, slice_weights=None):
    """float32 [511]: the gradient of Bl1 in code units, for the codes -255..255."""
    codes = torch.arange(-TOP, TOP + 1)
    a = slice_weights or [1.0] * (BITS // width)
    pull = sum(a[k] * (s != 0).float() * 2.0 ** (-width * k) for k, s in enumerate(slices(codes, width)))
    return pull * codes.sign()


def pull(codes, table):
    """The gradient of Bl1 in code units at these codes (floats -255..255), shaped and laid out as they are."""
    index = (codes + TOP).to(torch.int32)
    result = torch.empty_like(codes)
    # Over the memory as it lies, whatever the order of the dimensions: reshape() would copy a permuted layer twice.
    flat = torch.as_strided(index, (index.numel(),), (1,))
    torch.as_strided(result, (index.numel(),), (1,)).copy_(table.index_select(0, flat))
    return result


def bl1_gradient(weight, width=2, table=None, rounding="nearest", slice_weights=None):
    """dBl1/dw at the codes of a layer."""
    exponent = weight_step_exponent(weight)
    table = pull_table(width, slice_weights) if table is None else table
    return pull(weight_codes(weight, exponent, rounding), table) * 2.0 ** -exponent


class _SliceSum(torch.autograd.Function):
    """Bl1 of one layer forward, its closed form backward."""

    @staticmethod
    def forward(context, weight, codes, exponent, table, width, slice_weights):
        context.save_for_backward(pull(codes, table).mul_(2.0 ** -exponent))
        sums = (a * s.sum(dtype=torch.float64) for a, s in zip(slice_weights, slices(codes, width)))
        return sum(sums).to(weight.dtype)

    @staticmethod
    def backward(context, gradient):
        return gradient * context.saved_tensors[0], None, None, None, None, None


def bitslice_l1(module, slice_width=2, slice_weights=None):
    """Bl1 / (4 N) of any nn.Module as a differentiable scalar, for loss = ... + alpha * bitslice_l1(module).

    slice_width    bits of a slice: 1, 2 or 4
    slice_weights  one number a slice, most significant first; 1 each where None
    N counts the weights of all nn.Linear and nn.Conv2d layers. BadInput where there is none, or the slices are not those of 8 bits.
    """
    if slice_width not in (1, 2, 4):
        raise BadInput(f"slice_width {slice_width}: wanted 1, 2 or 4")
    count = BITS // slice_width
    weights = [1.0] * count if slice_weights is None else [float(a) for a in slice_weights][::-1]
    if len(weights) != count or min(weights) < 0:
        raise BadInput(f"slice_weights {slice_weights}: wanted {count} numbers of at least 0 for slices of {slice_width} bits")
    layers = layers_of(module)
    table = pull_table(slice_width, weights).to(layers.weights[0].device)
    sums = [_SliceSum.apply(weight, codes, exponent, table, slice_width, weights)
            for weight, codes, exponent in zip(layers.weights, layers.codes(), layers.step_exponents())]
    return sum(sums) / (PAPER_SLICES * layers.weight_count())


def l1(module):
    """Mean of abs(w) over the weights of all nn.Linear and nn.Conv2d layers, as a differentiable scalar."""
    layers = layers_of(module)
    return sum(weight.abs().sum() for weight in layers.weights) / layers.weight_count()


def slice_shares(module, slice_width=2):
    """Non-zero shares of the slice elements of any nn.Module in percent, most significant slice first."""
    return sparsity(layers_of(module).codes(), slice_width)[::-1]


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(context, x, function):
        return function(x)

    @staticmethod
    def backward(context, gradient):
        return gradient, None


def bl1_by_autograd(weight, width=2, slice_weights=None):
    """Bl1 as a differentiable scalar: straight-through rounding, higher slices detached. Slow; for tests."""
    exponent = weight_step_exponent(weight)
    a = slice_weights or [1.0] * (BITS // width)
    rest = _StraightThrough.apply(weight.abs() * 2.0 ** -exponent, lambda x: torch.round(x).clamp(max=TOP))
    total = 0
    for k in range(BITS // width - 1, -1, -1):
        piece = _StraightThrough.apply(rest * 2.0 ** (-width * k), torch.floor)
        total = total + a[k] * piece.abs().sum()
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
