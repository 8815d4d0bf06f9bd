"""Method float: the dense network from random numbers, SGD with Nesterov momentum and one cycle of the learning rate.

With --precision bfloat16 convolutions and linear layers multiply in bfloat16; parameters, their updates and the loss stay in single.
"""
import shlex
import sys

import torch
import torch.nn.functional as F

from . import checkpoint, device as devices, resume, schedules
from .accuracy import count_hits
from .batches import Batches
from .dense import Dense

NORMS = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)


class Pretraining:
    """A float training of any nn.Module, step by step. `options` has lr (the peak), precision and smoothing.

    Gradients are clipped where the network has no batch norm, which keeps them small by itself.
    """

    def __init__(self, model, options, steps):
        self.model, self.options, self.steps = model, options, steps
        self.clipped = not any(isinstance(module, NORMS) for module in model.modules())
        self.optimiser = torch.optim.SGD(model.parameters(), options.lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
        model.train()

    def begin(self):
        """There is nothing to prepare."""

    def state(self):
        return {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])

    def step(self, step, x, y):
        for group in self.optimiser.param_groups:
            group["lr"], group["momentum"] = schedules.one_cycle(step / self.steps, self.options.lr)
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.options.precision == "bfloat16"):
            logits = self.model(x)
        loss = F.cross_entropy(logits.float(), y, label_smoothing=self.options.smoothing)
        loss.backward()
        if self.clipped:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        return lambda: f"loss {loss.item():.4f}"


class LoggedPretraining(Pretraining):
    """A task for resume.run(): a Pretraining that says how it does on held-out images."""

    def __init__(self, model, set_, options, steps, clock):
        super().__init__(model, options, steps)
        self.set_, self.clock = set_, clock

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
    task = LoggedPretraining(model, set_, options, steps, clock)
    resume.run(task, Batches(*set_.train, options.batch, set_.augment), steps, per_epoch, options, device, clock)
    model.eval()
    top1 = count_hits(model, set_.test) / len(set_.test[0])
    clock.log(f"test top-1 {100 * top1:.2f} %")
    made = {"command": "python3 " + shlex.join(["scripts/train/train.py"] + sys.argv[1:]), "seed": options.seed, "epochs": options.epochs,
            "precision": options.precision, "seconds": round(clock.seconds(), 1), **devices.record(device)}
    checkpoint.save_dense(model, options.out, top1, made)
    resume.remove(options)
