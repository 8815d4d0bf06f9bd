"""Training for crossbars: quantisers, bit-slice l1, pruning and schedules for any nn.Module, on tensors of your own.

    from sliver import train
    fixed = train.fine_tune(module, x, y, train.Recipe("bitslice-l1", epochs=5, prune=0.8, alpha=0.4))
    loss = cross_entropy(module(x), y) + 0.5 * train.bitslice_l1(module)     # or in a loop of your own

Images are floating-point tensors [N, ...], labels int64 [N]. An "exponent" is log2 of a step. What cannot be used is refused by
BadInput (a ValueError) in one line. Needs PyTorch and NumPy; the compiled part of sliver is not needed. The command line with its
five recipes, data sets and checkpoints is in sliver.train.programs: python3 -m sliver.train train --help.
"""
from .bitslice import bitslice_l1, l1, slice_shares
from .columns import allowed_bits, worst_bits
from .errors import BadInput
from .fitting import cut_weights, fine_tune, keep_masks, prune, train_float
from .fixed_point import FixedPoint
from .graph import fold_batch_norms
from .layers import layers_of
from .recipe import Recipe
from .schedules import one_cycle, pruned_share, ramp, warm_cosine

__all__ = ["BadInput", "FixedPoint", "Recipe", "allowed_bits", "bitslice_l1", "cut_weights", "fine_tune", "fold_batch_norms",
           "keep_masks", "l1", "layers_of", "one_cycle", "prune", "pruned_share", "ramp", "slice_shares", "train_float",
           "warm_cosine", "worst_bits"]
