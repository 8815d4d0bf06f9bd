"""Sliver: a SystemC model of a ReRAM crossbar accelerator that executes bit-sliced networks.

    import sliver

    result = sliver.run("isaac", "vgg11-fashion-bitslice", adc="3,3,3,1")
    result.latency_s, result.energy_per_image_j, result.area_mm2
    result.layers            # a pandas frame, units in the names of its columns

The way from a network to a result, step by step:

    chip = sliver.Chip("isaac", {"array.rows": 64})
    network = sliver.Network("my.onnx")                        # or Network.from_onnx(bytes)
    mapping = sliver.map(network, chip, calibrate=images)      # calibrated, quantised, mapped, converters chosen
    mapping.evaluate(test, labels).top1                        # values by the functional engine
    mapping.run(test).energy_per_image_j                       # time, energy and values by the SystemC chip

Lists by slice come most significant slice first. Errors are InputError (a ValueError) with the same line that the command line
prints, or MachineError. Chips are simulated in a process of their own, so any number of runs fit one interpreter. Long work
releases the interpreter's lock, hears Ctrl-C, and shows a bar where tqdm is installed and stderr is a terminal
(`progress=False`: none; a callable: it is called with text, done, whole, unit).

Everything else that the command line does: `sweep`, `front`, `study_slices`, `study_adc`, `study_nonideal`, `crossbar_solve`, `report`,
`read_images`, `shipped`, `keys`, and `command` for any command as it is.
"""
import os as _os
from pathlib import Path as _Path

from . import _sliver

_here = _Path(__file__).parent
for _share in (_here.parent.parent.parent.parent / "share" / "sliver", _here / "share"):
    if _share.is_dir():
        _sliver.add_home(_os.fspath(_share))
        break

from ._sliver import InputError, LayerOnCrossbars as _LayerOnCrossbars, MachineError  # noqa: E402
from .chips import Chip, keys  # noqa: E402
from .commands import (Front, Sweep, command, front, report, study_adc, study_nonideal, study_slices, sweep)  # noqa: E402
from .crossbars import CrossbarSolution, LayerOnCrossbars, crossbar_solve  # noqa: E402
from .mappings import Evaluation, Mapping, evaluate, map, run  # noqa: E402
from .networks import Network, QuantisedNetwork, Ranges, read_images  # noqa: E402
from .results import Result, load  # noqa: E402

__version__ = _sliver.version()

__all__ = [
    "Chip", "CrossbarSolution", "Evaluation", "Front", "InputError", "LayerOnCrossbars", "MachineError", "Mapping", "Network",
    "QuantisedNetwork", "Ranges", "Result", "Sweep", "command", "crossbar_solve", "evaluate", "front", "keys", "load", "map",
    "read_images", "report", "run", "shipped", "study_adc", "study_nonideal", "study_slices", "sweep",
]


def shipped(kind="networks"):
    """Names of what comes with Sliver: "chips", "networks" or "studies"."""
    if kind not in ("chips", "networks", "studies"):
        raise InputError(f"kind: value {kind}: must be chips, networks or studies")
    return _sliver.shipped(kind)
