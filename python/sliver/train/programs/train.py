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
import os

import torch

from .. import data, device as devices, files, networks, pretrain, recipe, resume, tune, winograd
from ..errors import BadInput

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
    result.add_argument("method", choices=recipe.METHODS)
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
    add("--epochs", type=float)
    add("--stop-after", type=float, metavar="EPOCHS", help="end a fixed-point run early, its schedules laid out for --epochs")
    add("--stop-at-step", type=int, metavar="STEP", help="stop there, to go on with the same command later")
    add("--optimiser", choices=("sgd", "adam"), help="of the fixed-point methods (default %(default)s)")
    add("--batch", type=int)
    add("--lr", type=float, help="peak learning rate; default for float 0.1, without batch norm 0.05; else with SGD 0.01, with "
                                 "Adam 0.0003")
    add("--precision", choices=("single", "bfloat16"), default="single",
        help="of the products of method float; bfloat16 is faster where the processor has it (default %(default)s)")
    add("--smoothing", type=float, help="label smoothing (default %(default)s)")
    add("--seed", type=int)
    add("--threads", type=int, default=0, help="of the CPU; 0: as many as there are cores")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: CUDA where there is one")

    add = result.add_argument_group("regulariser").add_argument
    add("--alpha", type=float, help="its weight (default %(default)s)")
    add("--alpha-ramp", type=float, help="share of the run in which alpha rises from 0 (default %(default)s)")
    add("--alpha-slices", type=numbers(float), metavar="A,...",
        help="weights of the slices in bit-slice l1, most significant first (default 1 each)")
    add("--slice-width", type=int, choices=(1, 2, 4), help="bits of a slice (default %(default)s)")

    add = result.add_argument_group("masks: weights that stay zero").add_argument
    add("--keep-zeros", action="store_true", help="those that are zero at the start")
    add("--threshold", type=float, metavar="T", help="one shot at the start: those with |w| < T")
    add("--prune", type=float, metavar="SHARE",
        help="gradual: this share of all weights, by layer-adaptive magnitude (default %(default)s)")
    add("--prune-end", type=float,
        help="share of the run after which the masks stay; 0: one shot at the start (default %(default)s)")
    add("--prune-every", type=int, help="steps between mask updates (default %(default)s)")
    add("--prune-structure", choices=recipe.STRUCTURES,
        help="what goes as a whole: single weights, outputs with the rows that read them (C/F), the weights of one output in an "
             "array's rows (XCS), or of one row in an array's columns (XRS) (default %(default)s)")
    add("--array", type=int, metavar="N", help="rows and columns of an array (default %(default)s)")
    add("--prune-keep", type=names, metavar="NAMES",
        help="layers left alone, with commas; with channels they lose no output, but the rows of maps that are gone")

    add = result.add_argument_group("weight-constrained training: no weight of a layer larger than W_cut").add_argument
    add("--cut-share", type=float, metavar="Q", help="W_cut is this quantile of the layer's non-zero |w| at the start")
    add("--cut-scale", choices=("kept", "fitted"),
        help="the weight step, which is the conductances' full scale: as before the cut, or fitted to W_cut (default %(default)s)")

    add = result.add_argument_group("column budgets: what a converter of so many bits reads without clipping").add_argument
    add("--column-bits", type=numbers(int), metavar="B,...", help="converter bits by slice, most significant first")
    add("--column-rows", type=int, help="rows of an array (default %(default)s)")
    add("--column-from", type=float, metavar="SHARE",
        help="share of the run after which they narrow (default %(default)s)")
    add("--column-full", type=float, metavar="SHARE", help="and after which they hold (default %(default)s)")
    add("--column-every", type=int, help="steps between choices of what to leave out (default %(default)s)")
    add("--column-free", type=names, metavar="NAMES", help="layers left alone, with commas")

    add = result.add_argument_group("fixed point").add_argument
    add("--rounding", choices=("nearest", "floor"), help="of the weight codes")
    add("--calibration", type=int, help="training images that set the ranges (default %(default)s)")
    add("--range", choices=("squared-error", "max"),
        help="how activation ranges are chosen (default %(default)s)")
    result.set_defaults(**{name: recipe.default(name) for name in vars(recipe.Recipe()) if name != "method"})
    return result


def check(options):
    """Refuses what argparse cannot see."""
    if options.threads < 0:
        raise BadInput(f"--threads {options.threads}: must be at least 0")
    if options.stop_at_step is not None and options.stop_at_step < 1:
        raise BadInput(f"--stop-at-step {options.stop_at_step}: must be at least 1")
    recipe.check(options)
    if options.method != "float" and not options.start:
        raise BadInput(f"method {options.method} needs --start; make a checkpoint with method float")
    if options.method != "float" and options.precision != "single":
        raise BadInput(f"--precision {options.precision}: only with method float")


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
        options.lr = (0.1 if plan["norm"] else 0.05) if options.method == "float" else recipe.learning_rate(options)
    try:
        (pretrain.pretrain if options.method == "float" else tune.fine_tune)(plan, set_, options, device, clock)
    except resume.Stopped as stopped:
        clock.log(str(stopped))
        return STOPPED
    return 0
