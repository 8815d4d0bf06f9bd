#!/usr/bin/python3
"""Train a network: the float one from random numbers, or fixed-point fine-tuning of a folded one.

Methods: float        dense float network, batch norm where it has one; --out is a checkpoint for --start
         dense        fixed point, no regulariser (0 epochs: calibration only, post-training quantisation)
         bitslice-l1  fixed point with the bit-slice l1 regulariser, loss CE + alpha * Bl1 / (4 N)
         l1, pruned   fixed point with plain l1, loss CE + alpha * sum|w| / N, or with masks alone
--prune or --threshold mask small weights in any fixed-point method; "pruned" needs one of them, or --keep-zeros.
--prune-structure takes whole channels, or columns or rows of crossbar arrays, instead; --cut-share bounds the weights of a layer.
The fixed-point methods fold batch norm into the convolutions first (in double, rounded to float once). export.py turns their
--out into the shipped files; it can also be the --start of another stage, with --keep-zeros to leave pruned weights out.

A training that was stopped goes on with the same command: its state lies in OUT.resume until it is done.
"""
import argparse
import math
import os

import torch

import data
import device as devices
import files
import networks
import pretrain
import resume
import structured
import tune
import winograd
from checkpoint import load_fixed, save_fixed  # noqa: F401  where other scripts look for them
from errors import BadInput, run_program
from quantise import BITS

METHODS = ("float", "dense", "bitslice-l1", "l1", "pruned")
STOPPED = 3  # exit status of a training that can go on


def numbers(kind):
    """A type for argparse: numbers with commas between them."""
    def parse(text):
        return [kind(part) for part in text.split(",")]
    parse.__name__ = "comma-separated list"
    return parse


def names(text):
    return text.split(",")


