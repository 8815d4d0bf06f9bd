"""Column budgets: which bit slices of which weights a lossless N-bit converter leaves room for.

Beyond the papers. A column of a crossbar holds one bit slice of one output's weights of one sign, `rows` of them. With all inputs
at one it carries the sum of those slices, and a converter of N bits reads it without clipping exactly if that sum is at most
2^N - 1. Bit-slice l1 makes such sums small on average, but the converter is chosen by the largest. Here the quantiser itself keeps
every column within its budget: slices that do not fit are left out (their cells stay at zero), and training goes on around them.
What comes out needs no clipping and no calibration: worst-case converters have N bits by construction.

Rows of a layer are its weights of one output in their order (input channel, kernel row, kernel column), cut into blocks of `rows`:
the layout of Sliver's mapping (src/mapping/layer_mapping.h, differential signs). Used by tune.py, which
holds the budgets, and by make_agreement_fixture.py; quantise.keep_allowed applies a mask.
"""
import torch

from .quantise import BITS


def _blocks(codes, rows):
    """[columns, rows] view of the codes [O, ...]: one line a column of one array, zeros behind the last row."""
    matrix = codes.detach().reshape(len(codes), -1).to(torch.int16)
    short = -matrix.shape[1] % rows
    return torch.nn.functional.pad(matrix, (0, short)).reshape(-1, rows)


def worst_sums(codes, rows=128, slice_width=2):
    """Largest column sum with all inputs at one, over both signs: a list, k = 0 (least significant slice) first."""
    blocks = _blocks(codes, rows)
    worst = []
    for k in range(BITS // slice_width):
        values = ((blocks.abs() >> (slice_width * k)) & (2 ** slice_width - 1)).to(torch.int32)
        worst.append(max(int((values * (blocks > 0)).sum(1).max()), int((values * (blocks < 0)).sum(1).max())))
    return worst


def worst_bits(codes, rows=128, slice_width=2):
    """Bits of the narrowest lossless converter, slice by slice, k = 0 first: ceil(log2(worst sum + 1)), at least 1."""
    return [max(1, total.bit_length()) for total in worst_sums(codes, rows, slice_width)]


def allowed_bits(codes, widths, rows=128, slice_width=2):
    """allowed_within() for converters of so many bits by slice, most significant first: sums of at most 2^width - 1."""
    return allowed_within(codes, [2 ** width - 1 for width in widths], rows, slice_width)


def allowed_within(codes, sums, rows=128, slice_width=2):
    """uint8 mask shaped as the signed codes: sign * (|code| & mask) keeps every column sum within `sums`.

    sums  by slice, most significant first.
    In a column that is too full the largest slice values stay, of equal ones those of the larger weights: what is left out has
    the least squared value for the room it would take. A slice that finds no room itself leaves room for smaller ones. Bits of
    zero slices stay allowed as long as the column is within its budget.
    """
    slices = BITS // slice_width
    if len(sums) != slices:
        raise ValueError(f"{len(sums)} budgets for {slices} slices")
    blocks = _blocks(codes, rows)
    magnitude = blocks.abs()
    mask = torch.full_like(magnitude, 2 ** BITS - 1)
    for k, budget in enumerate(reversed(sums)):
        field = (2 ** slice_width - 1) << (slice_width * k)
        values = (magnitude & field) >> (slice_width * k)
        for sign in (1, -1):
            mine = values * (blocks.sign() == sign)
            full = mine.sum(1) > budget
            if not bool(full.any()):
                continue
            crowded = mine[full]
            # Larger slice values first, then larger weights, then the row's place: one key, no ties, so any sort does.
            place = torch.arange(rows - 1, -1, -1, dtype=torch.int64)
            key = (crowded.long() * 2 ** BITS + magnitude[full].long()) * rows + place
            order = torch.where(crowded > 0, key, place - rows).argsort(1, descending=True)
            depth = int((crowded > 0).sum(1).max())
            order = order[:, :depth]
            candidates = crowded.gather(1, order).to(torch.int32)
            total = torch.zeros(len(crowded), dtype=torch.int32)
            keep = torch.empty(candidates.shape, dtype=torch.bool)
            for i in range(depth):
                fits = total + candidates[:, i] <= budget
                total += candidates[:, i] * fits
                keep[:, i] = fits
            refused = torch.zeros(crowded.shape, dtype=torch.int16).scatter_(1, order, (~keep).to(torch.int16) * field)
            mask[full] &= ~refused
    columns = codes[0].numel()
    return mask.reshape(len(codes), -1)[:, :columns].reshape(codes.shape).to(torch.uint8)
