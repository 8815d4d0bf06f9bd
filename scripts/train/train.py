#!/usr/bin/python3
"""Train VGG-11: the dense float network from scratch, or fixed-point fine-tuning of a folded network.

Methods: float        dense float network with batch norm; --out is a checkpoint for --start
         dense        fixed point, no regulariser (0 epochs: calibration only, post-training quantisation)
         bitslice-l1  fixed point with the bit-slice l1 regulariser, loss CE + alpha * Bl1 / (4 N)
         l1, pruned   fixed point with plain l1, loss CE + alpha * sum|w| / N, or with --prune alone
The fixed-point methods fold batch norm into the convolutions first. export.py turns their --out into the shipped files;
it can also be the --start of another stage, with --keep-zeros to leave pruned weights out.
"""
import argparse
import json
import math
import os
import shlex
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import bitslice
import data
import models
import sparsify

METHODS = ("float", "dense", "bitslice-l1", "l1", "pruned")


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("--data", choices=sorted(data.LOADERS), default="fashion-mnist")
    parser.add_argument("--data-folder", help="default for fashion-mnist: " + data.FASHION_FOLDER)
    parser.add_argument("--start", metavar="NPZ", help="dense float checkpoint, or the --out of a fixed-point method; needed by all methods but float")
    parser.add_argument("--keep-zeros", action="store_true", help="mask the weights that are zero at the start")
    parser.add_argument("--out", metavar="NPZ", required=True)
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--stop-after", type=float, metavar="EPOCHS",
                        help="end a fixed-point run early, its schedules laid out for --epochs")
    parser.add_argument("--optimiser", choices=("sgd", "adam"), default="sgd", help="of the fixed-point methods (default %(default)s)")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, help="peak learning rate; default 0.1 for float, 0.01 with SGD, 0.0003 with Adam")
    parser.add_argument("--smoothing", type=float, default=0.05, help="label smoothing (default %(default)s)")
    parser.add_argument("--alpha", type=float, default=0.5, help="weight of the regulariser (default %(default)s)")
    parser.add_argument("--alpha-ramp", type=float, default=0.2,
                        help="share of the run in which alpha rises from 0 (default %(default)s)")
    parser.add_argument("--prune", type=float, default=0.0,
                        help="share of the weights to mask by gradual pruning (default %(default)s)")
    parser.add_argument("--prune-end", type=float, default=0.4,
                        help="share of the run after which the masks stay (default %(default)s)")
    parser.add_argument("--prune-every", type=int, default=50, help="steps between mask updates (default %(default)s)")
    parser.add_argument("--slice-width", type=int, default=2, choices=(1, 2, 4))
    parser.add_argument("--rounding", choices=("nearest", "floor"), default="nearest", help="of the weight codes")
    parser.add_argument("--calibration", type=int, default=1000,
                        help="training images that set the ranges (default %(default)s)")
    parser.add_argument("--range", choices=("squared-error", "max"), default="squared-error",
                        help="how activation ranges are chosen (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0, help="0: as many as there are cores")
    options = parser.parse_args(argv)
    if options.lr is None:
        options.lr = 0.1 if options.method == "float" else 0.01 if options.optimiser == "sgd" else 0.0003
    if options.method in ("float", "dense", "pruned"):
        options.alpha = 0.0
    if not 0 <= options.prune < 1 or options.epochs < 0 or options.batch < 1 or options.calibration < 1:
        raise data.BadInput("--prune must lie in [0, 1), --epochs must not be negative, --batch and --calibration must be positive")
    return options


def batches(set_, batch):
    """Endless shuffled, augmented mini-batches of the training images."""
    x, y = set_.train
    border = -torch.tensor(set_.mean)[None, :, None, None] / torch.tensor(set_.std)[None, :, None, None]
    while True:
        order = torch.randperm(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            pick = order[start:start + batch]
            yield data.augment(x[pick], set_.shift, border).contiguous(memory_format=torch.channels_last), y[pick]


def log(start, text):
    print(f"{time.time() - start:6.0f} s  {text}", flush=True)


def train_float(set_, options, start):
    """The dense network: SGD with Nesterov momentum and one learning-rate cycle."""
    model = models.dense_vgg(set_.train[0].shape[1]).to(memory_format=torch.channels_last)
    if options.start:
        model = models.load_dense(options.start, set_.train[0].shape[1]).to(memory_format=torch.channels_last)
    steps = max(1, round(options.epochs * (len(set_.train[0]) // options.batch)))
    optimiser = torch.optim.SGD(model.parameters(), options.lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.lr, total_steps=steps, pct_start=0.25)
    model.train()
    for step, (x, y) in zip(range(steps), batches(set_, options.batch)):
        optimiser.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(x), y, label_smoothing=options.smoothing)
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            log(start, f"step {step}/{steps} loss {loss.item():.4f}")
    model.eval()
    log(start, f"test top-1 {100 * models.count_hits(model, set_.test) / len(set_.test[0]):.2f} %")
    models.save_dense(model, options.out)


def add_regulariser(model, options, alpha, table):
    """Add alpha times the regulariser's gradient to the gradients of the weights; the same as a loss term, without its graph."""
    count = sum(w.numel() for w in model.weights)
    for weight in model.weights:
        if options.method == "bitslice-l1":
            gradient = bitslice.bl1_gradient(weight, options.slice_width, table, model.rounding)
            weight.grad.add_(gradient, alpha=alpha / (4 * count))
        else:
            weight.grad.add_(weight.detach().sign(), alpha=alpha / count)


def report(model, set_, options, start, images=2000):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hits = models.count_hits(model, (set_.test[0][:images], set_.test[1][:images]))
    shares = bitslice.sparsity(model.codes(), options.slice_width)
    log(start, f"first {images} test images: top-1 {100 * hits / min(images, len(set_.test[0])):.2f} %  non-zero slices "
        + " ".join(f"B{k} {shares[k]:.3f}" for k in reversed(range(len(shares)))) + f" mean {np.mean(shares):.3f} %"
        + f"  weight steps {model.step_exponents()} activation steps {model.activation}")


def fine_tune(model, set_, options, start, stages):
    per_epoch = len(set_.train[0]) // options.batch
    steps = round(options.epochs * per_epoch)
    if options.optimiser == "adam":
        optimiser = torch.optim.Adam(model.parameters(), options.lr)
    else:
        optimiser = torch.optim.SGD(model.parameters(), options.lr, momentum=0.9)
    table = bitslice.pull_table(options.slice_width)
    mask = [(w.detach() != 0).float() for w in model.weights] if options.keep_zeros else None
    last = min(steps, round((options.stop_after or options.epochs) * per_epoch))
    for step, (x, y) in zip(range(last), batches(set_, options.batch)):
        position = step / steps
        rise = min(1.0, (step + 1) / 50)  # short warm-up, then a cosine to zero
        for group in optimiser.param_groups:
            group["lr"] = options.lr * rise * 0.5 * (1 + math.cos(math.pi * position))
        share = sparsify.share_at(position, options.prune, options.prune_end)
        if options.prune and step % options.prune_every == 0 and (position < options.prune_end + options.prune_every / steps):
            with torch.no_grad():
                mask = sparsify.masks(model.weights, share)
                for weight, keep in zip(model.weights, mask):
                    weight.mul_(keep)
        if step and step % per_epoch == 0 and step <= 0.7 * steps:
            model.calibrate(set_.train[0][:options.calibration], options.range)
        optimiser.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(x), y, label_smoothing=options.smoothing)
        loss.backward()
        if options.alpha:
            ramp = 1.0 if options.alpha_ramp <= 0 else min(1.0, position / options.alpha_ramp)
            add_regulariser(model, options, options.alpha * ramp, table)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        if mask:
            with torch.no_grad():
                for weight, keep in zip(model.weights, mask):
                    weight.mul_(keep)
        if step % 50 == 0:
            log(start, f"step {step}/{steps} loss {loss.item():.4f} gradient {norm:.2f} masked {100 * share:.2f} %")
        if (step + 1) % per_epoch == 0 or step + 1 == last:
            report(model, set_, options, start)
            save_fixed(model, options, start, stages)


def save_fixed(model, options, start, stages):
    """Write --out; its record holds the options, the network's ranges and the records of the stages before."""
    record = {**vars(options), "seconds": round(time.time() - start, 1), "stages": stages,
              "command": "python3 " + shlex.join(["scripts/train/train.py"] + sys.argv[1:]),
              "pooled": model.pooled, "rounding": model.rounding, "image": model.image, "activation": model.activation}
    arrays = {f"weight{i}": w.detach().contiguous().numpy() for i, w in enumerate(model.weights)}
    arrays.update({f"bias{i}": b.detach().numpy() for i, b in enumerate(model.biases)})
    np.savez_compressed(options.out, record=json.dumps(record), **arrays)


def load_fixed(path):
    """(model, record) of a file that the fixed-point methods wrote."""
    try:
        with np.load(path) as arrays:
            record = json.loads(str(arrays["record"]))
            count = sum(name.startswith("weight") for name in arrays.files)
            weights = [torch.from_numpy(arrays[f"weight{i}"]) for i in range(count)]
            biases = [torch.from_numpy(arrays[f"bias{i}"]) for i in range(count)]
    except (OSError, ValueError, KeyError) as error:
        raise data.BadInput(f"cannot read the fixed-point network {path}: {error}") from error
    model = models.FixedVgg(weights, biases, record["pooled"], record["rounding"])
    model.image, model.activation = record["image"], record["activation"]
    return model, record


def load_start(options, channels):
    """(folded network, records of the stages before) from either kind of checkpoint."""
    try:
        with np.load(options.start) as arrays:
            fixed = "record" in arrays.files
    except (OSError, ValueError) as error:
        raise data.BadInput(f"cannot read the checkpoint {options.start}: {error}") from error
    if not fixed:
        return models.FixedVgg.from_dense(models.load_dense(options.start, channels), options.rounding), []
    model, record = load_fixed(options.start)
    if model.weights[0].shape[1] != channels:
        raise data.BadInput(f"{options.start}: a network for {model.weights[0].shape[1]} input channel(s), the data have {channels}")
    model.rounding = options.rounding
    return model, record.pop("stages", []) + [record]


def main(argv):
    options = arguments(argv)
    start = time.time()
    if options.threads:
        torch.set_num_threads(options.threads)
    folder = os.path.dirname(os.path.abspath(options.out))
    if not os.path.isdir(folder):
        raise data.BadInput(f"no such folder: {folder}")
    torch.manual_seed(options.seed)
    set_ = data.LOADERS[options.data](options.data_folder)
    channels = set_.train[0].shape[1]
    if options.method == "float":
        return train_float(set_, options, start)
    if not options.start:
        raise data.BadInput(f"method {options.method} needs --start; make a checkpoint with method float")
    model, stages = load_start(options, channels)
    model = model.to(memory_format=torch.channels_last)
    model.calibrate(set_.train[0][:options.calibration], options.range)
    report(model, set_, options, start)
    fine_tune(model, set_, options, start, stages)
    save_fixed(model, options, start, stages)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except data.BadInput as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(2)
