"""Method float: the dense network from random numbers, SGD with Nesterov momentum and one cycle of the learning rate.

With --precision bfloat16 convolutions and linear layers multiply in bfloat16; parameters, their updates and the loss stay in single.
"""
import math
import shlex
import sys

import torch
import torch.nn.functional as F

import checkpoint
import data
import device as devices
import resume
from accuracy import count_hits
from dense import Dense

RISE = 0.25  # share of the run in which the learning rate rises


def cycle(position, peak):
    """(learning rate, momentum) at `position` (0..1): from peak / 25 up, then down to almost nothing; momentum mirrors it."""
    if position < RISE:
        height = 0.5 - 0.5 * math.cos(math.pi * position / RISE)
        return peak * (0.04 + 0.96 * height), 0.95 - 0.1 * height
    height = 0.5 + 0.5 * math.cos(math.pi * (position - RISE) / (1 - RISE))
    return peak * max(height, 4e-6), 0.95 - 0.1 * height


class Pretraining:
    """A task for resume.run()."""

    def __init__(self, model, set_, options, steps, clock):
        self.model, self.set_, self.options, self.steps, self.clock = model, set_, options, steps, clock
        self.optimiser = torch.optim.SGD(model.parameters(), options.lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
        model.train()

    def begin(self):
        pass

    def state(self):
        return {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])

    def step(self, step, x, y):
        for group in self.optimiser.param_groups:
            group["lr"], group["momentum"] = cycle(step / self.steps, self.options.lr)
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.options.precision == "bfloat16"):
            logits = self.model(x)
        loss = F.cross_entropy(logits.float(), y, label_smoothing=self.options.smoothing)
        loss.backward()
        if not self.model.plan["norm"]:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        return lambda: f"loss {loss.item():.4f}"

    def epoch_end(self):
        self.model.eval()
        self.clock.log(f"top-1 {100 * count_hits(self.model, self.set_.held_out) / len(self.set_.held_out[1]):.2f} % "
                       f"of {len(self.set_.held_out[1])} held-out training images")
        self.model.train()


def pretrain(plan, set_, options, device, clock):
    if options.start:
        model = checkpoint.load_dense(options.start, plan)[0]
    else:
        model = Dense(plan)
    model = model.to(device, memory_format=torch.channels_last)
    per_epoch = max(1, len(set_.train[0]) // options.batch)
    steps = max(1, round(options.epochs * per_epoch))
    task = Pretraining(model, set_, options, steps, clock)
    resume.run(task, data.Batches(set_, options.batch), steps, per_epoch, options, device, clock)
    model.eval()
    top1 = count_hits(model, set_.test) / len(set_.test[0])
    clock.log(f"test top-1 {100 * top1:.2f} %")
    made = {"command": "python3 " + shlex.join(["scripts/train/train.py"] + sys.argv[1:]), "seed": options.seed, "epochs": options.epochs,
            "precision": options.precision, "seconds": round(clock.seconds(), 1), **devices.record(device)}
    checkpoint.save_dense(model, options.out, top1, made)
    resume.remove(options)
