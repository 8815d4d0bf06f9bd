"""One layer on crossbars, slow and plain: what docs/arithmetic.md says, for differential signs and saturating converters."""
import dataclasses
import math

import numpy as np


@dataclasses.dataclass
class Chip:
    """adc_bits: bits of the converters by slice, most significant first; None: wide enough for every sum."""
    rows: int = 128
    cell_bits: int = 2
    dac_bits: int = 1
    adc_bits: list = None


class Layer:
    """weights int16 [outputs, rows], codes -255..255."""

    def __init__(self, weights, chip, seed):
        self.weights, self.chip, self.seed = np.array(weights, np.int64), chip, seed

    def multiply(self, inputs):
        """int32 [n, outputs] of unsigned 8-bit codes int32 [n, rows]."""
        chip, (outputs, rows) = self.chip, self.weights.shape
        total = np.zeros((len(inputs), outputs), np.int64)
        slices = math.ceil(8 / chip.cell_bits)
        for first in range(0, rows, chip.rows):
            block, maps = self.weights[:, first:first + chip.rows], inputs[:, first:first + chip.rows].astype(np.int64)
            for sign in (1, -1):
                stored = np.where(block * sign > 0, np.abs(block), 0)
                for k in range(slices):
                    levels = (stored >> (chip.cell_bits * k)) % 2 ** chip.cell_bits
                    for shift in range(0, 8, chip.dac_bits):
                        digits = (maps >> shift) % 2 ** chip.dac_bits
                        sums = np.rint(digits.astype(np.float64) @ levels.T.astype(np.float64)).astype(np.int64)
                        if chip.adc_bits is not None:
                            sums = np.minimum(sums, 2 ** chip.adc_bits[slices - 1 - k] - 1)
                        total += sign * (sums << (shift + chip.cell_bits * k))
        return total.astype(np.int32)
