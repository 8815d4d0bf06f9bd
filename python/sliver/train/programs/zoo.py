"""Train and export all networks of networks/, the most valuable first, as far as a time budget goes.

Each run is one or more calls of train.py and one of export.py; their commands are printed, so that any of them can be given by
hand. Logs, checkpoints and seeds stay in --work. The next call goes on where the last one ended, in the middle of a training too
(train.py keeps OUT.resume). A run whose files are in --out already is not done again: remove them to have it anew.

  zoo.py --list                                    what there is, what is done, what it would take
  zoo.py --budget 2h                               as much as two hours allow
  zoo.py --only 'mlp-*' --data mnist=FOLDER        some of it
  zoo.py --only vgg11-cifar10-bitslice --data cifar10=FOLDER --starts ../shared/networks
"""
import argparse
import fnmatch
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from .. import files
from ..errors import BadInput
from . import point
from .train import STOPPED

PACKAGES = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))  # the folder that holds the package sliver


@dataclass
class Run:
    """One network of the zoo. `stages`: method and options of train.py's calls, each starting from the result of the one before
    it, the first from the run `start`."""
    name: str
    network: str
    data: str
    stages: list
    summary: str
    start: str = None     # another run's name
    shipped: bool = True  # False: a checkpoint that other runs start from, or a row of a curve
    curve: str = None     # the file of OUT/curves that gets the row

    @property
    def epochs(self):
        return sum(stop or epochs for epochs, stop in map(stage_epochs, self.stages))


def stage_epochs(stage):
    """(--epochs, --stop-after or None) of one call of train.py."""
    words = shlex.split(stage)
    value = {words[i]: words[i + 1] for i in range(len(words) - 1) if words[i] in ("--epochs", "--stop-after")}
    return float(value["--epochs"]), float(value["--stop-after"]) if "--stop-after" in value else None


# 10^9 multiply-accumulates of one image, forward; training takes about three times that.
FORWARD = {"mlp": 0.00008, "vgg11": 0.153, "vgg11-plain": 0.153, "vgg16": 0.313, "resnet20": 0.041}
IMAGES = {"fashion-mnist": 58000, "cifar10": 48000, "mnist": 58000}
LONG = {"fashion-mnist": "Fashion-MNIST", "cifar10": "CIFAR-10", "mnist": "MNIST"}
SHORT = {"fashion-mnist": "fashion", "cifar10": "cifar10", "mnist": "mnist"}
TITLE = {"mlp": "MLP 784-100-10", "vgg11": "VGG-11", "vgg16": "VGG-16", "resnet20": "ResNet-20"}


def regularised(base, network, data, start, common, l1, bitslice, words):
    """pruned, l1 and bitslice from the same start with the same masks, epochs and rate; only the regulariser differs."""
    title = f"{TITLE[network]} on {LONG[data]}"
    return [Run(f"{base}-pruned", network, data, [f"pruned {common}"], f"{title}: {words}, fine-tuned in 8-bit fixed point", start),
            Run(f"{base}-l1", network, data, [f"l1 {common} {l1}"], f"{title}: {words}, fine-tuned with plain l1", start),
            Run(f"{base}-bitslice", network, data, [f"bitslice-l1 {common} {bitslice}"],
                f"{title}: {words}, fine-tuned with bit-slice l1", start)]


def pair(base, network, data, float_options, epochs=0):
    """The float start and the dense fixed-point network; 0 epochs: it is calibrated only."""
    title = f"{TITLE[network]} on {LONG[data]}"
    words = f"fine-tuned for {epochs} epochs in 8-bit fixed point" if epochs else "8-bit fixed point by calibration alone"
    return [Run(f"{base}-float", network, data, [f"float --epochs {float_options}"], f"Float {title}", shipped=False),
            Run(f"{base}-dense", network, data, [f"dense --epochs {epochs}"], f"Dense {title}, {words}", f"{base}-float")]


def equal_budgets(base, network, data, epochs, prune, l1, bitslice, words):
    """dense and the three of regularised() beside shorter runs of the same names: their names end in the epochs."""
    start = f"{base}-float"
    runs = regularised(base, network, data, start, f"{prune} --epochs {epochs}", l1, bitslice, f"{words}, {epochs} epochs")
    runs.insert(0, Run(f"{base}-dense", network, data, [f"dense --epochs {epochs}"],
                       f"Dense {TITLE[network]} on {LONG[data]}, fine-tuned for {epochs} epochs in 8-bit fixed point", start))
    for run in runs:
        run.name += f"-{epochs}e"
    return runs