def parser():
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("method", choices=METHODS)
    result.add_argument("--out", metavar="NPZ", required=True)
    add = result.add_argument_group("network and data").add_argument
    add("--network", choices=networks.NAMES, default="vgg11", help="default %(default)s")
    add("--data", choices=sorted(data.LOADERS), default="fashion-mnist", help="default %(default)s")
    add("--data-folder", help="folder of the data's files; default for fashion-mnist: " + data.FASHION_FOLDER)
    add("--start", metavar="NPZ",
        help="dense float checkpoint, the --out of a fixed-point method, or an ONNX file of export.py; needed by all methods but float")
    add("--held-out", type=int, default=2000,
        help="training images, the last ones, that are not trained on but watched (default %(default)s)")

    add = result.add_argument_group("training").add_argument
    add("--epochs", type=float, default=1)
    add("--stop-after", type=float, metavar="EPOCHS", help="end a fixed-point run early, its schedules laid out for --epochs")
    add("--stop-at-step", type=int, metavar="STEP", help="stop there, to go on with the same command later")
    add("--optimiser", choices=("sgd", "adam"), default="sgd", help="of the fixed-point methods (default %(default)s)")
    add("--batch", type=int, default=128)
    add("--lr", type=float, help="peak learning rate; default for float 0.1, without batch norm 0.05; else with SGD 0.01, with "
                                 "Adam 0.0003")
    add("--precision", choices=("single", "bfloat16"), default="single",
        help="of the products of method float; bfloat16 is faster where the processor has it (default %(default)s)")
    add("--smoothing", type=float, default=0.05, help="label smoothing (default %(default)s)")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=0, help="of the CPU; 0: as many as there are cores")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: CUDA where there is one")

    add = result.add_argument_group("regulariser").add_argument
    add("--alpha", type=float, default=0.5, help="its weight (default %(default)s)")
    add("--alpha-ramp", type=float, default=0.2, help="share of the run in which alpha rises from 0 (default %(default)s)")
    add("--alpha-slices", type=numbers(float), metavar="A,...",
        help="weights of the slices in bit-slice l1, most significant first (default 1 each)")
    add("--slice-width", type=int, default=2, choices=(1, 2, 4), help="bits of a slice (default %(default)s)")

    add = result.add_argument_group("masks: weights that stay zero").add_argument
    add("--keep-zeros", action="store_true", help="those that are zero at the start")
    add("--threshold", type=float, default=0.0, metavar="T", help="one shot at the start: those with |w| < T")
    add("--prune", type=float, default=0.0, metavar="SHARE",
        help="gradual: this share of all weights, by layer-adaptive magnitude (default %(default)s)")
    add("--prune-end", type=float, default=0.4,
        help="share of the run after which the masks stay; 0: one shot at the start (default %(default)s)")
    add("--prune-every", type=int, default=50, help="steps between mask updates (default %(default)s)")
    add("--prune-structure", choices=("weights", *structured.NAMES), default="weights",
        help="what goes as a whole: single weights, outputs with the rows that read them (C/F), the weights of one output in an "
             "array's rows (XCS), or of one row in an array's columns (XRS) (default %(default)s)")
    add("--array", type=int, default=64, metavar="N", help="rows and columns of an array (default %(default)s)")
    add("--prune-keep", type=names, default=[], metavar="NAMES",
        help="layers left alone, with commas; with channels they lose no output, but the rows of maps that are gone")

    add = result.add_argument_group("weight-constrained training: no weight of a layer larger than W_cut").add_argument
    add("--cut-share", type=float, metavar="Q", help="W_cut is this quantile of the layer's non-zero |w| at the start")
    add("--cut-scale", choices=("kept", "fitted"), default="kept",
        help="the weight step, which is the conductances' full scale: as before the cut, or fitted to W_cut (default %(default)s)")

    add = result.add_argument_group("column budgets: what a converter of so many bits reads without clipping").add_argument
    add("--column-bits", type=numbers(int), metavar="B,...", help="converter bits by slice, most significant first")
    add("--column-rows", type=int, default=128, help="rows of an array (default %(default)s)")
    add("--column-from", type=float, default=0.1, metavar="SHARE",
        help="share of the run after which they narrow (default %(default)s)")
    add("--column-full", type=float, default=0.6, metavar="SHARE", help="and after which they hold (default %(default)s)")
    add("--column-every", type=int, default=25, help="steps between choices of what to leave out (default %(default)s)")
    add("--column-free", type=names, default=[], metavar="NAMES", help="layers left alone, with commas")

    add = result.add_argument_group("fixed point").add_argument
    add("--rounding", choices=("nearest", "floor"), default="nearest", help="of the weight codes")
    add("--calibration", type=int, default=1000, help="training images that set the ranges (default %(default)s)")
    add("--range", choices=("squared-error", "max"), default="squared-error",
        help="how activation ranges are chosen (default %(default)s)")
    return result


