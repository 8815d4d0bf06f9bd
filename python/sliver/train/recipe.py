"""What a fixed-point training does, as one record, and what is refused of it.

The five built-in recipes are its methods: dense, pruned, l1 and bitslice-l1 in fixed point, and float, which has fewer options. The
command line (programs/train.py) has the same options under the same names, with hyphens.
"""
import dataclasses
import math

from . import structured
from .errors import BadInput
from .quantise import BITS

METHODS = ("float", "dense", "bitslice-l1", "l1", "pruned")
STRUCTURES = ("weights", *structured.NAMES)


@dataclasses.dataclass
class Recipe:
    """A training of a network in fixed point, the loss cross entropy:
      dense        no regulariser (0 epochs: calibration alone)
      pruned       the same, with masks
      l1           + alpha * sum of abs(w) / N
      bitslice-l1  + alpha * Bl1 / (4 N)
    """
    method: str = "dense"
    epochs: float = 1
    stop_after: float = None          # epochs: ends early, the schedules laid out for `epochs`
    optimiser: str = "sgd"            # or "adam"
    batch: int = 128
    lr: float = None                  # peak learning rate; None: 0.01 with SGD, 0.0003 with Adam
    smoothing: float = 0.05           # label smoothing
    seed: int = 1
    alpha: float = 0.5                # weight of the regulariser
    alpha_ramp: float = 0.2           # share of the run in which alpha rises from 0
    alpha_slices: list = None         # weights of the slices in bit-slice l1, most significant first; None: 1 each
    slice_width: int = 2              # bits of a slice
    keep_zeros: bool = False          # weights that are zero at the start stay so
    threshold: float = 0.0            # one shot at the start: weights with abs(w) below it stay zero
    prune: float = 0.0                # share of all weights to take away, by layer-adaptive magnitude
    prune_end: float = 0.4            # share of the run after which the masks stay; 0: one shot
    prune_every: int = 50             # steps between two choices of masks
    prune_structure: str = "weights"  # what goes as a whole: one of STRUCTURES
    array: int = 64                   # rows and columns of an array, for groups
    prune_keep: list = dataclasses.field(default_factory=list)   # names of layers left alone
    cut_share: float = None           # W_cut is this quantile of a layer's non-zero abs(w) at the start
    cut_scale: str = "kept"           # the weight step: as before the cut, or "fitted" to W_cut
    column_bits: list = None          # converter bits by slice, most significant first, that columns must not clip
    column_rows: int = 128            # rows of an array, for column budgets
    column_from: float = 0.1          # share of the run after which the budgets narrow
    column_full: float = 0.6          # and after which they hold
    column_every: int = 25            # steps between two choices of what to leave out
    column_free: list = dataclasses.field(default_factory=list)  # names of layers without a budget
    rounding: str = "nearest"         # of the weight codes; or "floor"
    calibration: int = 1000           # training images that set the ranges of the maps
    range: str = "squared-error"      # how those are chosen; or "max"

    def checked(self):
        """A copy as tuning.py reads it: every option in its range, the slices least significant first. BadInput otherwise."""
        copy = dataclasses.replace(self, prune_keep=list(self.prune_keep), column_free=list(self.column_free))
        for name, allowed in (("method", METHODS[1:]), ("optimiser", ("sgd", "adam")), ("rounding", ("nearest", "floor")),
                              ("range", ("squared-error", "max")), ("prune_structure", STRUCTURES), ("cut_scale", ("kept", "fitted")),
                              ("slice_width", (1, 2, 4))):
            if getattr(self, name) not in allowed:
                raise BadInput(f"{name} {getattr(self, name)}: wanted one of {', '.join(map(str, allowed))}")
        check(copy, str)
        copy.lr = learning_rate(copy) if copy.lr is None else copy.lr
        return copy


def default(name):
    """That of an option of Recipe."""
    field = Recipe.__dataclass_fields__[name]
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def learning_rate(options):
    """The default of a fixed-point method."""
    return {"sgd": 0.01, "adam": 0.0003}[options.optimiser]