def columns(base, network, data, stage, start):
    """Trained within column budgets of four bits in every slice (docs/column-budgets.md)."""
    return Run(f"{base}-columns", network, data, [f"bitslice-l1 {stage} --column-bits 4,4,4,4"],
               f"{TITLE[network]} on {LONG[data]}: bit-slice l1 with column budgets, lossless with 4-bit converters everywhere", start)


CURVE_SEEDS = (1, 2, 3, 4, 5)


def curve(base, network, data, file, float_epochs, epochs, prune, prunes, l1s, bitslices):
    """Rows of a trade-off curve: dense, pruned, l1 and bit-slice l1 with the same start, masks and epochs, for each seed. The first of
    `prunes`, `l1s` and `bitslices` are those of the table; they come first for all seeds, the rest of the curve behind them."""
    common = f"--epochs {epochs} --seed"

    def run(name, method, options, seed):
        return Run(f"{base}-{name}-s{seed}", network, data, [f"{method} {common} {seed} {options}".strip()],
                   f"{TITLE[network]} on {LONG[data]}: {name}, seed {seed}", f"{base}-float-s{seed}", shipped=False, curve=file)

    def kept(kind, value, seed):
        method, options = {"pruned": ("pruned", f"--prune {value}"), "l1": ("l1", f"--prune {prune} --alpha {value}"),
                           "bitslice": ("bitslice-l1", f"--prune {prune} --alpha {value}")}[kind]
        return run(f"{kind}-{value}", method, options, seed)

    kinds = {"pruned": prunes, "l1": l1s, "bitslice": bitslices}
    runs = []
    for seed in CURVE_SEEDS:
        runs.append(Run(f"{base}-float-s{seed}", network, data, [f"float --epochs {float_epochs} --seed {seed}"],
                        f"Float {TITLE[network]} on {LONG[data]}, seed {seed}", shipped=False))
        runs.append(run("dense", "dense", "", seed))
        runs += [kept(kind, values[0], seed) for kind, values in kinds.items()]
    rest = [(kind, value) for kind, values in kinds.items() for value in values[1:]]
    return runs + [kept(kind, value, seed) for kind, value in rest for seed in CURVE_SEEDS]


STRUCTURES = {  # ending of a name: options, words
    "xcs64": ("crossbar-columns --array 64 --prune-keep conv1", "columns of 64 x 64 arrays (XCS)"),
    "cf": ("channels", "channels (C/F)"),
    "xrs64": ("crossbar-rows --array 64 --prune-keep conv1", "rows of 64 x 64 arrays (XRS)")}


def structured(base, network, data, start, epochs, cut_epochs, quantile=0.85):
    """Pruned by groups, and these and the dense network with their weights cut (arXiv 2201.05229)."""
    title = f"{TITLE[network]} on {LONG[data]}"
    cut = f"--cut-share {quantile} --epochs {cut_epochs}"
    runs = [Run(f"{base}-{end}", network, data,
                [f"pruned --prune 0.8 --prune-structure {options} --prune-end 0.3 --prune-every 25 --lr 0.015 --epochs {epochs}"],
                f"{title}: 80 % of the weights pruned by {words}, fine-tuned in 8-bit fixed point", start)
            for end, (options, words) in STRUCTURES.items()]
    runs.append(Run(f"{base}-dense-wct", network, data, [f"dense {cut}"],
                    f"{title}: dense, weights cut at W_cut, the {quantile} quantile of a layer, and fine-tuned so (WCT), full scale kept",
                    start))
    return runs + [Run(f"{base}-{end}-wct", network, data, [f"pruned --keep-zeros {cut}"],
                       f"{title}: 80 % of the weights pruned by {words}, then cut at W_cut, the {quantile} quantile of a layer's "
                       "non-zero weights, and fine-tuned so (WCT), full scale kept", f"{base}-{end}")
                   for end, (_, words) in STRUCTURES.items()]


