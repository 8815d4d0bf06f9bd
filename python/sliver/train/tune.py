"""The fixed-point methods of train.py: fine-tuning with reports on held-out images, checkpoints and a record."""
import shlex
import sys

import numpy as np

from . import bitslice, checkpoint, device as devices, resume, structured
from .accuracy import count_hits
from .batches import Batches
from .recipe import option_word
from .tuning import FineTuning


class LoggedTuning(FineTuning):
    """A task for resume.run(): a FineTuning that says where it is and saves what it has."""

    def __init__(self, model, set_, options, steps, per_epoch, clock, record):
        super().__init__(model, options, steps, per_epoch, set_.train[0][:options.calibration], option_word)
        self.set_, self.clock, self.record = set_, clock, record
        self.packing = packing(record)

    def begin(self):
        super().begin()
        if self.cut:
            self.clock.log(f"weights cut at codes {self.cut.codes} of steps {self.model.held}")
        self.report()

    def epoch_end(self):
        self.report()
        self.save()

    def finish(self):
        super().finish()
        self.report()
        self.save()

    def report(self):
        hits, count = count_hits(self.model, self.set_.held_out), len(self.set_.held_out[1])
        shares = bitslice.sparsity(self.model.codes(), self.options.slice_width)
        self.clock.log(
            f"{count} held-out training images: top-1 {100 * hits / count:.2f} %  non-zero slices "
            + " ".join(f"B{k} {shares[k]:.3f}" for k in reversed(range(len(shares)))) + f" mean {np.mean(shares):.3f} %"
            + f"  weight steps {self.model.step_exponents()} map steps {list(self.model.maps.values())}")
        if self.packing:
            it = structured.compression(self.model.codes(), *self.packing)
            self.clock.log(f"by {it['structure']}: {it['weights_left_percent']:.2f} % of the weights left, {it['arrays_packed']} of "
                           f"{it['arrays_dense']} arrays of {it['array']} x {it['array']}, {it['factor']:.2f} times fewer")

    def save(self):
        epochs = round(self.done / self.per_epoch, 3)
        record = {**self.record, "seconds": round(self.clock.seconds(), 1), "epochs_done": epochs}
        if self.packing:
            record["crossbar_compression"] = structured.compression(self.model.codes(), *self.packing)
        if self.cut:
            record.update(self.cut.record())
        checkpoint.save_fixed(self.model, self.options.out, record)


def packing(record):
    """(structure, array) of the last stage that pruned groups; None where none did, or single weights were pruned after it."""
    for stage in [record] + record["stages"][::-1]:
        if stage.get("prune"):
            structure = stage.get("prune_structure", "weights")
            return None if structure == "weights" else (structure, stage["array"])
    return None


def fine_tune(plan, set_, options, device, clock):
    model, stages, start = checkpoint.load_start(options.start, plan, options.rounding)
    model = model.to(device)
    record = {**vars(options), **devices.record(device), "stages": stages, **start,
              "command": "python3 " + shlex.join(["scripts/train/train.py"] + sys.argv[1:])}
    per_epoch = max(1, len(set_.train[0]) // options.batch)
    steps = round(options.epochs * per_epoch)
    last = min(steps, round((options.stop_after or options.epochs) * per_epoch))
    task = LoggedTuning(model, set_, options, steps, per_epoch, clock, record)
    resume.run(task, Batches(*set_.train, options.batch, set_.augment), last, per_epoch, options, device, clock)
    task.finish()
    resume.remove(options)
