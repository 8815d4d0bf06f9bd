"""All that the package offers where its compiled part is built: what `import sliver` gives."""
import os
from pathlib import Path

from . import _sliver

_here = Path(__file__).parent
for _share in (_here.parent.parent.parent.parent / "share" / "sliver", _here / "share"):
    if _share.is_dir():
        _sliver.add_home(os.fspath(_share))
        break

from ._sliver import InputError, MachineError  # noqa: E402
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
