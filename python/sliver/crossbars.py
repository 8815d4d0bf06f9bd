"""Single arrays: currents behind wires, and one matrix on the arrays of a chip."""
import io

import numpy

from . import _sliver
from ._arguments import count_of
from .chips import chip_of


class CrossbarSolution:
    """Currents in ampere, voltages in volt, conductances in siemens.

    current_a, ideal_a (inputs, columns): into the virtual grounds, with and without wires; driver_a (inputs, rows);
    row_volts, column_volts (inputs, rows, columns): nodes of word lines and bit lines; effective_s (rows, columns): what the
    wires make of the cells (None unless idle rows are grounded). Without the first axis where `volts` was one list.
    """

    def __init__(self, values):
        for name, value in values.items():
            setattr(self, name, value)

    @property
    def factor(self):
        """Non-ideality factor by column: 1 - current / ideal; 0 where the ideal current is 0."""
        ideal = self.ideal_a
        return numpy.where(ideal != 0, 1 - self.current_a / numpy.where(ideal != 0, ideal, 1), 0.0)

    def __repr__(self):
        return f"<CrossbarSolution: {self.row_volts.shape[-2]} x {self.row_volts.shape[-1]} cells>"


def _npy(array):
    file = io.BytesIO()
    numpy.save(file, numpy.asarray(array))
    return file.getvalue()


def crossbar_solve(conductances, volts, *, r_driver, r_row, r_col, r_sense, idle="grounded"):
    """Solves one array with its wires exactly.

    conductances  (rows, columns) in siemens, 0: no cell; volts: (rows,) or (inputs, rows), a row of exactly 0 is idle
    r_...         in ohm: of a driver, of a wire segment along a row and along a column, of a sense input
    idle          grounded, floating or gated
    """
    return CrossbarSolution(_sliver.solve(_npy(conductances), _npy(volts), float(r_driver), float(r_row), float(r_col),
                                          float(r_sense), idle))


class LayerOnCrossbars:
    """One matrix on the arrays of a chip: its slices, converters, devices and wires.

    weights: integers (outputs, rows), |w| < 2**weights.bits. multiply(inputs): unsigned codes (count, rows) of inputs.bits
    bits to 32-bit sums (count, outputs), as the chip's shift-adders give them.
    """

    def __init__(self, weights, chip="isaac", seed=1, *, threads=0):
        self._layer = _sliver.LayerOnCrossbars(weights, chip_of(chip)._chip, count_of("seed", seed), count_of("threads", threads))

    def multiply(self, inputs):
        return self._layer.multiply(inputs)

    adc_bits = property(lambda self: self._layer.adc_bits, doc="By slice, most significant first.")
    arrays = property(lambda self: self._layer.arrays)