def check(options):
    """Refuses what argparse cannot see; fills in the defaults that depend on other options."""
    def need(fine, name, rule):
        if not fine:
            raise BadInput(f"--{name} {getattr(options, name.replace('-', '_'))}: {rule}")

    slices = BITS // options.slice_width
    for name in ("epochs", "alpha", "alpha-ramp", "threshold", "smoothing", "column-from", "column-full", "prune", "prune-end", "lr"):
        value = getattr(options, name.replace("-", "_"))
        need(value is None or math.isfinite(value) and value >= 0, name, "must be a number of at least 0")
    for name in ("batch", "calibration", "prune-every", "column-every", "column-rows", "array"):
        need(getattr(options, name.replace("-", "_")) >= 1, name, "must be at least 1")
    need(options.prune < 1, "prune", "must lie in [0, 1)")
    need(options.cut_share is None or 0 < options.cut_share < 1, "cut-share", "must lie between 0 and 1")
    need(options.cut_share is None or not options.prune, "cut-share",
         "W_cut is measured on the weights that stay; give --prune in a stage before and --keep-zeros here")
    need(options.cut_share is None or options.column_bits is None, "cut-share",
         "--column-bits bounds the weights too; give one of them")
    need(options.smoothing < 1, "smoothing", "must lie in [0, 1)")
    need(options.threads >= 0, "threads", "must be at least 0")
    need(options.stop_after is None or options.stop_after > 0, "stop-after", "must be positive")
    need(options.stop_at_step is None or options.stop_at_step >= 1, "stop-at-step", "must be at least 1")
    if options.alpha_slices is not None:
        rule = f"needs {slices} numbers for slices of {options.slice_width} bits"
        need(len(options.alpha_slices) == slices, "alpha-slices", rule)
        need(all(math.isfinite(a) and a >= 0 for a in options.alpha_slices), "alpha-slices", "must be numbers of at least 0")
        options.alpha_slices = options.alpha_slices[::-1]  # least significant first from here on
    if options.column_bits is not None:
        need(len(options.column_bits) == slices, "column-bits", f"needs {slices} widths for slices of {options.slice_width} bits")
        need(all(1 <= bits <= 16 for bits in options.column_bits), "column-bits", "widths must lie in 1..16")
    need(not (options.threshold and options.prune), "threshold", "--prune chooses the masks too; give one of them")
    if options.method == "pruned" and not (options.threshold or options.prune or options.keep_zeros):
        raise BadInput("method pruned needs --threshold, --prune or --keep-zeros")
    if options.method != "float" and not options.start:
        raise BadInput(f"method {options.method} needs --start; make a checkpoint with method float")
    refuse_idle(options)
    if options.method in ("dense", "pruned", "float"):
        options.alpha = 0.0


def refuse_idle(options):
    """Refuses options that would be without effect beside the others."""
    regularised = options.method in ("l1", "bitslice-l1")
    for names, takes_effect, rule in (
            ("alpha alpha-ramp", regularised, "only with methods l1 and bitslice-l1"),
            ("alpha-slices", options.method == "bitslice-l1", "only with method bitslice-l1"),
            ("threshold prune keep-zeros column-bits cut-share optimiser stop-after", options.method != "float",
             "not with method float"),
            ("precision", options.method == "float", "only with method float"),
            ("prune-end prune-every prune-structure array prune-keep", options.prune > 0, "only with --prune"),
            ("array", options.prune_structure != "weights", "only with --prune-structure for groups"),
            ("cut-scale", options.cut_share is not None, "only with --cut-share"),
            ("column-rows column-from column-full column-every column-free", options.column_bits is not None,
             "only with --column-bits")):
        for name in names.split():
            value = getattr(options, name.replace("-", "_"))
            if not takes_effect and value != parser().get_default(name.replace("-", "_")):
                raise BadInput(f"--{name} {value}: {rule}")


def main(argv):
    options = parser().parse_args(argv)
    check(options)
    clock = resume.Clock()
    device = devices.choose(options.device, options.threads)
    if device.type == "cpu" and not winograd.fast_products():
        clock.log("matrix products run in the reference BLAS: Debian's libopenblas0 makes this several times faster")
    files.need_folder(os.path.dirname(os.path.abspath(options.out)))
    torch.manual_seed(options.seed)
    set_ = data.LOADERS[options.data](options.data_folder)
    set_.hold_out(options.held_out)
    set_ = set_.to(device)
    plan = networks.build(options.network, set_.image_shape, len(set_.classes))
    if options.lr is None:
        options.lr = {"sgd": 0.01, "adam": 0.0003}[options.optimiser]
        if options.method == "float":
            options.lr = 0.1 if plan["norm"] else 0.05
    try:
        (pretrain.pretrain if options.method == "float" else tune.fine_tune)(plan, set_, options, device, clock)
    except resume.Stopped as stopped:
        clock.log(str(stopped))
        return STOPPED
    return 0


if __name__ == "__main__":
    run_program("train.py", main)