def zoo():
    """All runs, the most valuable first; a run comes behind the one that it starts from."""
    runs = pair("vgg11-fashion", "vgg11", "fashion-mnist", 6)
    trio = regularised("vgg11-fashion", "vgg11", "fashion-mnist", "vgg11-fashion-float", "--prune 0.97 --epochs 3", "--alpha 1500", "",
                       "97 % of the weights pruned")
    adam = "--keep-zeros --optimiser adam --lr 0.0005"
    trio[0].stages.append(f"pruned {adam} --epochs 1")
    trio[1].stages.append(f"l1 {adam} --alpha 100 --alpha-ramp 0 --epochs 1")
    trio[2].stages = [  # the longer recipe of the demo's network
        "bitslice-l1 --epochs 6 --stop-after 5 --alpha 0.5 --prune 0.97",
        "bitslice-l1 --keep-zeros --optimiser adam --lr 0.0003 --alpha 0.25 --alpha-ramp 0 --epochs 2.5 --stop-after 2 --seed 2",
        f"bitslice-l1 {adam} --alpha 0.15 --alpha-ramp 0 --epochs 4 --seed 3"]
    runs += trio
    runs += pair("vgg11-cifar10", "vgg11", "cifar10", 14)
    runs.append(Run("vgg11-cifar10-pruned", "vgg11", "cifar10", ["pruned --prune 0.7 --prune-end 0 --epochs 4"],
                    "VGG-11 on CIFAR-10: 70 % of the weights pruned in one shot, fine-tuned in 8-bit fixed point", "vgg11-cifar10-float"))
    runs.append(Run("vgg11-cifar10-l1", "vgg11", "cifar10", ["l1 --prune 0.92 --epochs 4 --alpha 1500"],
                    "VGG-11 on CIFAR-10: 92 % of the weights pruned in two steps, fine-tuned with plain l1", "vgg11-cifar10-pruned"))
    runs.append(Run("vgg11-cifar10-bitslice", "vgg11", "cifar10",
                    ["bitslice-l1 --prune 0.9 --prune-end 0.25 --alpha 1.5 --alpha-slices 64,4,1,1 --lr 0.015 --epochs 7"],
                    "VGG-11 on CIFAR-10: 90 % of the weights pruned in two steps, fine-tuned with bit-slice l1", "vgg11-cifar10-pruned"))
    runs.append(columns("vgg11-cifar10", "vgg11", "cifar10", "--keep-zeros --lr 0.015 --alpha 0.3 --alpha-slices 64,4,1,1 --alpha-ramp 0 "
                        "--column-from 0 --column-every 30 --epochs 2", "vgg11-cifar10-bitslice"))
    runs += pair("mlp-mnist", "mlp", "mnist", 15)
    runs += regularised("mlp-mnist", "mlp", "mnist", "mlp-mnist-float", "--prune 0.8 --epochs 50", "--alpha 32", "--alpha 0.4",
                        "80 % of the weights pruned")
    runs.append(columns("mlp-mnist", "mlp", "mnist", "--prune 0.8 --epochs 50 --alpha 0.1", "mlp-mnist-float"))
    runs += structured("vgg11-cifar10", "vgg11", "cifar10", "vgg11-cifar10-float", 2, 2)
    runs += structured("vgg11-fashion", "vgg11", "fashion-mnist", "vgg11-fashion-float", 1, 1)
    runs += pair("resnet20-cifar10", "resnet20", "cifar10", "40 --precision bfloat16", 30)
    runs += regularised("resnet20-cifar10", "resnet20", "cifar10", "resnet20-cifar10-float", "--prune 0.7 --epochs 30", "--alpha 100",
                        "--alpha 0.5", "70 % of the weights pruned")
    runs += equal_budgets("vgg11-cifar10", "vgg11", "cifar10", 30, "--prune 0.92", "--alpha 1500", "--alpha 2 --alpha-slices 16,4,1,1",
                          "92 % of the weights pruned")
    runs += pair("vgg16-cifar10", "vgg16", "cifar10", "60 --precision bfloat16")
    runs += regularised("vgg16-cifar10", "vgg16", "cifar10", "vgg16-cifar10-float", "--prune 0.95 --epochs 20", "--alpha 1500",
                        "--alpha 2 --alpha-slices 16,4,1,1", "95 % of the weights pruned")[2:]
    runs += curve("mlp30", "mlp", "mnist", "mlp-mnist.csv", 15, 30, 0.8, (0.8, 0.7, 0.9, 0.95), (32, 4, 8, 16, 64),
                  (0.4, 0.05, 0.1, 0.2, 0.8))
    return runs


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="networks", help="folder of the networks (default %(default)s)")
    parser.add_argument("--work", default="build/zoo", help="folder of checkpoints and logs (default %(default)s)")
    parser.add_argument("--only", metavar="PATTERN", action="append", help="names, with * and ?; may be given again")
    parser.add_argument("--budget", metavar="TIME", help="as 90m, 2h or 1h30m; default: no bound")
    parser.add_argument("--data", metavar="SET=FOLDER", action="append", default=[],
                        help="where a data set lies: cifar10, mnist, fashion-mnist; sets that are not found are left out, with a word")
    parser.add_argument("--starts", metavar="FOLDER", help="folder of NETWORK-DATA-dense.npz float checkpoints to start from instead of training them")
    parser.add_argument("--sliver", metavar="PATH", help="the program sliver: export.py then also checks the accuracy with it")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--list", action="store_true", help="print the runs and their state, and end")
    options = parser.parse_args(argv)
    options.seconds = seconds(options.budget) if options.budget else float("inf")
    options.folders = {}
    for item in options.data:
        name, _, folder = item.partition("=")
        if name not in IMAGES or not folder:
            raise BadInput(f"--data {item}: wanted SET=FOLDER, with SET one of {', '.join(sorted(IMAGES))}")
        if not os.path.isdir(folder):
            raise BadInput(f"--data {item}: no such folder")
        options.folders[name] = folder
    return options