def option_word(name):
    """An option as the command line spells it."""
    return "--" + name.replace("_", "-")


def check(options, spell=option_word):
    """Refuses values out of range and options without effect beside the others; puts alpha_slices least significant first, and
    alpha to 0 where a method has no regulariser. `spell` makes the word for an option that the message has."""
    def need(fine, name, rule):
        if not fine:
            raise BadInput(f"{spell(name)} {getattr(options, name)}: {rule}")

    slices = BITS // options.slice_width
    for name in ("epochs", "alpha", "alpha_ramp", "threshold", "smoothing", "column_from", "column_full", "prune", "prune_end", "lr"):
        value = getattr(options, name)
        need(value is None or math.isfinite(value) and value >= 0, name, "must be a number of at least 0")
    for name in ("batch", "calibration", "prune_every", "column_every", "column_rows", "array"):
        need(getattr(options, name) >= 1, name, "must be at least 1")
    need(options.prune < 1, "prune", "must lie in [0, 1)")
    need(options.cut_share is None or 0 < options.cut_share < 1, "cut_share", "must lie between 0 and 1")
    need(options.cut_share is None or not options.prune, "cut_share",
         f"W_cut is measured on the weights that stay; give {spell('prune')} in a stage before and {spell('keep_zeros')} here")
    need(options.cut_share is None or options.column_bits is None, "cut_share",
         f"{spell('column_bits')} bounds the weights too; give one of them")
    need(options.smoothing < 1, "smoothing", "must lie in [0, 1)")
    need(options.stop_after is None or options.stop_after > 0, "stop_after", "must be positive")
    if options.alpha_slices is not None:
        rule = f"needs {slices} numbers for slices of {options.slice_width} bits"
        need(len(options.alpha_slices) == slices, "alpha_slices", rule)
        need(all(math.isfinite(a) and a >= 0 for a in options.alpha_slices), "alpha_slices", "must be numbers of at least 0")
        options.alpha_slices = options.alpha_slices[::-1]  # least significant first from here on
    if options.column_bits is not None:
        need(len(options.column_bits) == slices, "column_bits", f"needs {slices} widths for slices of {options.slice_width} bits")
        need(all(1 <= bits <= 16 for bits in options.column_bits), "column_bits", "widths must lie in 1..16")
    need(not (options.threshold and options.prune), "threshold", f"{spell('prune')} chooses the masks too; give one of them")
    if options.method == "pruned" and not (options.threshold or options.prune or options.keep_zeros):
        raise BadInput(f"method pruned needs {spell('threshold')}, {spell('prune')} or {spell('keep_zeros')}")
    _refuse_idle(options, spell)
    if options.method in ("dense", "pruned", "float"):
        options.alpha = 0.0


def _refuse_idle(options, spell):
    """Refuses options that would be without effect beside the others."""
    regularised = options.method in ("l1", "bitslice-l1")
    for names, takes_effect, rule in (
            ("alpha alpha_ramp", regularised, "only with methods l1 and bitslice-l1"),
            ("alpha_slices", options.method == "bitslice-l1", "only with method bitslice-l1"),
            ("threshold prune keep_zeros column_bits cut_share optimiser stop_after", options.method != "float",
             "not with method float"),
            ("prune_end prune_every prune_structure array prune_keep", options.prune > 0, f"only with {spell('prune')}"),
            ("array", options.prune_structure != "weights", f"only with {spell('prune_structure')} for groups"),
            ("cut_scale", options.cut_share is not None, f"only with {spell('cut_share')}"),
            ("column_rows column_from column_full column_every column_free", options.column_bits is not None,
             f"only with {spell('column_bits')}")):
        for name in names.split():
            value = getattr(options, name)
            if not takes_effect and value != default(name):
                raise BadInput(f"{spell(name)} {value}: {rule}")