def seconds(text):
    """Seconds of 90m, 2h, 1h30m or 45s."""
    parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text)
    if not text or not parts:
        raise BadInput(f"--budget {text}: wanted a time such as 90m, 2h or 1h30m")
    hours, minutes, rest = (int(p or 0) for p in parts.groups())
    return 3600 * hours + 60 * minutes + rest


def clock(value):
    value = int(value)
    return f"{value // 3600}:{value // 60 % 60:02}:{value % 60:02}"


class Zoo:
    """The runs with their places in --work and --out, and what this machine's speed is, as far as seen."""

    def __init__(self, options):
        self.options = options
        self.runs = {run.name: run for run in zoo()}
        self.speed = 100e9  # multiply-accumulates a second: a guess until a run has been timed
        self.begin = time.time()

    def left(self):
        return self.options.seconds - (time.time() - self.begin)

    def wanted(self):
        chosen = [r for r in self.runs.values()
                  if (r.shipped or r.curve) and (not self.options.only or any(fnmatch.fnmatch(r.name, p) for p in self.options.only))]
        if not chosen:
            raise BadInput(f"--only {' '.join(self.options.only or [])}: no such network; --list shows them")
        return chosen

    def own_time(self, run):
        return run.epochs * IMAGES[run.data] * 3e9 * FORWARD[run.network] / self.speed + 30

    def estimate(self, run):
        """Seconds of a run, with those of the runs that it starts from as far as they are still to do."""
        start = self.runs.get(run.start)
        return self.own_time(run) + (self.estimate(start) if start and self.state(start) not in ("trained", "done") else 0)

    def curve_file(self, run):
        return os.path.join(self.options.out, "curves", run.curve)

    def path(self, run, stage=None):
        """The checkpoint of a stage; of the last one without a number."""
        last = len(run.stages) - 1
        stage = last if stage is None else stage
        return os.path.join(self.options.work, run.name + ("" if stage == last else f"-stage{stage + 1}") + ".npz")

    def borrowed(self, run):
        """A float checkpoint of --starts for a run that would have to be trained, or None."""
        if run.shipped or not self.options.starts:
            return None
        path = os.path.join(self.options.starts, run.name.replace("-float", "-dense") + ".npz")
        return path if os.path.exists(path) else None

    def start_of(self, run):
        """The checkpoint of the run before, or where that is not here the network that it shipped."""
        source = self.runs[run.start]
        found = self.borrowed(source) or self.path(source)
        shipped = os.path.join(self.options.out, source.name + ".onnx.gz")
        return shipped if self.state(source) == "done" and not os.path.exists(found) else found

    def exported(self, run):
        if run.curve:
            return any(row["note"] == run.name for row in point.read_rows(self.curve_file(run)))
        base = os.path.join(self.options.out, run.name)
        return os.path.exists(base + ".onnx.gz") and os.path.exists(base + ".yaml")

    def state(self, run):
        if (run.shipped or run.curve) and self.exported(run):
            return "done"
        if self.borrowed(run):
            return "trained"
        ends = [self.trained(self.path(run, stage)) for stage in range(len(run.stages))]
        begun = any(os.path.exists(self.path(run, stage)) for stage in range(len(run.stages)))
        return "trained" if all(ends) else "begun" if begun else "to do"

    @staticmethod
    def trained(path):
        """Whether a checkpoint is that of a training's end: train.py removes OUT.resume behind it."""
        return os.path.exists(path) and not os.path.exists(path + ".resume")

    def calls(self, run):
        """The commands of a run that are not done yet: (words, result file)."""
        folder = self.options.folders.get(run.data)
        common = ["--network", run.network, "--data", run.data] + (["--data-folder", folder] if folder else [])
        result, source = [], self.start_of(run) if run.start else None
        for index, stage in enumerate(run.stages):
            out = self.path(run, index)
            words = ["train.py"] + shlex.split(stage)[:1] + common + shlex.split(stage)[1:] + (["--start", source] if source else [])
            if not self.trained(out):
                result.append((words + ["--threads", str(self.options.threads), "--device", self.options.device, "--out", out], out))
            source = out
        if run.shipped:
            words = ["export.py", self.path(run), "--name", run.name, "--out", self.options.out, "--summary", run.summary]
            words += ["--data-folder", folder] if folder else []
            words += ["--threads", str(self.options.threads)]
            words += ["--sliver", self.options.sliver, "--check-logits", "1000"] if self.options.sliver else []
            result.append((words, None))
        elif run.curve and self.options.sliver:
            words = ["point.py", self.path(run), "--curve", self.curve_file(run), "--sliver", self.options.sliver]
            result.append((words + (["--data-folder", folder] if folder else []), None))
        return result

    def call(self, run, words):
        """One program to its end, its output shown and kept; False where the budget ended it."""
        print(f"  $ python3 {shlex.join(['scripts/train/' + words[0]] + words[1:])}", flush=True)
        with open(os.path.join(self.options.work, run.name + ".log"), "a", encoding="utf-8") as keep:
            keep.write("$ " + shlex.join(words) + "\n")
            path = os.pathsep.join([PACKAGES] + os.environ.get("PYTHONPATH", "").split(os.pathsep)).rstrip(os.pathsep)
            process = subprocess.Popen([sys.executable, "-m", "sliver.train", words[0].removesuffix(".py")] + words[1:],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONPATH": path})
            ended = False
            for line in process.stdout:
                keep.write(line)
                keep.flush()
                print("    " + line.rstrip() + (f"   (budget left {clock(self.left())})" if self.left() < float("inf") else ""), flush=True)
                if self.left() <= 0 and not ended:
                    ended = True
                    process.send_signal(signal.SIGTERM)  # train.py keeps what it has for the next call
            process.stdout.close()
            if process.wait() == STOPPED:
                return False
            if process.returncode:
                raise BadInput(f"{run.name}: {words[0]} ended with status {process.returncode}; its log is {keep.name}")
        return True

    def do(self, run):
        """All of a run, and before it the run that it starts from; False where the budget ended it."""
        if run.start and self.state(self.runs[run.start]) not in ("trained", "done"):
            if not self.do(self.runs[run.start]):
                return False
        begin, work = time.time(), 0.0
        for words, out in self.calls(run):
            if self.left() <= 0 or not self.call(run, words):
                return False
            work += out is not None
        taken = time.time() - begin
        if work == len(run.stages) and run.epochs and taken > 60:  # all of it was done now: a measure of this machine
            self.speed *= (self.own_time(run) - 30) / taken
        return True


def table(work, runs):
    width = max(len(r.name) for r in runs)
    print(f"{'network':{width}}  state    epochs  time (estimate)")
    for run in runs:
        print(f"{run.name:{width}}  {work.state(run):8}{run.epochs:6g}  {clock(work.estimate(run)):>10}")


def main(argv):
    options = arguments(argv)
    work = Zoo(options)
    runs = work.wanted()
    if options.list:
        table(work, runs)
        return 0
    files.need_folder(options.out)
    os.makedirs(options.work, exist_ok=True)
    todo = [run for run in runs if work.state(run) != "done"]
    for place, run in enumerate(todo):
        if run.data != "fashion-mnist" and run.data not in options.folders:
            print(f"{run.name}: left out, it needs --data {run.data}=FOLDER", flush=True)
            continue
        rest = work.estimate(run) + sum(work.own_time(r) for r in todo[place + 1:])
        print(f"{run.name}: {place + 1} of {len(todo)}, about {clock(work.estimate(run))} for this one, {clock(rest)} for all that is left", flush=True)
        if not work.do(run):
            print(f"stopped in {run.name}; the same command goes on from here", flush=True)
            return STOPPED
    table(work, runs)
    return 0
